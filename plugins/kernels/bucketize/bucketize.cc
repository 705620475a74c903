// BUCKETIZE: how many of the ascending boundaries are not above each element. Sources: TFLite BucketizeOptions; tf.raw_ops.Bucketize.
#include <algorithm>

#include "common/check.h"
#include "common/copy.h"

namespace tflower::kernels {
namespace {

template <class T>
struct Bucketize {
  static Status Infer(const Op& op, OpTypes& out) {
    const auto boundaries = op.Options<tfl::BucketizeOptions>().boundaries;
    if (!std::is_sorted(boundaries.begin(), boundaries.end())) return OptionError("boundaries", "must ascend");
    return out.Set(0, DType::kInt32, op.Input(0).dims());
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const auto boundaries = op.Options<tfl::BucketizeOptions>().boundaries;
    const T* const x = op.Input(0).data<T>();
    int32_t* const y = op.Output(0).mutable_data<int32_t>();
    eval.parallel().For(op.Input(0).num_elements(), kParallelBytes / 16, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const auto above = std::upper_bound(boundaries.begin(), boundaries.end(), x[i], [](T v, float boundary) { return v < static_cast<double>(boundary); });
        y[i] = static_cast<int32_t>(above - boundaries.begin());
      }
    });
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<Bucketize<float>>(tfl::Builtin::BUCKETIZE, {.inputs = {kF32}, .outputs = {kI32}}),
    Kernel<Bucketize<double>>(tfl::Builtin::BUCKETIZE, {.inputs = {Types({DType::kFloat64})}, .outputs = {kI32}}),
    Kernel<Bucketize<int32_t>>(tfl::Builtin::BUCKETIZE, {.inputs = {kI32}, .outputs = {kI32}}),
    Kernel<Bucketize<int64_t>>(tfl::Builtin::BUCKETIZE, {.inputs = {kI64}, .outputs = {kI32}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(bucketize, kRows);
}  // namespace tflower::kernels
