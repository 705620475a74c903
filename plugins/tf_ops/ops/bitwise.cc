// Operations on bits. TFLite has BITWISE_XOR and RIGHT_SHIFT, up to 32 bits, and BITCAST, by which 64 bits are two times 32.
#include "complex_parts.h"
#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};
constexpr DTypeSet kOwn = Types({DType::kInt8, DType::kUInt8, DType::kInt16, DType::kUInt16, DType::kInt32, DType::kUInt32});
constexpr DTypeSet kLong = Types({DType::kInt64, DType::kUInt64});
constexpr DTypeSet kInteger = kInts | kUInts;

Expr Xor(const Expr& a, const Expr& b) { return Emit(tfl::BitwiseXor{}, {a, b}); }
Expr ShiftRight(const Expr& a, const Expr& by) { return Emit(tfl::RightShift{}, {a, by}); }
Expr ShiftRight(const Expr& a, double by) { return ShiftRight(a, a.Number(by)); }

// The sum of two numbers holds the bits that both have twice: a + b = (a ^ b) + 2 (a & b). Halves first, which leaves room for the sum, and
// the lowest bits by their product.
Expr And32(const Expr& a, const Expr& b) {
  const Expr half_a = ShiftRight(a, 1), half_b = ShiftRight(b, 1);
  const Expr upper = ShiftRight(half_a + half_b - Xor(half_a, half_b), 1);
  return upper * 2 + (a - half_a * 2) * (b - half_b * 2);
}
// Narrow values in int32 have that room.
Expr AndNarrow(const Expr& a, const Expr& b) { return ShiftRight(a + b - Xor(a, b), 1); }
Expr OrOf(const Expr& a, const Expr& b, const Expr& both) { return Xor(a, b) + both; }

// kWord on int32 values, of which a 64-bit value has two.
template <Expr (*kWord)(const Expr& a, const Expr& b, bool narrow)>
Status LowerByWords(const Node& node, Builder& build) {
  const DType type = node.Input(0).dtype();
  const bool wide = Contains(kLong, type), narrow = BitsOf(type) < 32;
  const auto enter = [&](int i) { return wide ? Bitcast(Expr(build, node.Input(i)), DType::kInt32) : Cast(Expr(build, node.Input(i)), DType::kInt32); };
  const Expr y = kWord(enter(0), enter(1), narrow);
  return build.Bind(0, (wide ? Bitcast(y, type) : Cast(y, type)).result());
}
Expr AndWord(const Expr& a, const Expr& b, bool narrow) { return narrow ? AndNarrow(a, b) : And32(a, b); }
Expr OrWord(const Expr& a, const Expr& b, bool narrow) { return OrOf(a, b, AndWord(a, b, narrow)); }
Expr XorWord(const Expr& a, const Expr& b, bool) { return Xor(a, b); }

Status LowerXor(const Node& node, Builder& build) {
  return Contains(kLong, node.Input(0).dtype()) ? LowerByWords<XorWord>(node, build) : Direct<tfl::BitwiseXor, kOwn>(node, build);
}

Status LowerInvert(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  const Expr words = Contains(kLong, x.dtype()) ? Bitcast(Expr(build, x), DType::kInt32) : Expr(build, x);
  TFLOWER_TRY(const Value ones, build.Scalar<int32_t>(-1));
  TFLOWER_TRY(const Value mask, Convert(build, ones, words.dtype()));
  return build.Bind(0, Bitcast(Xor(words, Expr(build, mask)), x.dtype()).result());
}

// Counts beyond the type's bits shift by all but one of them, as in TF.
Expr Count(const Expr& by, int bits) { return Min(Max(by, 0), bits - 1); }

// 2^count for int32 counts, from a table; modulo the type's bits.
template <class T>
Expr PowerOfTwo(const Expr& count) {
  std::vector<T> powers;
  for (size_t i = 0; i < sizeof(T) * 8; ++i) powers.push_back(static_cast<T>(std::make_unsigned_t<T>{1} << i));
  const int64_t size = static_cast<int64_t>(powers.size());
  const Expr table(count.build(), count.build().template Constant<T>(std::span<const int64_t>(&size, 1), powers));
  return Emit(tfl::Gather{}, {table, count});
}

Status LowerLeftShift(const Node& node, Builder& build) {
  const DType type = node.Input(0).dtype();
  TFLOWER_TRY(const Working working, Working::Of(build, type, kIndex, Bits::kLow));
  TFLOWER_TRY(const Value a, working.Enter(build, node.Input(0)));
  TFLOWER_TRY(const Value by, working.Enter(build, node.Input(1)));
  const Expr count = Cast(Count(Expr(build, by), BitsOf(type)), DType::kInt32);
  const Expr power = working.type() == DType::kInt64 ? PowerOfTwo<int64_t>(count) : PowerOfTwo<int32_t>(count);
  TFLOWER_TRY(const Value y, (Expr(build, a) * power).result());
  return build.Bind(0, working.Leave(build, y));
}

