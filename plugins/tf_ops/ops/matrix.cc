// MatrixBandPart -> SELECT_V2 with a mask that is constant where the size of the matrices is known.
#include "index.h"
#include "scalars.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kBandAttrs[] = {Type("T"), Type("Tindex", DType::kInt64)};

// The number of diagonals kept on one side, an int32 scalar that is negative for all of them. Null: all of them.
Result<Value> Limit(Builder& build, const Value& count, std::string_view what) {
  const Result<Elements> e = build.ReadElements(count);
  if (!e.ok() || !e.value().all_known()) return AsInt32(build, count);
  TFLOWER_TRY(const int64_t n, build.Int(count, what));
  return n < 0 ? Result<Value>(Value()) : build.Scalar(static_cast<int32_t>(std::min<int64_t>(n, INT32_MAX)));
}

// The limit with INT32_MAX for all, which is farther than any element from the diagonal.
Result<Value> Farthest(Builder& build, const Value& limit) {
  if (limit.is_constant()) return limit;
  TFLOWER_TRY(const Value zero, build.Scalar<int32_t>(0));
  TFLOWER_TRY(const Value most, build.Scalar<int32_t>(INT32_MAX));
  TFLOWER_TRY(const Value all, build.Emit(tfl::Less{}, {limit, zero}));
  return build.Emit(tfl::SelectV2{}, {all, most, limit});
}

// Which elements stay; below and above: not both null.
Result<Value> BandMask(Builder& build, const Value& x, const Value& below, const Value& above) {
  TFLOWER_TRY(const Value rows, CountAlong(build, x, -2));
  TFLOWER_TRY(const Value columns, CountAlong(build, x, -1));
  const int64_t column_dims[] = {-1, 1};
  TFLOWER_TRY(const Value down, ReshapeTo(build, rows, column_dims));
  Value mask;
  if (below) {
    TFLOWER_TRY(const Value distance, build.Emit(tfl::Sub{}, {down, columns}));
    TFLOWER_TRY(const Value limit, Farthest(build, below));
    TFLOWER_TRY(mask, build.Emit(tfl::LessEqual{}, {distance, limit}));
  }
  if (!above) return mask;
  TFLOWER_TRY(const Value distance, build.Emit(tfl::Sub{}, {columns, down}));
  TFLOWER_TRY(const Value limit, Farthest(build, above));
  TFLOWER_TRY(const Value upper, build.Emit(tfl::LessEqual{}, {distance, limit}));
  return below ? build.Emit(tfl::LogicalAnd{}, {mask, upper}) : upper;
}

// Keeps some diagonals below the main one, and some above it.
Status LowerMatrixBandPart(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  TFLOWER_TRY(const Value below, Limit(build, node.Input(1), "input 1"));
  TFLOWER_TRY(const Value above, Limit(build, node.Input(2), "input 2"));
  if (!below && !above) return build.Bind(0, x);
  TFLOWER_TRY(const Value mask, BandMask(build, x, below, above));
  TFLOWER_TRY(const Value zero, ZeroOf(build, x.dtype()));
  return build.Bind(0, build.Emit(tfl::SelectV2{}, {mask, x, zero}));
}

constexpr const char* kBandEmits = "CAST LESS LESS_EQUAL LOGICAL_AND RANGE RESHAPE SELECT_V2 SHAPE STRIDED_SLICE SUB";

constexpr OpDef kOps[] = {
    {"MatrixBandPart", {Ranked(2, TFLOWER_MAX_RANK), Index(0, 0), Index(0, 0)}, kBandAttrs, LowerMatrixBandPart, kBandEmits},
};
}  // namespace
TFLOWER_OP_FAMILY(matrix, kOps);
}  // namespace tflower::tf_ops
