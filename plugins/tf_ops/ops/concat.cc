// Concat, ConcatV2 -> CONCATENATION. The axis must be known; a single input passes through.
#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kConcatAttrs[] = {Int("N"), Type("T")};
constexpr AttrDef kConcatV2Attrs[] = {Int("N"), Type("T"), Type("Tidx", DType::kInt32)};

Status Concatenate(Builder& build, const std::vector<Value>& values, const Value& axis_operand, std::string_view what) {
  if (values.empty()) return Error(Code::kInvalidGraph, "there is nothing to concatenate");
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
    {"Concat", {Index(0, 0), Variadic()}, kConcatAttrs, LowerConcat, "CONCATENATION"},
    {"ConcatV2", {Variadic()}, kConcatV2Attrs, LowerConcatV2, "CONCATENATION"},
};
}  // namespace
TFLOWER_OP_FAMILY(concat, kOps);
}  // namespace tflower::tf_ops
