// RESIZE_BILINEAR of int8, uint8 and int16 in fixed point: coordinates and weights have 10 fractional bits. Of stored numbers: input and output should
// have one quantisation, and without any they are plain integers. Source: TFLite ResizeBilinearOptions.
#include "common/quantized.h"
#include "quantized_resize/bilinear.h"
#include "resize/resize_shape.h"

namespace tflower::kernels {
namespace {

struct Resize {
  static Status Infer(const Op& op, OpTypes& out) { return InferResize<tfl::ResizeBilinearOptions>(op, out); }
  static Status Eval(const Op& op, const EvalContext& eval) {
    TFLOWER_TRY(const ResizeShape s, ResizeShapeOf<tfl::ResizeBilinearOptions>(op));
    TFLOWER_ENSURE_OUTPUT(op, eval, 0, Shape{s.batch, s.out_h, s.out_w, s.channels});
    const int64_t work = std::max<int64_t>(1, s.out_w * s.channels);
    eval.parallel().For(s.batch * s.out_h, 1 + 32768 / work, [&](int64_t begin, int64_t end) {
      ResizeQuantized(s, op.Input(0).dtype(), op.Input(0).raw(), begin, end, op.Output(0).mutable_raw());
    });
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<Resize>(tfl::Builtin::RESIZE_BILINEAR, {.inputs = {kQuantized, kI32}, .outputs = {kQuantized}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(quantized_resize, kRows);
}  // namespace tflower::kernels
