// Unary operators on int8, uint8 and int16: activations by integer arithmetic, other functions by tables. Source: TFLite operators and versions.
#include <cmath>
#include <limits>

#include "byte_table/byte_table.h"
#include "common/copy.h"
#include "common/inverse_root.h"
#include "common/quantized.h"
#include "quantized_unary/hard_swish.h"
#include "quantized_unary/lookup.h"
#include "quantized_unary/sigmoid16.h"

namespace tflower::kernels {
namespace {

// What all of them share: one operand, both quantisations.
struct Unary {
  Affine x, y;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckQuantized(op, 1));
    return out.SameAs(0, op.Input(0));
  }
  Status Read(const Op& op) {
    TFLOWER_TRY(x, InputAffine(op, 0));
    TFLOWER_TRY(y, OutputAffine(op));
    return Ok();
  }
};

template <class T, class F>
void Map(const Op& op, const EvalContext& eval, F f) {
  const T* const x = op.Input(0).data<T>();
  T* const y = op.Output(0).mutable_data<T>();
  eval.parallel().For(op.Input(0).num_elements(), kParallelBytes / 8, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) y[i] = f(x[i]);
  });
}

// Calls f(T{}) with int8_t or uint8_t.
template <class F>
Status VisitBytes(DType type, F&& f) {
  if (type == DType::kInt8) f(int8_t{});
  else f(uint8_t{});
  return Ok();
}

// Float functions.
struct LogisticOf { template <class R> R operator()(R v) const { return 1 / (1 + std::exp(-v)); } };
struct TanhOf { template <class R> R operator()(R v) const { return std::tanh(v); } };
struct EluOf { template <class R> R operator()(R v) const { return v < 0 ? std::expm1(v) : v; } };
struct ExpOf { template <class R> R operator()(R v) const { return std::exp(v); } };
struct RsqrtOf {
  float most;  // the largest value of the result
  float operator()(float v) const { return v <= 0 ? most : 1 / std::sqrt(v); }
};
struct Log16Of {
  float least;  // the smallest value of the result
  float operator()(float v) const { return v <= 0 ? least : std::log(v); }
};
struct LogOf { template <class R> R operator()(R v) const { return std::log(v); } };
struct GeluOf {
  bool approximate = false;
  float operator()(float v) const {
    if (!approximate) return 0.5f * v * (1 + std::erf(v * static_cast<float>(M_SQRT1_2)));
    const float root = static_cast<float>(M_2_SQRTPI * M_SQRT1_2);
    return 0.5f * v * (1 + std::tanh(root * (v + 0.044715f * v * v * v)));
  }
};

// A function of float numbers, as a table for 256 values.
template <class F>
struct Table8 : Unary {
  ByteTable table;

  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_CHECK(Read(op));
    F f;
    if constexpr (std::is_same_v<F, GeluOf>) f.approximate = op.Options<tfl::GeluOptions>().approximate;
    return VisitBytes(op.Input(0).dtype(), [&](auto zero) {
      using T = decltype(zero);
      std::array<T, 256> values;
      FillTable(x, y, f, values);
      table.Fill<T>([&](T v) { return LookUp(values, v); });
    });
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    table.Map(op.Input(0).raw(), op.Output(0).mutable_raw(), op.Input(0).num_elements(), eval.parallel());
    return Ok();
  }
};

template <class F>
struct InterpolatedTable : Unary {
  Table16 table;
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_CHECK(Read(op));
    F f;
    if constexpr (std::is_same_v<F, RsqrtOf>) f.most = INT16_MAX * y.scale;
    if constexpr (std::is_same_v<F, Log16Of>) f.least = static_cast<float>(INT16_MIN - y.zero) * y.scale;
    if constexpr (std::is_same_v<F, GeluOf>) f.approximate = op.Options<tfl::GeluOptions>().approximate;
    FillTable(x.scale, x.zero, y.scale, y.zero, f, table);
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    Map<int16_t>(op, eval, [&](int16_t v) { return LookUp(table, v); });
    return Ok();
  }
};

