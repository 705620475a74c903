// Elementwise arithmetic of two operands with broadcasting, mostly one operator each: AddV2 -> ADD, ...; BiasAdd in both data formats.
#include "complex_parts.h"
#include "index.h"
#include "integers.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};
constexpr AttrDef kBiasAttrs[] = {Type("T"), String("data_format", OneOf("NHWC", "NCHW"), "NHWC")};

// The bias belongs to the last dimension, or in NCHW to the second: there it gets trailing dimensions of 1 to broadcast over.
Result<Value> WideBias(const Node& node, Builder& build) {
  const Value bias = node.Input(1);
  const int rank = node.Input(0).rank();
  if (node.String("data_format") != "NCHW" || rank <= 2) return bias;
  std::vector<int64_t> dims(static_cast<size_t>(rank) - 1, 1);
  dims[0] = bias.dim(0);
  return ReshapeTo(build, bias, dims);
}

// ATAN2 in stock runtimes does not broadcast: operands come in the result's shape.
Result<Value> Atan2Of(Builder& build, const Node&, const std::vector<Value>& x) {
  TFLOWER_TRY(const auto operands, InCommonShape(build, x[0], x[1]));
  return build.Emit(tfl::Atan2{}, {operands.first, operands.second});
}

bool IsComplex(const Expr& x) { return x.dtype() == DType::kComplex64; }
Expr AddOf(const Expr& a, const Expr& b) { return IsComplex(a) ? OfPairs(PairsOf(a) + PairsOf(b)) : a + b; }
Expr SubOf(const Expr& a, const Expr& b) { return IsComplex(a) ? OfPairs(PairsOf(a) - PairsOf(b)) : a - b; }

Status LowerBiasAdd(const Node& node, Builder& build) {
  TFLOWER_TRY(const Working working, Working::Of(build, node.Input(0).dtype(), kF32 | kIndex | kC64, Bits::kLow));
  TFLOWER_TRY(const Value x, working.Enter(build, node.Input(0)));
  TFLOWER_TRY(const Value wide, WideBias(node, build));
  TFLOWER_TRY(const Value bias, working.Enter(build, wide));
  TFLOWER_TRY(const Value sum, AddOf(Expr(build, x), Expr(build, bias)).result());
  return build.Bind(0, working.Leave(build, sum));
}

Expr DivOf(const Expr& a, const Expr& b) {
  if (IsComplex(a)) return DivideComplex(a, b);
  return Contains(kIndex, a.dtype()) ? TruncateDiv(a, b) : a / b;
}

// Of complex numbers (a - b) conj(a - b), which is real.
Expr SquaredDifferenceOf(const Expr& a, const Expr& b) {
  if (IsComplex(a)) {
    const Expr size = Emit(tfl::ComplexAbs{}, {SubOf(a, b)});
    return Cast(size * size, DType::kComplex64);
  }
  if (a.dtype() != DType::kInt64) return Emit(tfl::SquaredDifference{}, {a, b});
  const Expr difference = a - b;
  return difference * difference;
}

// The remainder of a division that truncates, which has a's sign.
Expr ModOf(const Expr& a, const Expr& b) {
  if (a.dtype() != DType::kFloat32) return TruncateMod(a, b);
  return FloorMod(Abs(a), Abs(b)) * Sign(a);
}

// x^n of integers, in which products wrap around as in TF.
Expr WholePower(const Expr& x, int64_t n) {
  if (n == 0) return x - x + 1;
  Expr power = x, result = x;
  bool any = false;
  for (; n != 0; n >>= 1) {
    if ((n & 1) != 0) result = any ? result * power : power;
    any = any || (n & 1) != 0;
    if (n > 1) power = power * power;
  }
  return result;
}

// x^n of int64 for exponents that are computed at run time, which must not be negative: TF has no such powers of integers. Where |x| > 1 and
// n > 63 the result would not fit, and is no power; of 1, 0 and -1, which are left then, it counts only whether n is odd.
Expr PowerByBits(const Expr& x, const Expr& n) {
  constexpr int kBits = 6;
  const Expr one = x.Number(1);
  const auto bit = [&](const Expr& of) { return FloorMod(of, 2) != 0; };
  Expr rest = Cast(Where(n > 63, FloorMod(n, 2) + 62, n), DType::kInt32);
  Expr power = x, result = Where(bit(rest), x, one);
  for (int i = 1; i < kBits; ++i) {
    rest = Emit(tfl::RightShift{}, {rest, rest.Number(1)});
    power = power * power;
    result = result * Where(bit(rest), power, one);
  }
  return result;
}

