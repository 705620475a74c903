// AudioSpectrogram -> RFFT2D of windowed frames; Mfcc as two products with constant matrices, mel filters and a cosine transform.
// Source: tf.raw_ops.AudioSpectrogram, tf.raw_ops.Mfcc.
#include <cmath>
#include <numbers>

#include "formula.h"
#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kSpectrogramAttrs[] = {Int("window_size"), Int("stride"), Bool("magnitude_squared", false)};
constexpr AttrDef kMfccAttrs[] = {Float("upper_frequency_limit", 4000), Float("lower_frequency_limit", 20), Int("filterbank_channel_count", 40),
                                  Int("dct_coefficient_count", 13)};

constexpr int64_t kMaxWindow = 1 << 15, kMaxFrames = 1 << 20, kMaxChannels = 1 << 10;
constexpr double kMaxFrequency = 1e9;

// frames [channels, frames, window] of x [samples, channels], times a Hann window, with zeros up to fft_length.
Result<Value> Frames(Builder& build, const Value& x, int64_t window, int64_t stride, int64_t frames, int64_t fft_length) {
  std::vector<int32_t> places;
  for (int64_t i = 0; i < frames; ++i)
    for (int64_t k = 0; k < window; ++k) places.push_back(static_cast<int32_t>(i * stride + k));
  std::vector<float> hann;
  for (int64_t k = 0; k < window; ++k)
    hann.push_back(static_cast<float>(0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(window))));
  const Expr channels = Emit(tfl::Transpose{}, {Expr(build, x), Expr(build, build.Vector({1, 0}))});
  const Expr at(build, build.Constant<int32_t>(std::array<int64_t, 2>{frames, window}, places));
  const Expr cut = Emit(tfl::Gather{.axis = 1}, {channels, at}) * Expr(build, build.Constant<float>(std::array<int64_t, 1>{window}, hann));
  if (fft_length == window) return cut.result();
  const int32_t pads[] = {0, 0, 0, 0, 0, static_cast<int32_t>(fft_length - window)};
  return Emit(tfl::Pad{}, {cut, Expr(build, build.Constant<int32_t>(std::array<int64_t, 2>{3, 2}, pads))}).result();
}

Status LowerSpectrogram(const Node& node, Builder& build) {
  const int64_t window = node.Int("window_size"), stride = node.Int("stride");
  const Value x = node.Input(0);
  if (window < 2 || window > kMaxWindow) return Error(Code::kUnsupportedAttribute, "must be 2 to " + std::to_string(kMaxWindow)).What("window_size");
  if (stride < 1) return Error(Code::kInvalidGraph, "must be at least 1").What("stride");
  if (x.dim(0) < window || x.dim(1) < 1)
    return Error(Code::kUnsupportedShape, "must have known dimensions, with at least one window of samples").What("input 0").Hint("give the shape with --input-shape");
  const int64_t frames = 1 + (x.dim(0) - window) / stride;
  if (frames > kMaxFrames / window) return Error(Code::kUnsupportedShape, "has too many samples for these windows").What("input 0");
  int64_t fft_length = 1;
  while (fft_length < window) fft_length *= 2;
  TFLOWER_TRY(const Value cut, Frames(build, x, window, stride, frames, fft_length));
  const int64_t rows[] = {x.dim(1), frames, 1, fft_length};
  TFLOWER_TRY(const Value images, ReshapeTo(build, cut, rows));
  TFLOWER_TRY(const Value length, build.Vector({1, static_cast<int32_t>(fft_length)}));
  const Expr size = Emit(tfl::ComplexAbs{}, {Emit(tfl::Rfft2D{}, {Expr(build, images), Expr(build, length)})});
  TFLOWER_TRY(const Value y, (node.Bool("magnitude_squared") ? size * size : size).result());
  const int64_t dims[] = {x.dim(1), frames, fft_length / 2 + 1};
  return build.Bind(0, ReshapeTo(build, y, dims));
}

double Mel(double frequency) { return 1127 * std::log1p(frequency / 700); }

struct Filters {
  double lower, upper, sample_rate;
  int64_t bins, channels;
};

