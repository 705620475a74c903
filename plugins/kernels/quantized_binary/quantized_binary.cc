// ADD, SUB, MUL, SQUARED_DIFFERENCE, DIV, PRELU and the comparisons on int8, uint8 and int16, with broadcasting. (MAXIMUM and MINIMUM need no
// arithmetic: the kernels for plain integers take them.) Source: TFLite AddOptions, SubOptions, MulOptions, DivOptions and operator versions.
#include <cmath>
#include <type_traits>
#include <variant>

#include "common/quantized.h"
#include "elementwise/binary_kernels.h"
#include "quantized_binary/arithmetic.h"
#include "quantized_binary/ranks.h"

namespace tflower::kernels {
namespace {

// Both operands are brought to one scale, twice the larger one, with `shift` more bits, so that sums keep their precision.
void SetCommonScale(const Affine& x, const Affine& w, int shift, QuantizedArithmetic& q) {
  const double twice = 2 * std::max(x.real_scale(), w.real_scale());
  q.shift = shift;
  q.left = MultiplierOf(x.real_scale() / twice);
  q.right = MultiplierOf(w.real_scale() / twice);
}

void SetFactors(DType type, const Affine& x, const Affine& w, const Affine& y, QuantizedArithmetic& q) {
  const double twice = 2 * std::max(x.real_scale(), w.real_scale());
  switch (q.op) {
    case QuantizedOp::kAdd:
    case QuantizedOp::kSub:
      SetCommonScale(x, w, type == DType::kInt16 ? 15 : 20, q);
      q.out = MultiplierOf(twice / (static_cast<double>(1 << q.shift) * y.real_scale()));
      return;
    case QuantizedOp::kMul: q.out = MultiplierOf(static_cast<double>(x.scale * w.scale / y.scale)); return;
    case QuantizedOp::kSquaredDifference:
      SetCommonScale(x, w, 7, q);
      q.out = MultiplierOf(twice * twice / (static_cast<double>(1 << (2 * q.shift)) * y.real_scale()));
      return;
    case QuantizedOp::kPrelu:
      q.left = MultiplierOf(x.real_scale() / y.real_scale());
      q.right = MultiplierOf(x.real_scale() * w.real_scale() / y.real_scale());
      return;
    default:  // real numbers are compared, as fixed point numbers with 8 more bits
      q.shift = 8;
      q.left = MultiplierOf(x.real_scale());
      q.right = MultiplierOf(w.real_scale());
      return;
  }
}

// OptionsT: the options that hold fused_activation_function, or void.
template <QuantizedOp kOp, class OptionsT = void>
struct BinaryKernel {
  BroadcastPlan plan;
  QuantizedArithmetic q;
  std::conditional_t<IsComparison(kOp), RankedComparison, std::monostate> ranks;
  bool ranked = false;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(InferBinary(op, out, IsComparison(kOp) ? DType::kBool : op.HasInput(0) ? op.Input(0).dtype() : DType::kNone));
    return CheckQuantized(op, 2);
  }
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_TRY(plan, PlanOf(op));
    TFLOWER_TRY(const Affine x, InputAffine(op, 0));
    TFLOWER_TRY(const Affine w, InputAffine(op, 1));
    q.op = kOp;
    q.a_zero = x.zero, q.b_zero = w.zero;
    Affine y;
    if (!IsComparison(kOp)) {
      TFLOWER_TRY(y, OutputAffine(op));
      auto activation = tfl::ActivationFunctionType::NONE;
      if constexpr (!std::is_void_v<OptionsT>) activation = op.Options<OptionsT>().fused_activation_function;
      TFLOWER_TRY(q.bounds, ActivationBounds(activation, op.Output(0).dtype(), y));
    }
    q.y_zero = y.zero;
    SetFactors(op.Input(0).dtype(), x, w, y, q);
    if (op.Input(0).dtype() == DType::kInt16) return Ok();
    q.SetReal();
    if constexpr (IsComparison(kOp)) ranked = RankComparison(q, op.Input(0).dtype(), ranks);
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    const void* const bases[] = {op.Input(0).raw(), op.Input(1).raw()};
    if constexpr (IsComparison(kOp)) {
      if (ranked) {
        RunRankedComparison(ranks, plan, bases, eval.parallel(), op.Output(0).mutable_data<bool>());
        return Ok();
      }
    }
    RunQuantizedBinary(q, op.Input(0).dtype(), plan, bases, eval.parallel(), op.Output(0).mutable_raw());
    return Ok();
  }
};

