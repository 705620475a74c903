// LRN -> LOCAL_RESPONSE_NORMALIZATION: x * (bias + alpha * sum of squares of the channels around) ^ -beta.
// Source: tf.nn.local_response_normalization.
#include <cmath>

#include "formula.h"
#include "working.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kAttrs[] = {Int("depth_radius", 5), Float("bias", 1), Float("alpha", 1), Float("beta", 0.5), Type("T", DType::kFloat32)};

constexpr int64_t kMaxChannels = 1024;  // whose sums are taken by a matrix

// Which channels are summed for each: those at most `radius` away.
Result<Value> Band(Builder& build, int64_t channels, int64_t radius) {
  std::vector<float> band(static_cast<size_t>(channels * channels));
  for (int64_t i = 0; i < channels; ++i)
    for (int64_t k = 0; k < channels; ++k) band[static_cast<size_t>(i * channels + k)] = std::abs(i - k) <= radius ? 1.0f : 0.0f;
  const int64_t dims[] = {channels, channels};
  return build.Constant<float>(dims, band);
}

// TF takes the power by the logarithm, which a sum below zero does not have; TFLite's operator multiplies.
Result<Value> NaNBelowZero(const Node& node, Builder& build, const Value& y) {
  const Expr x(build, node.Input(0));
  TFLOWER_TRY(const Value band, Band(build, node.Input(0).dim(-1), node.Int("depth_radius")));
  const Expr sums = Emit(tfl::FullyConnected{.keep_num_dims = true}, {Emit(tfl::Square{}, {x}), Expr(build, band), Expr(build, Value())});
  return Where(sums * node.Float("alpha") + node.Float("bias") < 0.0, std::nan(""), Expr(build, y)).result();
}

Result<Value> LowerLrn(const Node& node, Builder& build) {
  const int64_t radius = node.Int("depth_radius");
  const float bias = node.Float("bias"), alpha = node.Float("alpha"), beta = node.Float("beta");
  if (radius < 0 || radius > INT32_MAX) return Error(Code::kInvalidGraph, std::to_string(radius) + " is out of range").What("depth_radius");
  TFLOWER_TRY(const Value y, build.Emit(tfl::LocalResponseNormalization{.radius = static_cast<int32_t>(radius), .bias = bias, .alpha = alpha, .beta = beta}, {node.Input(0)}));
  const bool differs = (alpha < 0 || bias < 0) && beta == std::floor(beta) && beta != 1.0f;  // TF divides for 1, too
  const int64_t channels = node.Input(0).dim(-1);
  return differs && channels > 0 && channels <= kMaxChannels ? NaNBelowZero(node, build, y) : Result<Value>(y);
}

constexpr OpDef kOps[] = {
    {"LRN", {Float(4)}, kAttrs, InFloat32<LowerLrn>, "ADD CAST FULLY_CONNECTED LESS LOCAL_RESPONSE_NORMALIZATION MUL SELECT_V2 SQUARE"},
};
}  // namespace
TFLOWER_OP_FAMILY(lrn, kOps);
}  // namespace tflower::tf_ops
