// GATHER and EMBEDDING_LOOKUP, and the rows of everything that reads or writes at indices. Source: TFLite GatherOptions.
#include "gather/rows.h"

#include "tflower/half.h"
#include "common/on_int4.h"
#include "common/packed_int.h"
#include "common/strings.h"
#include "gather/nd.h"
#include "gather/one_hot.h"

namespace tflower::kernels {
namespace {

// params [batch..., outer..., axis, inner...], indices [batch..., rest...] -> [batch..., outer..., rest..., inner...].
struct Gather {
  struct Axes {
    int axis, batch;
  };
  static Result<Axes> ReadAxes(const Op& op) {
    const auto options = op.Options<tfl::GatherOptions>();
    const Tensor params = op.Input(0), indices = op.Input(1);
    TFLOWER_TRY(const int axis, ForOption("axis", NormalizeAxis(options.axis, params.rank())));
    const int64_t batch = options.batch_dims < 0 ? int64_t{options.batch_dims} + indices.rank() : options.batch_dims;
    if (batch < 0 || batch > indices.rank() || batch > axis) {
      return OptionError("batch_dims",
                         Text(options.batch_dims, " must be at most the rank of indices, ", indices.rank(), ", and the axis, ", axis));
    }
    for (int i = 0; i < batch; ++i) {
      if (params.dim(i) == indices.dim(i)) continue;
      return OperandError(Code::kUnsupportedShape, 1, "indices",
                          Text("batch dimension ", i, " of ", indices.dims(), " must be that of params ", params.dims()));
    }
    return Axes{axis, static_cast<int>(batch)};
  }
  static Status Infer(const Op& op, OpTypes& out) {
    const Tensor params = op.Input(0), indices = op.Input(1);
    TFLOWER_TRY(const Axes axes, ReadAxes(op));
    if (params.rank() - 1 + indices.rank() - axes.batch > kMaxRank)
      return OperandError(Code::kUnsupportedShape, 1, "indices", Text("the output would have a rank above ", kMaxRank));
    Shape dims;
    for (int i = 0; i < axes.axis; ++i) dims.push_back(params.dim(i));
    for (int i = axes.batch; i < indices.rank(); ++i) dims.push_back(indices.dim(i));
    for (int i = axes.axis + 1; i < params.rank(); ++i) dims.push_back(params.dim(i));
    return SetOutput(out, 0, params.dtype(), dims);
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const Tensor params = op.Input(0), indices = op.Input(1);
    TFLOWER_TRY(const Axes axes, ReadAxes(op));
    const int64_t size = params.dim(axes.axis);
    const int64_t batches = Product(params.dims(), 0, axes.batch), outer = Product(params.dims(), axes.batch, axes.axis);
    const int64_t each = Product(indices.dims(), axes.batch, indices.rank());
    const int64_t row = Product(params.dims(), axes.axis + 1, params.rank()) * ElementBytes(params.dtype());
    return VisitIndices(indices, [&](const auto* index) -> Status {
      TFLOWER_CHECK(CheckIndices(index, batches * each, size, 1, "indices"));
      if (each == 0 || row == 0) return Ok();  // there may be any number of rows of no bytes
      if (batches * outer == 1) {
        CopyRows(params.raw(), size * row, op.Output(0).mutable_raw(), each, row, eval.parallel(), [index, row](int64_t i) { return index[i] * row; });
        return Ok();
      }
      // Each batch and outer position is a block of its own; the rows of a large one are split over threads, and so are many small ones.
      const auto* const from = params.data<std::byte>();
      auto* const to = op.Output(0).mutable_data<std::byte>();
      // A small block is read in any order, which is not foreseen: the next one is fetched meanwhile.
      constexpr int64_t kTogether = 256;
      const int64_t lines = size * row <= kParallelBytes ? (size * row + 63) / 64 : 0;
      const auto copy_block = [&](int64_t block, const Parallel& parallel) {
        const auto* const chosen = index + block / outer * each;
        const auto* const source = from + block * size * row;
        auto* const target = to + block * each * row;
        const auto copy_part = [&](int64_t begin, int64_t end) {
          CopyRows(source, size * row, target + begin * row, end - begin, row, parallel, [at = chosen + begin, row](int64_t i) { return at[i] * row; });
        };
        if (lines == 0 || block + 1 == batches * outer) return copy_part(0, each);
        for (int64_t begin = 0; begin < each; begin += kTogether) {
          const int64_t end = std::min(each, begin + kTogether);
          for (int64_t k = lines * begin / each; k < lines * end / each; ++k) __builtin_prefetch(source + size * row + k * 64, 0, 2);
          copy_part(begin, end);
        }
      };
      if (each * row >= 4 * kParallelBytes) {
        for (int64_t block = 0; block < batches * outer; ++block) copy_block(block, eval.parallel());
        return Ok();
      }
      eval.parallel().For(batches * outer, std::max<int64_t>(1, kParallelBytes / std::max<int64_t>(1, each * row)), [&](int64_t begin, int64_t end) {
        for (int64_t block = begin; block < end; ++block) copy_block(block, Parallel());
      });
      return Ok();
    });
  }
};

// Rows of value. Operands: lookup [n], value [rows, ...].
Status InferLookup(const Op& op, OpTypes& out, DType dtype) {
  Shape dims(op.Input(1).dims());
  dims[0] = op.Input(0).dim(0);
  return SetOutput(out, 0, dtype, dims);
}

struct EmbeddingLookup {
  static Status Infer(const Op& op, OpTypes& out) {
    return InferLookup(op, out, op.Input(1).dtype());
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const Tensor value = op.Input(1);
    const auto* index = op.Input(0).data<int32_t>();
    TFLOWER_CHECK(CheckIndices(index, op.Input(0).num_elements(), value.dim(0), 0, "lookup"));
    const int64_t row = Product(value.dims(), 1, value.rank()) * ElementBytes(value.dtype());
    CopyRows(value.raw(), value.dim(0) * row, op.Output(0).mutable_raw(), op.Input(0).num_elements(), row, eval.parallel(),
             [index, row](int64_t i) { return index[i] * row; });
    return Ok();
  }
};

// A table of small integers whose rows come out as floats: q * scale, the scale being the table's, the row's, or that of a block of a row; zero
// points are 0.
struct EmbeddingLookupDequantized {
  // Scales of a row; 0 when all rows have one.
  static int64_t ScalesOfRow(const Tensor& value) {
    const auto scales = static_cast<int64_t>(value.scales().size());
    return scales <= 1 || value.dim(0) == 0 ? 0 : scales / value.dim(0);
  }
  template <DType kResult>
  static Status InferTo(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(InferLookup(op, out, kResult));
    const Tensor value = op.Input(1);
    const auto scales = static_cast<int64_t>(value.scales().size());
    const bool blocks = value.rank() == 2 && value.quantized_dimension() == 1 && value.dim(0) > 0 && scales % value.dim(0) == 0 && value.dim(1) % std::max<int64_t>(1, scales / value.dim(0)) == 0;
    if (scales != 1 && !(scales == value.dim(0) && value.quantized_dimension() == 0) && !(blocks && scales > 0)) {
      return OperandError(
          Code::kUnsupportedType, 1, "value",
          Text(scales, " scales: integers become floats with one scale for all, or one for each of the ", value.dim(0), " rows, or one for each block of a row"));
    }
    for (const int64_t zero : value.zero_points()) {
      if (zero != 0) return OperandError(Code::kUnsupportedType, 1, "value", Text("zero point ", zero, " must be 0"));
    }
    return Ok();
  }
  template <class Write>
  static Status Run(const Op& op, const EvalContext& eval, const Write& write) {
    const Tensor value = op.Input(1);
    const auto* index = op.Input(0).data<int32_t>();
    TFLOWER_CHECK(CheckIndices(index, op.Input(0).num_elements(), value.dim(0), 0, "lookup"));
    const int64_t row = Product(value.dims(), 1, value.rank()), of_row = ScalesOfRow(value), block = of_row == 0 ? row : row / of_row;
    if (row == 0) return Ok();
    eval.parallel().For(op.Input(0).num_elements(), std::max<int64_t>(1, kParallelBytes / 4 / row), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const float* const scales = value.scales().data() + index[i] * of_row;
        for (int64_t k = 0; k < row; ++k) {
          const int64_t at = index[i] * row + k;
          const int q = value.dtype() == DType::kUInt8 ? value.data<uint8_t>()[at] : PackedIntAt(value.raw(), at, value.dtype());
          write(i * row + k, static_cast<float>(q) * scales[of_row == 0 ? 0 : k / block]);
        }
      }
    });
    return Ok();
  }
};
struct EmbeddingLookupFloat : EmbeddingLookupDequantized {
  static Status Infer(const Op& op, OpTypes& out) { return InferTo<DType::kFloat32>(op, out); }
  static Status Eval(const Op& op, const EvalContext& eval) {
    return Run(op, eval, [y = op.Output(0).mutable_data<float>()](int64_t i, float v) { y[i] = v; });
  }
};
struct EmbeddingLookupHalf : EmbeddingLookupDequantized {
  static Status Infer(const Op& op, OpTypes& out) { return InferTo<DType::kFloat16>(op, out); }
  static Status Eval(const Op& op, const EvalContext& eval) {
    return Run(op, eval, [y = op.Output(0).mutable_data<uint16_t>()](int64_t i, float v) { y[i] = HalfFromFloat(v); });
  }
};

