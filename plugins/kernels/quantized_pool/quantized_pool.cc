// AVERAGE_POOL_2D and MAX_POOL_2D on int8, uint8 and int16, of stored numbers: input and output should have one quantisation; if they have not, the
// numbers stay what they are, as in TFLite. Source: TFLite Pool2DOptions.
#include "common/quantized.h"
#include "pool/pool_shape.h"
#include "quantized_pool/window_pool.h"

namespace tflower::kernels {
namespace {

template <bool kAverage>
struct PoolKernel {
  QuantizedPool pool;

  // Scales matter to a fused activation only.
  static bool Clamps(const Op& op) { return op.Options<tfl::Pool2DOptions>().fused_activation_function != tfl::ActivationFunctionType::NONE; }
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(InferPool(op, out));
    return Clamps(op) || !op.Input(0).scales().empty() ? CheckQuantized(op, 1) : Ok();
  }
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_TRY(pool.shape, PoolShapeOf(op));
    Affine y;
    if (Clamps(op)) {
      TFLOWER_TRY(y, OutputAffine(op));
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

constexpr KernelTraits kTraits{.inputs = {kQuantized}, .outputs = {kQuantized}};

constexpr tflower_kernel kRows[] = {
    Kernel<PoolKernel<true>>(tfl::Builtin::AVERAGE_POOL_2D, kTraits),
    Kernel<PoolKernel<false>>(tfl::Builtin::MAX_POOL_2D, kTraits),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(quantized_pool, kRows);
}  // namespace tflower::kernels
