// Which version of a TFLite operator its dtypes, ranks and options call for: what runtimes check before they run a file.
// Source: the version rules of TFLite's op_version (facts: name, condition, version), as rows of one table.
#pragma once

#include <cstdint>
#include <vector>

#include "ir/graph.h"

namespace tflower::exporter {

struct OperandType {
  DType dtype = DType::kNone;  // kNone = absent operand
  int rank = 0;
  std::vector<int64_t> dims;   // -1 = unknown
  bool quantized = false;
  bool per_axis = false;
  bool constant = false;
};

struct OperatorTypes {
  int32_t code = 0;
  tflower_bytes options{};
  std::vector<OperandType> inputs;
  std::vector<OperandType> outputs;  // empty while they are not known yet
};

OperatorTypes DescribeEmit(int32_t code, tflower_bytes options, const std::vector<ir::Value*>& inputs);
OperatorTypes Describe(const ir::Operator& op);

int32_t OperatorVersion(const OperatorTypes& op);

}  // namespace tflower::exporter
