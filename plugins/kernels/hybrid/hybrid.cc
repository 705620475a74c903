// Layers of float activations with int8 or int4 weights, dense ones with int2, too ("dynamic range"): activations become int8 in each call, a row or an image at a time;
// sums are integers. Source: TFLite's hybrid kernels; asymmetric_quantize_inputs.
#include <algorithm>
#include <vector>

#include "batch_matmul/batch_matmul_shape.h"
#include "common/on_half.h"
#include "common/packed_int.h"
#include "common/quantized_layer.h"
#include "conv/conv_shape.h"
#include "depthwise/depthwise_shape.h"
#include "fully_connected/fully_connected_shape.h"
#include "gemm/activation.h"
#include "gemm/sizes.h"
#include "hybrid/float_sums.h"
#include "integer_depthwise/integer_depthwise.h"
#include "integer_gemm/packed_weights.h"
#include "quantized_conv/conv_rows.h"
#include "transpose_conv/transpose_conv_shape.h"

namespace tflower::kernels {
namespace {

// Weights have a scale, or one for each output channel (dimension `axis`), and zero points of 0.
Status CheckWeights(const Op& op, int axis) {
  const Tensor w = op.Input(1);
  const auto error = [&](std::string message) { return OperandError(Code::kUnsupportedType, 1, "weights", std::move(message)); };
  if (w.scales().empty()) return error(Text("is ", w.dtype(), " without scale and zero point"));
  if (w.scales().size() != 1 && (w.quantized_dimension() != axis || w.dim(axis) != static_cast<int64_t>(w.scales().size()))) {
    return error(Text(w.scales().size(), " scales for dimension ", w.quantized_dimension(), " must be one, or one for each output channel: dimension ", axis, " of ", w.dims()));
  }
  if (std::any_of(w.zero_points().begin(), w.zero_points().end(), [](int64_t z) { return z != 0; })) return error("zero points must be 0 with float activations");
  if (IsSubByte(w.dtype()) && !w.is_constant()) return error(Text(w.dtype(), " weights must be constant"));
  return Ok();
}

size_t RoundUp64(size_t bytes) { return (bytes + 63) / 64 * 64; }

// What they share: scales of rows, then the rows' values, in scratch memory, and the weights, packed.
struct Hybrid {
  Clamp clamp;
  size_t rows = 0, row_size = 0;  // of x, each with a scale
  bool asymmetric = false;
  int input = 0, bias = 2;        // operands
  int threads = 1;
  PackedWeights weights;
  IntegerProduct product;         // of one group, without operands

  // The operator's product, `groups` of them; gathers: rows come from a RowSource.
  struct Size {
    size_t rows, columns, depth, groups = 1;
    bool gathers = false, transposed = false;
  };
  Status PrepareRows(const Op& op, PrepareContext& want, int64_t row_count, tfl::ActivationFunctionType activation) {
    TFLOWER_TRY(clamp, ClampOf(activation));
    rows = static_cast<size_t>(row_count);
    row_size = rows == 0 ? 0 : static_cast<size_t>(op.Input(input).num_elements()) / rows;
    threads = want.threads();
    return Ok();
  }
  Status PrepareLayer(const Op& op, PrepareContext& want, int64_t row_count, tfl::ActivationFunctionType activation, const Size& size) {
    TFLOWER_CHECK(PrepareRows(op, want, row_count, activation));
    weights.Prepare(op, IntegerType::kInt8, 0, size.groups, size.columns, size.depth, size.transposed);
    product.rows = size.rows, product.columns = size.columns, product.depth = size.depth;
    product.bytes = weights.bytes();
    if (size.gathers) product.source.rows = [](const RowSource&, size_t, size_t, void*, size_t) {};
    if (weights.constant()) want.Packed(weights.Bytes(), weights.Key());
    want.Scratch(RowBytes() + (weights.constant() ? 0 : weights.Bytes()) + IntegerScratchBytes(product, threads));
    return Ok();
  }
  Status Pack(const Op& op, void* packed) const {
    if (weights.constant()) weights.Pack(op, packed);
    return Ok();
  }

