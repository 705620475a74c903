// Unary operators on int8, uint8 and int16: activations by integer arithmetic, other functions by tables. Source: TFLite operators and versions.
#include <cmath>
#include <limits>
#include <type_traits>

#include "byte_table/byte_table.h"
#include "common/inverse_root.h"
#include "common/quantized.h"
#include "quantized_unary/hard_swish.h"
#include "quantized_unary/lookup.h"
#include "quantized_unary/words.h"

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

// f(x, n, y) on pieces of int16 values.
template <class F>
Status MapWords(const Op& op, const EvalContext& eval, F f) {
  const int16_t* const x = op.Input(0).data<int16_t>();
  int16_t* const y = op.Output(0).mutable_data<int16_t>();
  eval.parallel().For(op.Input(0).num_elements(), 16384, [&](int64_t begin, int64_t end) { f(x + begin, static_cast<size_t>(end - begin), y + begin); });
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
    VisitBytes(op.Input(0).dtype(), [&]<class T>(T) {
      std::array<T, 256> values;
      FillTable(x, y, f, values);
      table.Fill<T>([&](T v) { return LookUp(values, v); });
    });
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    table.Map(op.Input(0).raw(), op.Output(0).mutable_raw(), op.Input(0).num_elements(), eval.parallel());
    return Ok();
  }
};

template <class F>
struct InterpolatedTable : Unary {
  IntervalTable table;
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_CHECK(Read(op));
    F f;
    if constexpr (std::is_same_v<F, RsqrtOf>) f.most = INT16_MAX * y.scale;
    if constexpr (std::is_same_v<F, Log16Of>) f.least = static_cast<float>(INT16_MIN - y.zero) * y.scale;
    if constexpr (std::is_same_v<F, GeluOf>) f.approximate = op.Options<tfl::GeluOptions>().approximate;
    Table16 values;
    FillTable(x.scale, x.zero, y.scale, y.zero, f, values);
    table.Set(values);
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    return MapWords(op, eval, [&](const int16_t* from, size_t n, int16_t* to) { LookUpWords(table, from, n, to); });
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
    return MapWords(op, eval, [&](const int16_t* from, size_t n, int16_t* to) { (kTanh ? TanhWords : LogisticWords)(sigmoid, from, n, to); });
  }
};

// kLo, kHi: bounds in real numbers, infinity for none.
struct Unbounded { static constexpr float lo = 0, hi = std::numeric_limits<float>::infinity(); };
struct Six { static constexpr float lo = 0, hi = 6; };
struct PlusMinusOne { static constexpr float lo = -1, hi = 1; };
struct ZeroToOne { static constexpr float lo = 0, hi = 1; };

// A function of a stored value in integers: of bytes as a table, of int16 by vectors. K: F and Status Set(op, F&), which finds bounds and zero points
// filled in. kWords: void (*)(const F&, const int16_t*, size_t, int16_t*), or nullptr where there is no int16.
template <class K, class F, auto kWords>
struct Pointwise : Unary {
  F f;
  ByteTable table;

  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_CHECK(Read(op));
    f.x_zero = x.zero, f.y_zero = y.zero;
    f.bounds = BoundsOf(op.Output(0).dtype());
    TFLOWER_CHECK(K::Set(op, x, y, f));
    if (op.Input(0).dtype() == DType::kInt16) return Ok();
    VisitBytes(op.Input(0).dtype(), [&]<class T>(T) { table.Fill<T>([&](T v) { return static_cast<T>(f(v)); }); });
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    if constexpr (!std::is_null_pointer_v<decltype(kWords)>) {  // under UBSan, a function's address is no constant to compare
      if (op.Input(0).dtype() == DType::kInt16) return MapWords(op, eval, [&](const int16_t* from, size_t n, int16_t* to) { kWords(f, from, n, to); });
    }
    table.Map(op.Input(0).raw(), op.Output(0).mutable_raw(), op.Input(0).num_elements(), eval.parallel());
    return Ok();
  }
};
template <class K>
using Slopes = Pointwise<K, TwoSlopes, ScaleWords>;

