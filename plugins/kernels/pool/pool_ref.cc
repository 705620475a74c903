// Pooling as plain loops in double.
#include <cmath>
#include <limits>

#include "pool/pool.h"
#include "pool/window.h"

namespace tflower::kernels {
namespace {

double Start(Pool op) { return op == Pool::kMax ? -std::numeric_limits<double>::infinity() : 0; }

double Combine(Pool op, double a, double v) {
  switch (op) {
    case Pool::kMax: return std::isnan(a) || a > v ? a : v;
    case Pool::kL2: return a + v * v;
    default: return a + v;
  }
}

double Finish(Pool op, double a, int64_t count) {
  switch (op) {
    case Pool::kMax: return a;
    case Pool::kL2: return std::sqrt(a / static_cast<double>(count));
    default: return a / static_cast<double>(count);
  }
}

}  // namespace

void PoolF32Ref(Pool op, const PoolShape& s, const float* x, float lo, float hi, float* y) {
  for (int64_t n = 0; n < s.batch; ++n) {
    for (int64_t oy = 0; oy < s.out_h; ++oy) {
      for (int64_t ox = 0; ox < s.out_w; ++ox) {
        const Window w = WindowAt(s, oy, ox);
        for (int64_t c = 0; c < s.channels; ++c) {
          double acc = Start(op);
          for (int64_t iy = w.y0; iy < w.y1; ++iy) {
            for (int64_t ix = w.x0; ix < w.x1; ++ix) acc = Combine(op, acc, x[((n * s.in_h + iy) * s.in_w + ix) * s.channels + c]);
          }
          const float v = static_cast<float>(Finish(op, acc, w.count()));
          *y++ = v < lo ? lo : v > hi ? hi : v;
        }
      }
    }
  }
}

}  // namespace tflower::kernels
