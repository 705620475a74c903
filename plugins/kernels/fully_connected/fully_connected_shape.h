// The shapes of a FULLY_CONNECTED operator, for float and quantised operands alike. Source: TFLite FullyConnectedOptions.
#pragma once

#include "common/check.h"
#include "fully_connected/fully_connected.h"

namespace tflower::kernels {

// The input's elements are cut into rows of `in`, whatever its rank; without elements the leading dimensions count.
inline Result<FullyConnectedShape> FullyConnectedShapeOf(const Op& op) {
  const Tensor x = op.Input(0), weights = op.Input(1);
  const int64_t in = weights.dim(1), elements = x.num_elements();
  const bool rows_end = x.rank() > 0 && x.dim(-1) == in;
  if (!rows_end && (in == 0 || elements % in != 0)) {
    return OperandError(Code::kUnsupportedShape, 0, "input", "shape " + TextOf(x.dims()) + " does not divide into rows of " + std::to_string(in));
  }
  if (!rows_end && op.Options<tfl::FullyConnectedOptions>().keep_num_dims) {
    return OperandError(Code::kUnsupportedShape, 0, "input", "shape " + TextOf(x.dims()) + " must end in " + std::to_string(in) + " with keep_num_dims");
  }
  return FullyConnectedShape{rows_end ? Product(x.dims(), 0, x.rank() - 1) : elements / in, in, weights.dim(0)};
}

inline Status InferFullyConnected(const Op& op, OpTypes& out, DType result) {
  const auto options = op.Options<tfl::FullyConnectedOptions>();
  if (options.weights_format != tfl::FullyConnectedOptionsWeightsFormat::DEFAULT) return OptionError("weights_format", "must be DEFAULT");
  TFLOWER_TRY(const FullyConnectedShape s, FullyConnectedShapeOf(op));
  if (!options.keep_num_dims) return SetOutput(out, 0, result, Shape{s.batch, s.out});
  Shape dims(op.Input(0).dims());
  dims[dims.rank() - 1] = s.out;
  return SetOutput(out, 0, result, dims);
}
// The result has the input's type.
inline Status InferFullyConnected(const Op& op, OpTypes& out) { return InferFullyConnected(op, out, op.Input(0).dtype()); }

}  // namespace tflower::kernels
