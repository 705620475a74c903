// Unary operators on int8, uint8 and int16: activations by integer arithmetic, other functions by tables. Source: TFLite operators and versions.
#include <cmath>
#include <limits>

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
    TFLOWER_CHECK(CheckArity(op, 1, 1));
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

// Float functions.
struct LogisticOf { template <class R> R operator()(R v) const { return 1 / (1 + std::exp(-v)); } };
struct TanhOf { template <class R> R operator()(R v) const { return std::tanh(v); } };
struct EluOf { template <class R> R operator()(R v) const { return v < 0 ? std::expm1(v) : v; } };
struct ExpOf { template <class R> R operator()(R v) const { return std::exp(v); } };
struct RsqrtOf {
  float most;  // the largest value of the result
  float operator()(float v) const { return v <= 0 ? most : 1 / std::sqrt(v); }
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

// A table for 256 values.
template <class F>
struct Table8 : Unary {
  std::array<int8_t, 256> signed_table;
  std::array<uint8_t, 256> unsigned_table;

  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_CHECK(Read(op));
    F f;
    if constexpr (std::is_same_v<F, GeluOf>) f.approximate = op.Options<tfl::GeluOptions>().approximate;
    if (op.Input(0).dtype() == DType::kInt8) FillTable(x, y, f, signed_table);
    else FillTable(x, y, f, unsigned_table);
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    if (op.Input(0).dtype() == DType::kInt8) Map<int8_t>(op, eval, [&](int8_t v) { return LookUp(signed_table, v); });
    else Map<uint8_t>(op, eval, [&](uint8_t v) { return LookUp(unsigned_table, v); });
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

template <class Limits>
struct Relu : Unary {
  Multiplier factor;
  IntBounds bounds;
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_CHECK(Read(op));
    factor = MultiplierOf(static_cast<double>(x.scale / y.scale));
    bounds = BoundsOf(op.Output(0).dtype());
    const auto stored = [&](float real) { return bounds.Clamp(RoundedInt(real / y.scale) + y.zero); };
    bounds = {stored(Limits::lo), std::isinf(Limits::hi) ? bounds.hi : stored(Limits::hi)};
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    return VisitQuantized(op.Input(0).dtype(), [&](auto zero) {
      using T = decltype(zero);
      Map<T>(op, eval, [&](T v) { return static_cast<T>(bounds.Clamp(static_cast<int64_t>(Scaled(v - x.zero, factor)) + y.zero)); });
    });
  }
};

struct LeakyRelu : Unary {
  Multiplier positive, negative;
  bool flip = false;  // alpha < 0
  IntBounds bounds;
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_CHECK(Read(op));
    const float alpha = op.Options<tfl::LeakyReluOptions>().alpha;
    if (!std::isfinite(alpha)) return OptionError("alpha", "must be finite");
    positive = MultiplierOf(static_cast<double>(x.scale / y.scale));
    negative = MultiplierOf(std::abs(static_cast<double>(x.scale * alpha / y.scale)));
    flip = alpha < 0;
    bounds = BoundsOf(op.Output(0).dtype());
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    return VisitQuantized(op.Input(0).dtype(), [&](auto zero) {
      using T = decltype(zero);
      Map<T>(op, eval, [&](T v) {
        const int32_t centred = v - x.zero;
        const int64_t scaled = centred >= 0 ? Scaled(centred, positive) : Scaled(flip ? -centred : centred, negative);
        return static_cast<T>(bounds.Clamp(scaled + y.zero));
      });
    });
  }
};

struct HardSwishKernel : Unary {
  HardSwish f;
  IntBounds bounds;
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_CHECK(Read(op));
    TFLOWER_TRY(f, HardSwish::Of(x, y));
    bounds = BoundsOf(op.Output(0).dtype());
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    return VisitQuantized(op.Input(0).dtype(), [&](auto zero) {
      using T = decltype(zero);
      Map<T>(op, eval, [&](T v) { return static_cast<T>(bounds.Clamp(static_cast<int64_t>(f(v - x.zero)) + y.zero)); });
    });
  }
};

struct Abs : Unary {
  Multiplier factor;
  IntBounds bounds;
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_CHECK(Read(op));
    factor = MultiplierOf(static_cast<double>(x.scale / y.scale));
    bounds = BoundsOf(op.Output(0).dtype());
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    const bool rescale = x.scale != y.scale;
    return VisitQuantized(op.Input(0).dtype(), [&](auto zero) {
      using T = decltype(zero);
      Map<T>(op, eval, [&](T v) {
        const int32_t size = std::abs(v - x.zero);
        return static_cast<T>(bounds.Clamp(static_cast<int64_t>(rescale ? Scaled(size, factor) : size) + y.zero));
      });
    });
  }
};

