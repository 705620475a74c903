// Difference, element by element.
#include "probe/difference.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tflower::probe {
namespace {

double Error1(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) == std::isnan(b) ? 0 : HUGE_VAL;
  return a == b ? 0 : std::abs(a - b);  // equal infinities
}

}  // namespace

Difference Compare(const TensorBytes& a, const TensorBytes& b) {
  Difference d;
  if (a.dtype != b.dtype || !std::ranges::equal(a.dims, b.dims)) {
    d.mismatch = fmt::format("{}[{}] and {}[{}]", NameOf(a.dtype), fmt::join(a.dims, ","), NameOf(b.dtype), fmt::join(b.dims, ","));
    d.relative = d.absolute = HUGE_VAL;
    return d;
  }
  double squares = 0;
  const bool numeric = VisitNumeric(a.dtype, [&](auto zero) {
    using T = decltype(zero);
    d.elements = std::min(a.bytes.size(), b.bytes.size()) / sizeof(T);
    for (uint64_t i = 0; i < d.elements; ++i) {
      T x, y;
      std::memcpy(&x, a.bytes.data() + i * sizeof(T), sizeof(T));
      std::memcpy(&y, b.bytes.data() + i * sizeof(T), sizeof(T));
      const double error = Error1(static_cast<double>(x), static_cast<double>(y));
      const double size = std::abs(static_cast<double>(y));
      d.absolute = std::max(d.absolute, error);
      d.relative = std::max(d.relative, std::isfinite(size) ? error / std::max(1.0, size) : error);
      squares += error * error;
    }
  });
  if (numeric) d.rms = d.elements == 0 ? 0 : std::sqrt(squares / static_cast<double>(d.elements));
  else if (!std::ranges::equal(a.bytes, b.bytes)) d.absolute = d.relative = d.rms = 1;  // strings and the like: equal or not
  return d;
}

}  // namespace tflower::probe
