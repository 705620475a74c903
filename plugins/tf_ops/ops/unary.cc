// Elementwise ops of one operand, one operator each: Abs -> ABS, Exp -> EXP, ...; and what they are for complex numbers.
#include "complex_parts.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};

Expr AbsOf(const Expr& x) { return x.dtype() == DType::kInt64 ? Max(x, -x) : Abs(x); }
Expr NegOf(const Expr& x) { return x.dtype() == DType::kComplex64 ? OfPairs(-PairsOf(x)) : -x; }

// z / |z|, 0 for 0; of integers, x between -1 and 1.
Expr SignOf(const Expr& x) {
  if (x.dtype() == DType::kInt64) return Min(Max(x, -1), 1);
  if (x.dtype() != DType::kComplex64) return Sign(x);
  const Expr size = Emit(tfl::ComplexAbs{}, {x});
  const Expr divisor = Where(size == 0, 1, size);
  const Parts z = PartsOf(x);
  return Complex(z.re / divisor, z.im / divisor);
}

Expr ExpOf(const Expr& x) {
  if (x.dtype() != DType::kComplex64) return Exp(x);
  const Parts z = PartsOf(x);
  const Expr size = Exp(z.re);
  return Complex(size * Cos(z.im), size * Sin(z.im));
}

Expr LogOf(const Expr& x) {
  if (x.dtype() != DType::kComplex64) return Log(x);
  const Parts z = PartsOf(x);
  return Complex(Log(Emit(tfl::ComplexAbs{}, {x})), Emit(tfl::Atan2{}, {z.im, z.re}));
}

// The parts are sqrt((|z| + re) / 2) and sqrt((|z| - re) / 2), with the sign of im: in Re >= 0. The smaller of them by division, as the
// difference would cancel.
Expr SqrtOf(const Expr& x) {
  if (x.dtype() != DType::kComplex64) return Sqrt(x);
  const Parts z = PartsOf(x);
  const Expr larger = Sqrt((Emit(tfl::ComplexAbs{}, {x}) + Abs(z.re)) * 0.5);
  const Expr smaller = Abs(z.im) / (Where(larger == 0, 1, larger) * 2);
  const Expr right = z.re >= 0;
  const Expr im = Where(right, smaller, larger);
  return Complex(Where(right, larger, smaller), Where(z.im < 0, -im, im));
}

// Whole numbers are round already.
template <class TflOp>
Status LowerRounding(const Node& node, Builder& build) {
  if (Contains(kInts | kUInts, node.Input(0).dtype())) return build.Bind(0, node.Input(0));
  return Direct<TflOp>(node, build);
}

constexpr DTypeSet kF64 = Types({DType::kFloat64});
constexpr DTypeSet kI16 = Types({DType::kInt16});
constexpr const char* kComplexEmits = "ABS ADD ATAN2 BITCAST CAST COMPLEX_ABS COS DIV EQUAL EXP GREATER_EQUAL IMAG LESS LOG MUL NEG PACK REAL SELECT SELECT_V2 SIN SQRT";

constexpr OpDef kOps[] = {
    {"Abs", {In(kFloats | kInts)}, kT, Elementwise<AbsOf, kF32 | kI16 | kIndex>, "ABS CAST MAXIMUM NEG"},
    {"Ceil", {Float()}, kT, Direct<tfl::Ceil>, "CEIL CAST"},
    {"Cos", {Float()}, kT, Direct<tfl::Cos>, "COS CAST"},
    {"Exp", {In(kFloats | kComplexes)}, kT, Elementwise<ExpOf, kF32 | kC64>, kComplexEmits},
    {"Floor", {Float()}, kT, Direct<tfl::Floor>, "FLOOR CAST"},
    {"Log", {In(kFloats | kComplexes)}, kT, Elementwise<LogOf, kF32 | kC64>, kComplexEmits},
    {"Neg", {In(kNumbers)}, kT, Elementwise<NegOf, kF32 | kIndex | kC64, Bits::kLow>, "NEG BITCAST CAST"},
    {"Rint", {Float()}, kT, Direct<tfl::Round>, "ROUND CAST"},
    {"Round", {In(kRealNumbers)}, kT, LowerRounding<tfl::Round>, "ROUND CAST"},
    {"Rsqrt", {Float()}, kT, Direct<tfl::Rsqrt>, "RSQRT CAST"},
    {"Sigmoid", {Float()}, kT, Direct<tfl::Logistic>, "LOGISTIC CAST"},
    {"Sign", {In(kFloats | kInts | kComplexes)}, kT, Elementwise<SignOf, kF32 | kF64 | kIndex | kC64>, kComplexEmits},
    {"Sin", {Float()}, kT, Direct<tfl::Sin>, "SIN CAST"},
    {"Sqrt", {In(kFloats | kComplexes)}, kT, Elementwise<SqrtOf, kF32 | kC64>, kComplexEmits},
    {"Tanh", {Float()}, kT, Direct<tfl::Tanh>, "TANH CAST"},
};
}  // namespace
TFLOWER_OP_FAMILY(unary, kOps);
}  // namespace tflower::tf_ops