// The result's scale is fixed: 1 / 32768.
template <bool kTanh>
struct Sigmoid16Kernel : Unary {
  Sigmoid16 sigmoid;
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_CHECK(Read(op));
    if (x.zero != 0 || y.zero != 0 || y.scale != 1.0f / 32768) return Error(Code::kUnsupportedType, "int16 must have zero points of 0, and the output a scale of 1/32768");
    sigmoid = Sigmoid16(x.scale);
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    Map<int16_t>(op, eval, [&](int16_t v) { return kTanh ? sigmoid.Tanh(v) : sigmoid.Logistic(v); });
    return Ok();
  }
};

// kLo, kHi: bounds in real numbers, infinity for none.
struct Unbounded { static constexpr float lo = 0, hi = std::numeric_limits<float>::infinity(); };
struct Six { static constexpr float lo = 0, hi = 6; };
struct PlusMinusOne { static constexpr float lo = -1, hi = 1; };
struct ZeroToOne { static constexpr float lo = 0, hi = 1; };

// A function of one stored value in integers: of bytes as a table, of int16 element by element. F: Status Set(op, x, y), and int64_t
// operator()(centred value), without the output's zero point, which is clamped to F::bounds.
template <class F>
struct Pointwise : Unary {
  F f;
  ByteTable table;

  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_CHECK(Read(op));
    f.bounds = BoundsOf(op.Output(0).dtype());
    TFLOWER_CHECK(f.Set(op, x, y));
    if (op.Input(0).dtype() == DType::kInt16) return Ok();
    return VisitBytes(op.Input(0).dtype(), [&](auto zero) {
      using T = decltype(zero);
      table.Fill<T>([&](T v) { return At<T>(v); });
    });
  }
  template <class T>
  T At(T stored) const { return static_cast<T>(f.bounds.Clamp(f(stored - x.zero) + y.zero)); }
  Status Eval(const Op& op, const EvalContext& eval) const {
    if (op.Input(0).dtype() == DType::kInt16) Map<int16_t>(op, eval, [&](int16_t v) { return At<int16_t>(v); });
    else table.Map(op.Input(0).raw(), op.Output(0).mutable_raw(), op.Input(0).num_elements(), eval.parallel());
    return Ok();
  }
};

template <class Limits>
struct Relu {
  IntBounds bounds;
  Multiplier factor;
  Status Set(const Op&, const Affine& x, const Affine& y) {
    factor = MultiplierOf(static_cast<double>(x.scale / y.scale));
    const auto stored = [&](float real) { return bounds.Clamp(RoundedInt(real / y.scale) + y.zero); };
    bounds = {stored(Limits::lo), std::isinf(Limits::hi) ? bounds.hi : stored(Limits::hi)};
    return Ok();
  }
  int64_t operator()(int32_t centred) const { return Scaled(centred, factor); }
};

struct LeakyRelu {
  IntBounds bounds;
  Multiplier positive, negative;
  bool flip = false;  // alpha < 0
  Status Set(const Op& op, const Affine& x, const Affine& y) {
    const float alpha = op.Options<tfl::LeakyReluOptions>().alpha;
    if (!std::isfinite(alpha)) return OptionError("alpha", "must be finite");
    positive = MultiplierOf(static_cast<double>(x.scale / y.scale));
    negative = MultiplierOf(std::abs(static_cast<double>(x.scale * alpha / y.scale)));
    flip = alpha < 0;
    return Ok();
  }
  int64_t operator()(int32_t centred) const { return centred >= 0 ? Scaled(centred, positive) : Scaled(flip ? -centred : centred, negative); }
};

struct HardSwishFunction {
  IntBounds bounds;
  HardSwish f;
  Status Set(const Op&, const Affine& x, const Affine& y) {
    TFLOWER_TRY(f, HardSwish::Of(x, y));
    return Ok();
  }
  int64_t operator()(int32_t centred) const { return f(centred); }
};

struct Abs {
  IntBounds bounds;
  Multiplier factor;
  bool rescale = false;
  Status Set(const Op&, const Affine& x, const Affine& y) {
    factor = MultiplierOf(static_cast<double>(x.scale / y.scale));
    rescale = x.scale != y.scale;
    return Ok();
  }
  int64_t operator()(int32_t centred) const { return rescale ? Scaled(std::abs(centred), factor) : std::abs(centred); }
};

