// Rows of RESIZE_BILINEAR (float32) and RESIZE_NEAREST_NEIGHBOR (any type). Source: TFLite ResizeBilinearOptions, ResizeNearestNeighborOptions.
#include "resize/resize.h"

#include "common/check.h"

namespace tflower::kernels {
namespace {

template <class Options>
Status Check(const Op& op) {
  TFLOWER_CHECK(CheckArity(op, 2, 2));
  TFLOWER_CHECK(CheckRank(op, 0, "input", 4, 4));
  TFLOWER_CHECK(CheckVector(op, 1, "size", 2));
  const auto o = op.Options<Options>();
  if (o.align_corners && o.half_pixel_centers) return OptionError("half_pixel_centers", "cannot be combined with align_corners");
  return Ok();
}

template <class Options>
Result<ResizeShape> ShapeOf(const Op& op) {
  const Tensor x = op.Input(0);
  const auto o = op.Options<Options>();
  const int64_t h = IntAt(op.Input(1), 0), w = IntAt(op.Input(1), 1);
  if (h < 1 || w < 1) return OperandError(Code::kInvalidOperand, 1, "size", "[" + std::to_string(h) + ", " + std::to_string(w) + "] must be positive");
  if (x.dim(1) < 1 || x.dim(2) < 1) return OperandError(Code::kUnsupportedShape, 0, "input", "shape " + TextOf(x.dims()) + " has no pixels");
  return ResizeShape{x.dim(0), x.dim(1), x.dim(2), x.dim(3), h, w, o.align_corners, o.half_pixel_centers};
}

template <class Options, bool kBilinear>
struct Resize {
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(Check<Options>(op));
    const Tensor x = op.Input(0);
    if (!Known(op.Input(1))) {
      const int64_t dims[] = {x.dim(0), -1, -1, x.dim(3)};
      return out.Set(0, x.dtype(), dims);
    }
    TFLOWER_TRY(const ResizeShape s, ShapeOf<Options>(op));
    return SetOutput(out, 0, x.dtype(), Shape{s.batch, s.out_h, s.out_w, s.channels});
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    TFLOWER_TRY(const ResizeShape s, ShapeOf<Options>(op));
    TFLOWER_CHECK(EnsureOutput(op, eval, 0, Shape{s.batch, s.out_h, s.out_w, s.channels}));
    const Tensor x = op.Input(0);
    if constexpr (kBilinear) ResizeBilinearF32(s, x.data<float>(), op.Output(0).mutable_data<float>(), eval.parallel());
    else ResizeNearest(s, x.raw(), static_cast<size_t>(s.channels * ElementBytes(x.dtype())), op.Output(0).mutable_raw(), eval.parallel());
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<Resize<tfl::ResizeBilinearOptions, true>>(tfl::Builtin::RESIZE_BILINEAR, {.inputs = {kF32, kI32}, .outputs = {kF32}, .versions = {1, 3}}),
    Kernel<Resize<tfl::ResizeNearestNeighborOptions, false>>(tfl::Builtin::RESIZE_NEAREST_NEIGHBOR, {.inputs = {kPlain, kI32}, .outputs = {kPlain}, .versions = {1, 4}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(resize, kRows);
}  // namespace tflower::kernels