  size_t ScaleBytes() const { return RoundUp64(rows * sizeof(RowScale)); }
  size_t ZeroBytes() const { return RoundUp64(rows * sizeof(int32_t)); }
  size_t RowBytes() const { return ScaleBytes() + ZeroBytes() + RoundUp64(rows * row_size); }
  RowScale* Scales(const EvalContext& eval) const { return eval.scratch<RowScale>(); }
  int32_t* Zeros(const EvalContext& eval) const { return reinterpret_cast<int32_t*>(eval.scratch<char>() + ScaleBytes()); }
  int8_t* Row(const EvalContext& eval, size_t row) const { return reinterpret_cast<int8_t*>(eval.scratch<char>() + ScaleBytes() + ZeroBytes()) + row * row_size; }

  // row_at: where a row begins; step: from value to value.
  template <class F>
  void QuantizeRows(const EvalContext& eval, int64_t step, F row_at) const {
    eval.parallel().For(static_cast<int64_t>(rows), 1 + 16384 / (static_cast<int64_t>(row_size) + 1), [&](int64_t begin, int64_t end) {
      for (auto r = static_cast<size_t>(begin); r < static_cast<size_t>(end); ++r) {
        Scales(eval)[r] = QuantizeRow(row_at(r), static_cast<int64_t>(row_size), asymmetric, Row(eval, r), step);
        Zeros(eval)[r] = Scales(eval)[r].zero;
      }
    });
  }
  void QuantizeRows(const Op& op, const EvalContext& eval) const {
    const float* const x = op.Input(input).data<float>();
    QuantizeRows(eval, 1, [&](size_t r) { return x + r * row_size; });
  }

  // The packed weights, and the scratch memory of the product.
  struct Memory {
    const char* packed;
    char* scratch;
  };
  Memory MemoryOf(const Op& op, const EvalContext& eval) const {
    char* const scratch = eval.scratch<char>() + RowBytes();
    if (weights.constant()) return {eval.packed<char>(), scratch};
    weights.Pack(op, scratch);
    return {scratch, scratch + weights.Bytes()};
  }
  FloatSums SumsOf(const Op& op, const EvalContext& eval, size_t channel, size_t rows_per_scale) const {
    FloatSums sums;
    sums.scales = Scales(eval);
    sums.rows_per_scale = rows_per_scale;
    sums.added = AddedToInput(IntegerType::kInt8, product.bytes);
    const auto scales = op.Input(1).scales();
    sums.one_weight_scale = scales.size() == 1;
    sums.weight_scales = scales.data() + (sums.one_weight_scale ? 0 : channel);
    if (op.HasInput(bias)) sums.bias = op.Input(bias).data<float>() + channel;
    sums.clamp = clamp;
    sums.y = op.Output(0).mutable_data<float>() + channel;
    return sums;
  }
  // All groups. x: row m of group g at Row(0) + m * x_stride + g * depth, or from the source.
  void Run(const Op& op, const EvalContext& eval, size_t product_rows, size_t rows_per_scale, size_t x_stride, RowSource source, size_t groups) const {
    const Memory memory = MemoryOf(op, eval);
    for (size_t g = 0; g < groups; ++g) {
      FloatSums sums = SumsOf(op, eval, g * product.columns, rows_per_scale);
      sums.column_sums = ColumnSums(weights.Group(memory.packed, g));
      sums.stride = groups * product.columns;
      IntegerProduct p = product;
      p.rows = product_rows;
      p.a = Row(eval, 0) + g * product.depth;
      p.a_stride = x_stride;
      p.source = source;
      p.source.group = g;
      p.packed = weights.Group(memory.packed, g);
      p.sink = sums.Sink();
      RunIntegerProduct(p, memory.scratch, threads, eval.parallel());
    }
  }
};

size_t Count(int64_t n) { return static_cast<size_t>(n); }

struct FullyConnected : Hybrid {
  FullyConnectedShape shape;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(InferFullyConnected(op, out));
    return CheckWeights(op, 0);
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(shape, FullyConnectedShapeOf(op));
    const auto options = op.Options<tfl::FullyConnectedOptions>();
    asymmetric = options.asymmetric_quantize_inputs;
    return PrepareLayer(op, want, shape.batch, options.fused_activation_function, {Count(shape.batch), Count(shape.out), Count(shape.in)});
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    QuantizeRows(op, eval);
    Run(op, eval, Count(shape.batch), 1, Count(shape.in), {}, 1);
    return Ok();
  }
};

// An image at a time. TFLite quantises it asymmetrically where the weights have a scale for each channel.
struct Conv2D : Hybrid {
  Conv2DShape shape;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(InferConv2D(op, out));
    return CheckWeights(op, 0);
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(shape, Conv2DShapeOf(op));
    TFLOWER_CHECK(CheckConv2DShape(shape));
    asymmetric = op.Input(1).scales().size() > 1;
    const Conv2DShape& s = shape;
    return PrepareLayer(op, want, s.batch, op.Options<tfl::Conv2DOptions>().fused_activation_function,
                        {Count(s.batch * s.out_h * s.out_w), Count(s.out_c / s.groups), Count(s.kernel_h * s.kernel_w * (s.in_c / s.groups)), Count(s.groups), !RowsArePixels(s)});
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    QuantizeRows(op, eval);
    const ConvRows gather{&shape, Row(eval, 0), 1, 0, Zeros(eval)};
    const size_t pixels = Count(shape.out_h * shape.out_w);
    Run(op, eval, Count(shape.batch) * pixels, std::max<size_t>(1, pixels), Count(shape.in_c), RowsArePixels(shape) ? RowSource{} : gather.Source(), Count(shape.groups));
    return Ok();
  }
};

