// Comparisons with broadcasting: Less -> LESS, ..., NotEqual -> NOT_EQUAL.
#include "complex_parts.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};
// incompatible_shape_error, false from Python's == and !=: what happens where shapes do not broadcast, which is refused here in any case.
constexpr AttrDef kEqualAttrs[] = {Type("T"), NoEffect("incompatible_shape_error")};
constexpr AttrDef kNearAttrs[] = {Type("T"), Float("tolerance", 1e-5)};

// Of complex numbers: both parts are equal, or one of them is not.
template <class TflOp, class Reduction>
Result<Value> Equality(Builder& build, const Node&, const std::vector<Value>& x) {
  if (x[0].dtype() != DType::kComplex64) return build.Emit(TflOp{}, x);
  TFLOWER_TRY(const Value axis, build.Vector({-1}));
  return Emit(Reduction{}, {Emit(TflOp{}, {PairsOf(Expr(build, x[0])), PairsOf(Expr(build, x[1]))}), Expr(build, axis)}).result();
}

Result<Value> ApproximateEqual(Builder& build, const Node& node, const std::vector<Value>& x) {
  return (Abs(Expr(build, x[0]) - Expr(build, x[1])) < static_cast<double>(node.Float("tolerance"))).result();
}

template <class TflOp>
constexpr LowerFn kOrdering = Direct<TflOp, kF32 | kIndex, Bits::kOrder>;
template <class TflOp, class Reduction>
constexpr LowerFn kEquality = Elementwise<Equality<TflOp, Reduction>, kF32 | kIndex | kBoolean | kC64 | Types({DType::kString}), Bits::kLow>;

constexpr OpDef kOps[] = {
    {"Less", {In(kRealNumbers), In(kRealNumbers)}, kT, kOrdering<tfl::Less>, "BITCAST BITWISE_XOR CAST LESS"},
    {"LessEqual", {In(kRealNumbers), In(kRealNumbers)}, kT, kOrdering<tfl::LessEqual>, "BITCAST BITWISE_XOR CAST LESS_EQUAL"},
    {"Greater", {In(kRealNumbers), In(kRealNumbers)}, kT, kOrdering<tfl::Greater>, "BITCAST BITWISE_XOR CAST GREATER"},
    {"GreaterEqual", {In(kRealNumbers), In(kRealNumbers)}, kT, kOrdering<tfl::GreaterEqual>, "BITCAST BITWISE_XOR CAST GREATER_EQUAL"},
    {"Equal", {Any(), Any()}, kEqualAttrs, kEquality<tfl::Equal, tfl::ReduceAll>, "BITCAST CAST EQUAL REDUCE_ALL"},
    {"NotEqual", {Any(), Any()}, kEqualAttrs, kEquality<tfl::NotEqual, tfl::ReduceAny>, "BITCAST CAST NOT_EQUAL REDUCE_ANY"},
    {"ApproximateEqual", {In(kFloats | kInts), In(kFloats | kInts)}, kNearAttrs, Elementwise<ApproximateEqual, kF32>, "ABS CAST LESS SUB"},
};
}  // namespace
TFLOWER_OP_FAMILY(compare, kOps);
}  // namespace tflower::tf_ops
