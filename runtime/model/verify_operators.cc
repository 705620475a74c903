// Verifies the operators of one subgraph: code, operands, options, and that every operand exists before it is read.
#include <algorithm>

#include "verify_parts.h"

namespace tflower::runtime {
namespace {

// What is known of a tensor while the operators are walked in order.
// A variable may be written once, by an operator in front of all that read it: from then on it is like any other tensor.
enum class State : uint8_t { kUnset, kReadable, kReadOnly, kVariable };

class OrderChecker {
 public:
  OrderChecker(VerifyContext& context, const tflite::SubGraph& subgraph)
      : context_(context), subgraph_(subgraph), states_(SizeOf(subgraph.tensors()), State::kUnset) {}

  Status Run() {
    TFLOWER_CHECK(MarkSources());
    for (size_t i = 0; i < SizeOf(subgraph_.operators()); ++i) {
      const tflite::Operator& op = At(subgraph_.operators(), i);
      auto status = VerifyOperator(op);
      if (status.ok()) continue;
      Error& error = status.error();
      if (op.opcode_index() < context_.codes.size()) error.op = context_.codes[op.opcode_index()].name;
      return std::move(error).Node("operator " + std::to_string(i)).At(context_.OffsetOf(&op));
    }
    const auto outputs = SpanOf(subgraph_.outputs());
    for (size_t i = 0; i < outputs.size(); ++i) TFLOWER_CHECK(VerifyRead(outputs[i], "subgraph output " + std::to_string(i)));
    return Ok();
  }

 private:
  // Constants, variables and subgraph inputs exist from the start, and no operator may write them, but for variables that nobody has read yet.
  Status MarkSources() {
    for (size_t i = 0; i < states_.size(); ++i) {
      const tflite::Tensor& tensor = At(subgraph_.tensors(), i);
      if (HasData(tensor)) states_[i] = State::kReadOnly;
      else if (tensor.is_variable()) states_[i] = State::kVariable;
    }
    std::vector<bool> seen(states_.size(), false);
    const auto inputs = SpanOf(subgraph_.inputs());
    for (size_t i = 0; i < inputs.size(); ++i) {
      const std::string what = "subgraph input " + std::to_string(i);
      if (!InRange(inputs[i])) return NoSuchTensor(inputs[i], what);
      const size_t tensor = static_cast<size_t>(inputs[i]);
      if (seen[tensor]) return Malformed(TensorLabel(subgraph_, tensor) + " is given twice").What(what);
      seen[tensor] = true;
      states_[tensor] = State::kReadOnly;
    }
    return Ok();
  }

  bool HasData(const tflite::Tensor& tensor) const {
    if (tensor.buffer() == 0) return false;
    auto bytes = BufferBytes(context_.file, At(context_.model->buffers(), tensor.buffer()));
    return bytes.ok() && !bytes.value().empty();
  }

  bool IsEmptyTensor(size_t index) const {
    for (const int32_t dim : SpanOf(At(subgraph_.tensors(), index).shape())) {
      if (dim == 0) return true;
    }
    return false;
  }

  bool InRange(int32_t index) const { return index >= 0 && static_cast<size_t>(index) < states_.size(); }

  Error NoSuchTensor(int32_t index, std::string what) const {
    return Malformed("tensor " + std::to_string(index) + " of " + std::to_string(states_.size()) + " does not exist")
        .What(what);
  }

  Status VerifyRead(int32_t index, std::string what) const {
    if (!InRange(index)) return NoSuchTensor(index, std::move(what));
    const size_t i = static_cast<size_t>(index);
    // An empty constant has no bytes that would tell it from a tensor that nobody writes.
    if (states_[i] != State::kUnset || IsEmptyTensor(i)) return Ok();
    return Malformed(TensorLabel(subgraph_, i) + " is read before it is written (by a later operator, or by none)")
        .What(what);
  }

  Status ReadInput(int32_t index, std::string what) {
    TFLOWER_CHECK(VerifyRead(index, std::move(what)));
    State& state = states_[static_cast<size_t>(index)];
    if (state == State::kVariable) state = State::kReadOnly;
    return Ok();
  }

  Status VerifyOperator(const tflite::Operator& op) {
    if (op.opcode_index() >= context_.codes.size()) {
      return Malformed("opcode_index " + std::to_string(op.opcode_index()) + " of " +
                       std::to_string(context_.codes.size()) + " does not exist");
    }
    const OperatorCodeInfo& code = context_.codes[op.opcode_index()];
    TFLOWER_CHECK(context_.Charge(uint64_t{SizeOf(op.inputs())} + SizeOf(op.outputs()) + SizeOf(op.intermediates())));
    TFLOWER_CHECK(VerifyOperands(op));
    TFLOWER_CHECK(VerifyOptions(op, *code.info));
    for (const int32_t tensor : SpanOf(op.intermediates())) {
      if (tensor != -1 && !InRange(tensor)) return NoSuchTensor(tensor, "intermediates");
    }
    return VerifyOutputs(op);
  }

  Status VerifyOperands(const tflite::Operator& op) {
    const auto inputs = SpanOf(op.inputs());
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (inputs[i] != -1) TFLOWER_CHECK(ReadInput(inputs[i], "input " + std::to_string(i)));
    }
    return Ok();
  }

  Status VerifyOptions(const tflite::Operator& op, const tfl::OpInfo& info) const {
    const uint8_t first = static_cast<uint8_t>(op.builtin_options_type());
    const uint8_t second = static_cast<uint8_t>(op.builtin_options_2_type());
    const bool wrong = (info.options_union == 1 && first != 0 && first != info.union_member) ||
                       (info.options_union == 2 && second != 0 && second != info.union_member);
    if (wrong) {
      return Malformed("options of kind " + std::to_string(info.options_union == 1 ? first : second) + " are not " +
                       info.options_table)
          .What("builtin_options");
    }
    if (op.large_custom_options_offset() > 1) {
      auto range = RangeInFile(context_.file, op.large_custom_options_offset(), op.large_custom_options_size());
      if (!range.ok()) return std::move(range.error()).What("large_custom_options");
    }
    return Ok();
  }

  Status VerifyOutputs(const tflite::Operator& op) {
    const auto outputs = SpanOf(op.outputs());
    for (size_t i = 0; i < outputs.size(); ++i) {
      const std::string what = "output " + std::to_string(i);
      if (!InRange(outputs[i])) return NoSuchTensor(outputs[i], what);
      State& state = states_[static_cast<size_t>(outputs[i])];
      if (state == State::kReadOnly)
        return CannotWrite(outputs[i], "is a constant, a subgraph input or a variable that was read before, and cannot be written", what);
      if (state == State::kReadable) return CannotWrite(outputs[i], "is written by two operators", what);
      state = State::kReadable;
    }
    return Ok();
  }

  Error CannotWrite(int32_t index, std::string why, std::string what) const {
    return Malformed(TensorLabel(subgraph_, static_cast<size_t>(index)) + " " + why).What(what);
  }

  VerifyContext& context_;
  const tflite::SubGraph& subgraph_;
  std::vector<State> states_;
};

}  // namespace

Status VerifyOperators(VerifyContext& context, size_t subgraph_index) {
  return OrderChecker(context, At(context.model->subgraphs(), subgraph_index)).Run();
}

}  // namespace tflower::runtime
