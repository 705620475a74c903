// FakeQuantWithMinMaxArgs and -Vars with constant ranges -> FAKE_QUANT; per channel, and with a narrow range, which stock runtimes refuse
// there, in elementary operators.
// Source: tf.quantization.fake_quant_with_min_max_vars.
#include <cmath>

#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kArgsAttrs[] = {Float("min", -6), Float("max", 6), Int("num_bits", 8), Bool("narrow_range", false)};
constexpr AttrDef kVarsAttrs[] = {Int("num_bits", 8), Bool("narrow_range", false)};

Result<int32_t> NumBits(const Node& node) {
  const int64_t bits = node.Int("num_bits");
  if (bits < 2 || bits > 16) return Error(Code::kInvalidGraph, std::to_string(bits) + " is not in [2, 16]").What("num_bits");
  return static_cast<int32_t>(bits);
}

// What FAKE_QUANT makes of a range, for each channel: levels from `min` to `max`, `scale` apart, one of which is 0.
struct Levels {
  std::vector<float> min, max, scale, inverse;
};

Result<Levels> LevelsOf(std::span<const float> min, std::span<const float> max, int32_t bits, bool narrow) {
  Levels levels;
  const float low = narrow ? 1.0f : 0.0f, high = static_cast<float>((1 << bits) - 1);
  for (size_t i = 0; i < min.size(); ++i) {
    if (!(min[i] < max[i]))
      return Error(Code::kUnsupportedAttribute, "the range is empty: " + std::to_string(min[i]) + " to " + std::to_string(max[i])).What("min");
    const float scale = (max[i] - min[i]) / (high - low), zero = low - min[i] / scale;
    const float nudged = zero < low ? low : zero > high ? high : std::round(zero);
    levels.min.push_back((low - nudged) * scale);
    levels.max.push_back((high - nudged) * scale);
    levels.scale.push_back(scale);
    levels.inverse.push_back(1.0f / scale);
  }
  return levels;
}

template <class TflOp>
Status Apply(Builder& build, Value& x, const std::vector<float>& channels) {
  const int64_t n = static_cast<int64_t>(channels.size());
  TFLOWER_TRY(const Value c, n == 1 ? build.Scalar(channels[0]) : build.Constant<float>(std::span<const int64_t>(&n, 1), channels));
  TFLOWER_TRY(x, build.Emit(TflOp{}, {x, c}));
  return Ok();
}

// One range, or one for each channel.
Status MoveToLevels(const Node& node, Builder& build, std::span<const float> min, std::span<const float> max) {
  TFLOWER_TRY(const int32_t bits, NumBits(node));
  TFLOWER_TRY(const Levels levels, LevelsOf(min, max, bits, node.Bool("narrow_range")));
  Value x = node.Input(0);
  TFLOWER_CHECK(Apply<tfl::Maximum>(build, x, levels.min));
  TFLOWER_CHECK(Apply<tfl::Minimum>(build, x, levels.max));
  TFLOWER_CHECK(Apply<tfl::Sub>(build, x, levels.min));
  TFLOWER_CHECK(Apply<tfl::Mul>(build, x, levels.inverse));
  TFLOWER_TRY(const Value half, build.Scalar(0.5f));
  TFLOWER_TRY(x, build.Emit(tfl::Add{}, {x, half}));
  TFLOWER_TRY(x, build.Emit(tfl::Floor{}, {x}));
  TFLOWER_CHECK(Apply<tfl::Mul>(build, x, levels.scale));
  TFLOWER_CHECK(Apply<tfl::Add>(build, x, levels.min));
  return build.Bind(0, x);
}

Status EmitFakeQuant(const Node& node, Builder& build, float min, float max) {
  TFLOWER_TRY(const int32_t bits, NumBits(node));
  if (node.Bool("narrow_range") || !(min < max)) return MoveToLevels(node, build, {&min, 1}, {&max, 1});
  return build.Bind(0, build.Emit(tfl::FakeQuant{.min = min, .max = max, .num_bits = bits, .narrow_range = false}, {node.Input(0)}));
}

Status LowerArgs(const Node& node, Builder& build) { return EmitFakeQuant(node, build, node.Float("min"), node.Float("max")); }

Status LowerVars(const Node& node, Builder& build) {
  TFLOWER_TRY(const std::span<const float> min, build.DataAs<float>(node.Input(1)));
  TFLOWER_TRY(const std::span<const float> max, build.DataAs<float>(node.Input(2)));
  return EmitFakeQuant(node, build, min[0], max[0]);
}

Status LowerPerChannel(const Node& node, Builder& build) {
  TFLOWER_TRY(const std::span<const float> min, build.DataAs<float>(node.Input(1)));
  TFLOWER_TRY(const std::span<const float> max, build.DataAs<float>(node.Input(2)));
  if (min.size() != max.size() || min.empty()) return Error(Code::kInvalidGraph, "must have as many elements as input 1, and some").What("input 2");
  return MoveToLevels(node, build, min, max);
}

constexpr Operand kAnyFloat = Of(kF32, 0, TFLOWER_MAX_RANK), kNumber = Constant(Of(kF32, 0, 0)), kChannels = Constant(Of(kF32, 1, 1));

constexpr const char* kEmits = "ADD FAKE_QUANT FLOOR MAXIMUM MINIMUM MUL SUB";

constexpr OpDef kOps[] = {
    {"FakeQuantWithMinMaxArgs", {kAnyFloat}, kArgsAttrs, LowerArgs, kEmits},
    {"FakeQuantWithMinMaxVars", {kAnyFloat, kNumber, kNumber}, kVarsAttrs, LowerVars, kEmits},
    {"FakeQuantWithMinMaxVarsPerChannel", {Of(kF32, 1, TFLOWER_MAX_RANK), kChannels, kChannels}, kVarsAttrs, LowerPerChannel, kEmits},
};
}  // namespace
TFLOWER_OP_FAMILY(fake_quant, kOps);
}  // namespace tflower::tf_ops
