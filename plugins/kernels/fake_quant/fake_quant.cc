// FAKE_QUANT on float32: each element moved to the nearest of 2^num_bits levels between min and max, one of which is 0.
// Sources: TFLite FakeQuantOptions; tf.quantization.fake_quant_with_min_max_args; Jacob et al., Quantization and Training of Neural Networks
// for Efficient Integer-Arithmetic-Only Inference (2018).
#include "fake_quant/fake_quant.h"

#include <cmath>

#include "common/check.h"
#include "common/copy.h"

namespace tflower::kernels {
namespace {

// min and max moved so that 0 is a level.
QuantLevels LevelsOf(const tfl::FakeQuantOptions& o) {
  const float low = o.narrow_range ? 1.0f : 0.0f, high = static_cast<float>((1 << o.num_bits) - 1);
  const float scale = (o.max - o.min) / (high - low);
  const float zero = low - o.min / scale;
  const float nudged = zero < low ? low : zero > high ? high : std::round(zero);
  return {(low - nudged) * scale, (high - nudged) * scale, scale};
}

struct FakeQuant {
  static Status Infer(const Op& op, OpTypes& out) { return out.SameAs(0, op.Input(0)); }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const QuantLevels levels = LevelsOf(op.Options<tfl::FakeQuantOptions>());
    const float* const x = op.Input(0).data<float>();
    float* const y = op.Output(0).mutable_data<float>();
    eval.parallel().For(op.Input(0).num_elements(), kParallelBytes / 8, [&](int64_t begin, int64_t end) {
      FakeQuantF32(levels, x + begin, static_cast<size_t>(end - begin), y + begin);
    });
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<FakeQuant>(tfl::Builtin::FAKE_QUANT, {.inputs = {kF32}, .outputs = {kF32}, .flags = TFLOWER_KERNEL_IN_PLACE}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(fake_quant, kRows);
}  // namespace tflower::kernels
