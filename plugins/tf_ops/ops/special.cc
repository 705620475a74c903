// Functions without an operator of their own, in a few builtins, exact where naive formulas are not: softplus of large and log1p and expm1 of
// small arguments, divisions that define 0 / 0.
#include <limits>

#include "complex_parts.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};
constexpr AttrDef kDefaultT[] = {Type("T", DType::kFloat32)};

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// max(x, 0) + log(1 + e^-|x|): the exponential never overflows.
Expr Softplus(const Expr& x) { return Relu(x) + Log(Exp(-Abs(x)) + 1); }
Expr Softsign(const Expr& x) { return x / (Abs(x) + 1); }

// scale x for x > 0, scale alpha (e^x - 1) else. Source: Klambauer et al., Self-Normalizing Neural Networks.
Expr Selu(const Expr& x) {
  constexpr double kAlpha = 1.6732632423543772848170429916717, kScale = 1.0507009873554804934193349852946;
  return Where(x > 0, x * kScale, Elu(x) * (kScale * kAlpha));
}

// Of float64 the bits tell, since large values have no float32: those of infinity, without the sign, are 0x7ff0000000000000.
Expr Magnitude64(const Expr& x) {
  const Expr bits = Bitcast(x, DType::kInt64);
  return Where(bits < 0, bits - -0x1p63, bits);
}
constexpr double kInfinity64 = 0x7ff0p48;
bool IsDouble(const Expr& x) { return x.dtype() == DType::kFloat64; }
Expr IsNan(const Expr& x) { return IsDouble(x) ? Magnitude64(x) > kInfinity64 : x != x; }
Expr IsInf(const Expr& x) { return IsDouble(x) ? Magnitude64(x) == kInfinity64 : Abs(x) == kInfinity; }
// x - x is 0 for finite numbers and NaN for others.
Expr IsFinite(const Expr& x) { return IsDouble(x) ? Magnitude64(x) < kInfinity64 : x - x == 0; }

Expr Reciprocal(const Expr& x) {
  if (x.dtype() != DType::kComplex64) return 1 / x;
  const Parts z = PartsOf(x);
  const Expr scale = Max(Abs(z.re), Abs(z.im));
  const Expr re = z.re / scale, im = z.im / scale;
  const Expr divisor = (re * re + im * im) * scale;
  return Complex(re / divisor, -im / divisor);
}

// 0 where `guard` is 0, else `value`, which may be anything there. The guard may have the smaller shape.
Expr Guarded(const Expr& guard, const Expr& value) {
  if (!guard.ok()) return guard;
  return Emit(tfl::SelectV2{}, {guard == 0, value.Number(0), value});
}
Expr DivNoNan(const Expr& x, const Expr& y) {
  if (x.dtype() != DType::kComplex64) return Guarded(y, x / y);
  const Parts quotient = DivideParts(PartsOf(x), PartsOf(y));
  const Expr is_zero = Emit(tfl::ComplexAbs{}, {y}) == 0;
  return Complex(Where(is_zero, 0.0, quotient.re), Where(is_zero, 0.0, quotient.im));
}
Expr MulNoNan(const Expr& x, const Expr& y) { return Guarded(y, x * y); }
Expr Xdivy(const Expr& x, const Expr& y) { return Guarded(x, x / y); }
Expr Xlogy(const Expr& x, const Expr& y) { return Guarded(x, x * Log(y)); }
Expr Xlog1py(const Expr& x, const Expr& y) { return Guarded(x, x * Log1p(y)); }

// SQUARE is for floats in stock runtimes.
Expr Square(const Expr& x) { return x.dtype() == DType::kFloat32 ? Emit(tfl::Square{}, {x}) : x * x; }

Expr ClipByValue(const Expr& x, const Expr& low, const Expr& high) { return Max(Min(x, high), low); }

