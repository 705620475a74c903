// What the integer layers with weights share (convolutions, dense layers): zero points, a multiplier for each output channel, bounds, and
// the weights as whole bytes.
#pragma once

#include "common/quantized.h"

namespace tflower::kernels {

// Sums are 32 bits wide, 64 for int16 activations with an int64 bias, or without one in a convolution.
struct QuantizedLayer {
  Affine x, y;
  int32_t w_zero = 0;
  std::vector<Multiplier> multipliers;  // one, or one for each output channel
  IntBounds bounds;
  bool wide = false;

  // Operands by position; axis: the filter's dimension that holds the output channels. The bias has the layer's scale, so its own is not read.
  Status Prepare(const Op& op, int input, int filter, int bias, int axis, tfl::ActivationFunctionType activation);

  Multiplier At(int64_t channel) const { return multipliers[multipliers.size() == 1 ? 0 : static_cast<size_t>(channel)]; }
  template <class T, class Sum>
  T Finish(Sum sum, int64_t channel) const {
    return static_cast<T>(bounds.Clamp(static_cast<int64_t>(Scaled(sum, At(channel))) + y.zero));
  }
};

// In Infer: types and quantisation of activations, weights and bias that QuantizedLayer can take.
Status CheckQuantizedLayer(const Op& op, int input, int filter, int bias, int axis);

// int4 and int2 as whole bytes.
void UnpackInts(const Tensor& from, int8_t* to);

// The weights of a kernel, operand 1, as whole bytes: int4 and int2 are unpacked once, all others are read in place.
class ByteWeights {
 public:
  void Prepare(const Op& op, PrepareContext& want);
  Status Pack(const Op& op, void* packed) const;
  const int8_t* Bytes(const Op& op, const EvalContext& eval) const {
    return unpack_ ? eval.packed<int8_t>() : static_cast<const int8_t*>(op.Input(1).raw());
  }

 private:
  bool unpack_ = false;
};

// Calls f(weights, Sum{}, T{}) with the C++ types of activations T, weights W and sums. bytes: the weights, from ByteWeights.
template <class F>
void VisitLayer(const QuantizedLayer& layer, const Tensor& input, const Tensor& weights, const int8_t* bytes, F&& f) {
  switch (input.dtype()) {
    case DType::kUInt8: return f(weights.data<uint8_t>(), int32_t{}, uint8_t{});
    case DType::kInt16: return layer.wide ? f(bytes, int64_t{}, int16_t{}) : f(bytes, int32_t{}, int16_t{});
    default: return f(bytes, int32_t{}, int8_t{});
  }
}

}  // namespace tflower::kernels
