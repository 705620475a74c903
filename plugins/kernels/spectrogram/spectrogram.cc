// AudioSpectrogram: how much of each frequency there is in windows of a sound. Source: tf.raw_ops.AudioSpectrogram.
#include <cmath>
#include <complex>
#include <numbers>

#include "common/check.h"
#include "fft/transform.h"
#include "tflower/flex_map.h"

namespace tflower::kernels {
namespace {

using Complex = std::complex<double>;

struct Settings {
  int64_t window = 2, stride = 1;
  bool squared = false;

  int64_t fft() const {  // the next power of two
    int64_t n = 1;
    while (n < window) n *= 2;
    return n;
  }
  int64_t frequencies() const { return fft() / 2 + 1; }
  int64_t windows(int64_t samples) const { return samples < window ? 0 : 1 + (samples - window) / stride; }
};

// Operand: [samples, channels]. Result: [channels, windows, frequencies], magnitudes or their squares.
struct AudioSpectrogram {
  Settings settings;

  static Result<Settings> Read(const Op& op) {
    constexpr int64_t kMost = 1 << 28;
    const FlexMap options(op.custom_options());
    Settings s;
    TFLOWER_TRY(s.window, options.Int("window_size", 0));
    TFLOWER_TRY(s.stride, options.Int("stride", 0));
    TFLOWER_TRY(s.squared, options.Bool("magnitude_squared", false));
    if (s.window < 2 || s.window > kMost) return OptionError("window_size", Text(s.window, " must be from 2 to ", kMost));
    if (s.stride < 1 || s.stride > INT32_MAX) return OptionError("stride", Text(s.stride, " must be from 1 to ", INT32_MAX));
    return s;
  }
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckArity(op, 1, 1));
    TFLOWER_CHECK(CheckRank(op, 0, "input", 2, 2));
    TFLOWER_TRY(const Settings s, Read(op));
    return SetOutput(out, 0, DType::kFloat32, Shape{op.Input(0).dim(1), s.windows(op.Input(0).dim(0)), s.frequencies()});
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(settings, Read(op));
    if (settings.windows(op.Input(0).dim(0)) == 0) return Ok();
    want.Scratch(static_cast<uint64_t>(settings.fft() + settings.fft() / 2) * sizeof(Complex) + static_cast<uint64_t>(settings.window) * sizeof(double));
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    const int64_t channels = op.Input(0).dim(1), windows = op.Output(0).dim(1), n = settings.fft(), kept = settings.frequencies();
    Complex* const line = eval.scratch<Complex>();
    Complex* const roots = line + n;
    auto* const hann = reinterpret_cast<double*>(roots + n / 2);
    FillRoots(n, roots);
    for (int64_t i = 0; i < settings.window; ++i) hann[i] = 0.5 - 0.5 * std::cos(2.0 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(settings.window));
    for (int64_t row = 0; row < channels * windows; ++row) {
      const float* const x = op.Input(0).data<float>() + row % windows * settings.stride * channels + row / windows;
      for (int64_t i = 0; i < n; ++i) line[i] = i < settings.window ? static_cast<double>(x[i * channels]) * hann[i] : 0.0;
      Transform(n, roots, line);
      float* const y = op.Output(0).mutable_data<float>() + row * kept;
      for (int64_t k = 0; k < kept; ++k) {
        const auto power = static_cast<float>(line[k].real() * line[k].real() + line[k].imag() * line[k].imag());
        y[k] = settings.squared ? power : std::sqrt(power);
      }
    }
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<AudioSpectrogram>(tfl::Builtin::CUSTOM, {.inputs = {kF32}, .outputs = {kF32}, .custom_code = "AudioSpectrogram"}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(spectrogram, kRows);
}  // namespace tflower::kernels