template <class Limits>
struct Relu {
  static Status Set(const Op&, const Affine& x, const Affine& y, TwoSlopes& f) {
    f.positive = f.negative = MultiplierOf(static_cast<double>(x.scale / y.scale));
    const IntBounds all = f.bounds;
    const auto stored = [&](float real) { return all.Clamp(RoundedInt(real / y.scale) + y.zero); };
    f.bounds = {stored(Limits::lo), std::isinf(Limits::hi) ? all.hi : stored(Limits::hi)};
    return Ok();
  }
};

struct LeakyRelu {
  static Status Set(const Op& op, const Affine& x, const Affine& y, TwoSlopes& f) {
    const float alpha = op.Options<tfl::LeakyReluOptions>().alpha;
    if (!std::isfinite(alpha)) return OptionError("alpha", "must be finite");
    f.positive = MultiplierOf(static_cast<double>(x.scale / y.scale));
    f.negative = MultiplierOf(std::abs(static_cast<double>(x.scale * alpha / y.scale)));
    f.flip = alpha < 0;
    return Ok();
  }
};

struct Abs {
  static Status Set(const Op&, const Affine& x, const Affine& y, TwoSlopes& f) {
    f.positive = f.negative = MultiplierOf(x.scale == y.scale ? 1.0 : static_cast<double>(x.scale / y.scale));
    f.flip = true;
    return Ok();
  }
};

struct Sqrt {
  static Status Set(const Op&, const Affine& x, const Affine& y, FloorOfRoot& f) {
    f.x_scale = x.real_scale(), f.y_scale = y.real_scale();
    return Ok();
  }
};

// Of bytes only.
struct Centred {
  IntBounds bounds;
  int32_t x_zero = 0, y_zero = 0;
};
struct HardSwishFunction : Centred {
  HardSwish gate;
  int32_t operator()(int32_t stored) const { return bounds.Clamp(int64_t{gate(stored - x_zero)} + y_zero); }
  static Status Set(const Op&, const Affine& x, const Affine& y, HardSwishFunction& f) {
    TFLOWER_TRY(f.gate, HardSwish::Of(x, y));
    return Ok();
  }
};
// Of 0, and below, the largest value.
struct Rsqrt : Centred {
  Multiplier factor;
  static constexpr int kShift = 20;  // keeps the root an integer
  static Status Set(const Op&, const Affine& x, const Affine& y, Rsqrt& f) {
    f.factor = MultiplierOf(static_cast<double>(1.0f / (std::sqrt(x.scale) * y.scale)));
    return Ok();
  }
  int32_t operator()(int32_t stored) const {
    const int32_t centred = stored - x_zero;
    if (centred <= 0) return bounds.hi;
    Multiplier root = InverseRootOf(centred), last = factor;
    root.shift += kShift;
    last.shift = std::max(last.shift - kShift, -31);
    return bounds.Clamp(int64_t{Scaled(Scaled(int32_t{1}, root), last)} + y_zero);
  }
};
template <class F>
using OfBytes = Pointwise<F, F, nullptr>;

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
    Row<Pointwise<Sqrt, FloorOfRoot, RootWords>>(tfl::Builtin::SQRT, kInt8 | kInt16),
    Row<Table8<LogOf>>(tfl::Builtin::LOG, kInt8),
    Row<InterpolatedTable<Log16Of>>(tfl::Builtin::LOG, kInt16),
    Row<InterpolatedTable<GeluOf>>(tfl::Builtin::GELU, kInt16),
    Row<Slopes<Relu<Unbounded>>>(tfl::Builtin::RELU, kQuantized),
    Row<Slopes<Relu<Six>>>(tfl::Builtin::RELU6, kQuantized),
    Row<Slopes<Relu<PlusMinusOne>>>(tfl::Builtin::RELU_N1_TO_1, kBytes),
    Row<Slopes<Relu<ZeroToOne>>>(tfl::Builtin::RELU_0_TO_1, kBytes),
    Row<Slopes<LeakyRelu>>(tfl::Builtin::LEAKY_RELU, kQuantized),
    Row<OfBytes<HardSwishFunction>>(tfl::Builtin::HARD_SWISH, kBytes),
    Row<Slopes<Abs>>(tfl::Builtin::ABS, kInt8 | kInt16),
    Row<OfBytes<Rsqrt>>(tfl::Builtin::RSQRT, kInt8),
    Row<InterpolatedTable<RsqrtOf>>(tfl::Builtin::RSQRT, kInt16),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(quantized_unary, kRows);
}  // namespace tflower::kernels
