// Cross: the vector product along a last dimension of three.
#include "elementwise.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};

Expr Turned(const Expr& x, std::initializer_list<int32_t> order) {
  if (!x.ok()) return x;
  return Emit(tfl::Gather{.axis = x.result().value().rank() - 1}, {x, Expr(x.build(), x.build().Vector(order))});
}
Expr CrossOf(const Expr& a, const Expr& b) { return Turned(a, {1, 2, 0}) * Turned(b, {2, 0, 1}) - Turned(a, {2, 0, 1}) * Turned(b, {1, 2, 0}); }

Status LowerCross(const Node& node, Builder& build) {
  if (node.Input(0).dim(-1) != 3 || node.Input(1).dim(-1) != 3) return Error(Code::kInvalidGraph, "the last dimension must be 3").What("input 0");
  return Elementwise<CrossOf, kF32 | kIndex, Bits::kLow>(node, build);
}

constexpr Operand kVectors = Of(kRealNumbers, 1, TFLOWER_MAX_RANK);

constexpr OpDef kOps[] = {
    {"Cross", {kVectors, kVectors}, kT, LowerCross, "BITCAST CAST GATHER MUL SUB"},
};
}  // namespace
TFLOWER_OP_FAMILY(cross, kOps);
}  // namespace tflower::tf_ops
