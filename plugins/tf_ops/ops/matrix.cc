// MatrixBandPart -> SELECT_V2 with a mask that is constant where the size of the matrices is known.
#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kBandAttrs[] = {Type("T"), Type("Tindex", DType::kInt64)};

// 0, 1, 2, ... along dimension `axis` (negative: from the end) of x.
Result<Value> Counts(Builder& build, const Value& x, int axis) {
  TFLOWER_TRY(const Value shape, ShapeOf(build, x));
  TFLOWER_TRY(const Value at, build.Scalar<int32_t>(x.rank() + axis));
  TFLOWER_TRY(const Value size, build.Emit(tfl::Gather{}, {shape, at}));
  TFLOWER_TRY(const Value zero, build.Scalar<int32_t>(0));
  TFLOWER_TRY(const Value one, build.Scalar<int32_t>(1));
  return build.Emit(tfl::Range{}, {zero, size, one});
}

// Keeps `below` diagonals below the main one and `above` above it; negative: all of them.
Status LowerMatrixBandPart(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  TFLOWER_TRY(const int64_t below, build.Int(node.Input(1), "input 1"));
  TFLOWER_TRY(const int64_t above, build.Int(node.Input(2), "input 2"));
  if (below < 0 && above < 0) return build.Bind(0, x);
  TFLOWER_TRY(const Value rows, Counts(build, x, -2));
  TFLOWER_TRY(const Value columns, Counts(build, x, -1));
  const int64_t column_dims[] = {-1, 1};
  TFLOWER_TRY(const Value down, ReshapeTo(build, rows, column_dims));
  TFLOWER_TRY(const Value distance, build.Emit(tfl::Sub{}, {down, columns}));  // row - column
  Value mask;
  if (below >= 0) {
    TFLOWER_TRY(const Value limit, build.ScalarOf(DType::kInt32, static_cast<double>(std::min<int64_t>(below, INT32_MAX))));
    TFLOWER_TRY(mask, build.Emit(tfl::LessEqual{}, {distance, limit}));
  }
  if (above >= 0) {
    TFLOWER_TRY(const Value limit, build.ScalarOf(DType::kInt32, -static_cast<double>(std::min<int64_t>(above, INT32_MAX))));
    TFLOWER_TRY(const Value upper, build.Emit(tfl::GreaterEqual{}, {distance, limit}));
    if (below < 0) mask = upper;
    else {
      TFLOWER_TRY(mask, build.Emit(tfl::LogicalAnd{}, {mask, upper}));
    }
  }
  TFLOWER_TRY(const Value zero, build.ScalarOf(x.dtype(), 0));
  return build.Bind(0, build.Emit(tfl::SelectV2{}, {mask, x, zero}));
}

constexpr const char* kBandEmits = "GATHER GREATER_EQUAL LESS_EQUAL LOGICAL_AND RANGE RESHAPE SELECT_V2 SHAPE SUB";

constexpr OpDef kOps[] = {
    {"MatrixBandPart", {Ranked(2, TFLOWER_MAX_RANK), Index(0, 0), Index(0, 0)}, kBandAttrs, LowerMatrixBandPart, kBandEmits},
};
}  // namespace
TFLOWER_OP_FAMILY(matrix, kOps);
}  // namespace tflower::tf_ops