struct DepthwiseConv2D : Hybrid {
  IntegerDepthwise d;
  ByteWeights plain;      // where there are no vectors
  bool vectors = true;
  size_t packed_bytes = 0;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(InferDepthwise(op, out));
    return CheckWeights(op, 3);
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(d.shape, DepthwiseShapeOf(op));
    asymmetric = true;
    TFLOWER_CHECK(PrepareRows(op, want, d.shape.batch, op.Options<tfl::DepthwiseConv2DOptions>().fused_activation_function));
    d.bytes = product.bytes = MultipliesBytes(IntegerType::kInt8, false, 0);
    d.shape.batch = 1;  // an image has a zero point of its own
    vectors = VectorsTakeDepthwise(d);
    plain.Prepare(op, want);
    if (!vectors) {
      want.Scratch(RowBytes());
      return Ok();
    }
    packed_bytes = RoundUp64(IntegerDepthwisePackedBytes(d));
    const bool constant = op.Input(1).is_constant();
    want.Packed(constant ? packed_bytes : 0, 1 + d.bytes);
    want.Scratch(RowBytes() + (constant ? 0 : packed_bytes) + IntegerDepthwiseScratchBytes(d, threads));
    return Ok();
  }
  Status Pack(const Op& op, void* packed) const {
    if (!vectors) return plain.Pack(op, packed);
    if (!op.Input(1).is_constant()) return Ok();
    std::vector<int8_t> whole;
    if (IsSubByte(op.Input(1).dtype())) {
      whole.resize(static_cast<size_t>(op.Input(1).num_elements()));
      UnpackInts(op.Input(1), whole.data());
    }
    PackIntegerDepthwise(d, whole.empty() ? op.Input(1).raw() : whole.data(), packed);
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    QuantizeRows(op, eval);
    char* scratch = eval.scratch<char>() + RowBytes();
    const void* packed = eval.packed();
    if (vectors && !op.Input(1).is_constant()) {
      PackIntegerDepthwise(d, op.Input(1).raw(), scratch);
      packed = scratch;
      scratch += packed_bytes;
    }
    const size_t channels = Count(d.shape.out_channels()), pixels = Count(d.shape.out_h * d.shape.out_w);
    for (size_t b = 0; b < rows; ++b) {
      FloatSums sums = SumsOf(op, eval, 0, pixels);
      sums.scales += b;
      sums.zero_points = false;  // the sums have them
      sums.y += b * pixels * channels;
      sums.stride = channels;
      const SumSink sink = sums.Sink();
      IntegerDepthwise image = d;
      image.x_zero = Scales(eval)[b].zero;
      if (vectors) RunIntegerDepthwise(image, Row(eval, b), packed, nullptr, nullptr, scratch, threads, eval.parallel(), &sink);
      else IntegerDepthwiseRef(image, Row(eval, b), plain.Bytes(op, eval), nullptr, nullptr, eval.parallel(), &sink);
    }
    return Ok();
  }
};

