// RESIZE_BILINEAR of int8, uint8 and int16 in fixed point: coordinates and weights have 10 fractional bits. Input and output have one quantisation.
// Source: TFLite ResizeBilinearOptions.
#include "common/quantized.h"
#include "resize/resize_shape.h"

namespace tflower::kernels {
namespace {

constexpr int64_t kOne = 1 << 10;

// Where output pixel i lies, and the two pixels around it.
struct Place {
  int64_t lower, upper, weight;  // weight of the upper one
};

struct Axis {
  int64_t in, step;
  bool half_pixel;
  Axis(int64_t in_size, int64_t out, const ResizeShape& s) : in(in_size), step((kOne * in_size + out / 2) / out), half_pixel(s.half_pixel_centers) {
    if (s.align_corners && out > 1) step = (kOne * (in - 1) + (out - 1) / 2) / (out - 1);
  }
  Place At(int64_t i) const {
    const int64_t at = i * step + (half_pixel ? step / 2 - kOne / 2 : 0);
    const int64_t lower = std::min(std::max<int64_t>(at / kOne, 0), in - 1);  // the inner bound matters to rounded steps only
    return {lower, std::max(lower, std::min((at + kOne - 1) / kOne, in - 1)), at - kOne * lower};
  }
};

struct Resize {
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(InferResize<tfl::ResizeBilinearOptions>(op, out));
    return CheckQuantized(op, 1);
  }
  template <class T>
  static void Run(const ResizeShape& s, const T* x, T* y, const Parallel& parallel) {
    const Axis rows(s.in_h, s.out_h, s), columns(s.in_w, s.out_w, s);
    parallel.For(s.batch * s.out_h, 1 + 8192 / std::max<int64_t>(1, s.out_w * s.channels), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        const Place v = rows.At(row % s.out_h);
        const T* const image = x + row / s.out_h * s.in_h * s.in_w * s.channels;
        for (int64_t ox = 0; ox < s.out_w; ++ox) {
          const Place h = columns.At(ox);
          const auto at = [&](int64_t iy, int64_t ix, int64_t c) { return static_cast<int64_t>(image[(iy * s.in_w + ix) * s.channels + c]); };
          for (int64_t c = 0; c < s.channels; ++c) {
            const int64_t upper = at(v.lower, h.lower, c) * (kOne - h.weight) + at(v.lower, h.upper, c) * h.weight;
            const int64_t lower = at(v.upper, h.lower, c) * (kOne - h.weight) + at(v.upper, h.upper, c) * h.weight;
            const int64_t sum = upper * (kOne - v.weight) + lower * v.weight, half = kOne * kOne / 2;
            y[(row * s.out_w + ox) * s.channels + c] = static_cast<T>((sum + (sum > 0 ? half : -half)) / (kOne * kOne));
          }
        }
      }
    });
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    TFLOWER_TRY(const ResizeShape s, ResizeShapeOf<tfl::ResizeBilinearOptions>(op));
    TFLOWER_CHECK(EnsureOutput(op, eval, 0, Shape{s.batch, s.out_h, s.out_w, s.channels}));
    return VisitQuantized(op.Input(0).dtype(), [&](auto zero) {
      using T = decltype(zero);
      Run(s, op.Input(0).data<T>(), op.Output(0).mutable_data<T>(), eval.parallel());
    });
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<Resize>(tfl::Builtin::RESIZE_BILINEAR, {.inputs = {kQuantized, kI32}, .outputs = {kQuantized}, .versions = {1, 3}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(quantized_resize, kRows);
}  // namespace tflower::kernels
