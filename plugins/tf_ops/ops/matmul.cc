// Matrix products: MatMul and BatchMatMul(V2, V3) -> FULLY_CONNECTED with constant float32 weights, else as product.h says.
// FULLY_CONNECTED keeps its weights as [out, in].  Source: tf.linalg.matmul, schema FullyConnectedOptions, BatchMatMulOptions.
#include "index.h"
#include "product.h"
#include "working.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kMatMulAttrs[] = {Bool("transpose_a", false), Bool("transpose_b", false), Type("T"), NoEffect("grad_a"), NoEffect("grad_b")};
constexpr AttrDef kBatchAttrs[] = {Bool("adj_x", false), Bool("adj_y", false), Type("T"), NoEffect("grad_x"), NoEffect("grad_y")};
constexpr AttrDef kBatchV3Attrs[] = {Bool("adj_x", false), Bool("adj_y", false), Type("Ta"), Type("Tb"), Type("Tout"), NoEffect("grad_x"), NoEffect("grad_y")};
constexpr AttrDef kSparseAttrs[] = {Bool("transpose_a", false), Bool("transpose_b", false), NoEffect("a_is_sparse"), NoEffect("b_is_sparse"),
                                    Type("Ta", DType::kFloat32), Type("Tb", DType::kFloat32)};

// x [..., in] times constant weights; transpose_w: they are [out, in] already.
Result<Value> FullyConnected(Builder& build, const Value& x, const Value& w, bool transpose_w, bool keep_num_dims) {
  Value weights = w;
  if (!transpose_w) {
    TFLOWER_TRY(weights, Transposed(build, w));
  }
  return build.Emit(tfl::FullyConnected{.keep_num_dims = keep_num_dims}, {x, weights, Value()});
}

Result<Value> Multiply(Builder& build, Value x, const Value& y, const Taken& taken) {
  const int64_t inner_x = x.dim(taken.transpose_x ? -2 : -1), inner_y = y.dim(taken.transpose_y ? -1 : -2);
  if (inner_x >= 0 && inner_y >= 0 && inner_x != inner_y)
    return Error(Code::kInvalidGraph, "inner dimensions " + std::to_string(inner_x) + " and " + std::to_string(inner_y) + " differ");
  const bool is_dense = y.is_constant() && y.rank() == 2 && x.dtype() == DType::kFloat32 && y.num_elements() > 0 && x.num_elements() != 0;
  if (!is_dense) return Product(build, x, y, taken);
  if (taken.transpose_x) {
    TFLOWER_TRY(x, Transposed(build, x));
  }
  return FullyConnected(build, x, y, taken.transpose_y, x.rank() > 2);
}

// Products of narrow integers wrap as their type does.
Result<Value> LowerMatMul(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  TFLOWER_TRY(const Value y, Multiply(build, x, node.Input(1), {.transpose_x = node.Bool("transpose_a"), .transpose_y = node.Bool("transpose_b")}));
  return CastTo(build, y, x.dtype());
}
Result<Value> MultiplyBatches(const Node& node, Builder& build) {
  const bool adj_x = node.Bool("adj_x"), adj_y = node.Bool("adj_y");
  return Multiply(build, node.Input(0), node.Input(1), {adj_x, adj_y, adj_x, adj_y});
}
Result<Value> LowerBatchMatMul(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value y, MultiplyBatches(node, build));
  return CastTo(build, y, node.Input(0).dtype());
}

Result<Value> LowerBatchMatMulV3(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value y, MultiplyBatches(node, build));
  return Convert(build, y, node.Type("Tout"));
}

// Operands that are mostly zero, in a dense form.
Status LowerSparseMatMul(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value x, CastTo(build, node.Input(0), DType::kFloat32));
  TFLOWER_TRY(const Value y, CastTo(build, node.Input(1), DType::kFloat32));
  return build.Bind(0, Multiply(build, x, y, {.transpose_x = node.Bool("transpose_a"), .transpose_y = node.Bool("transpose_b")}));
}

constexpr Operand kMatrix = Ranked(2, 2), kMatrices = Ranked(2, TFLOWER_MAX_RANK);
constexpr const char* kEmits =
    "ADD BATCH_MATMUL CAST EXPAND_DIMS FILL FULLY_CONNECTED IMAG MUL NEG PACK REAL RESHAPE RFFT2D SHAPE SLICE SUB SUM TRANSPOSE";

constexpr OpDef kOps[] = {
    {"MatMul", {kMatrix, kMatrix}, kMatMulAttrs, InFloat32<LowerMatMul>, kEmits},
    {"SparseMatMul", {kMatrix, kMatrix}, kSparseAttrs, LowerSparseMatMul, kEmits},
    {"BatchMatMul", {kMatrices, kMatrices}, kBatchAttrs, InFloat32<LowerBatchMatMul>, kEmits},
    {"BatchMatMulV2", {kMatrices, kMatrices}, kBatchAttrs, InFloat32<LowerBatchMatMul>, kEmits},
    {"BatchMatMulV3", {kMatrices, kMatrices}, kBatchV3Attrs, InFloat32<LowerBatchMatMulV3, 0>, kEmits},
};
}  // namespace
TFLOWER_OP_FAMILY(matmul, kOps);
}  // namespace tflower::tf_ops