struct Words {
  Expr low, high;
};
Result<Value> WordOf(Builder& build, const Value& pairs, int32_t which) {
  TFLOWER_TRY(const Value index, build.Scalar(which));
  return build.Emit(tfl::Gather{.axis = pairs.rank() - 1}, {pairs, index});
}
Result<Words> WordsOf(Builder& build, const Value& x) {
  TFLOWER_TRY(const Value pairs, Bitcast(Expr(build, x), DType::kInt32).result());
  return Words{Expr(build, WordOf(build, pairs, 0)), Expr(build, WordOf(build, pairs, 1))};
}

// The words of a value of 64 bits, shifted: what falls out of the upper one goes to the lower one. count: int32, 0 to 63.
Result<Value> ShiftLong(Builder& build, const Value& a, const Expr& count) {
  const bool is_signed = a.dtype() == DType::kInt64;
  const auto upper_shift = [&](const Expr& high, const Expr& by) {
    return is_signed ? ShiftRight(high, by) : Bitcast(ShiftRight(Bitcast(high, DType::kUInt32), Bitcast(by, DType::kUInt32)), DType::kInt32);
  };
  TFLOWER_TRY(const Words words, WordsOf(build, a));
  const Expr short_count = Min(count, 31), rest = Max(count - 32, 0);
  const Expr low = Bitcast(ShiftRight(Bitcast(words.low, DType::kUInt32), Bitcast(short_count, DType::kUInt32)), DType::kInt32);
  // high << (32 - count), where a count of 0 leaves nothing: two steps.
  const Expr fallen = words.high * PowerOfTwo<int32_t>(31 - short_count) * 2;
  const Expr far = count >= 32;
  const Expr all_sign = is_signed ? ShiftRight(words.high, 31) : words.high - words.high;
  const Expr lower = Where(far, upper_shift(words.high, rest), low + fallen);
  const Expr upper = Where(far, all_sign, upper_shift(words.high, short_count));
  TFLOWER_TRY(const Value l, lower.result());
  TFLOWER_TRY(const Value u, upper.result());
  TFLOWER_TRY(const auto same, InCommonShape(build, l, u));
  TFLOWER_TRY(const Value pairs, build.Emit(tfl::Pack{.values_count = 2, .axis = same.first.rank()}, {same.first, same.second}));
  return Bitcast(Expr(build, pairs), a.dtype()).result();
}

Status LowerRightShift(const Node& node, Builder& build) {
  const Value a = node.Input(0);
  if (!Contains(kLong, a.dtype())) return Direct<tfl::RightShift, kOwn>(node, build);
  TFLOWER_TRY(const Value by, Convert(build, node.Input(1), DType::kInt64));
  return build.Bind(0, ShiftLong(build, a, Cast(Count(Expr(build, by), 64), DType::kInt32)));
}

// Bits of each byte, from a table.
Status LowerPopulationCount(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  int32_t counts[256];
  for (int i = 0; i < 256; ++i) counts[i] = __builtin_popcount(static_cast<unsigned>(i));
  const int64_t size = 256;
  TFLOWER_TRY(const Value table, build.Constant<int32_t>(std::span<const int64_t>(&size, 1), counts));
  Expr sum = Emit(tfl::Gather{}, {Expr(build, table), Cast(Bitcast(Expr(build, x), DType::kUInt8), DType::kInt32)});
  if (BitsOf(x.dtype()) > 8) {
    TFLOWER_TRY(const Value axis, build.Vector({x.rank()}));
    sum = Emit(tfl::Sum{.keep_dims = false}, {sum, Expr(build, axis)});
  }
  return build.Bind(0, Cast(sum, DType::kUInt8).result());
}

constexpr Operand kIn = In(kInteger);
constexpr const char* kAndEmits = "ADD BITCAST BITWISE_XOR CAST MUL RIGHT_SHIFT SUB";
constexpr const char* kShiftEmits = "ADD BITCAST CAST GATHER GREATER_EQUAL MAXIMUM MINIMUM MUL PACK RIGHT_SHIFT SELECT SELECT_V2 SUB BROADCAST_ARGS BROADCAST_TO SHAPE";

constexpr OpDef kOps[] = {
    {"BitwiseXor", {kIn, kIn}, kT, LowerXor, "BITCAST BITWISE_XOR"},
    {"BitwiseAnd", {kIn, kIn}, kT, LowerByWords<AndWord>, kAndEmits},
    {"BitwiseOr", {kIn, kIn}, kT, LowerByWords<OrWord>, kAndEmits},
    {"Invert", {kIn}, kT, LowerInvert, "BITCAST BITWISE_XOR"},
    {"LeftShift", {kIn, kIn}, kT, LowerLeftShift, kShiftEmits},
    {"RightShift", {kIn, kIn}, kT, LowerRightShift, kShiftEmits},
    {"PopulationCount", {kIn}, kT, LowerPopulationCount, "BITCAST CAST GATHER SUM"},
};
}  // namespace
TFLOWER_OP_FAMILY(bitwise, kOps);
}  // namespace tflower::tf_ops
