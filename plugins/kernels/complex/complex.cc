// REAL, IMAG and COMPLEX_ABS of complex64. Source: schema.
#include <cmath>

#include "common/check.h"
#include "common/copy.h"

namespace tflower::kernels {
namespace {

float RealPart(float re, float) { return re; }
float ImaginaryPart(float, float im) { return im; }
// The squares of floats neither overflow nor vanish in double.
float Magnitude(float re, float im) { return static_cast<float>(std::sqrt(static_cast<double>(re) * re + static_cast<double>(im) * im)); }

template <float (*kPart)(float re, float im)>
struct PartOfComplex {
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckArity(op, 1, 1));
    return out.Set(0, DType::kFloat32, op.Input(0).dims());
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const auto* const x = static_cast<const float*>(op.Input(0).raw());  // re, im, re, im ...
    float* const y = op.Output(0).mutable_data<float>();
    eval.parallel().For(op.Input(0).num_elements(), kParallelBytes / 8, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) y[i] = kPart(x[2 * i], x[2 * i + 1]);
    });
    return Ok();
  }
};

constexpr DTypeSet kComplex = Types({DType::kComplex64});

constexpr tflower_kernel kRows[] = {
    Kernel<PartOfComplex<RealPart>>(tfl::Builtin::REAL, {.inputs = {kComplex}, .outputs = {kF32}}),
    Kernel<PartOfComplex<ImaginaryPart>>(tfl::Builtin::IMAG, {.inputs = {kComplex}, .outputs = {kF32}}),
    Kernel<PartOfComplex<Magnitude>>(tfl::Builtin::COMPLEX_ABS, {.inputs = {kComplex}, .outputs = {kF32}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(complex, kRows);
}  // namespace tflower::kernels