// [bins, channels]: a bin between the centres of two channels goes to both, the more the nearer. Bins outside of the limits go nowhere.
std::vector<float> FilterWeights(const Filters& f) {
  std::vector<float> weights(static_cast<size_t>(f.bins * f.channels), 0.0f);
  const double low = Mel(f.lower), spacing = (Mel(f.upper) - low) / static_cast<double>(f.channels + 1);
  const auto centre = [&](int64_t channel) { return low + spacing * static_cast<double>(channel + 1); };  // -1: the lower limit
  const double width = 0.5 * f.sample_rate / static_cast<double>(f.bins - 1);
  const int64_t first = static_cast<int64_t>(1.5 + f.lower / width), last = std::min(static_cast<int64_t>(f.upper / width), f.bins - 1);
  int64_t above = 0;  // the first channel whose centre is not below the bin
  for (int64_t i = first; i <= last; ++i) {
    const double mel = Mel(static_cast<double>(i) * width);
    while (above < f.channels && centre(above) < mel) ++above;
    const int64_t below = above - 1;
    const double share = (centre(above) - mel) / (centre(above) - centre(below));
    if (below >= 0) weights[static_cast<size_t>(i * f.channels + below)] = static_cast<float>(share);
    if (above < f.channels) weights[static_cast<size_t>(i * f.channels + above)] = static_cast<float>(1 - share);
  }
  return weights;
}

// [channels, coefficients].
std::vector<float> CosineWeights(int64_t channels, int64_t coefficients) {
  std::vector<float> weights;
  const double n = static_cast<double>(channels);
  for (int64_t j = 0; j < channels; ++j)
    for (int64_t i = 0; i < coefficients; ++i)
      weights.push_back(static_cast<float>(std::sqrt(2 / n) * std::cos(std::numbers::pi / n * static_cast<double>(i) * (static_cast<double>(j) + 0.5))));
  return weights;
}

// Inputs: a squared spectrogram [channels, frames, bins], the sample rate.
Status LowerMfcc(const Node& node, Builder& build) {
  TFLOWER_TRY(const int64_t rate, build.Int(node.Input(1), "input 1 (sample_rate)"));
  const Value x = node.Input(0);
  const Filters f{node.Float("lower_frequency_limit"), node.Float("upper_frequency_limit"), static_cast<double>(rate), x.dim(2), node.Int("filterbank_channel_count")};
  const int64_t coefficients = node.Int("dct_coefficient_count");
  if (f.bins < 2 || f.bins > kMaxWindow) return Error(Code::kUnsupportedShape, "the number of its bins must be known, and at least 2").What("input 0");
  if (f.channels < 1 || f.channels > kMaxChannels) return Error(Code::kInvalidGraph, "must be 1 to " + std::to_string(kMaxChannels)).What("filterbank_channel_count");
  if (coefficients < 1 || coefficients > f.channels) return Error(Code::kInvalidGraph, "must be 1 to the number of channels").What("dct_coefficient_count");
  if (rate < 1 || !(f.lower >= 0 && f.lower < f.upper && f.upper <= kMaxFrequency)) return Error(Code::kInvalidGraph, "the sample rate, or the limits of frequency, make no filters");
  const Expr filters(build, build.Constant<float>(std::array<int64_t, 2>{f.bins, f.channels}, FilterWeights(f)));
  const Expr cosines(build, build.Constant<float>(std::array<int64_t, 2>{f.channels, coefficients}, CosineWeights(f.channels, coefficients)));
  const auto times = [&](const Expr& a, const Expr& weights) {
    return Emit(tfl::FullyConnected{.keep_num_dims = true}, {a, Emit(tfl::Transpose{}, {weights, Expr(build, build.Vector({1, 0}))}), Expr(build, Value())});
  };
  const Expr energies = times(Sqrt(Expr(build, x)), filters);
  return build.Bind(0, times(Log(Max(energies, 1e-12)), cosines).result());
}

constexpr OpDef kOps[] = {
    {"AudioSpectrogram", {Of(kF32, 2, 2)}, kSpectrogramAttrs, LowerSpectrogram, "COMPLEX_ABS GATHER MUL PAD RESHAPE RFFT2D TRANSPOSE"},
    {"Mfcc", {Of(kF32, 3, 3), Of(kI32, 0, 0)}, kMfccAttrs, LowerMfcc, "FULLY_CONNECTED LOG MAXIMUM SQRT TRANSPOSE"},
};
}  // namespace
TFLOWER_OP_FAMILY(audio, kOps);
}  // namespace tflower::tf_ops