// In double, rounded once: TFLite's fixed point reciprocal is at most a step off.
struct Division {
  BroadcastPlan plan;
  Affine x, w, y;
  IntBounds bounds;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(InferBinary(op, out, op.HasInput(0) ? op.Input(0).dtype() : DType::kNone));
    return CheckQuantized(op, 2);
  }
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_TRY(plan, PlanOf(op));
    TFLOWER_TRY(x, InputAffine(op, 0));
    TFLOWER_TRY(w, InputAffine(op, 1));
    TFLOWER_TRY(y, OutputAffine(op));
    TFLOWER_TRY(bounds, ActivationBounds(op.Options<tfl::DivOptions>().fused_activation_function, op.Output(0).dtype(), y));
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    return VisitQuantized(op.Input(0).dtype(), [&]<class T>(T) { return Run<T>(op, eval); });
  }

 private:
  template <class T>
  Status Run(const Op& op, const EvalContext& eval) const {
    const T* const divisors = op.Input(1).data<T>();
    const int64_t n = op.Input(1).num_elements(), at = std::find(divisors, divisors + n, static_cast<T>(w.zero)) - divisors;
    if (at != n) return OperandError(Code::kInvalidOperand, 1, "right", Text("element ", at, " is 0: integers cannot be divided by it"));
    const double factor = x.real_scale() / (w.real_scale() * y.real_scale());
    const void* const bases[] = {op.Input(0).raw(), divisors};
    const size_t bytes[] = {sizeof(T), sizeof(T)};
    Walk(plan, bases, bytes, 4096, eval.parallel(), [&](const Piece* p, int64_t begin, size_t count) {
      const T* const left = static_cast<const T*>(p[0].data);
      const T* const right = static_cast<const T*>(p[1].data);
      T* const out = op.Output(0).mutable_data<T>() + begin;
      for (size_t i = 0; i < count; ++i) {
        const double quotient = static_cast<double>(left[p[0].repeats ? 0 : i] - x.zero) / static_cast<double>(right[p[1].repeats ? 0 : i] - w.zero) * factor;
        out[i] = static_cast<T>(bounds.Clamp(static_cast<int64_t>(std::round(std::min(std::max(quotient, -1e9), 1e9))) + y.zero));
      }
    });
    return Ok();
  }
};

template <QuantizedOp kOp, class OptionsT = void>
constexpr tflower_kernel Row(tfl::Builtin code, DTypeSet types) {
  return Kernel<BinaryKernel<kOp, OptionsT>>(code, {.inputs = {types, types}, .outputs = {types}, .flags = TFLOWER_KERNEL_IN_PLACE, .priority = kQuantizedPriority});
}
template <QuantizedOp kOp>
constexpr tflower_kernel CompareRow(tfl::Builtin code) {
  return Kernel<BinaryKernel<kOp>>(code, {.inputs = {kQuantized, kQuantized}, .outputs = {kBoolean}, .priority = kQuantizedPriority});
}

constexpr tflower_kernel kRows[] = {
    Row<QuantizedOp::kAdd, tfl::AddOptions>(tfl::Builtin::ADD, kQuantized),
    Row<QuantizedOp::kSub, tfl::SubOptions>(tfl::Builtin::SUB, kQuantized),
    Row<QuantizedOp::kMul, tfl::MulOptions>(tfl::Builtin::MUL, kQuantized),
    Row<QuantizedOp::kSquaredDifference>(tfl::Builtin::SQUARED_DIFFERENCE, kInt8),
    Row<QuantizedOp::kPrelu>(tfl::Builtin::PRELU, kQuantized),
    Kernel<Division>(tfl::Builtin::DIV, {.inputs = {kQuantized, kQuantized}, .outputs = {kQuantized}, .flags = TFLOWER_KERNEL_IN_PLACE, .priority = kQuantizedPriority}),
    CompareRow<QuantizedOp::kLess>(tfl::Builtin::LESS),
    CompareRow<QuantizedOp::kLessEqual>(tfl::Builtin::LESS_EQUAL),
    CompareRow<QuantizedOp::kGreater>(tfl::Builtin::GREATER),
    CompareRow<QuantizedOp::kGreaterEqual>(tfl::Builtin::GREATER_EQUAL),
    CompareRow<QuantizedOp::kEqual>(tfl::Builtin::EQUAL),
    CompareRow<QuantizedOp::kNotEqual>(tfl::Builtin::NOT_EQUAL),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(quantized_binary, kRows);
}  // namespace tflower::kernels
