// Compiles one expression of contracts.txt into the steps of a contract rule (sdk/schema/contract.h), as C++ source.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "schema_model.h"

namespace tflower::gen {

// What names mean inside the expressions of one operator.
struct Names {
  std::map<std::string, int> operands;       // name -> index of the input, or kFirstOutput + index of the result
  const std::vector<Field>* options = nullptr;
  const std::vector<EnumType>* enums = nullptr;
  std::map<std::string, std::vector<int>> types;  // "i8" -> {9}, "float" -> the types of a set
};

// Source of the rule's steps: "{C::kRank, 0}, {C::kNumber, 0, 0, 4}, {C::kEq}". Anything that is not understood ends the
// build step, with `where` before the message.
std::string CompileExpression(const std::string& text, const Names& names, const std::string& where);

}  // namespace tflower::gen
