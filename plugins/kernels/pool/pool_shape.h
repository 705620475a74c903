// The shapes of a pooling operator, for float and quantised operands alike. Source: TFLite Pool2DOptions.
#pragma once

#include "common/check.h"
#include "conv/padding.h"
#include "pool/pool.h"

namespace tflower::kernels {

inline Result<PoolShape> PoolShapeOf(const Op& op) {
  const Tensor x = op.Input(0);
  const auto o = op.Options<tfl::Pool2DOptions>();
  TFLOWER_TRY(const ConvAxis h, ConvAxisOf(x.dim(1), o.filter_height, o.stride_h, 1, o.padding));
  TFLOWER_TRY(const ConvAxis w, ConvAxisOf(x.dim(2), o.filter_width, o.stride_w, 1, o.padding));
  return PoolShape{x.dim(0), x.dim(1), x.dim(2), x.dim(3), h.out, w.out, o.filter_height, o.filter_width, o.stride_h, o.stride_w, h.pad_before, w.pad_before};
}

// The result has the input's type.
inline Status InferPool(const Op& op, OpTypes& out) {
  TFLOWER_TRY(const PoolShape s, PoolShapeOf(op));
  return SetOutput(out, 0, op.Input(0).dtype(), Shape{s.batch, s.out_h, s.out_w, s.channels});
}

}  // namespace tflower::kernels
