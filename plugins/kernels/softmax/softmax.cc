// Rows of SOFTMAX and LOG_SOFTMAX on float32, over the last dimension. Source: TFLite SoftmaxOptions.beta.
#include "softmax/softmax.h"

#include "common/on_half.h"

namespace tflower::kernels {
namespace {

struct Rows {
  size_t rows, depth;
};
Rows RowsOf(const Tensor& x) {
  const int64_t depth = x.dim(-1);
  return {static_cast<size_t>(depth == 0 ? 0 : x.num_elements() / depth), static_cast<size_t>(depth)};
}

Status InferSame(const Op& op, OpTypes& out) {
  return out.SameAs(0, op.Input(0));
}

struct Softmax {
  static Status Infer(const Op& op, OpTypes& out) {
    return InferSame(op, out);
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const Rows r = RowsOf(op.Input(0));
    SoftmaxF32(op.Input(0).data<float>(), r.rows, r.depth, op.Options<tfl::SoftmaxOptions>().beta, op.Output(0).mutable_data<float>(), eval.parallel());
    return Ok();
  }
};

struct LogSoftmax {
  static Status Infer(const Op& op, OpTypes& out) { return InferSame(op, out); }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const Rows r = RowsOf(op.Input(0));
    LogSoftmaxF32(op.Input(0).data<float>(), r.rows, r.depth, op.Output(0).mutable_data<float>(), eval.parallel());
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<Softmax>(tfl::Builtin::SOFTMAX, {.inputs = {kF32}, .outputs = {kF32}, .flags = TFLOWER_KERNEL_IN_PLACE}),
    Kernel<OnHalf<Softmax>>(tfl::Builtin::SOFTMAX, {.inputs = {kHalves}, .outputs = {kHalves}, .flags = TFLOWER_KERNEL_IN_PLACE}),
    Kernel<LogSoftmax>(tfl::Builtin::LOG_SOFTMAX, {.inputs = {kF32}, .outputs = {kF32}, .flags = TFLOWER_KERNEL_IN_PLACE}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(softmax, kRows);
}  // namespace tflower::kernels
