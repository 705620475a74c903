// Mfcc: mel-frequency cepstral coefficients of a spectrogram of squared magnitudes. Source: tf.raw_ops.Mfcc.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "common/check.h"
#include "tflower/flex_map.h"

namespace tflower::kernels {
namespace {

struct Settings {
  double upper = 4000, lower = 20;  // Hz
  int64_t bands = 40, coefficients = 13;
};

double MelOf(double hertz) { return 1127.0 * std::log1p(hertz / 700.0); }

// Triangles on the mel scale, each of which begins and ends in the middle of its neighbours: frequency i counts with weight[i] for band[i] and
// with the rest for the band behind it.
struct Triangles {
  int64_t first = 0, last = -1;  // frequencies that count
  double* weight;
  int64_t* band;

  // middles: room for bands + 1.
  void Make(const Settings& s, int64_t frequencies, double sample_rate, double* middles) {
    const double low = MelOf(s.lower), spacing = (MelOf(s.upper) - low) / static_cast<double>(s.bands + 1);
    const double step = 0.5 * sample_rate / static_cast<double>(frequencies - 1);  // Hz from one frequency to the next
    for (int64_t i = 0; i <= s.bands; ++i) middles[i] = low + spacing * static_cast<double>(i + 1);
    first = IndexOf(1.5 + s.lower / step);  // never the constant part
    last = IndexOf(s.upper / step);
    int64_t next = 0;
    for (int64_t i = first; i <= std::min(last, frequencies - 1); ++i) {
      const double mel = MelOf(static_cast<double>(i) * step);
      while (next < s.bands && middles[next] < mel) ++next;
      band[i] = next - 1;
      weight[i] = next == 0 ? (middles[0] - mel) / (middles[0] - low) : (middles[next] - mel) / (middles[next] - middles[next - 1]);
    }
  }

 private:
  static int64_t IndexOf(double x) { return static_cast<int64_t>(std::min(x, 1e15)); }
};

// Operands: spectrogram [channels, windows, frequencies], sample rate. Result: [channels, windows, coefficients].
struct Mfcc {
  Settings settings;

  // TFLite reads the limits as whole numbers of Hz.
  static Result<double> Limit(const FlexMap& options, const char* name) {
    TFLOWER_TRY(const float hertz, options.Float(name, 0));
    if (hertz >= 0 && hertz <= 1e9f) return std::trunc(static_cast<double>(hertz));
    return OptionError(name, Text(hertz, " must be from 0 to 10^9"));
  }
  static Result<Settings> Read(const Op& op) {
    constexpr int64_t kMostBands = 1 << 14;
    const FlexMap options(op.custom_options());
    Settings s;
    TFLOWER_TRY(s.upper, Limit(options, "upper_frequency_limit"));
    TFLOWER_TRY(s.lower, Limit(options, "lower_frequency_limit"));
    TFLOWER_TRY(s.bands, options.Int("filterbank_channel_count", 0));
    TFLOWER_TRY(s.coefficients, options.Int("dct_coefficient_count", 0));
    if (s.upper <= s.lower) return OptionError("upper_frequency_limit", Text(s.upper, " must be above the lower limit, ", s.lower));
    if (s.bands < 1 || s.bands > kMostBands) return OptionError("filterbank_channel_count", Text(s.bands, " must be from 1 to ", kMostBands));
    if (s.coefficients >= 1 && s.coefficients <= s.bands) return s;
    return OptionError("dct_coefficient_count", Text(s.coefficients, " must be from 1 to filterbank_channel_count, ", s.bands));
  }
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckArity(op, 2, 2));
    TFLOWER_CHECK(CheckRank(op, 0, "spectrogram", 3, 3));
    TFLOWER_CHECK(CheckScalar(op, 1, "sample_rate"));
    const Tensor x = op.Input(0);
    if (x.dim(2) < 2) return OperandError(Code::kUnsupportedShape, 0, "spectrogram", Text("shape ", x.dims(), " must have at least 2 frequencies"));
    TFLOWER_TRY(const Settings s, Read(op));
    return SetOutput(out, 0, DType::kFloat32, Shape{x.dim(0), x.dim(1), s.coefficients});
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(settings, Read(op));
    const auto bands = static_cast<uint64_t>(settings.bands), frequencies = static_cast<uint64_t>(op.Input(0).dim(2));
    want.Scratch((bands * static_cast<uint64_t>(settings.coefficients) + 2 * bands + 1 + 2 * frequencies) * sizeof(double));
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    const int64_t frequencies = op.Input(0).dim(2), bands = settings.bands, rate = op.Input(1).data<int32_t>()[0];
    if (rate < 1) return OperandError(Code::kInvalidOperand, 1, "sample_rate", Text(rate, " must be positive"));
    double* const cosines = eval.scratch<double>();
    double* const energies = cosines + bands * settings.coefficients;
    double* const middles = energies + bands;
    Triangles triangles{.weight = middles + bands + 1, .band = reinterpret_cast<int64_t*>(middles + bands + 1 + frequencies)};
    triangles.Make(settings, frequencies, static_cast<double>(rate), middles);
    FillCosines(cosines);
    for (int64_t row = 0; row < op.Input(0).dim(0) * op.Input(0).dim(1); ++row) {
      float* const y = op.Output(0).mutable_data<float>() + row * settings.coefficients;
      const bool heard = Energies(op.Input(0).data<float>() + row * frequencies, frequencies, triangles, energies);
      for (int64_t i = 0; i < settings.coefficients; ++i) {
        double sum = 0;  // where the limit is above all frequencies, TFLite gives zeros
        for (int64_t k = 0; heard && k < bands; ++k) sum += cosines[i * bands + k] * energies[k];
        y[i] = static_cast<float>(sum);
      }
    }
    return Ok();
  }

 private:
  void FillCosines(double* cosines) const {
    const auto bands = static_cast<double>(settings.bands);
    for (int64_t i = 0; i < settings.coefficients; ++i) {
      for (int64_t k = 0; k < settings.bands; ++k)
        *cosines++ = std::sqrt(2.0 / bands) * std::cos(static_cast<double>(i) * (std::numbers::pi / bands) * (static_cast<double>(k) + 0.5));
    }
  }
  // Logarithms of the bands' magnitudes; false when the bands reach beyond the spectrogram.
  bool Energies(const float* x, int64_t frequencies, const Triangles& t, double* energies) const {
    if (frequencies <= t.last) return false;
    std::fill_n(energies, settings.bands, 0.0);
    for (int64_t i = t.first; i <= t.last; ++i) {
      const double magnitude = std::sqrt(static_cast<double>(x[i])), down = magnitude * t.weight[i];
      if (t.band[i] >= 0) energies[t.band[i]] += down;
      if (t.band[i] + 1 < settings.bands) energies[t.band[i] + 1] += magnitude - down;
    }
    constexpr double kSilence = 1e-12;
    for (int64_t k = 0; k < settings.bands; ++k) energies[k] = std::log(energies[k] < kSilence ? kSilence : energies[k]);
    return true;
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<Mfcc>(tfl::Builtin::CUSTOM, {.inputs = {kF32, kI32}, .outputs = {kF32}, .custom_code = "Mfcc"}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(mfcc, kRows);
}  // namespace tflower::kernels