// Of 0, and below, the largest value.
struct Rsqrt {
  IntBounds bounds;
  Multiplier factor;
  int32_t zero = 0;
  static constexpr int kShift = 20;  // keeps the root an integer
  Status Set(const Op&, const Affine& x, const Affine& y) {
    factor = MultiplierOf(static_cast<double>(1.0f / (std::sqrt(x.scale) * y.scale)));
    zero = y.zero;
    return Ok();
  }
  int64_t operator()(int32_t centred) const {
    if (centred <= 0) return int64_t{bounds.hi} - zero;
    Multiplier root = InverseRootOf(centred), last = factor;
    root.shift += kShift;
    last.shift = std::max(last.shift - kShift, -31);
    return Scaled(Scaled(int32_t{1}, root), last);
  }
};

// Rounded down, as TFLite does; negative values give 0. (TFLite's fixed point is a step off for every thousandth value.)
struct Sqrt {
  IntBounds bounds;
  double x_scale = 1, y_scale = 1;
  Status Set(const Op&, const Affine& x, const Affine& y) {
    x_scale = x.real_scale(), y_scale = y.real_scale();
    return Ok();
  }
  int64_t operator()(int32_t centred) const { return static_cast<int64_t>(std::floor(std::min(std::sqrt(std::max(0, centred) * x_scale) / y_scale, 1e9))); }
};

template <class K>
constexpr tflower_kernel Row(tfl::Builtin code, DTypeSet types) {
  return Kernel<K>(code, {.inputs = {types}, .outputs = {types}, .flags = TFLOWER_KERNEL_IN_PLACE, .priority = kQuantizedPriority});
}

constexpr tflower_kernel kRows[] = {
    Row<Table8<LogisticOf>>(tfl::Builtin::LOGISTIC, kBytes),
    Row<Sigmoid16Kernel<false>>(tfl::Builtin::LOGISTIC, kInt16),
    Row<Table8<TanhOf>>(tfl::Builtin::TANH, kBytes),
    Row<Sigmoid16Kernel<true>>(tfl::Builtin::TANH, kInt16),
    Row<Table8<EluOf>>(tfl::Builtin::ELU, kInt8),
    Row<Table8<GeluOf>>(tfl::Builtin::GELU, kBytes),
    Row<Table8<ExpOf>>(tfl::Builtin::EXP, kInt8),
    Row<InterpolatedTable<ExpOf>>(tfl::Builtin::EXP, kInt16),
    Row<Pointwise<Sqrt>>(tfl::Builtin::SQRT, kInt8 | kInt16),
    Row<Table8<LogOf>>(tfl::Builtin::LOG, kInt8),
    Row<InterpolatedTable<Log16Of>>(tfl::Builtin::LOG, kInt16),
    Row<InterpolatedTable<GeluOf>>(tfl::Builtin::GELU, kInt16),
    Row<Pointwise<Relu<Unbounded>>>(tfl::Builtin::RELU, kQuantized),
    Row<Pointwise<Relu<Six>>>(tfl::Builtin::RELU6, kQuantized),
    Row<Pointwise<Relu<PlusMinusOne>>>(tfl::Builtin::RELU_N1_TO_1, kBytes),
    Row<Pointwise<Relu<ZeroToOne>>>(tfl::Builtin::RELU_0_TO_1, kBytes),
    Row<Pointwise<LeakyRelu>>(tfl::Builtin::LEAKY_RELU, kQuantized),
    Row<Pointwise<HardSwishFunction>>(tfl::Builtin::HARD_SWISH, kBytes),
    Row<Pointwise<Abs>>(tfl::Builtin::ABS, kInt8 | kInt16),
    Row<Pointwise<Rsqrt>>(tfl::Builtin::RSQRT, kInt8),
    Row<InterpolatedTable<RsqrtOf>>(tfl::Builtin::RSQRT, kInt16),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(quantized_unary, kRows);
}  // namespace tflower::kernels
