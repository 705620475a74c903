// Rows of RESIZE_BILINEAR (float32) and RESIZE_NEAREST_NEIGHBOR (any type). Source: TFLite ResizeBilinearOptions, ResizeNearestNeighborOptions.
#include "resize/resize.h"

#include "resize/resize_shape.h"

namespace tflower::kernels {
namespace {

template <class Options, bool kBilinear>
struct Resize {
  static Status Infer(const Op& op, OpTypes& out) { return InferResize<Options>(op, out); }
  static Status Eval(const Op& op, const EvalContext& eval) {
    TFLOWER_TRY(const ResizeShape s, ResizeShapeOf<Options>(op));
    TFLOWER_ENSURE_OUTPUT(op, eval, 0, Shape{s.batch, s.out_h, s.out_w, s.channels});
    const Tensor x = op.Input(0);
    if constexpr (kBilinear) ResizeBilinearF32(s, x.data<float>(), op.Output(0).mutable_data<float>(), eval.parallel());
    else ResizeNearest(s, x.raw(), static_cast<size_t>(s.channels * ElementBytes(x.dtype())), op.Output(0).mutable_raw(), eval.parallel());
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<Resize<tfl::ResizeBilinearOptions, true>>(tfl::Builtin::RESIZE_BILINEAR, {.inputs = {kF32, kI32}, .outputs = {kF32}}),
    Kernel<Resize<tfl::ResizeNearestNeighborOptions, false>>(tfl::Builtin::RESIZE_NEAREST_NEIGHBOR, {.inputs = {kPlain, kI32}, .outputs = {kPlain}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(resize, kRows);
}  // namespace tflower::kernels
