// REAL, IMAG and COMPLEX_ABS of complex64 and complex128; MUL of complex64. Source: schema.
#include <cmath>
#include <type_traits>

#include "common/check.h"
#include "common/copy.h"
#include "elementwise/broadcast_walk.h"

namespace tflower::kernels {
namespace {

struct RealPart {
  template <class T> static T Of(T re, T) { return re; }
};
struct ImaginaryPart {
  template <class T> static T Of(T, T im) { return im; }
};
struct Magnitude {
  // The squares of floats neither overflow nor vanish in double.
  static float Of(float re, float im) { return static_cast<float>(std::sqrt(static_cast<double>(re) * re + static_cast<double>(im) * im)); }
  static double Of(double re, double im) { return std::hypot(re, im); }
};

template <class Part, class T>
struct PartOfComplex {
  static Status Infer(const Op& op, OpTypes& out) {
    return out.Set(0, DTypeOf<T>::value, op.Input(0).dims());
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const auto* const x = static_cast<const T*>(op.Input(0).raw());  // re, im, re, im ...
    T* const y = op.Output(0).mutable_data<T>();
    eval.parallel().For(op.Input(0).num_elements(), kParallelBytes / 8, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) y[i] = Part::Of(x[2 * i], x[2 * i + 1]);
    });
    return Ok();
  }
};

struct Pair {
  float re, im;
};

// No activation: there is no order to clamp by.
struct ComplexMul {
  BroadcastPlan plan;

  static Status Infer(const Op& op, OpTypes& out) {
    if (op.Options<tfl::MulOptions>().fused_activation_function != tfl::ActivationFunctionType::NONE)
      return OptionError("fused_activation_function", "complex numbers have no activations");
    TFLOWER_TRY(const Shape shape, BroadcastShapes(op.Input(0).dims(), op.Input(1).dims()));
    return SetOutput(out, 0, DType::kComplex64, shape);
  }
  Status Prepare(const Op& op, PrepareContext&) {
    const std::span<const int64_t> shapes[] = {op.Input(0).dims(), op.Input(1).dims()};
    TFLOWER_TRY(plan, PlanBroadcast(shapes));
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    const void* const bases[] = {op.Input(0).raw(), op.Input(1).raw()};
    const size_t bytes[] = {sizeof(Pair), sizeof(Pair)};
    Pair* const out = static_cast<Pair*>(op.Output(0).mutable_raw());
    Walk(plan, bases, bytes, 8192, eval.parallel(), [&](const Piece* p, int64_t begin, size_t n) {
      const auto* a = static_cast<const Pair*>(p[0].data);
      const auto* b = static_cast<const Pair*>(p[1].data);
      const size_t step_a = p[0].repeats ? 0 : 1, step_b = p[1].repeats ? 0 : 1;
      for (size_t i = 0; i < n; ++i, a += step_a, b += step_b) out[static_cast<size_t>(begin) + i] = {a->re * b->re - a->im * b->im, a->re * b->im + a->im * b->re};
    });
    return Ok();
  }
};

constexpr DTypeSet kComplex64 = Types({DType::kComplex64}), kComplex128 = Types({DType::kComplex128}), kF64 = Types({DType::kFloat64});

template <class Part>
constexpr tflower_kernel Row64(tfl::Builtin code) { return Kernel<PartOfComplex<Part, float>>(code, {.inputs = {kComplex64}, .outputs = {kF32}}); }
template <class Part>
constexpr tflower_kernel Row128(tfl::Builtin code) { return Kernel<PartOfComplex<Part, double>>(code, {.inputs = {kComplex128}, .outputs = {kF64}}); }

constexpr tflower_kernel kRows[] = {
    Row64<RealPart>(tfl::Builtin::REAL),
    Row64<ImaginaryPart>(tfl::Builtin::IMAG),
    Row64<Magnitude>(tfl::Builtin::COMPLEX_ABS),
    Row128<RealPart>(tfl::Builtin::REAL),
    Row128<ImaginaryPart>(tfl::Builtin::IMAG),
    Row128<Magnitude>(tfl::Builtin::COMPLEX_ABS),
    Kernel<ComplexMul>(tfl::Builtin::MUL, {.inputs = {kComplex64, kComplex64}, .outputs = {kComplex64}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(complex, kRows);
}  // namespace tflower::kernels
