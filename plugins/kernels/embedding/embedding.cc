// EMBEDDING_LOOKUP_SPARSE: rows of a table, weighted and combined for each row of a sparse matrix of ids; HASHTABLE_LOOKUP: rows by key.
// Source: TFLite schema; tf.nn.embedding_lookup_sparse.
#include <cmath>

#include "common/copy.h"
#include "gather/rows.h"

namespace tflower::kernels {
namespace {

// Operands: ids [n], indices [n, rank], dense_shape [rank], weights [n], value [rows, inner...] -> [dense_shape without the last, inner...].
// The indices' leading parts, which say where the result goes, ascend, as those of every sparse tensor of TF.
struct EmbeddingLookupSparse {
  static constexpr int kIds = 0, kIndices = 1, kDenseShape = 2, kWeights = 3, kValue = 4;

  static Result<Shape> OutputShape(const Op& op) {
    const Tensor dense = op.Input(kDenseShape), value = op.Input(kValue);
    Shape dims;
    for (int64_t i = 0; i + 1 < dense.num_elements(); ++i) {
      if (IntAt(dense, i) < 0) return OperandError(Code::kInvalidOperand, kDenseShape, "dense_shape", Text("size ", IntAt(dense, i), " must not be negative"));
      dims.push_back(IntAt(dense, i));
    }
    for (int i = 1; i < value.rank(); ++i) dims.push_back(value.dim(i));
    return dims;
  }
  static Status Infer(const Op& op, OpTypes& out) {
    const int64_t n = op.Input(kIds).dim(0), rank = op.Input(kIndices).dim(1);
    if (op.Input(kIndices).dim(0) != n || rank < 1) {
      return OperandError(Code::kUnsupportedShape, kIndices, "indices", Text("shape ", op.Input(kIndices).dims(), " must be [", n, ", at least 1]"));
    }
    const int64_t out_rank = rank - 1 + op.Input(kValue).rank() - 1;
    if (out_rank > kMaxRank) return OperandError(Code::kUnsupportedShape, kIndices, "indices", Text("the result would have rank ", out_rank, ", at most ", kMaxRank, " is possible"));
    if (!Known(op.Input(kDenseShape))) return out.Unknown(0, DType::kFloat32, static_cast<int>(out_rank));
    TFLOWER_TRY(const Shape dims, OutputShape(op));
    return SetOutput(out, 0, DType::kFloat32, dims);
  }
  // The row of the result that entry i goes to.
  static Result<int64_t> Bucket(const Op& op, int64_t i) {
    const Tensor dense = op.Input(kDenseShape);
    const int64_t rank = dense.dim(0);
    const int32_t* const index = op.Input(kIndices).data<int32_t>() + i * rank;
    int64_t bucket = 0;
    for (int64_t k = 0; k + 1 < rank; ++k) {
      const int64_t size = IntAt(dense, k);
      if (index[k] < 0 || index[k] >= size) return OperandError(Code::kInvalidOperand, kIndices, "indices", Text("index ", index[k], " of entry ", i, " is outside [0, ", size, ")"));
      bucket = bucket * size + index[k];
    }
    return bucket;
  }
  // What the sum of the entries [begin, end) is multiplied with.
  static float Factor(tfl::CombinerType combiner, const float* weights, int64_t begin, int64_t end) {
    float sum = 0, squares = 0;
    for (int64_t i = begin; i < end; ++i) {
      sum += weights[i];
      squares += weights[i] * weights[i];
    }
    return combiner == tfl::CombinerType::MEAN ? 1 / sum : combiner == tfl::CombinerType::SQRTN ? 1 / std::sqrt(squares) : 1;
  }
  static void Combine(const Op& op, int64_t begin, int64_t end, int64_t row, float* to) {
    const auto* const id = op.Input(kIds).data<int32_t>();
    const auto* const weight = op.Input(kWeights).data<float>();
    for (int64_t i = begin; i < end; ++i) {
      const float* const from = op.Input(kValue).data<float>() + id[i] * row;
      for (int64_t k = 0; k < row; ++k) to[k] += weight[i] * from[k];
    }
    const tfl::CombinerType combiner = op.Options<tfl::EmbeddingLookupSparseOptions>().combiner;
    if (combiner == tfl::CombinerType::SUM) return;
    const float factor = Factor(combiner, weight, begin, end);
    for (int64_t k = 0; k < row; ++k) to[k] *= factor;
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    TFLOWER_TRY(const Shape dims, OutputShape(op));
    TFLOWER_ENSURE_OUTPUT(op, eval, 0, dims);
    const Tensor value = op.Input(kValue);
    const int64_t n = op.Input(kIds).dim(0), row = Product(value.dims(), 1, value.rank());
    TFLOWER_CHECK(CheckIndices(op.Input(kIds).data<int32_t>(), n, value.dim(0), kIds, "ids"));
    auto* const out = op.Output(0).mutable_data<float>();
    std::fill_n(out, op.Output(0).num_elements(), 0.0f);
    int64_t begin = 0, bucket = -1;
    for (int64_t i = 0; i < n; ++i) {
      TFLOWER_TRY(const int64_t next, Bucket(op, i));
      if (next < bucket) return OperandError(Code::kInvalidOperand, kIndices, "indices", Text("entry ", i, " belongs before the one in front of it: entries must ascend"));
      if (next == bucket) continue;
      if (bucket >= 0) Combine(op, begin, i, row, out + bucket * row);
      begin = i;
      bucket = next;
    }
    if (bucket >= 0) Combine(op, begin, n, row, out + bucket * row);
    return Ok();
  }
};

// Operands: lookup [n], key [m], which ascends, value [m, inner...] -> rows [n, inner...], zeros for what is not among the keys; hits [n].
struct HashtableLookup {
  static Status Infer(const Op& op, OpTypes& out) {
    Shape dims(op.Input(2).dims());
    dims[0] = op.Input(0).dim(0);
    TFLOWER_CHECK(SetOutput(out, 0, op.Input(2).dtype(), dims));
    return out.Set(1, DType::kUInt8, {op.Input(0).dim(0)});
  }
  static Status Eval(const Op& op, const EvalContext&) {
    const Tensor value = op.Input(2);
    const auto* const lookup = op.Input(0).data<int32_t>();
    const auto* const keys = op.Input(1).data<int32_t>();
    const int64_t m = value.dim(0), row = Product(value.dims(), 1, value.rank()) * ElementBytes(value.dtype());
    auto* const hits = op.Output(1).mutable_data<uint8_t>();
    for (int64_t i = 0; i < op.Input(0).dim(0); ++i) {
      const int32_t* const found = std::lower_bound(keys, keys + m, lookup[i]);
      hits[i] = found != keys + m && *found == lookup[i];
      if (row == 0) continue;
      auto* const to = static_cast<std::byte*>(op.Output(0).mutable_raw()) + i * row;
      if (hits[i] != 0) std::memcpy(to, static_cast<const std::byte*>(value.raw()) + (found - keys) * row, static_cast<size_t>(row));
      else std::memset(to, 0, static_cast<size_t>(row));
    }
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<EmbeddingLookupSparse>(tfl::Builtin::EMBEDDING_LOOKUP_SPARSE, {.inputs = {kI32, kI32, kI32, kF32, kF32}, .outputs = {kF32}}),
    Kernel<HashtableLookup>(tfl::Builtin::HASHTABLE_LOOKUP, {.inputs = {kI32, kI32, kPlain}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(embedding, kRows);
}  // namespace tflower::kernels
