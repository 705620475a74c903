// tflower.Erf and tflower.Erfc: operators of our own that live only while converting. TFLite has no error function; rules turn these into GELU or
// expand them into builtins, and constants fold through them here. Source: TF Erf, Erfc.
#include <cmath>

#include "common/check.h"

namespace tflower::kernels {
namespace {

template <double (*kFunction)(double)>
struct ErrorFunction {
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckArity(op, 1, 1));
    return out.SameAs(0, op.Input(0));
  }
  static Status Eval(const Op& op, const EvalContext&) {
    const float* x = op.Input(0).data<float>();
    float* y = op.Output(0).mutable_data<float>();
    for (int64_t i = 0, n = op.Input(0).num_elements(); i < n; ++i) y[i] = static_cast<float>(kFunction(static_cast<double>(x[i])));
    return Ok();
  }
};

double Erf(double x) { return std::erf(x); }
double Erfc(double x) { return std::erfc(x); }

constexpr tflower_kernel kRows[] = {
    Kernel<ErrorFunction<Erf>>(tfl::Builtin::CUSTOM, {.inputs = {kF32}, .outputs = {kF32}, .custom_code = "tflower.Erf"}),
    Kernel<ErrorFunction<Erfc>>(tfl::Builtin::CUSTOM, {.inputs = {kF32}, .outputs = {kF32}, .custom_code = "tflower.Erfc"}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(erf, kRows);
}  // namespace tflower::kernels