struct TransposeConv : Hybrid {
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(InferTransposeConv(op, out));
    return CheckWeights(op, 0);
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    input = 2, bias = 3;
    asymmetric = true;
    const Tensor w = op.Input(1);
    TFLOWER_CHECK(CheckElements("filter", w.dims()));
    TFLOWER_CHECK(CheckEmptyFilter(w.dim(0) * w.dim(3), w.dim(1), std::max<int64_t>(1, w.dim(2))));
    return PrepareLayer(op, want, op.Input(2).dim(0), op.Options<tfl::TransposeConvOptions>().fused_activation_function,
                        {size_t{1} << 20, Count(w.dim(0)), Count(w.dim(1) * w.dim(2) * w.dim(3)), 1, true});
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    const Shape dims = IntsOf(op.Input(0));
    TFLOWER_TRY(const TransposeConvShape s, TransposeConvShapeOf(op, dims));
    TFLOWER_ENSURE_OUTPUT(op, eval, 0, dims);
    QuantizeRows(op, eval);
    const TransposeConvRows gather{&s, Row(eval, 0), 1, 0, Zeros(eval)};
    const size_t pixels = Count(s.out_h * s.out_w);
    Run(op, eval, rows * pixels, std::max<size_t>(1, pixels), 0, gather.Source(), 1);
    return Ok();
  }
};

// Rows of the left operand, along the dimension that is summed over.
struct BatchMatMul : Hybrid {
  BatchMatMulPlan plan;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(InferBatchMatMul(op, out));
    if (op.Input(1).scales().size() > 1) return OperandError(Code::kUnsupportedType, 1, "weights", "must have one scale");
    return CheckWeights(op, 0);
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(plan, BatchMatMulPlanOf(op, 1));
    asymmetric = op.Options<tfl::BatchMatMulOptions>().asymmetric_quantize_inputs;
    const int64_t x_rows = plan.k == 0 ? 0 : op.Input(0).num_elements() / plan.k;
    return PrepareLayer(op, want, x_rows, tfl::ActivationFunctionType::NONE, {Count(plan.m), Count(plan.n), Count(plan.k), Count(plan.w_matrices), false, !plan.adj_y});
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    const size_t m = Count(plan.m), k = Count(plan.k), n = Count(plan.n);
    float* const y = op.Output(0).mutable_data<float>();
    if (k == 0) {
      std::fill_n(y, op.Output(0).num_elements(), 0.0f);
      return Ok();
    }
    const float* const x = op.Input(0).data<float>();
    QuantizeRows(eval, plan.adj_x ? plan.m : 1, [&](size_t r) { return x + (plan.adj_x ? r / m * m * k + r % m : r * k); });
    const Memory memory = MemoryOf(op, eval);
    for (int64_t b = 0; b < plan.batches; ++b) {
      const BatchPlace place = PlaceOfBatch(plan, b);
      FloatSums sums = SumsOf(op, eval, 0, 1);
      sums.scales += Count(place.x) * m;
      sums.column_sums = ColumnSums(weights.Group(memory.packed, Count(place.w)));
      sums.y = y + Count(b) * m * n;
      sums.stride = n;
      IntegerProduct p = product;
      p.a = Row(eval, Count(place.x) * m);
      p.a_stride = k;
      p.packed = weights.Group(memory.packed, Count(place.w));
      p.sink = sums.Sink();
      RunIntegerProduct(p, memory.scratch, threads, eval.parallel());
    }
    return Ok();
  }
};

constexpr DTypeSet kWeights = kInt8 | Types({DType::kInt4});
constexpr KernelTraits kTraits{.inputs = {kF32, kWeights, kF32}, .outputs = {kF32}};

constexpr tflower_kernel kRows[] = {
    Kernel<FullyConnected>(tfl::Builtin::FULLY_CONNECTED, {.inputs = {kF32, kInt8 | kSubByte, kF32}, .outputs = {kF32}}),
    Kernel<OnHalf<FullyConnected>>(tfl::Builtin::FULLY_CONNECTED, {.inputs = {kF16, kInt8 | kSubByte, kF16 | kF32}, .outputs = {kF16}}),
    Kernel<Conv2D>(tfl::Builtin::CONV_2D, kTraits),
    Kernel<DepthwiseConv2D>(tfl::Builtin::DEPTHWISE_CONV_2D, kTraits),
    Kernel<TransposeConv>(tfl::Builtin::TRANSPOSE_CONV, {.inputs = {kI32, kWeights, kF32, kF32}, .outputs = {kF32}}),
    Kernel<BatchMatMul>(tfl::Builtin::BATCH_MATMUL, {.inputs = {kF32, kWeights}, .outputs = {kF32}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(hybrid, kRows);
}  // namespace tflower::kernels
