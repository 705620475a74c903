// Erf and Erfc: TFLite has no operator for them. They become tflower.Erf and tflower.Erfc, which rules take as part of GELU or expand.
#include <tflower/op_def.h>

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};

Status Lower(const Node& node, Builder& build, std::string_view name) {
  const Value x = node.Input(0);
  TFLOWER_TRY(const std::vector<Value> y, build.EmitCustom(name, {}, std::span<const Value>(&x, 1), 1));
  return build.Bind(0, y[0]);
}
Status LowerErf(const Node& node, Builder& build) { return Lower(node, build, "tflower.Erf"); }
Status LowerErfc(const Node& node, Builder& build) { return Lower(node, build, "tflower.Erfc"); }

constexpr Operand kFloat32 = Of(kF32, 0, TFLOWER_MAX_RANK);

constexpr OpDef kOps[] = {
    {"Erf", {kFloat32}, kT, LowerErf, "GELU ABS MUL ADD DIV SQUARE NEG EXP SUB SIGN"},
    {"Erfc", {kFloat32}, kT, LowerErfc, "GELU ABS MUL ADD DIV SQUARE NEG EXP SUB SIGN"},
};
}  // namespace
TFLOWER_OP_FAMILY(error_function, kOps);
}  // namespace tflower::tf_ops
