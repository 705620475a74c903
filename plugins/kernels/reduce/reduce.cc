// Rows of SUM, MEAN, REDUCE_PROD, REDUCE_MAX, REDUCE_MIN, REDUCE_ANY and REDUCE_ALL. Source: TFLite ReducerOptions.keep_dims.
#include "reduce/reduce.h"

#include "common/on_half.h"
#include "reduce/reduced_shape.h"

namespace tflower::kernels {
namespace {

template <Reduction kOp>
struct Reduce {
  static Status Infer(const Op& op, OpTypes& out) {
    // Extrema of quantised values are extrema of their bytes; sums and products of the bytes mean nothing.
    if (kOp != Reduction::kMax && kOp != Reduction::kMin) TFLOWER_CHECK(DeclineQuantized(op));
    return InferReduced(op, out);
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    TFLOWER_TRY(const ReducePlan plan, PlanReduced(op, eval));
    return Run(plan, op.Input(0), op.Output(0), eval.parallel());
  }
  static Status Run(const ReducePlan& plan, const Tensor& x, const Tensor& y, const Parallel& parallel) {
    if constexpr (kOp == Reduction::kAny || kOp == Reduction::kAll) {
      ReduceBool(kOp, plan, x.data<bool>(), y.mutable_data<bool>(), parallel);
      return Ok();
    } else {
      switch (x.dtype()) {
        case DType::kFloat32: return ReduceF32(kOp, plan, x.data<float>(), y.mutable_data<float>(), parallel);
        case DType::kInt32: return ReduceInt<int32_t>(kOp, plan, x.data<int32_t>(), y.mutable_data<int32_t>(), parallel);
        case DType::kInt64: return ReduceInt<int64_t>(kOp, plan, x.data<int64_t>(), y.mutable_data<int64_t>(), parallel);
        case DType::kInt16: return ReduceInt<int16_t>(kOp, plan, x.data<int16_t>(), y.mutable_data<int16_t>(), parallel);
        case DType::kInt8: return ReduceInt<int8_t>(kOp, plan, x.data<int8_t>(), y.mutable_data<int8_t>(), parallel);
        default: return ReduceInt<uint8_t>(kOp, plan, x.data<uint8_t>(), y.mutable_data<uint8_t>(), parallel);
      }
    }
  }
};

constexpr DTypeSet kNumbers = Types({DType::kFloat32, DType::kInt32, DType::kInt64, DType::kInt16, DType::kInt8, DType::kUInt8});
constexpr KernelTraits kTraits{.inputs = {kNumbers, kIndex}, .outputs = {kNumbers}};
constexpr KernelTraits kHalfTraits{.inputs = {kHalves, kIndex}, .outputs = {kHalves}};
constexpr KernelTraits kBoolTraits{.inputs = {kBoolean, kIndex}, .outputs = {kBoolean}};

constexpr tflower_kernel kRows[] = {
    Kernel<Reduce<Reduction::kSum>>(tfl::Builtin::SUM, kTraits),
    Kernel<Reduce<Reduction::kMean>>(tfl::Builtin::MEAN, kTraits),
    Kernel<Reduce<Reduction::kProd>>(tfl::Builtin::REDUCE_PROD, kTraits),
    Kernel<Reduce<Reduction::kMax>>(tfl::Builtin::REDUCE_MAX, kTraits),
    Kernel<Reduce<Reduction::kMin>>(tfl::Builtin::REDUCE_MIN, kTraits),
    Kernel<OnHalf<Reduce<Reduction::kSum>>>(tfl::Builtin::SUM, kHalfTraits),
    Kernel<OnHalf<Reduce<Reduction::kMean>>>(tfl::Builtin::MEAN, kHalfTraits),
    Kernel<OnHalf<Reduce<Reduction::kMax>>>(tfl::Builtin::REDUCE_MAX, kHalfTraits),
    Kernel<OnHalf<Reduce<Reduction::kMin>>>(tfl::Builtin::REDUCE_MIN, kHalfTraits),
    Kernel<Reduce<Reduction::kAny>>(tfl::Builtin::REDUCE_MAX, kBoolTraits),
    Kernel<Reduce<Reduction::kAll>>(tfl::Builtin::REDUCE_MIN, kBoolTraits),
    Kernel<Reduce<Reduction::kAny>>(tfl::Builtin::REDUCE_ANY, kBoolTraits),
    Kernel<Reduce<Reduction::kAll>>(tfl::Builtin::REDUCE_ALL, kBoolTraits),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(reduce, kRows);
}  // namespace tflower::kernels
