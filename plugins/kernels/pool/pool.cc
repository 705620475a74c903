// Rows of AVERAGE_POOL_2D, MAX_POOL_2D and L2_POOL_2D on float32, NHWC. Source: TFLite Pool2DOptions.
#include "pool/pool.h"

#include "common/check.h"
#include "conv/padding.h"
#include "gemm/activation.h"

namespace tflower::kernels {
namespace {

Result<PoolShape> ShapeOf(const Op& op) {
  const Tensor x = op.Input(0);
  const auto o = op.Options<tfl::Pool2DOptions>();
  TFLOWER_TRY(const ConvAxis h, ConvAxisOf(x.dim(1), o.filter_height, o.stride_h, 1, o.padding));
  TFLOWER_TRY(const ConvAxis w, ConvAxisOf(x.dim(2), o.filter_width, o.stride_w, 1, o.padding));
  return PoolShape{x.dim(0), x.dim(1), x.dim(2), x.dim(3), h.out, w.out, o.filter_height, o.filter_width, o.stride_h, o.stride_w, h.pad_before, w.pad_before};
}

template <Pool kOp>
struct PoolKernel {
  PoolShape shape;
  Clamp clamp;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckArity(op, 1, 1));
    TFLOWER_CHECK(CheckRank(op, 0, "input", 4, 4));
    TFLOWER_TRY(const PoolShape s, ShapeOf(op));
    return SetOutput(out, 0, DType::kFloat32, Shape{s.batch, s.out_h, s.out_w, s.channels});
  }
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_TRY(clamp, ClampOf(op.Options<tfl::Pool2DOptions>().fused_activation_function));
    TFLOWER_TRY(shape, ShapeOf(op));
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    PoolF32(kOp, shape, op.Input(0).data<float>(), clamp.lo, clamp.hi, op.Output(0).mutable_data<float>(), eval.parallel());
    return Ok();
  }
};

constexpr KernelTraits kTraits{.inputs = {kF32}, .outputs = {kF32}, .versions = {1, 3}};

constexpr tflower_kernel kRows[] = {
    Kernel<PoolKernel<Pool::kAverage>>(tfl::Builtin::AVERAGE_POOL_2D, kTraits),
    Kernel<PoolKernel<Pool::kMax>>(tfl::Builtin::MAX_POOL_2D, kTraits),
    Kernel<PoolKernel<Pool::kL2>>(tfl::Builtin::L2_POOL_2D, kTraits),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(pool, kRows);
}  // namespace tflower::kernels
