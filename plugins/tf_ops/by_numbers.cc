#include "by_numbers.h"

namespace tflower::tf_ops {

Result<Value> NumbersOf(Builder& build, const Value& x) {
  TFLOWER_TRY(const Value shape, ShapeOf(build, x));
  TFLOWER_TRY(const Value all, build.Vector({0}));
  TFLOWER_TRY(const Value count, build.Emit(tfl::ReduceProd{}, {shape, all}));
  TFLOWER_TRY(const Value zero, build.Scalar<int32_t>(0));
  TFLOWER_TRY(const Value one, build.Scalar<int32_t>(1));
  TFLOWER_TRY(const Value numbers, build.Emit(tfl::Range{}, {zero, count, one}));
  return ReshapeBy(build, numbers, shape);
}

Result<Value> StringsAt(Builder& build, const Value& x, const Value& numbers) {
  const int64_t flat = -1;
  TFLOWER_TRY(const Value strings, ReshapeTo(build, x, {&flat, 1}));
  return build.Emit(tfl::Gather{}, {strings, numbers});
}

Status LowerMove(const Node& node, Builder& build, int operand, ResultsFn lower) {
  const Value x = node.Input(operand);
  if (x.dtype() != DType::kString) return LowerTyped(node, build, {.native = kAnyType}, lower);
  TFLOWER_TRY(const Value numbers, NumbersOf(build, x));
  std::vector<const tflower_value*> inputs(node.abi()->inputs, node.abi()->inputs + node.num_inputs());
  inputs[static_cast<size_t>(operand)] = numbers.abi();
  tflower_node numbered = *node.abi();
  numbered.inputs = inputs.data();
  TFLOWER_TRY(const std::vector<Value> results, lower(Node(&numbered, node.attr_defs()), build));
  for (size_t i = 0; i < results.size(); ++i) TFLOWER_CHECK(build.Bind(static_cast<int>(i), StringsAt(build, x, results[i])));
  return Ok();
}

}  // namespace tflower::tf_ops