// POW of integers goes through double in stock runtimes: right while results stay within 31 bits. A constant exponent becomes products.
Result<Value> PowOf(Builder& build, const Node&, const std::vector<Value>& x) {
  constexpr int64_t kMaxProducts = 64;
  if (!Contains(kIndex, x[0].dtype())) return build.Emit(tfl::Pow{}, x);
  if (x[1].num_elements() == 1 && x[1].rank() == 0 && x[1].has_elements()) {
    const Result<int64_t> n = build.Int(x[1], "input 1");
    if (n.ok() && n.value() >= 0 && n.value() <= kMaxProducts) return WholePower(Expr(build, x[0]), n.value()).result();
  }
  if (x[0].dtype() == DType::kInt32) return build.Emit(tfl::Pow{}, x);
  return PowerByBits(Expr(build, x[0]), Expr(build, x[1])).result();
}

constexpr DTypeSet kI16 = Types({DType::kInt16}), kU32 = Types({DType::kUInt32}), kF64 = Types({DType::kFloat64});
constexpr const char* kDivideEmits = "ABS ADD BITCAST CAST DIV EQUAL FLOOR_DIV FLOOR_MOD IMAG LESS LESS_EQUAL LOGICAL_AND MAXIMUM MINIMUM MUL NEG NOT_EQUAL PACK REAL "
                                     "SELECT SELECT_V2 SUB";

constexpr OpDef kOps[] = {
    {"Add", {In(kNumbers), In(kNumbers)}, kT, Elementwise<AddOf, kF32 | kI16 | kIndex | kC64, Bits::kLow>, "ADD BITCAST CAST"},
    {"AddV2", {In(kNumbers), In(kNumbers)}, kT, Elementwise<AddOf, kF32 | kI16 | kIndex | kC64, Bits::kLow>, "ADD BITCAST CAST"},
    {"BiasAdd", {In(kNumbers), Of(kNumbers, 1, 1)}, kBiasAttrs, LowerBiasAdd, "ADD BITCAST CAST RESHAPE"},
    {"BiasAddV1", {In(kNumbers), Of(kNumbers, 1, 1)}, kBiasAttrs, LowerBiasAdd, "ADD BITCAST CAST RESHAPE"},
    {"Sub", {In(kNumbers), In(kNumbers)}, kT, Elementwise<SubOf, kF32 | kIndex | kC64, Bits::kLow>, "BITCAST CAST SUB"},
    {"Mul", {In(kNumbers), In(kNumbers)}, kT, Direct<tfl::Mul, kF32 | kI16 | kIndex | kU32 | kC64, Bits::kLow>, "BITCAST CAST MUL"},
    {"RealDiv", {In(kFloats | kComplexes), In(kFloats | kComplexes)}, kT, Elementwise<DivOf, kF32 | kC64>, kDivideEmits},
    {"Div", {In(kNumbers), In(kNumbers)}, kT, Elementwise<DivOf, kF32 | kIndex | kC64>, kDivideEmits},
    {"Maximum", {In(kRealNumbers), In(kRealNumbers)}, kT, Direct<tfl::Maximum, kF32 | kIndex, Bits::kOrder>, "BITCAST BITWISE_XOR CAST MAXIMUM"},
    {"Minimum", {In(kRealNumbers), In(kRealNumbers)}, kT, Direct<tfl::Minimum, kF32 | kIndex, Bits::kOrder>, "BITCAST BITWISE_XOR CAST MINIMUM"},
    {"Pow", {In(kFloats | kInts | kUInts), In(kFloats | kInts | kUInts)}, kT, Elementwise<PowOf, kF32 | kIndex, Bits::kLow>,
     "ADD BITCAST CAST FLOOR_MOD GREATER MUL NOT_EQUAL POW RIGHT_SHIFT SELECT SELECT_V2 SUB"},
    {"SquaredDifference", {In(kNumbers), In(kNumbers)}, kT, Elementwise<SquaredDifferenceOf, kF32 | kIndex | kC64, Bits::kLow>,
     "BITCAST CAST COMPLEX_ABS MUL SQUARED_DIFFERENCE SUB"},
    {"Atan2", {Float(), Float()}, kT, Elementwise<Atan2Of, kF32 | kF64>, "ATAN2 BROADCAST_ARGS BROADCAST_TO CAST SHAPE"},
    {"FloorDiv", {In(kRealNumbers), In(kRealNumbers)}, kT, Elementwise<FloorDiv, kF32 | kIndex>, kDivideEmits},
    {"FloorMod", {In(kRealNumbers), In(kRealNumbers)}, kT, Direct<tfl::FloorMod, kF32 | kIndex>, "CAST FLOOR_MOD"},
    {"TruncateDiv", {In(kRealNumbers), In(kRealNumbers)}, kT, Elementwise<TruncateDiv, kIndex>, kDivideEmits},
    {"TruncateMod", {In(kRealNumbers), In(kRealNumbers)}, kT, Elementwise<ModOf, kF32 | kIndex>, kDivideEmits},
    {"Mod", {In(kRealNumbers), In(kRealNumbers)}, kT, Elementwise<ModOf, kF32 | kIndex>, kDivideEmits},
};
}  // namespace
TFLOWER_OP_FAMILY(binary, kOps);
}  // namespace tflower::tf_ops
