// tflower.Erf and tflower.Erfc: operators of our own that live only while converting. TFLite has no error function; rules turn these into GELU or
// expand them into builtins, and constants fold through them here. Source: TF Erf, Erfc.
#include <cmath>

#include "elementwise/unary_kernels.h"

namespace tflower::kernels {
namespace {

struct Erf : UnaryKernel<Unary::kErf> {
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckArity(op, 1, 1));
    return out.SameAs(0, op.Input(0));
  }
};

// In double: the error of a vector's exponential would count fully in small results.
struct Erfc : Erf {
  static Status Eval(const Op& op, const EvalContext& eval) {
    const float* const x = op.Input(0).data<float>();
    float* const y = op.Output(0).mutable_data<float>();
    eval.parallel().For(op.Input(0).num_elements(), 1024, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) y[i] = static_cast<float>(std::erfc(double{x[i]}));
    });
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<Erf>(tfl::Builtin::CUSTOM, {.inputs = {kF32}, .outputs = {kF32}, .custom_code = "tflower.Erf"}),
    Kernel<Erfc>(tfl::Builtin::CUSTOM, {.inputs = {kF32}, .outputs = {kF32}, .custom_code = "tflower.Erfc"}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(erf, kRows);
}  // namespace tflower::kernels
