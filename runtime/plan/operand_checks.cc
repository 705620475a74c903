// Checks of operands when an operator is planned.
#include "operand_checks.h"

#include <cstring>

#include "../model/dtype.h"

namespace tflower::runtime {
namespace {

int32_t ReadInt(std::span<const std::byte> data, size_t index) {
  int32_t value;
  std::memcpy(&value, data.data() + index * sizeof value, sizeof value);
  return value;
}

Error BadStrings(std::string message) {
  return Error(Code::kMalformed, "the strings' layout is damaged: " + std::move(message));
}

Status CheckLayout(std::span<const std::byte> data, int64_t elements) {
  if (data.empty() && elements == 0) return Ok();
  if (data.size() < sizeof(int32_t)) return BadStrings(std::to_string(data.size()) + " bytes");
  const int64_t count = ReadInt(data, 0);
  if (count != elements)
    return BadStrings(std::to_string(count) + " strings for " + std::to_string(elements) + " elements");
  const uint64_t header = (static_cast<uint64_t>(count) + 2) * sizeof(int32_t);
  if (header > data.size()) return BadStrings("the offsets do not fit into " + std::to_string(data.size()) + " bytes");
  uint64_t previous = header;
  for (int64_t i = 0; i <= count; ++i) {
    const int64_t offset = ReadInt(data, static_cast<size_t>(i) + 1);
    if (offset < 0 || static_cast<uint64_t>(offset) < previous || static_cast<uint64_t>(offset) > data.size()) {
      return BadStrings("offset " + std::to_string(i) + " is " + std::to_string(offset));
    }
    previous = static_cast<uint64_t>(offset);
  }
  return Ok();
}

}  // namespace

Status CheckOperands(const SubgraphView& subgraph, const OperatorView& op) {
  for (size_t i = 0; i < op.inputs.size(); ++i) {
    if (op.inputs[i] < 0) continue;
    const TensorView& tensor = subgraph.tensors[static_cast<size_t>(op.inputs[i])];
    if (!tensor.block_quantized) continue;
    return Error(Code::kUnsupportedType, "'" + std::string(tensor.name) + "' is quantised in blocks")
        .What("input " + std::to_string(i));
  }
  return Ok();
}

Status CheckStrings(const TensorView& tensor) {
  auto status = CheckLayout(tensor.data, ElementCount(tensor.shape).value_or(-1));
  if (!status.ok()) return std::move(status.error()).Node(tensor.name);
  return Ok();
}

Status CheckDtype(const SubgraphView& subgraph, size_t tensor, int32_t inferred) {
  const TensorView& view = subgraph.tensors[tensor];
  if (view.dtype == inferred) return Ok();
  return Error(Code::kInvalidGraph, "the operator gives " + std::string(DtypeName(inferred)) + ", the model declares " +
                                        std::string(DtypeName(view.dtype)))
      .What("output '" + std::string(view.name) + "'");
}

}  // namespace tflower::runtime
