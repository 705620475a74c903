// ADD, SUB, MUL, SQUARED_DIFFERENCE, DIV, PRELU and the comparisons on int8, uint8 and int16, with broadcasting. (MAXIMUM and MINIMUM need no
// arithmetic: the kernels for plain integers take them.) Source: TFLite AddOptions, SubOptions, MulOptions, DivOptions and operator versions.
#include <type_traits>

#include "common/quantized.h"
#include "elementwise/binary_kernels.h"
#include "elementwise/broadcast_walk.h"

namespace tflower::kernels {
namespace {

int64_t Centred(int32_t stored, const Affine& t) { return static_cast<int64_t>(stored) - t.zero; }

// Both operands are brought to one scale, twice the larger one, with `shift` more bits, so that sums keep their precision.
struct CommonScale {
  int shift = 20;
  Multiplier a, b, out;
  void Set(const Affine& x, const Affine& w, const Affine& y) {
    const double twice = 2 * std::max(x.real_scale(), w.real_scale());
    a = MultiplierOf(x.real_scale() / twice);
    b = MultiplierOf(w.real_scale() / twice);
    out = MultiplierOf(twice / (static_cast<double>(1 << shift) * y.real_scale()));
  }
  int32_t A(int64_t v) const { return Scaled(ShiftLeft(static_cast<int32_t>(v), shift), a); }
  int32_t B(int64_t v) const { return Scaled(ShiftLeft(static_cast<int32_t>(v), shift), b); }
};

template <bool kSubtract>
struct Sum {
  CommonScale scale;
  Status Prepare(DType type, const Affine& x, const Affine& w, const Affine& y) {
    scale.shift = type == DType::kInt16 ? 15 : 20;
    scale.Set(x, w, y);
    return Ok();
  }
  int64_t operator()(int64_t a, int64_t b) const {
    const int64_t left = scale.A(a), right = scale.B(b);
    return Scaled(static_cast<int32_t>(kSubtract ? left - right : left + right), scale.out);
  }
};

struct Product {
  Multiplier factor;
  Status Prepare(DType, const Affine& x, const Affine& w, const Affine& y) {
    factor = MultiplierOf(static_cast<double>(x.scale * w.scale / y.scale));
    return Ok();
  }
  int64_t operator()(int64_t a, int64_t b) const { return Scaled(static_cast<int32_t>(a * b), factor); }
};

struct SquaredDifference {
  CommonScale scale;
  Status Prepare(DType, const Affine& x, const Affine& w, const Affine& y) {
    scale.shift = 7;
    const double twice = 2 * std::max(x.real_scale(), w.real_scale());
    scale.Set(x, w, y);
    scale.out = MultiplierOf(twice * twice / (static_cast<double>(1 << (2 * scale.shift)) * y.real_scale()));
    return Ok();
  }
  int64_t operator()(int64_t a, int64_t b) const {
    const int64_t difference = static_cast<int64_t>(scale.A(a)) - scale.B(b);
    return Scaled(static_cast<int32_t>(difference * difference), scale.out);
  }
};

struct Slope {
  Multiplier positive, negative;
  Status Prepare(DType, const Affine& x, const Affine& alpha, const Affine& y) {
    positive = MultiplierOf(x.real_scale() / y.real_scale());
    negative = MultiplierOf(x.real_scale() * alpha.real_scale() / y.real_scale());
    return Ok();
  }
  int64_t operator()(int64_t a, int64_t b) const { return a >= 0 ? Scaled(static_cast<int32_t>(a), positive) : Scaled(static_cast<int32_t>(a * b), negative); }
};

// OptionsT: the options that hold fused_activation_function, or void. Compute: from centred operands to a value without the zero point.
template <class Compute, class OptionsT = void>
struct BinaryKernel {
  BroadcastPlan plan;
  Affine x, w, y;
  IntBounds bounds;
  Compute compute;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(InferBinary(op, out, op.HasInput(0) ? op.Input(0).dtype() : DType::kNone));
    return CheckQuantized(op, 2);
  }
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_TRY(plan, PlanOf(op));
    TFLOWER_TRY(x, InputAffine(op, 0));
    TFLOWER_TRY(w, InputAffine(op, 1));
    TFLOWER_TRY(y, OutputAffine(op));
    auto activation = tfl::ActivationFunctionType::NONE;
    if constexpr (!std::is_void_v<OptionsT>) activation = op.Options<OptionsT>().fused_activation_function;
    TFLOWER_TRY(bounds, ActivationBounds(activation, op.Output(0).dtype(), y));
    return compute.Prepare(op.Input(0).dtype(), x, w, y);
  }
  template <class T>
  void Run(const T* a, const T* b, T* out, const Parallel& parallel) const {
    const void* const bases[] = {a, b};
    const size_t bytes[] = {sizeof(T), sizeof(T)};
    Walk(plan, bases, bytes, 4096, parallel, [&](const Piece* p, int64_t begin, size_t n) {
      const T* const left = static_cast<const T*>(p[0].data);
      const T* const right = static_cast<const T*>(p[1].data);
      const size_t step_left = p[0].repeats ? 0 : 1, step_right = p[1].repeats ? 0 : 1;
      for (size_t i = 0; i < n; ++i) {
        out[begin + static_cast<int64_t>(i)] = static_cast<T>(bounds.Clamp(compute(Centred(left[i * step_left], x), Centred(right[i * step_right], w)) + y.zero));
      }
    });
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    return VisitQuantized(op.Input(0).dtype(), [&](auto zero) {
      using T = decltype(zero);
      Run(op.Input(0).data<T>(), op.Input(1).data<T>(), op.Output(0).mutable_data<T>(), eval.parallel());
    });
  }
};

