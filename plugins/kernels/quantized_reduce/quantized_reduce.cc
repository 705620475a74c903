// MEAN, SUM and REDUCE_PROD of int8, uint8 and int16. (Extrema need no arithmetic: the kernels for plain integers take them.) Source: TFLite ReducerOptions.
#include <bit>
#include <cmath>

#include "common/quantized.h"
#include "quantized_reduce/products.h"
#include "quantized_reduce/sums.h"
#include "reduce/reduced_shape.h"

namespace tflower::kernels {
namespace {

// factor / count, in integers: the multiplier takes over what the division costs of its precision.
Multiplier DividedBy(Multiplier factor, int64_t count) {
  const int shift = std::min({63 - std::countl_zero(static_cast<uint64_t>(count)), 32, 31 + factor.shift});
  if (shift < 0) return {};
  return {static_cast<int32_t>((static_cast<int64_t>(factor.value) << shift) / count), factor.shift - shift};
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
    const Multiplier scale = kMean && plan.count > 0 ? DividedBy(factor, plan.count) : factor;
    const DType type = op.Input(0).dtype();
    const auto offset = static_cast<uint32_t>(-int64_t{x.zero} * plan.count);
    const QuantizedSums sums{&plan, type, static_cast<int32_t>(offset), scale, y.zero, BoundsOf(type)};
    eval.parallel().For(plan.outputs, 1 + 65536 / (plan.count + 1), [&](int64_t begin, int64_t end) { RunQuantizedSums(sums, op.Input(0).raw(), begin, end, op.Output(0).mutable_raw()); });
    return Ok();
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
    const DType type = op.Input(0).dtype();
    const QuantizedProducts products{&plan, type, x.zero, scale, y.zero, BoundsOf(type)};
    eval.parallel().For(plan.outputs, 16 + 16384 / (plan.count + 1), [&](int64_t begin, int64_t end) { RunQuantizedProducts(products, op.Input(0).raw(), begin, end, op.Output(0).mutable_raw()); });
    return Ok();
  }
};

constexpr KernelTraits kTraits{.inputs = {kQuantized, kIndex}, .outputs = {kQuantized}, .priority = kQuantizedPriority};

constexpr tflower_kernel kRows[] = {
    Kernel<Reduce<true>>(tfl::Builtin::MEAN, kTraits),
    Kernel<Reduce<false>>(tfl::Builtin::SUM, kTraits),
    Kernel<ReduceProd>(tfl::Builtin::REDUCE_PROD, kTraits),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(quantized_reduce, kRows);
}  // namespace tflower::kernels
