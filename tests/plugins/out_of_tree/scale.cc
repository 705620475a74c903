// A kernel for the custom operator "AcmeScale": y = factor * x, with the factor from its options.
#include <tflower/flex_map.h>
#include <tflower/plugin.h>

namespace {
using namespace tflower;

struct Scale {
  static Status Infer(const Op& op, OpTypes& out) {
    if (op.num_inputs() != 1) return Error(Code::kInvalidGraph, "takes one input");
    return out.SameAs(0, op.Input(0));
  }
  static Status Eval(const Op& op, const EvalContext&) {
    TFLOWER_TRY(const float factor, FlexMap(op.custom_options()).Float("factor", 1));
    const float* x = op.Input(0).data<float>();
    float* y = op.Output(0).mutable_data<float>();
    for (int64_t i = 0; i < op.Input(0).num_elements(); ++i) y[i] = factor * x[i];
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {Kernel<Scale>(tfl::Builtin::CUSTOM, {.inputs = {kF32}, .outputs = {kF32}, .custom_code = "AcmeScale"})};
constexpr KernelFamily kFamily{"scale", kRows};
constexpr const KernelFamily* kFamilies[] = {&kFamily};
}  // namespace

TFLOWER_PLUGIN("com.acme.scale", TFLOWER_PLUGIN_VERSION, {.kernels = kFamilies})
