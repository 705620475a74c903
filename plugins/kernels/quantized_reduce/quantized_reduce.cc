// MEAN, SUM and REDUCE_PROD of int8, uint8 and int16. (Extrema need no arithmetic: the kernels for plain integers take them.) Source: TFLite ReducerOptions.
#include <bit>
#include <cmath>

#include "common/quantized.h"
#include "reduce/reduce_walk.h"
#include "reduce/reduced_shape.h"

namespace tflower::kernels {
namespace {

// factor / count, in integers: the multiplier takes over what the division costs of its precision.
Multiplier DividedBy(Multiplier factor, int64_t count) {
  const int shift = std::min({63 - std::countl_zero(static_cast<uint64_t>(count)), 32, 31 + factor.shift});
  if (shift < 0) return {};
  return {static_cast<int32_t>((static_cast<int64_t>(factor.value) << shift) / count), factor.shift - shift};
}

// f(stored value) for those behind output o, in row-major order.
template <class T, class F>
void ForEach(const ReducePlan& plan, const ReduceWalk& walk, const T* from, int64_t o, F f) {
  const int64_t inner = walk.inner(), per_base = plan.inner_reduced ? 1 : inner, width = plan.inner_reduced ? inner : 1;
  for (int64_t i = 0; i < walk.runs(); ++i) {
    const ReduceWalk::Run run = walk.RunAt(walk.Base(o / per_base), i);
    for (int64_t r = 0; r < run.rows; ++r) {
      const T* const row = from + run.offset + r * run.stride + (plan.inner_reduced ? 0 : o % per_base);
      for (int64_t k = 0; k < width; ++k) f(row[k]);
    }
  }
}

// Each result is value(each), where each(f) calls f for the elements behind it.
template <class F>
Status Fill(const Op& op, const EvalContext& eval, const ReducePlan& plan, F value) {
  const IntBounds bounds = BoundsOf(op.Output(0).dtype());
  const ReduceWalk walk(plan);
  return VisitQuantized(op.Input(0).dtype(), [&](auto zero) {
    using T = decltype(zero);
    T* const to = op.Output(0).mutable_data<T>();
    eval.parallel().For(plan.outputs, 1 + 16384 / (plan.count + 1), [&](int64_t begin, int64_t end) {
      for (int64_t o = begin; o < end; ++o) to[o] = static_cast<T>(bounds.Clamp(value([&](auto f) { ForEach(plan, walk, op.Input(0).data<T>(), o, f); })));
    });
  });
}

template <bool kMean>
struct Reduce {
  Affine x, y;
  Multiplier factor;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(InferReduced(op, out));
    return CheckQuantized(op, 1);
  }
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_TRY(x, InputAffine(op, 0));
    TFLOWER_TRY(y, OutputAffine(op));
    factor = MultiplierOf(x.real_scale() / y.real_scale());
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    TFLOWER_TRY(const ReducePlan plan, PlanReduced(op, eval));
    if (kMean && plan.count == 0 && plan.outputs != 0) return Error(Code::kInvalidOperand, "the mean of no values is not defined");
    const Multiplier scale = kMean && plan.count > 0 ? DividedBy(factor, plan.count) : factor;
    return Fill(op, eval, plan, [&](const auto& each) {
      int64_t sum = -x.zero * plan.count;
      each([&](int64_t v) { sum += v; });
      return static_cast<int64_t>(Scaled(static_cast<int32_t>(sum), scale)) + y.zero;
    });
  }
};

// Each factor takes its part of the scales' quotient, in^count / out, so that products do not overflow.
struct ReduceProd {
  Affine x, y;

  static Status Infer(const Op& op, OpTypes& out) { return Reduce<false>::Infer(op, out); }
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_TRY(x, InputAffine(op, 0));
    TFLOWER_TRY(y, OutputAffine(op));
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    TFLOWER_TRY(const ReducePlan plan, PlanReduced(op, eval));
    if (plan.count == 0 && plan.outputs != 0) return Error(Code::kInvalidOperand, "the product of no quantised values is not defined");
    const Multiplier scale = MultiplierOf(x.real_scale() / std::pow(y.real_scale(), 1.0 / static_cast<double>(std::max<int64_t>(1, plan.count))));
    return Fill(op, eval, plan, [&](const auto& each) {
      bool first = true;
      int64_t product = 0;
      each([&](int64_t v) {
        product = first ? v - x.zero : int64_t{Scaled(product * (v - x.zero), scale)};
        first = false;
      });
      return int64_t{Scaled(product, scale)} + y.zero;
    });
  }
};

constexpr KernelTraits kTraits{.inputs = {kQuantized, kIndex}, .outputs = {kQuantized}, .versions = {1, 3}, .priority = kQuantizedPriority};

constexpr tflower_kernel kRows[] = {
    Kernel<Reduce<true>>(tfl::Builtin::MEAN, kTraits),
    Kernel<Reduce<false>>(tfl::Builtin::SUM, kTraits),
    Kernel<ReduceProd>(tfl::Builtin::REDUCE_PROD, kTraits),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(quantized_reduce, kRows);
}  // namespace tflower::kernels
