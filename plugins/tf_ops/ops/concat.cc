// Concat, ConcatV2 -> CONCATENATION; an axis that is computed at run time is moved to the front. A single input passes through.
#include "moved_axis.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kConcatAttrs[] = {Int("N"), Type("T")};
constexpr AttrDef kConcatV2Attrs[] = {Int("N"), Type("T"), Type("Tidx", DType::kInt32)};

Status ConcatenateComputed(Builder& build, std::vector<Value> values, const Value& axis) {
  const MovedAxis moved(build, axis, values[0].rank());
  for (Value& v : values) {
    TFLOWER_TRY(v, moved.First(v));
  }
  TFLOWER_TRY(const Value y, build.Emit(tfl::Concatenation{.axis = 0}, values));
  return build.Bind(0, moved.Back(y));
}

Status Concatenate(Builder& build, const std::vector<Value>& values, const Value& axis_operand, std::string_view what) {
  if (values.empty()) return Error(Code::kInvalidGraph, "there is nothing to concatenate");
  if (values.size() > 1 && values[0].rank() > 0 && !build.ReadElements(axis_operand).ok()) return ConcatenateComputed(build, values, axis_operand);
  TFLOWER_TRY(const int32_t axis, AxisOperand(build, axis_operand, values[0].rank(), what));
  if (values.size() == 1) return build.Bind(0, values[0]);
  return build.Bind(0, build.Emit(tfl::Concatenation{.axis = axis}, values));
}

Status LowerConcat(const Node& node, Builder& build) { return Concatenate(build, node.Inputs(1), node.Input(0), "input 0"); }

Status LowerConcatV2(const Node& node, Builder& build) {
  const int last = node.num_inputs() - 1;
  if (last < 1) return Error(Code::kInvalidGraph, "there is nothing to concatenate");
  return Concatenate(build, node.Inputs(0, last), node.Input(last), "input " + std::to_string(last));
}

constexpr OpDef kOps[] = {
    {"Concat", {Index(0, 0), Variadic()}, kConcatAttrs, LowerConcat, TFLOWER_MOVED_AXIS_EMITS "CONCATENATION"},
    {"ConcatV2", {Variadic()}, kConcatV2Attrs, LowerConcatV2, TFLOWER_MOVED_AXIS_EMITS "CONCATENATION"},
};
}  // namespace
TFLOWER_OP_FAMILY(concat, kOps);
}  // namespace tflower::tf_ops
