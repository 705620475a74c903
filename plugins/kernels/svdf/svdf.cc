// SVDF on float32, on float32 with int8 weights, and on int8 with weights over time and memories of int16. Source: TFLite SVDFOptions and kernel.
#include "svdf/svdf.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "common/quantized.h"
#include "gemm/sizes.h"
#include "lstm/operands.h"
#include "lstm_integer/steps.h"
#include "recurrent/bytes.h"

namespace tflower::kernels {
namespace {

constexpr int kFeatures = 1, kTime = 2, kBias = 3, kState = 4;

Result<SvdfShape> ShapeOf(const Op& op) {
  const auto options = op.Options<tfl::SVDFOptions>();
  const int64_t filters = op.Input(kFeatures).dim(0), inputs = op.Input(0).dim(1), batch = op.Input(0).dim(0), memory = op.Input(kTime).dim(1);
  if (options.rank <= 0 || filters % options.rank != 0) return OptionError("rank", Text(options.rank, " must be positive and divide the ", filters, " filters"));
  TFLOWER_CHECK(CheckDims(op, kFeatures, "weights_feature", {filters, inputs}));
  TFLOWER_CHECK(CheckDims(op, kTime, "weights_time", {filters, memory}));
  if (memory == 0) return OperandError(Code::kUnsupportedShape, kTime, "weights_time", Text("shape ", op.Input(kTime).dims(), " has no time"));
  const int64_t units = filters / options.rank;
  if (op.HasInput(kBias)) TFLOWER_CHECK(CheckDims(op, kBias, "bias", {units}));
  if (!op.HasInput(kState)) return Error(Code::kInvalidGraph, Text("input ", kState, " is absent, but is not optional"));
  TFLOWER_CHECK(CheckElements("state", {batch, filters, memory}));
  TFLOWER_CHECK(CheckElements("weights_feature", {std::max(batch, filters), inputs}));
  const auto size = [](int64_t n) { return static_cast<size_t>(n); };
  return SvdfShape{size(batch), size(inputs), size(filters), size(memory), size(options.rank), size(units)};
}

Status CheckSvdf(const Op& op, const SvdfShape& s, DType bias, DType state) {
  TFLOWER_CHECK(CheckType(op, kBias, "bias", bias));
  return CheckState(op, kState, "state", static_cast<int64_t>(s.batch * s.filters * s.memory), state);
}

Status SetResult(const Op& op, const SvdfShape& s, OpTypes& out) {
  return SetOutput(out, 0, op.Input(0).dtype(), Shape{static_cast<int64_t>(s.batch), static_cast<int64_t>(s.units)});
}

float Activated(tfl::ActivationFunctionType activation, float x) {
  switch (activation) {
    case tfl::ActivationFunctionType::RELU: return x < 0 ? 0 : x;
    case tfl::ActivationFunctionType::RELU_N1_TO_1: return x < -1 ? -1 : x > 1 ? 1 : x;
    case tfl::ActivationFunctionType::RELU6: return x < 0 ? 0 : x > 6 ? 6 : x;
    case tfl::ActivationFunctionType::TANH: return std::tanh(x);
    default: return x;
  }
}

bool AllConstant(const Op& op) { return op.Input(kFeatures).is_constant() && op.Input(kTime).is_constant(); }
bool IsHybrid(const Op& op) { return op.Input(kFeatures).dtype() != DType::kFloat32; }

// Weights that come at run time are packed in each call.
struct FloatSvdf {
  SvdfShape s;
  UnitBlocks filters;
  bool hybrid = false, constant = false;
  tfl::SVDFOptions options;
  float scale = 1;
  // In floats, where the parts of packed and of scratch memory begin.
  size_t time = 0, latest = 0, rows = 0, row_scales = 0, packed_bytes = 0, scratch_bytes = 0;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_TRY(const SvdfShape s, ShapeOf(op));
    TFLOWER_CHECK(CheckRecurrentActivation(op.Options<tfl::SVDFOptions>().fused_activation_function));
    TFLOWER_CHECK(CheckSvdf(op, s, DType::kFloat32, DType::kFloat32));
    TFLOWER_CHECK(CheckType(op, kTime, "weights_time", op.Input(kFeatures).dtype()));
    for (const int i : {kFeatures, kTime}) {
      if (IsHybrid(op)) TFLOWER_CHECK(CheckWeightScale(op, i, i == kTime ? "weights_time" : "weights_feature"));
    }
    return SetResult(op, s, out);
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(s, ShapeOf(op));
    options = op.Options<tfl::SVDFOptions>();
    hybrid = IsHybrid(op);
    constant = AllConstant(op);
    filters = UnitBlocks(s.filters, 1);
    if (hybrid) scale = op.Input(kFeatures).scales()[0];
    FloatParts packed, scratch;
    packed.Add(hybrid ? ByteBlockBytes(filters, s.inputs) / sizeof(float) + 1 : GemmPackedBytes(s.inputs, s.filters) / sizeof(float));
    time = packed.Add(s.filters * s.memory);
    latest = scratch.Add(s.batch * s.filters);
    rows = scratch.Add(hybrid ? s.batch * PairsOf(s.inputs) : 0);
    row_scales = scratch.Add(s.batch);
    packed_bytes = packed.bytes();
    scratch_bytes = scratch.bytes();
    want.Packed(constant ? packed_bytes : 0);
    want.Scratch(scratch_bytes + (constant ? 0 : packed_bytes));
    return RequireVariable(op, kState, "state");
  }
  Status Pack(const Op& op, void* packed) const {
    PackAt(op, static_cast<float*>(packed));
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    float* const scratch = eval.scratch<float>();
    float* const own = scratch + scratch_bytes / sizeof(float);
    if (!constant) PackAt(op, own);
    const float* const packed = constant ? eval.packed<float>() : own;
    hybrid ? FilterBytes(op, packed, scratch) : Filter(op, packed, scratch, eval.parallel());
    float* const y = op.Output(0).mutable_data<float>();
    RememberAndSum(s, scratch + latest, packed + time, op.Input(kState).mutable_data<float>(), y);
    const float* const bias = op.HasInput(kBias) ? op.Input(kBias).data<float>() : nullptr;
    for (size_t i = 0; i < s.batch * s.units; ++i) y[i] = Activated(options.fused_activation_function, y[i] + (bias != nullptr ? bias[i % s.units] : 0));
    return Ok();
  }

