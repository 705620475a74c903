// Cross -> products of the elements of the last dimension, turned by one and by two places.  Source: tf.linalg.cross.
#include "float32.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};

// Elements (first, second, third) of the last dimension.
Result<Value> Turned(Builder& build, const Value& x, std::initializer_list<int32_t> order) {
  TFLOWER_TRY(const Value places, build.Vector(order));
  return build.Emit(tfl::Gather{.axis = x.rank() - 1}, {x, places});
}

Status LowerCross(const Node& node, Builder& build) {
  const Value a = node.Input(0), b = node.Input(1);
  if (a.dim(-1) != 3 || b.dim(-1) != 3) return Error(Code::kInvalidGraph, "the last dimension must be 3").What("input 0");
  TFLOWER_TRY(const Value a1, Turned(build, a, {1, 2, 0}));
  TFLOWER_TRY(const Value b2, Turned(build, b, {2, 0, 1}));
  TFLOWER_TRY(const Value a2, Turned(build, a, {2, 0, 1}));
  TFLOWER_TRY(const Value b1, Turned(build, b, {1, 2, 0}));
  TFLOWER_TRY(const Value plus, build.Emit(tfl::Mul{}, {a1, b2}));
  TFLOWER_TRY(const Value minus, build.Emit(tfl::Mul{}, {a2, b1}));
  return build.Bind(0, build.Emit(tfl::Sub{}, {plus, minus}));
}

constexpr OpDef kOps[] = {
    {"Cross", {Ranked(1, TFLOWER_MAX_RANK), Ranked(1, TFLOWER_MAX_RANK)}, kT, InFloat32<LowerCross>, "CAST GATHER MUL SUB"},
};
}  // namespace
TFLOWER_OP_FAMILY(cross, kOps);
}  // namespace tflower::tf_ops
