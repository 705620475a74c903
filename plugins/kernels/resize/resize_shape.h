// The shapes of the resizing operators, for every type of pixels. Source: TFLite ResizeBilinearOptions, ResizeNearestNeighborOptions.
#pragma once

#include "common/check.h"
#include "resize/resize.h"

namespace tflower::kernels {

template <class Options>
Result<ResizeShape> ResizeShapeOf(const Op& op) {
  const Tensor x = op.Input(0);
  const auto o = op.Options<Options>();
  const int64_t h = IntAt(op.Input(1), 0), w = IntAt(op.Input(1), 1);
  if (h < 1 || w < 1) return OperandError(Code::kInvalidOperand, 1, "size", "[" + std::to_string(h) + ", " + std::to_string(w) + "] must be positive");
  if (x.dim(1) < 1 || x.dim(2) < 1) return OperandError(Code::kUnsupportedShape, 0, "input", "shape " + TextOf(x.dims()) + " has no pixels");
  return ResizeShape{x.dim(0), x.dim(1), x.dim(2), x.dim(3), h, w, o.align_corners, o.half_pixel_centers};
}

template <class Options>
Status InferResize(const Op& op, OpTypes& out) {
  const Tensor x = op.Input(0);
  if (!Known(op.Input(1))) {
    const int64_t dims[] = {x.dim(0), -1, -1, x.dim(3)};
    return out.Set(0, x.dtype(), dims);
  }
  TFLOWER_TRY(const ResizeShape s, ResizeShapeOf<Options>(op));
  return SetOutput(out, 0, x.dtype(), Shape{s.batch, s.out_h, s.out_w, s.channels});
}

}  // namespace tflower::kernels
