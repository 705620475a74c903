// Complex numbers and their parts: Complex, Real, Imag, ComplexAbs, Angle, Conj. Pairs of floats become complex by BITCAST.
#include "complex_parts.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kPartAttrs[] = {Type("T", DType::kComplex64), Type("Tout", DType::kFloat32)};
constexpr AttrDef kConjAttrs[] = {Type("T", DType::kComplex64)};
constexpr AttrDef kComplexAttrs[] = {Type("T", DType::kFloat32), Type("Tout", DType::kComplex64)};

// y as the node's result, which may be the wider type.
Status BindAs(const Node& node, Builder& build, const Result<Value>& y) {
  if (!y.ok()) return y.error();
  return build.Bind(0, Convert(build, y.value(), node.Type("Tout")));
}

template <class TflOp>
Status LowerPart(const Node& node, Builder& build) { return BindAs(node, build, build.Emit(TflOp{}, {node.Input(0)})); }

Status LowerAngle(const Node& node, Builder& build) {
  TFLOWER_TRY(const Working working, Working::Of(build, node.Input(0).dtype(), kC64));
  TFLOWER_TRY(const Value z, working.Enter(build, node.Input(0)));
  const Parts parts = PartsOf(Expr(build, z));
  return BindAs(node, build, Emit(tfl::Atan2{}, {parts.im, parts.re}).result());
}

Status LowerComplex(const Node& node, Builder& build) {
  TFLOWER_TRY(const Working working, Working::Of(build, node.Input(0).dtype(), kF32));
  TFLOWER_TRY(const Value re, working.Enter(build, node.Input(0)));
  TFLOWER_TRY(const Value im, working.Enter(build, node.Input(1)));
  return BindAs(node, build, Complex(Expr(build, re), Expr(build, im)).result());
}

Status LowerConj(const Node& node, Builder& build) {
  const Value z = node.Input(0);
  if (!Contains(kComplexes, z.dtype())) return build.Bind(0, z);
  TFLOWER_TRY(const Working working, Working::Of(build, z.dtype(), kC64));
  TFLOWER_TRY(const Value narrow, working.Enter(build, z));
  const float signs[] = {1, -1};
  const int64_t two = 2;
  TFLOWER_TRY(const Value turn, build.Constant<float>(std::span<const int64_t>(&two, 1), signs));
  TFLOWER_TRY(const Value y, OfPairs(PairsOf(Expr(build, narrow)) * Expr(build, turn)).result());
  return build.Bind(0, working.Leave(build, y));
}

constexpr Operand kComplex = In(kComplexes), kPart = In(kF32 | Types({DType::kFloat64}));

constexpr OpDef kOps[] = {
    {"Complex", {kPart, kPart}, kComplexAttrs, LowerComplex, "BITCAST BROADCAST_ARGS BROADCAST_TO CAST PACK SHAPE"},
    {"ComplexAbs", {kComplex}, kPartAttrs, LowerPart<tfl::ComplexAbs>, "CAST COMPLEX_ABS"},
    {"Real", {kComplex}, kPartAttrs, LowerPart<tfl::Real>, "CAST REAL"},
    {"Imag", {kComplex}, kPartAttrs, LowerPart<tfl::Imag>, "CAST IMAG"},
    {"Angle", {kComplex}, kPartAttrs, LowerAngle, "ATAN2 BITCAST CAST IMAG REAL"},
    {"Conj", {In(kNumbers)}, kConjAttrs, LowerConj, "BITCAST CAST MUL"},
};
}  // namespace
TFLOWER_OP_FAMILY(complex, kOps);
}  // namespace tflower::tf_ops
