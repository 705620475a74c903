// Rows of AVERAGE_POOL_2D, MAX_POOL_2D and L2_POOL_2D on float32, NHWC. Source: TFLite Pool2DOptions.
#include "common/on_half.h"
#include "pool/pool.h"

#include "gemm/activation.h"
#include "pool/pool_shape.h"

namespace tflower::kernels {
namespace {

template <Pool kOp>
struct PoolKernel {
  PoolShape shape;
  Clamp clamp;

  static Status Infer(const Op& op, OpTypes& out) { return InferPool(op, out); }
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_TRY(clamp, ClampOf(op.Options<tfl::Pool2DOptions>().fused_activation_function));
    TFLOWER_TRY(shape, PoolShapeOf(op));
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    PoolF32(kOp, shape, op.Input(0).data<float>(), clamp.lo, clamp.hi, op.Output(0).mutable_data<float>(), eval.parallel());
    return Ok();
  }
};

constexpr KernelTraits kTraits{.inputs = {kF32}, .outputs = {kF32}}, kHalfTraits{.inputs = {kF16}, .outputs = {kF16}};

constexpr tflower_kernel kRows[] = {
    Kernel<PoolKernel<Pool::kAverage>>(tfl::Builtin::AVERAGE_POOL_2D, kTraits),
    Kernel<OnHalf<PoolKernel<Pool::kAverage>>>(tfl::Builtin::AVERAGE_POOL_2D, kHalfTraits),
    Kernel<PoolKernel<Pool::kMax>>(tfl::Builtin::MAX_POOL_2D, kTraits),
    Kernel<OnHalf<PoolKernel<Pool::kMax>>>(tfl::Builtin::MAX_POOL_2D, kHalfTraits),
    Kernel<PoolKernel<Pool::kL2>>(tfl::Builtin::L2_POOL_2D, kTraits),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(pool, kRows);
}  // namespace tflower::kernels