 private:
  void PackAt(const Op& op, float* packed) const {
    if (!hybrid) {
      GemmPackB(op.Input(kFeatures).data<float>(), 1, s.inputs, s.inputs, s.filters, packed, Parallel());
      std::copy_n(op.Input(kTime).data<float>(), s.filters * s.memory, packed + time);
      return;
    }
    const auto* const features = static_cast<const int8_t*>(op.Input(kFeatures).raw());
    const auto* const weights = static_cast<const int8_t*>(op.Input(kTime).raw());
    PackByteBlocks(filters, &features, s.inputs, reinterpret_cast<int8_t*>(packed));
    for (size_t i = 0; i < s.filters * s.memory; ++i) packed[time + i] = weights[i] * op.Input(kTime).scales()[0];
  }
  void Filter(const Op& op, const float* packed, float* scratch, const Parallel& parallel) const {
    GemmProblem g;
    g.rows = s.batch;
    g.columns = g.c_stride = s.filters;
    g.depth = g.a_stride = s.inputs;
    g.a = op.Input(0).data<float>();
    g.b = packed;
    g.c = scratch + latest;
    Gemm(g, parallel);
  }
  void FilterBytes(const Op& op, const float* packed, float* scratch) const {
    ByteProduct p;
    p.units = filters;
    p.pairs = PairsOf(s.inputs);
    p.weights = reinterpret_cast<const int8_t*>(packed);
    p.gate_scales = &scale;
    int16_t* const stored = reinterpret_cast<int16_t*>(scratch + rows);
    p.x = stored;
    p.x_stride = 2 * p.pairs;
    p.row_scales = scratch + row_scales;
    p.y = scratch + latest;
    p.y_stride = p.columns = s.filters;
    for (size_t b = 0; b < s.batch; ++b) {
      scratch[row_scales + b] = QuantizeRow16(op.Input(0).data<float>() + b * s.inputs, s.inputs, options.asymmetric_quantize_inputs, stored + b * p.x_stride);
    }
    MultiplyBytes(p, {0, s.batch}, {0, filters.blocks()});
  }
};

struct IntegerSvdf {
  SvdfShape s;
  UnitBlocks filters;
  bool constant = false;
  Multiplier features, units;
  int32_t input_zero = 0, output_zero = 0;
  size_t rows = 0, sums = 0, latest = 0, totals = 0, packed_bytes = 0, scratch_bytes = 0;  // in floats, and bytes

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_TRY(const SvdfShape s, ShapeOf(op));
    if (op.Options<tfl::SVDFOptions>().fused_activation_function != tfl::ActivationFunctionType::RELU) return OptionError("fused_activation_function", "must be RELU on int8");
    TFLOWER_CHECK(CheckSvdf(op, s, DType::kInt32, DType::kInt16));
    for (const int i : {0, kFeatures, kTime, kState}) {
      TFLOWER_TRY([[maybe_unused]] const Affine affine, InputAffine(op, i));
    }
    return SetResult(op, s, out);
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(s, ShapeOf(op));
    constant = op.Input(kFeatures).is_constant();
    filters = UnitBlocks(s.filters, 1);
    TFLOWER_TRY(const Affine x, InputAffine(op, 0));
    TFLOWER_TRY(const Affine y, OutputAffine(op));
    const auto scale = [&](int i) { return op.Input(i).scales()[0]; };
    features = MultiplierOf(static_cast<double>(x.scale * scale(kFeatures) / scale(kState)));
    units = MultiplierOf(static_cast<double>(scale(kState) * scale(kTime) / y.scale));
    input_zero = x.zero;
    output_zero = y.zero;
    FloatParts scratch;
    rows = scratch.Add(s.batch * PairsOf(s.inputs));
    sums = scratch.Add(s.batch * filters.padded());
    latest = scratch.Add(s.batch * s.filters);
    totals = scratch.Add(s.batch * s.units + s.units);
    packed_bytes = ByteBlockBytes(filters, s.inputs);
    scratch_bytes = scratch.bytes();
    want.Packed(constant ? packed_bytes : 0);
    want.Scratch(scratch_bytes + (constant ? 0 : packed_bytes));
    return RequireVariable(op, kState, "state");
  }
  Status Pack(const Op& op, void* packed) const {
    const int8_t* const weights = op.Input(kFeatures).data<int8_t>();
    PackByteBlocks(filters, &weights, s.inputs, static_cast<int8_t*>(packed));
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    float* const scratch = eval.scratch<float>();
    auto* const own = reinterpret_cast<int8_t*>(eval.scratch<std::byte>() + scratch_bytes);
    if (!constant) TFLOWER_CHECK(Pack(op, own));
    int16_t* const wide = reinterpret_cast<int16_t*>(scratch + rows);
    int16_t* const newest = reinterpret_cast<int16_t*>(scratch + latest);
    int32_t* const total = reinterpret_cast<int32_t*>(scratch + totals);
    ByteSums products{.units = filters, .pairs = PairsOf(s.inputs), .weights = constant ? eval.packed<int8_t>() : own, .x = wide, .x_stride = 2 * PairsOf(s.inputs),
                      .y = reinterpret_cast<int32_t*>(scratch + sums), .y_stride = filters.padded()};
    for (size_t b = 0; b < s.batch; ++b) Widen16(op.Input(0).data<int8_t>() + b * s.inputs, input_zero, wide + b * products.x_stride, s.inputs);
    SumByteRows(products, {0, s.batch}, {0, filters.blocks()});
    for (size_t b = 0; b < s.batch; ++b) AddScaledSums(products.y + b * products.y_stride, nullptr, features, nullptr, newest + b * s.filters, s.filters);
    RememberAndSum(s, newest, op.Input(kTime).data<int16_t>(), op.Input(kState).mutable_data<int16_t>(), total);
    int32_t* const bias = total + s.batch * s.units;
    for (size_t u = 0; u < s.units; ++u) bias[u] = op.HasInput(kBias) ? op.Input(kBias).data<int32_t>()[u] : 0;
    for (size_t b = 0; b < s.batch; ++b) Project8(total + b * s.units, bias, units, output_zero, 0, op.Output(0).mutable_data<int8_t>() + b * s.units, s.units);
    return Ok();
  }
};

constexpr DTypeSet kWeights = kF32 | kBytes;

constexpr tflower_kernel kRows[] = {
    Kernel<FloatSvdf>(tfl::Builtin::SVDF, {.inputs = {kF32, kWeights, kWeights, kF32, kF32}, .outputs = {kF32}, .flags = TFLOWER_KERNEL_IMPURE}),
    Kernel<IntegerSvdf>(tfl::Builtin::SVDF, {.inputs = {kInt8, kInt8, kInt16, kAnyType, kInt16}, .outputs = {kInt8}, .flags = TFLOWER_KERNEL_IMPURE}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(svdf, kRows);
}  // namespace tflower::kernels
