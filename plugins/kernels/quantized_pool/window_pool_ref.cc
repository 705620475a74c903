// The specification of quantised pooling: one value at a time.
#include <limits>

#include "pool/window.h"
#include "quantized_pool/window_pool.h"

namespace tflower::kernels {
namespace {

int64_t Rounded(int64_t sum, int64_t count) { return (sum > 0 ? sum + count / 2 : sum - count / 2) / count; }

template <class T>
void Run(const QuantizedPool& q, const T* x, int64_t begin, int64_t end, T* y) {
  const PoolShape& s = q.shape;
  for (int64_t pixel = begin; pixel < end; ++pixel) {
    const Window w = WindowAt(s, pixel / s.out_w % s.out_h, pixel % s.out_w);
    const T* const image = x + pixel / (s.out_w * s.out_h) * s.in_h * s.in_w * s.channels;
    for (int64_t c = 0; c < s.channels; ++c) {
      int64_t sum = 0, most = std::numeric_limits<int64_t>::min();
      for (int64_t iy = w.y0; iy < w.y1; ++iy) {
        for (int64_t ix = w.x0; ix < w.x1; ++ix) {
          const int64_t v = image[(iy * s.in_w + ix) * s.channels + c];
          sum += v;
          most = std::max(most, v);
        }
      }
      y[pixel * s.channels + c] = static_cast<T>(q.bounds.Clamp(q.average ? Rounded(sum, w.count()) : most));
    }
  }
}

}  // namespace

void QuantizedPoolRef(const QuantizedPool& q, const void* x, int64_t begin, int64_t end, void* y) {
  VisitQuantized(q.type, [&]<class T>(T) { Run(q, static_cast<const T*>(x), begin, end, static_cast<T*>(y)); });
}

}  // namespace tflower::kernels