// Real numbers are compared, as fixed point numbers with 8 more bits; of one quantisation they compare like the bytes.
template <Comparison kOp>
struct CompareKernel {
  BroadcastPlan plan;
  Affine a, b;
  Multiplier scale_a, scale_b;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(InferBinary(op, out, DType::kBool));
    return CheckQuantized(op, 2);
  }
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_TRY(plan, PlanOf(op));
    TFLOWER_TRY(a, InputAffine(op, 0));
    TFLOWER_TRY(b, InputAffine(op, 1));
    scale_a = MultiplierOf(a.real_scale());
    scale_b = MultiplierOf(b.real_scale());
    return Ok();
  }
  static bool Holds(int32_t x, int32_t y) {
    switch (kOp) {
      case Comparison::kLess: return x < y;
      case Comparison::kLessEqual: return x <= y;
      case Comparison::kGreater: return x > y;
      case Comparison::kGreaterEqual: return x >= y;
      case Comparison::kEqual: return x == y;
      default: return x != y;
    }
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    constexpr int kShift = 8;
    bool* const out = op.Output(0).mutable_data<bool>();
    return VisitQuantized(op.Input(0).dtype(), [&](auto zero) {
      using T = decltype(zero);
      const void* const bases[] = {op.Input(0).raw(), op.Input(1).raw()};
      const size_t bytes[] = {sizeof(T), sizeof(T)};
      Walk(plan, bases, bytes, 4096, eval.parallel(), [&](const Piece* p, int64_t begin, size_t n) {
        const T* const left = static_cast<const T*>(p[0].data);
        const T* const right = static_cast<const T*>(p[1].data);
        for (size_t i = 0; i < n; ++i) {
          const auto x = static_cast<int32_t>(Centred(left[p[0].repeats ? 0 : i], a)), y = static_cast<int32_t>(Centred(right[p[1].repeats ? 0 : i], b));
          out[begin + static_cast<int64_t>(i)] = Holds(Scaled(ShiftLeft(x, kShift), scale_a), Scaled(ShiftLeft(y, kShift), scale_b));
        }
      });
    });
  }
};

template <class Compute, class OptionsT = void>
constexpr tflower_kernel Row(tfl::Builtin code, DTypeSet types, int32_t max_version) {
  return Kernel<BinaryKernel<Compute, OptionsT>>(code, {.inputs = {types, types}, .outputs = {types}, .versions = {1, max_version}, .flags = TFLOWER_KERNEL_IN_PLACE, .priority = kQuantizedPriority});
}
template <Comparison kOp>
constexpr tflower_kernel CompareRow(tfl::Builtin code, int32_t max_version) {
  return Kernel<CompareKernel<kOp>>(code, {.inputs = {kQuantized, kQuantized}, .outputs = {kBoolean}, .versions = {1, max_version}, .priority = kQuantizedPriority});
}

constexpr tflower_kernel kRows[] = {
    Row<Sum<false>, tfl::AddOptions>(tfl::Builtin::ADD, kQuantized, 6),
    Row<Sum<true>, tfl::SubOptions>(tfl::Builtin::SUB, kQuantized, 5),
    Row<Product, tfl::MulOptions>(tfl::Builtin::MUL, kQuantized, 8),
    Row<SquaredDifference>(tfl::Builtin::SQUARED_DIFFERENCE, kInt8, 2),
    Row<Slope>(tfl::Builtin::PRELU, kBytes, 1),
    CompareRow<Comparison::kLess>(tfl::Builtin::LESS, 3),
    CompareRow<Comparison::kLessEqual>(tfl::Builtin::LESS_EQUAL, 2),
    CompareRow<Comparison::kGreater>(tfl::Builtin::GREATER, 2),
    CompareRow<Comparison::kGreaterEqual>(tfl::Builtin::GREATER_EQUAL, 3),
    CompareRow<Comparison::kEqual>(tfl::Builtin::EQUAL, 5),
    CompareRow<Comparison::kNotEqual>(tfl::Builtin::NOT_EQUAL, 4),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(quantized_binary, kRows);
}  // namespace tflower::kernels