// The neighbour of x towards y: the next larger or smaller number as an integer; beside 0 the smallest of all.
Expr NextAfter(const Expr& x, const Expr& y) {
  const Expr bits = Bitcast(x, DType::kInt32);
  const Expr away = (y > x) == (x > 0);
  const Expr neighbour = Bitcast(bits + Where(away, bits.Number(1), -1.0), DType::kFloat32);
  const Expr smallest = Bitcast(Where(y > 0, bits.Number(1), bits.Number(INT32_MIN + 1.0)), DType::kFloat32);
  const Expr step = Where(x == 0, smallest, neighbour);
  return Where(x == y, y, Where(And(x == x, y == y), step, x + y));
}

constexpr Operand kFloating = Float();
constexpr Operand kReal = In(kRealNumbers);
constexpr DTypeSet kF64 = Types({DType::kFloat64});
constexpr const char* kTests = "ABS BITCAST CAST EQUAL GREATER LESS NOT_EQUAL SELECT SELECT_V2 SUB";

constexpr OpDef kOps[] = {
    {"Softplus", {kFloating}, kT, Elementwise<Softplus>, "ABS NEG EXP ADD LOG RELU CAST"},
    {"Softsign", {kFloating}, kT, Elementwise<Softsign>, "ABS ADD DIV CAST"},
    {"Selu", {kFloating}, kT, Elementwise<Selu>, "GREATER MUL ELU SELECT CAST"},
    {"Log1p", {kFloating}, kT, Elementwise<Log1p>, "ABS ADD DIV LESS LOG MUL SELECT CAST"},
    {"Expm1", {kFloating}, kT, Elementwise<Expm1>, "MUL TANH SUB DIV EXP ABS LESS SELECT CAST"},
    {"IsNan", {kFloating}, kT, Elementwise<IsNan, kF32 | kF64>, kTests},
    {"IsInf", {kFloating}, kT, Elementwise<IsInf, kF32 | kF64>, kTests},
    {"IsFinite", {kFloating}, kT, Elementwise<IsFinite, kF32 | kF64>, kTests},
    {"Reciprocal", {In(kFloats | kComplexes)}, kT, Elementwise<Reciprocal, kF32 | kC64>, "ABS ADD BITCAST CAST DIV IMAG MAXIMUM MUL NEG PACK REAL"},
    {"Inv", {In(kFloats | kComplexes)}, kT, Elementwise<Reciprocal, kF32 | kC64>, "ABS ADD BITCAST CAST DIV IMAG MAXIMUM MUL NEG PACK REAL"},
    {"DivNoNan", {In(kFloats | kComplexes), In(kFloats | kComplexes)}, kT, Elementwise<DivNoNan, kF32 | kC64>,
     "ABS ADD BITCAST CAST COMPLEX_ABS DIV EQUAL IMAG MAXIMUM MUL PACK REAL SELECT_V2 SUB"},
    {"MulNoNan", {kFloating, kFloating}, kT, Elementwise<MulNoNan>, "CAST MUL EQUAL SELECT_V2"},
    {"Xdivy", {kFloating, kFloating}, kT, Elementwise<Xdivy>, "CAST DIV EQUAL SELECT_V2"},
    {"Xlogy", {kFloating, kFloating}, kT, Elementwise<Xlogy>, "CAST LOG MUL EQUAL SELECT_V2"},
    {"Xlog1py", {kFloating, kFloating}, kT, Elementwise<Xlog1py>, "ABS ADD CAST DIV EQUAL LESS LOG MUL SELECT SELECT_V2"},
    {"Square", {In(kNumbers)}, kT, Elementwise<Square, kF32 | kIndex | kC64, Bits::kLow>, "SQUARE MUL CAST BITCAST"},
    {"ClipByValue", {kReal, kReal, kReal}, kT, Elementwise<ClipByValue, kF32 | kIndex, Bits::kOrder>, "BITCAST BITWISE_XOR CAST MINIMUM MAXIMUM"},
    {"NextAfter", {In(kF32), In(kF32)}, kDefaultT, Elementwise<NextAfter>, "ADD BITCAST EQUAL GREATER LOGICAL_AND SELECT SELECT_V2"},
};
}  // namespace
TFLOWER_OP_FAMILY(special, kOps);
}  // namespace tflower::tf_ops
