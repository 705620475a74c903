// AVERAGE_POOL_2D and MAX_POOL_2D on int8, uint8 and int16: input and output have one quantisation. Source: TFLite Pool2DOptions.
#include "common/quantized.h"
#include "pool/pool_shape.h"
#include "quantized_pool/window_pool.h"

namespace tflower::kernels {
namespace {

template <bool kAverage>
struct PoolKernel {
  QuantizedPool pool;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(InferPool(op, out));
    return CheckQuantized(op, 1);
  }
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_TRY(pool.shape, PoolShapeOf(op));
    TFLOWER_TRY(const Affine y, OutputAffine(op));
    if (!SameQuantization(op.Input(0), op.Output(0))) {
      return Error(Code::kUnsupportedType, "scale or zero point of the output differ from those of the input: they must be equal");
    }
    pool.average = kAverage;
    pool.type = op.Input(0).dtype();
    TFLOWER_TRY(pool.bounds, ActivationBounds(op.Options<tfl::Pool2DOptions>().fused_activation_function, op.Output(0).dtype(), y));
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    const PoolShape& s = pool.shape;
    const int64_t reads = std::min(s.filter_h, s.in_h) * std::min(s.filter_w, s.in_w) * s.channels;  // no more than the image
    eval.parallel().For(s.batch * s.out_h * s.out_w, 1 + 131072 / std::max<int64_t>(reads, 1), [&](int64_t begin, int64_t end) {
      RunQuantizedPool(pool, op.Input(0).raw(), begin, end, op.Output(0).mutable_raw());
    });
    return Ok();
  }
};

constexpr KernelTraits kTraits{.inputs = {kQuantized}, .outputs = {kQuantized}, .versions = {1, 3}};

constexpr tflower_kernel kRows[] = {
    Kernel<PoolKernel<true>>(tfl::Builtin::AVERAGE_POOL_2D, kTraits),
    Kernel<PoolKernel<false>>(tfl::Builtin::MAX_POOL_2D, kTraits),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(quantized_pool, kRows);
}  // namespace tflower::kernels
