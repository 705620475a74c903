// Complex numbers made and taken apart: Complex, Conj, ComplexAbs, Real, Imag, Angle. complex128 is computed, and kept, as complex64.
#include "re_im.h"
#include "float32.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T", DType::kComplex64)};
constexpr AttrDef kJoinAttrs[] = {Type("T", DType::kFloat32), Type("Tout", DType::kComplex64)};
constexpr AttrDef kPartAttrs[] = {Type("T", DType::kComplex64), Type("Tout", DType::kFloat32)};

template <class TflOp>
Status LowerPart(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value part, build.Emit(TflOp{}, {node.Input(0)}));
  return build.Bind(0, CastTo(build, part, node.Type("Tout")));
}

Status LowerAngle(const Node& node, Builder& build) {
  TFLOWER_TRY(const ReIm z, PartsOf(build, node.Input(0)));
  TFLOWER_TRY(const Value angle, build.Emit(tfl::Atan2{}, {z.im, z.re}));
  return build.Bind(0, CastTo(build, angle, node.Type("Tout")));
}

// x in the shape that both broadcast to.
Result<Value> Widened(Builder& build, const Value& x, const Value& y) {
  TFLOWER_TRY(const Value other, build.Emit(tfl::ZerosLike{}, {y}));
  return build.Emit(tfl::Add{}, {x, other});
}
Status LowerComplex(const Node& node, Builder& build) {
  ReIm z{node.Input(0), node.Input(1)};
  if (!z.re.SameShape(z.im)) {
    TFLOWER_TRY(z.re, Widened(build, node.Input(0), node.Input(1)));
    TFLOWER_TRY(z.im, Widened(build, node.Input(1), node.Input(0)));
  }
  return build.Bind(0, JoinParts(build, z));
}

Status LowerConj(const Node& node, Builder& build) { return build.Bind(0, Conjugated(build, node.Input(0))); }

constexpr Operand kComplex = Of(kComplexTypes, 0, TFLOWER_MAX_RANK);
constexpr const char* kJoins = "ADD CAST IMAG NEG PACK REAL RESHAPE RFFT2D SHAPE SLICE ZEROS_LIKE";

constexpr OpDef kOps[] = {
    {"Complex", {Float(), Float()}, kJoinAttrs, InFloat32<LowerComplex, 0>, kJoins},
    {"Conj", {Any()}, kT, LowerConj, kJoins},
    {"ComplexAbs", {kComplex}, kPartAttrs, LowerPart<tfl::ComplexAbs>, "CAST COMPLEX_ABS"},
    {"Real", {kComplex}, kPartAttrs, LowerPart<tfl::Real>, "CAST REAL"},
    {"Imag", {kComplex}, kPartAttrs, LowerPart<tfl::Imag>, "CAST IMAG"},
    {"Angle", {kComplex}, kPartAttrs, LowerAngle, "ATAN2 CAST IMAG REAL"},
};
}  // namespace
TFLOWER_OP_FAMILY(complex, kOps);
}  // namespace tflower::tf_ops
