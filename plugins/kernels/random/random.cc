// RANDOM_UNIFORM, RANDOM_STANDARD_NORMAL, MULTINOMIAL: the numbers that LiteRT gives for the same seeds, invocation by invocation.
// Source: TFLite RandomOptions.
#include <limits>
#include <random>
#include <vector>

#include "common/check.h"
#include "shared/philox.h"

namespace tflower::kernels {
namespace {

// The state lives with the prepared operator, as in LiteRT: it goes on from invocation to invocation, and starts anew when shapes change.
class Generator {
 public:
  // Seeds of 0 mean: other numbers each time.
  void Seed(const tfl::RandomOptions& options) {
    if (options.seed != 0 || options.seed2 != 0) {
      philox_ = Philox(options.seed, options.seed2);
      return;
    }
    std::random_device device;
    std::uniform_int_distribution<int64_t> any(std::numeric_limits<int64_t>::min());
    const int64_t seed = any(device), seed2 = any(device);
    philox_ = Philox(seed, seed2);
  }
  Philox& philox() const { return philox_; }

 private:
  mutable Philox philox_;  // Eval of one operator never runs twice at once
};

// Operand: the shape.
template <void (*fill)(Philox&, float*, int64_t)>
struct RandomFloats {
  Generator generator;

  static Result<Shape> OutputShape(const Op& op) {
    const Shape dims = IntsOf(op.Input(0));
    TFLOWER_TRY([[maybe_unused]] const int64_t count, ForInput(0, "shape", CountElements(dims, DType::kFloat32)));
    return dims;
  }
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckShapeOperand(op, 0, "shape"));
    if (!Known(op.Input(0))) return out.Unknown(0, DType::kFloat32, static_cast<int>(op.Input(0).dim(0)));
    TFLOWER_TRY(const Shape dims, OutputShape(op));
    return out.Set(0, DType::kFloat32, dims);
  }
  Status Prepare(const Op& op, PrepareContext&) {
    generator.Seed(op.Options<tfl::RandomOptions>());
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    TFLOWER_TRY(const Shape dims, OutputShape(op));
    TFLOWER_ENSURE_OUTPUT(op, eval, 0, dims);
    fill(generator.philox(), op.Output(0).mutable_data<float>(), Product(dims));
    return Ok();
  }
};

void FillUniform(Philox& philox, float* out, int64_t n) {
  for (int64_t i = 0; i < n; i += Philox::kWords) {
    const Philox::Words words = philox();
    for (int64_t k = 0; k < std::min<int64_t>(Philox::kWords, n - i); ++k) out[i + k] = UniformFloat(words[static_cast<size_t>(k)]);
  }
}

void FillNormal(Philox& philox, float* out, int64_t n) {
  for (int64_t i = 0; i < n; i += Philox::kWords) {
    const Philox::Words words = philox();
    const auto first = NormalFloats(words[0], words[1]), second = NormalFloats(words[2], words[3]);
    const float normal[] = {first[0], first[1], second[0], second[1]};
    std::copy_n(normal, std::min<int64_t>(Philox::kWords, n - i), out + i);
  }
}

// Operands: logits [batch, classes], num_samples. Class numbers [batch, num_samples], with probabilities in proportion to exp(logits).
template <class T>
struct Multinomial {
  Generator generator;

  static Result<Shape> OutputShape(const Op& op) {
    const int64_t samples = IntAt(op.Input(1), 0);
    if (samples < 0) return OperandError(Code::kInvalidOperand, 1, "num_samples", Text(samples, " must be at least 0"));
    const Shape dims{op.Input(0).dim(0), samples};
    TFLOWER_TRY([[maybe_unused]] const int64_t count, ForInput(1, "num_samples", CountElements(dims, DTypeOf<T>::value)));
    return dims;
  }
  static Status Infer(const Op& op, OpTypes& out) {
    const int64_t classes = op.Input(0).dim(1);
    if (classes < 1) return OperandError(Code::kUnsupportedShape, 0, "logits", "there must be at least one class");
    if (Known(op.Input(1))) {
      TFLOWER_TRY(const Shape dims, OutputShape(op));
      return out.Set(0, DTypeOf<T>::value, dims);
    }
    return out.Set(0, DTypeOf<T>::value, {op.Input(0).dim(0), -1});
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    generator.Seed(op.Options<tfl::RandomOptions>());
    want.Scratch(static_cast<uint64_t>(op.Input(0).dim(1)) * sizeof(double));
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    TFLOWER_TRY(const Shape dims, OutputShape(op));
    TFLOWER_ENSURE_OUTPUT(op, eval, 0, dims);
    const int64_t batch = dims[0], samples = dims[1], classes = op.Input(0).dim(1);
    Philox philox = generator.philox();
    // An invocation uses up a fixed number of calls, whatever it draws: 2 * 256 for each sample, rounded up to 4 samples.
    generator.philox().Skip(static_cast<uint64_t>(batch) * static_cast<uint64_t>((samples + 3) / 4 * 4) * 2 * 256);
    Philox::Words words{};
    size_t used = Philox::kWords;
    for (int64_t b = 0; b < batch; ++b) {
      const std::span<double> sums(eval.scratch<double>(), static_cast<size_t>(classes));
      SumUp(op.Input(0).data<float>() + b * classes, sums);
      for (int64_t i = 0; i < samples; ++i) {
        if (used == Philox::kWords) words = philox(), used = 0;
        const double at = UniformDouble(words[used], words[used + 1]) * sums.back();
        used += 2;
        op.Output(0).mutable_data<T>()[b * samples + i] = static_cast<T>(std::upper_bound(sums.begin(), sums.end(), at) - sums.begin());
      }
    }
    return Ok();
  }

 private:
  // sums[i] = the sum of exp(logits - the largest) up to i; what is not finite counts as 0.
  static void SumUp(const float* logits, std::span<double> sums) {
    float largest = std::numeric_limits<float>::lowest();
    for (size_t i = 0; i < sums.size(); ++i)
      if (std::isfinite(logits[i])) largest = std::max(largest, logits[i]);
    double sum = 0;
    for (size_t i = 0; i < sums.size(); ++i) {
      if (std::isfinite(logits[i])) sum += std::exp(static_cast<double>(logits[i]) - static_cast<double>(largest));
      sums[i] = sum;
    }
  }
};

constexpr uint32_t kState = TFLOWER_KERNEL_IMPURE;
constexpr tflower_kernel kRows[] = {
    Kernel<RandomFloats<FillUniform>>(tfl::Builtin::RANDOM_UNIFORM, {.inputs = {kI32}, .outputs = {kF32}, .flags = kState}),
    Kernel<RandomFloats<FillNormal>>(tfl::Builtin::RANDOM_STANDARD_NORMAL, {.inputs = {kI32}, .outputs = {kF32}, .flags = kState}),
    Kernel<Multinomial<int64_t>>(tfl::Builtin::MULTINOMIAL, {.inputs = {kF32, kI32}, .outputs = {kI64}, .flags = kState}),
    Kernel<Multinomial<int32_t>>(tfl::Builtin::MULTINOMIAL, {.inputs = {kF32, kI32}, .outputs = {kI32}, .flags = kState, .priority = 50}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(random, kRows);
}  // namespace tflower::kernels
