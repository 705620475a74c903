// Conversions of types: pairs of which the first keeps every value, and those of ONE_HOT.
#include <tflower/pattern.h>

namespace tflower::tfl_rules {
namespace {

int SignificantBits(DType t) {
  switch (t) {
    case DType::kBool: return 1;
    case DType::kFloat16: return 11;
    case DType::kFloat32: return 24;
    case DType::kFloat64: return 53;
    case DType::kInt8: return 7;
    case DType::kInt16: return 15;
    case DType::kInt32: return 31;
    case DType::kInt64: return 63;
    case DType::kUInt8: return 8;
    case DType::kUInt16: return 16;
    case DType::kUInt32: return 32;
    default: return 0;
  }
}
bool IsFloat(DType t) { return t == DType::kFloat16 || t == DType::kFloat32 || t == DType::kFloat64; }
bool IsSigned(DType t) { return IsFloat(t) || t == DType::kInt8 || t == DType::kInt16 || t == DType::kInt32 || t == DType::kInt64; }
// Float16 ends at 65504, so no 16-bit integer fits.
bool KeepsValues(DType from, DType to) {
  const int a = SignificantBits(from), b = SignificantBits(to);
  if (a == 0 || b == 0 || to == DType::kBool || (IsFloat(from) && !IsFloat(to)) || (IsSigned(from) && !IsSigned(to))) return false;
  return a <= b;
}

Status MergeCasts(const MatchView& m, Builder& build) {
  const DType from = m["x"].dtype(), to = m.root().dtype();
  if (!KeepsValues(from, m["inner"].dtype())) return Declined();
  if (from == to) return build.Substitute(m.root(), m["x"]);
  return build.Substitute(m.root(), build.Emit(tfl::Cast{.in_data_type = static_cast<tfl::TensorType>(from), .out_data_type = static_cast<tfl::TensorType>(to)}, {m["x"]}));
}

// ONE_HOT makes its numbers of any type.
Status OneHotOfType(const MatchView& m, Builder& build) {
  const Operator one_hot = m.Op("one_hot");
  const tfl::Cast cast = m.root_op().As<tfl::Cast>();
  TFLOWER_TRY(const Value on, build.Emit(cast, {one_hot.Input(2)}));
  TFLOWER_TRY(const Value off, build.Emit(cast, {one_hot.Input(3)}));
  return build.Substitute(m.root(), build.Emit(one_hot.As<tfl::OneHot>(), {one_hot.Input(0), one_hot.Input(1), on, off}));
}

constexpr Pattern kOneHot = Match("ONE_HOT", {Any("indices"), Any("depth"), Const("on"), Const("off")}, "one_hot", kSingleUse);

constexpr RuleDef kRules[] = {
    {"merge-casts", 240, Match("CAST", {Match("CAST", {Any("x")}, "inner")}), MergeCasts, "CAST"},
    {"cast-one-hot", 200, Match("CAST", {kOneHot}), OneHotOfType, "ONE_HOT"},
};
}  // namespace
TFLOWER_RULE_FAMILY(casts, kRules);
}  // namespace tflower::tfl_rules
