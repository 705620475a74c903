// The gate clamp(x + 3, 0, 6) / 6 as (1 + clamp(x / 3, -1, 1)) / 2, times x. Values are 16 bits wide; products are rounded.
#include "quantized_unary/hard_swish.h"

namespace tflower::kernels {
namespace {

int32_t Saturate16(int64_t v) { return static_cast<int32_t>(std::min<int64_t>(std::max<int64_t>(v, INT16_MIN), INT16_MAX)); }
// a b / 2^15, rounded to nearest, ties upwards.
int32_t HighMul16(int32_t a, int32_t b) {
  if (a == b && a == INT16_MIN) return INT16_MAX;
  const int32_t product = a * b;
  return (product + (product >= 0 ? 1 << 14 : 1 - (1 << 14))) / (1 << 15);
}
int32_t ShiftLeft16(int32_t a, int bits) { return Saturate16(static_cast<int64_t>(a) << std::min(bits, 31)); }

int32_t Factor16(Multiplier m) { return m.value >= INT32_MAX - (1 << 15) ? INT16_MAX : (m.value + (1 << 15)) >> 16; }

}  // namespace

Result<HardSwish> HardSwish::Of(const Affine& x, const Affine& y) {
  const float fine_scale = (1.0f / 128.0f) * x.scale;  // of operands shifted left by 7
  const Multiplier output = MultiplierOf(static_cast<double>(fine_scale / y.scale)), relu = MultiplierOf(static_cast<double>(fine_scale / (3.0f / 32768.0f)));
  if (output.shift > 0) return Error(Code::kUnsupportedType, "the output's scale is below 1/128 of the input's");
  HardSwish h;
  h.output_factor_ = Factor16(output), h.output_shift_ = -output.shift;
  h.relu_factor_ = Factor16(relu), h.relu_shift_ = relu.shift;
  return h;
}

int32_t HardSwish::operator()(int32_t centred) const {
  const int32_t fine = centred * 128;
  const int32_t scaled = HighMul16(fine, output_factor_);
  int32_t gate = relu_shift_ > 0 ? ShiftLeft16(fine, relu_shift_ - 1) : fine;
  gate = HighMul16(gate, relu_factor_);
  if (relu_shift_ > 0) gate = ShiftLeft16(gate, 1);
  else gate = RoundingShift(gate, -relu_shift_);
  gate = (gate + (1 << 15)) >> 1;
  return RoundingShift(gate * scaled / (1 << 15), output_shift_);
}

}  // namespace tflower::kernels
