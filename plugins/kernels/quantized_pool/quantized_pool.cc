// AVERAGE_POOL_2D and MAX_POOL_2D on int8, uint8 and int16: input and output have one quantisation. Source: TFLite Pool2DOptions.
#include <limits>

#include "common/quantized.h"
#include "pool/pool_shape.h"
#include "pool/window.h"

namespace tflower::kernels {
namespace {

// Rounded to nearest, ties away from zero.
struct Average {
  int64_t sum = 0;
  void Add(int32_t v) { sum += v; }
  int64_t Result(int64_t count) const { return (sum > 0 ? sum + count / 2 : sum - count / 2) / count; }
};
struct Maximum {
  int64_t value = std::numeric_limits<int64_t>::min();
  void Add(int32_t v) { value = std::max<int64_t>(value, v); }
  int64_t Result(int64_t) const { return value; }
};

template <class Combine>
struct PoolKernel {
  PoolShape shape;
  IntBounds bounds;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(InferPool(op, out));
    return CheckQuantized(op, 1);
  }
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_TRY(shape, PoolShapeOf(op));
    TFLOWER_TRY(const Affine y, OutputAffine(op));
    if (!SameQuantization(op.Input(0), op.Output(0))) {
      return Error(Code::kUnsupportedType, "scale or zero point of the output differ from those of the input: they must be equal");
    }
    TFLOWER_TRY(bounds, ActivationBounds(op.Options<tfl::Pool2DOptions>().fused_activation_function, op.Output(0).dtype(), y));
    return Ok();
  }
  template <class T>
  void Pool(const T* x, T* y, const Parallel& parallel) const {
    const PoolShape& s = shape;
    const int64_t reads = std::min(s.filter_h, s.in_h) * std::min(s.filter_w, s.in_w) * s.channels;  // no more than the image
    parallel.For(s.batch * s.out_h * s.out_w, 1 + 32768 / std::max<int64_t>(reads, 1), [&](int64_t begin, int64_t end) {
      for (int64_t pixel = begin; pixel < end; ++pixel) {
        const Window w = WindowAt(s, pixel / s.out_w % s.out_h, pixel % s.out_w);
        const T* const image = x + pixel / (s.out_w * s.out_h) * s.in_h * s.in_w * s.channels;
        for (int64_t c = 0; c < s.channels; ++c) {
          Combine acc;
          for (int64_t iy = w.y0; iy < w.y1; ++iy) {
            for (int64_t ix = w.x0; ix < w.x1; ++ix) acc.Add(image[(iy * s.in_w + ix) * s.channels + c]);
          }
          y[pixel * s.channels + c] = static_cast<T>(bounds.Clamp(acc.Result(w.count())));
        }
      }
    });
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    return VisitQuantized(op.Input(0).dtype(), [&](auto zero) {
      using T = decltype(zero);
      Pool(op.Input(0).data<T>(), op.Output(0).mutable_data<T>(), eval.parallel());
    });
  }
};

constexpr KernelTraits kTraits{.inputs = {kQuantized}, .outputs = {kQuantized}, .versions = {1, 3}};

constexpr tflower_kernel kRows[] = {
    Kernel<PoolKernel<Average>>(tfl::Builtin::AVERAGE_POOL_2D, kTraits),
    Kernel<PoolKernel<Maximum>>(tfl::Builtin::MAX_POOL_2D, kTraits),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(quantized_pool, kRows);
}  // namespace tflower::kernels