// Of 0, and below, the largest value.
struct Rsqrt : Unary {
  Multiplier factor;
  IntBounds bounds;
  static constexpr int kShift = 20;  // keeps the root an integer
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_CHECK(Read(op));
    factor = MultiplierOf(static_cast<double>(1.0f / (std::sqrt(x.scale) * y.scale)));
    bounds = BoundsOf(op.Output(0).dtype());
    return Ok();
  }
  int32_t At(int32_t centred) const {
    if (centred <= 0) return bounds.hi;
    Multiplier root = InverseRootOf(centred), last = factor;
    root.shift += kShift;
    last.shift = std::max(last.shift - kShift, -31);
    return bounds.Clamp(static_cast<int64_t>(Scaled(Scaled(int32_t{1}, root), last)) + y.zero);
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    return VisitQuantized(op.Input(0).dtype(), [&](auto zero) {
      using T = decltype(zero);
      Map<T>(op, eval, [&](T v) { return static_cast<T>(At(v - x.zero)); });
    });
  }
};

// Rounded down, as TFLite does; negative values give 0. (TFLite's fixed point is a step off for every thousandth value.)
struct Sqrt : Unary {
  IntBounds bounds;
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_CHECK(Read(op));
    bounds = BoundsOf(op.Output(0).dtype());
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    return VisitQuantized(op.Input(0).dtype(), [&](auto zero) {
      using T = decltype(zero);
      Map<T>(op, eval, [&](T v) {
        const double root = std::sqrt(std::max(0, v - x.zero) * x.real_scale()) / y.real_scale();
        return static_cast<T>(bounds.Clamp(static_cast<int64_t>(std::floor(std::min(root, 1e9))) + y.zero));
      });
    });
  }
};

template <class K>
constexpr tflower_kernel Row(tfl::Builtin code, DTypeSet types, int32_t max_version) {
  return Kernel<K>(code, {.inputs = {types}, .outputs = {types}, .versions = {1, max_version}, .flags = TFLOWER_KERNEL_IN_PLACE, .priority = kQuantizedPriority});
}

constexpr tflower_kernel kRows[] = {
    Row<Table8<LogisticOf>>(tfl::Builtin::LOGISTIC, kBytes, 3),
    Row<Sigmoid16Kernel<false>>(tfl::Builtin::LOGISTIC, kInt16, 3),
    Row<Table8<TanhOf>>(tfl::Builtin::TANH, kBytes, 3),
    Row<Sigmoid16Kernel<true>>(tfl::Builtin::TANH, kInt16, 3),
    Row<Table8<EluOf>>(tfl::Builtin::ELU, kInt8, 1),
    Row<Table8<GeluOf>>(tfl::Builtin::GELU, kBytes, 3),
    Row<Table8<ExpOf>>(tfl::Builtin::EXP, kInt8, 2),
    Row<InterpolatedTable<ExpOf>>(tfl::Builtin::EXP, kInt16, 2),
    Row<Sqrt>(tfl::Builtin::SQRT, kInt8 | kInt16, 2),
    Row<Table8<LogOf>>(tfl::Builtin::LOG, kInt8, 2),
    Row<Relu<Unbounded>>(tfl::Builtin::RELU, kQuantized, 3),
    Row<Relu<Six>>(tfl::Builtin::RELU6, kQuantized, 3),
    Row<Relu<PlusMinusOne>>(tfl::Builtin::RELU_N1_TO_1, kBytes, 1),
    Row<Relu<ZeroToOne>>(tfl::Builtin::RELU_0_TO_1, kBytes, 1),
    Row<LeakyRelu>(tfl::Builtin::LEAKY_RELU, kQuantized, 2),
    Row<HardSwishKernel>(tfl::Builtin::HARD_SWISH, kBytes, 1),
    Row<Abs>(tfl::Builtin::ABS, kInt8 | kInt16, 5),
    Row<Rsqrt>(tfl::Builtin::RSQRT, kInt8, 3),
    Row<InterpolatedTable<RsqrtOf>>(tfl::Builtin::RSQRT, kInt16, 3),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(quantized_unary, kRows);
}  // namespace tflower::kernels
