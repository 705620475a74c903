// Multipliers, and what kernels read from the quantisation of their operands.
#include "common/quantized.h"

#include <cmath>

namespace tflower::kernels {

Multiplier MultiplierOf(double factor) {
  if (std::isnan(factor)) return {};
  if (factor >= 0x1p30) return {INT32_MAX, 30};
  Multiplier m;
  const int64_t value = std::llround(std::frexp(factor, &m.shift) * 0x1p31);
  if (m.shift < -31 || value == 0) return {};
  if (value == int64_t{1} << 31) return {1 << 30, m.shift + 1};
  m.value = static_cast<int32_t>(value);
  return m;
}

IntBounds BoundsOf(DType type) {
  switch (type) {
    case DType::kInt8: return {INT8_MIN, INT8_MAX};
    case DType::kUInt8: return {0, UINT8_MAX};
    case DType::kInt16: return {INT16_MIN, INT16_MAX};
    case DType::kUInt16: return {0, UINT16_MAX};
    case DType::kInt4: return {-8, 7};
    case DType::kUInt4: return {0, 15};
    case DType::kInt2: return {-2, 1};
    default: return {INT32_MIN, INT32_MAX};
  }
}

Result<Affine> AffineOf(const Tensor& t, const std::string& name) {
  if (t.scales().empty()) return std::move(Error(Code::kUnsupportedType, Text("is ", t.dtype(), " without scale and zero point: the kernel is for quantised tensors"))).What(name);
  if (t.scales().size() != 1) return std::move(Error(Code::kUnsupportedType, Text("has ", t.scales().size(), " scales, must have one"))).What(name);
  const int64_t zero = t.zero_points()[0];
  const IntBounds bounds = BoundsOf(t.dtype());
  if (zero < bounds.lo || zero > bounds.hi) return std::move(Error(Code::kInvalidGraph, Text("zero point ", zero, " is no ", t.dtype()))).What(name);
  return Affine{t.scales()[0], static_cast<int32_t>(zero)};
}

Status CheckQuantized(const Op& op, int count) {
  for (int i = 0; i < count; ++i) {
    TFLOWER_TRY([[maybe_unused]] const Affine affine, InputAffine(op, i));
  }
  return Ok();
}

Result<IntBounds> ActivationBounds(tfl::ActivationFunctionType activation, DType type, const Affine& output) {
  IntBounds bounds = BoundsOf(type);
  const auto stored = [&](float real) { return bounds.Clamp(output.zero + RoundedInt(real / output.scale)); };
  using Activation = tfl::ActivationFunctionType;
  switch (activation) {
    case Activation::NONE: return bounds;
    case Activation::RELU: return IntBounds{stored(0), bounds.hi};
    case Activation::RELU6: return IntBounds{stored(0), stored(6)};
    case Activation::RELU_N1_TO_1: return IntBounds{stored(-1), stored(1)};
    default: break;
  }
  return std::move(Error(Code::kUnsupportedAttribute, Text(static_cast<int>(activation), " is not NONE, RELU, RELU_N1_TO_1 or RELU6"))).What("fused_activation_function");
}

}  // namespace tflower::kernels
