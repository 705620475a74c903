// Options: an operator's options with the arrays that they point to. Immutable, shared between operators and lazy constants.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "tflower/abi.h"

namespace tflower::ir {

class Options {
 public:
  // Deep copy of the options struct of builtin operator `code` as a plugin handed it over (members that it does not know get the
  // schema's defaults), or of custom options bytes. Null when the code is not in the schema, or the bytes exceed 1 GiB.
  static std::shared_ptr<const Options> Copy(int32_t code, tflower_bytes options);

  tflower_bytes bytes() const { return {storage_.data(), size_}; }
  // Same struct, same arrays.
  bool operator==(const Options& other) const;
  // Appends bytes that are equal for equal options of one operator code.
  void AppendKey(std::string& key) const;

 private:
  std::vector<uint64_t> storage_;  // aligned for any member
  size_t size_ = 0;
  int32_t code_ = 0;
  std::vector<std::vector<uint64_t>> arrays_;
};
using OptionsRef = std::shared_ptr<const Options>;

}  // namespace tflower::ir