constexpr DTypeSet kIndices = Types({DType::kInt16, DType::kInt32, DType::kInt64});
constexpr DTypeSet kBytes = Types({DType::kInt8, DType::kUInt8});
constexpr DTypeSet kNumeric = Types({DType::kFloat32, DType::kFloat64, DType::kInt8, DType::kInt16, DType::kInt32, DType::kInt64,
                                     DType::kUInt8, DType::kUInt16, DType::kUInt32, DType::kUInt64, DType::kBool});

constexpr tflower_kernel kRows[] = {
    Kernel<Gather>(tfl::Builtin::GATHER, {.inputs = {kPlain, kIndices}}),
    Kernel<OnInt4<Gather>>(tfl::Builtin::GATHER, {.inputs = {kInt4, kIndices}, .outputs = {kInt4}}),
    Kernel<OnStrings<Gather>>(tfl::Builtin::GATHER, {.inputs = {kStrings, kIndices}, .outputs = {kStrings}}),
    Kernel<GatherNd>(tfl::Builtin::GATHER_ND, {.inputs = {kPlain, kIndices}}),
    Kernel<OnStrings<GatherNd>>(tfl::Builtin::GATHER_ND, {.inputs = {kStrings, kIndices}, .outputs = {kStrings}}),
    Kernel<EmbeddingLookup>(tfl::Builtin::EMBEDDING_LOOKUP, {.inputs = {kI32, kPlain & ~kBytes}}),
    Kernel<EmbeddingLookup>(tfl::Builtin::EMBEDDING_LOOKUP, {.inputs = {kI32, kBytes}, .outputs = {kBytes}}),
    Kernel<OnInt4<EmbeddingLookup>>(tfl::Builtin::EMBEDDING_LOOKUP, {.inputs = {kI32, kInt4}, .outputs = {kInt4}}),
    Kernel<EmbeddingLookupFloat>(tfl::Builtin::EMBEDDING_LOOKUP, {.inputs = {kI32, kBytes | kSubByte}, .outputs = {kF32}, .priority = 50}),
    Kernel<EmbeddingLookupHalf>(tfl::Builtin::EMBEDDING_LOOKUP, {.inputs = {kI32, kBytes | kSubByte}, .outputs = {Types({DType::kFloat16})}, .priority = 50}),
    Kernel<OneHot>(tfl::Builtin::ONE_HOT, {.inputs = {kIndex, kI32, kPlain, kPlain}}),
    Kernel<ScatterNd>(tfl::Builtin::SCATTER_ND, {.inputs = {kIndex, kNumeric, kIndex}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(gather, kRows);
}  // namespace tflower::kernels
