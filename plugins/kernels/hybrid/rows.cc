// The range of a row decides on its scale.
#include "hybrid/rows.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tflower::kernels {
namespace {

struct Range {
  float lo = 0, hi = 0;  // 0 is always in it
  bool finite = true;
};

Range RangeOf(const float* x, int64_t n, int64_t step) {
  Range r;
  for (int64_t i = 0; i < n * step; i += step) {
    r.finite &= std::isfinite(x[i]);
    r.lo = std::min(r.lo, x[i]);
    r.hi = std::max(r.hi, x[i]);
  }
  return r;
}

// The zero point that the end of the range with the smaller error asks for.
int32_t ZeroOf(const Range& r, double scale) {
  const double lo = r.lo / scale, hi = r.hi / scale;
  const double zero = 128 + std::abs(lo) < 127 + std::abs(hi) ? -128 - lo : 127 - hi;
  return static_cast<int32_t>(std::round(std::min(std::max(zero, -128.0), 127.0)));
}

}  // namespace

RowScale QuantizeRow(const float* x, int64_t n, bool asymmetric, int8_t* to, int64_t step) {
  const Range r = RangeOf(x, n, step);
  const float most = std::max(-r.lo, r.hi);
  constexpr float kLeast = 1e-36f;  // of a range whose scale has an inverse; below, values are as good as 0
  RowScale row;
  if (!r.finite) row.scale = std::numeric_limits<float>::quiet_NaN();
  if (!r.finite || most < kLeast) {
    std::fill(to, to + n, int8_t{0});
    return row;
  }
  float inverse = 127 / most;
  row.scale = most / 127;
  if (asymmetric) {
    const float width = std::min(r.hi - r.lo, std::numeric_limits<float>::max());
    const double scale = static_cast<double>(width) / 255;
    row = {static_cast<float>(scale), ZeroOf(r, scale)};
    inverse = 1 / row.scale;
  }
  const float zero = static_cast<float>(row.zero), lo = asymmetric ? -128 : -127;  // the zero point is added to what is rounded
  for (int64_t i = 0; i < n; ++i) to[i] = static_cast<int8_t>(std::min(std::max(std::round(x[i * step] * inverse) + zero, lo), 127.0f));
  return row;
}

}  // namespace tflower::kernels
