// Row of L2_NORMALIZATION on float32, over the last dimension. Source: TFLite L2NormOptions.
#include "l2_normalization/l2_normalization.h"

#include "common/check.h"

namespace tflower::kernels {
namespace {

struct L2Normalization {
  static Status Infer(const Op& op, OpTypes& out) { return out.SameAs(0, op.Input(0)); }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const Tensor x = op.Input(0);
    const size_t depth = static_cast<size_t>(x.dim(-1));
    const size_t rows = depth == 0 ? 0 : static_cast<size_t>(x.num_elements()) / depth;
    L2NormalizeF32(x.data<float>(), rows, depth, op.Output(0).mutable_data<float>(), eval.parallel());
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<L2Normalization>(tfl::Builtin::L2_NORMALIZATION, {.inputs = {kF32}, .outputs = {kF32}, .flags = TFLOWER_KERNEL_IN_PLACE}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(l2_normalization, kRows);
}  // namespace tflower::kernels
