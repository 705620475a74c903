// Matrix products: MatMul and BatchMatMul(V2, V3) -> FULLY_CONNECTED with constant weights, else BATCH_MATMUL.
// FULLY_CONNECTED keeps its weights as [out, in].  Source: tf.linalg.matmul, schema FullyConnectedOptions, BatchMatMulOptions.
#include <numeric>

#include <tflower/op_def.h>

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kMatMulAttrs[] = {Bool("transpose_a", false), Bool("transpose_b", false), Type("T"), NoEffect("grad_a"), NoEffect("grad_b")};
constexpr AttrDef kBatchAttrs[] = {Bool("adj_x", false), Bool("adj_y", false), Type("T"), NoEffect("grad_x"), NoEffect("grad_y")};
constexpr AttrDef kBatchV3Attrs[] = {Bool("adj_x", false), Bool("adj_y", false), Type("Ta"), Type("Tb"), Type("Tout"), NoEffect("grad_x"), NoEffect("grad_y")};

// The last two dimensions swapped.
Result<Value> Transposed(Builder& build, const Value& x) {
  std::vector<int32_t> perm(static_cast<size_t>(x.rank()));
  std::iota(perm.begin(), perm.end(), 0);
  std::swap(perm[perm.size() - 1], perm[perm.size() - 2]);
  TFLOWER_TRY(const Value p, build.Vector(std::span<const int32_t>(perm)));
  return build.Emit(tfl::Transpose{}, {x, p});
}

// x [..., in] times constant weights; transpose_w: they are [out, in] already.
Result<Value> FullyConnected(Builder& build, const Value& x, const Value& w, bool transpose_w, bool keep_num_dims) {
  Value weights = w;
  if (!transpose_w) {
    TFLOWER_TRY(weights, Transposed(build, w));
  }
  return build.Emit(tfl::FullyConnected{.keep_num_dims = keep_num_dims}, {x, weights, Value()});
}

Status Lower(const Node& node, Builder& build, bool adj_x, bool adj_y) {
  Value x = node.Input(0);
  const Value y = node.Input(1);
  const int64_t inner_x = x.dim(adj_x ? -2 : -1), inner_y = y.dim(adj_y ? -1 : -2);
  if (inner_x >= 0 && inner_y >= 0 && inner_x != inner_y)
    return Error(Code::kInvalidGraph, "inner dimensions " + std::to_string(inner_x) + " and " + std::to_string(inner_y) + " differ");
  if (!y.is_constant() || y.rank() != 2 || x.dtype() != DType::kFloat32)
    return build.Bind(0, build.Emit(tfl::BatchMatMul{.adj_x = adj_x, .adj_y = adj_y}, {x, y}));
  if (adj_x) {
    TFLOWER_TRY(x, Transposed(build, x));
  }
  return build.Bind(0, FullyConnected(build, x, y, adj_y, x.rank() > 2));
}

Status LowerMatMul(const Node& node, Builder& build) { return Lower(node, build, node.Bool("transpose_a"), node.Bool("transpose_b")); }
Status LowerBatchMatMul(const Node& node, Builder& build) { return Lower(node, build, node.Bool("adj_x"), node.Bool("adj_y")); }

constexpr Operand kMatrices = Ranked(2, TFLOWER_MAX_RANK);

constexpr OpDef kOps[] = {
    {"MatMul", {Ranked(2, 2), Ranked(2, 2)}, kMatMulAttrs, LowerMatMul, "FULLY_CONNECTED BATCH_MATMUL TRANSPOSE"},
    {"BatchMatMul", {kMatrices, kMatrices}, kBatchAttrs, LowerBatchMatMul, "FULLY_CONNECTED BATCH_MATMUL TRANSPOSE"},
    {"BatchMatMulV2", {kMatrices, kMatrices}, kBatchAttrs, LowerBatchMatMul, "FULLY_CONNECTED BATCH_MATMUL TRANSPOSE"},
    {"BatchMatMulV3", {kMatrices, kMatrices}, kBatchV3Attrs, LowerBatchMatMul, "FULLY_CONNECTED BATCH_MATMUL TRANSPOSE"},
};
}  // namespace
TFLOWER_OP_FAMILY(matmul, kOps);
}  // namespace tflower::tf_ops
