// The specification of bilinear resizing of stored values: one value at a time.
#include "quantized_resize/bilinear.h"

namespace tflower::kernels {
namespace {

template <class T>
void Run(const ResizeShape& s, const T* x, int64_t begin, int64_t end, T* y) {
  const FixedAxis rows(s.in_h, s.out_h, s), columns(s.in_w, s.out_w, s);
  for (int64_t row = begin; row < end; ++row) {
    const ResizePlace v = rows.At(row % s.out_h);
    const T* const image = x + row / s.out_h * s.in_h * s.in_w * s.channels;
    for (int64_t ox = 0; ox < s.out_w; ++ox) {
      const ResizePlace h = columns.At(ox);
      const auto at = [&](int64_t iy, int64_t ix, int64_t c) { return static_cast<int64_t>(image[(iy * s.in_w + ix) * s.channels + c]); };
      for (int64_t c = 0; c < s.channels; ++c) {
        const int64_t upper = at(v.lower, h.lower, c) * (kResizeOne - h.weight) + at(v.lower, h.upper, c) * h.weight;
        const int64_t lower = at(v.upper, h.lower, c) * (kResizeOne - h.weight) + at(v.upper, h.upper, c) * h.weight;
        const int64_t sum = upper * (kResizeOne - v.weight) + lower * v.weight, half = kResizeOne * kResizeOne / 2;
        y[(row * s.out_w + ox) * s.channels + c] = static_cast<T>((sum + (sum > 0 ? half : -half)) / (kResizeOne * kResizeOne));
      }
    }
  }
}

}  // namespace

void ResizeQuantizedRef(const ResizeShape& s, DType type, const void* x, int64_t begin, int64_t end, void* y) {
  VisitQuantized(type, [&]<class T>(T) { Run(s, static_cast<const T*>(x), begin, end, static_cast<T*>(y)); });
}

}  // namespace tflower::kernels
