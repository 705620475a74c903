// The arithmetic of an integer LSTM step.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "common/inverse_root.h"
#include "lstm_integer/steps.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lstm_integer/steps_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "lstm_integer/fixed16-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {

// Scaled() of common/quantized.h without branches: the bits that are dropped, and what is shifted in, are taken out of the loops.
struct Factor {
  int64_t value;
  int left, right;
  int64_t half;
  int32_t tie;
  explicit Factor(Multiplier m) : value(m.value), left(std::max(m.shift, 0)), right(std::max(-m.shift, 0)), half((int64_t{1} << right) >> 1), tie(right > 0 ? -1 : 0) {}
  HWY_INLINE int32_t Of(int32_t x) const {
    const int64_t shifted = static_cast<int32_t>(static_cast<uint32_t>(x) << left);
    const int64_t high = (shifted * value + (int64_t{1} << 30)) >> 31;
    return static_cast<int32_t>((high + half + (high < 0 ? tie : 0)) >> right);
  }
};

HWY_INLINE int32_t Sum32(int32_t a, int32_t b) { return static_cast<int32_t>(static_cast<uint32_t>(a) + static_cast<uint32_t>(b)); }

HWY_NOINLINE void AddScaled(const int32_t* HWY_RESTRICT sums, const int32_t* HWY_RESTRICT bias, Multiplier m, const int16_t* start, int16_t* z, size_t n) {
  const Factor f(m);
  for (size_t u = 0; u < n; ++u) {
    const int32_t scaled = f.Of(bias != nullptr ? Sum32(sums[u], bias[u]) : sums[u]);
    z[u] = static_cast<int16_t>(Saturated16(Sum32(scaled, start != nullptr ? start[u] : 0)));
  }
}

HWY_NOINLINE void Peephole(const int16_t* HWY_RESTRICT weights, const int16_t* HWY_RESTRICT cells, Multiplier m, int16_t* HWY_RESTRICT z, size_t n) {
  const Factor f(m);
  for (size_t u = 0; u < n; ++u) z[u] = static_cast<int16_t>(Saturated16(Sum32(f.Of(weights[u] * cells[u]), z[u])));
}

// The mean has 10 more bits. Products wrap as in TFLite.
HWY_NOINLINE void Normalize(const LayerNorm16& norm, int16_t* HWY_RESTRICT z, size_t n) {
  int64_t sum = 0, squares = 0;
  for (size_t u = 0; u < n; ++u) {
    sum += z[u];
    squares += z[u] * z[u];
  }
  const int64_t count = static_cast<int64_t>(n);
  const int32_t mean = static_cast<int32_t>(sum * 1024 / count);
  const int64_t variance = squares * ((1 << 20) / count) - static_cast<int64_t>(mean) * mean;
  const int32_t whole = static_cast<int32_t>(variance / (1 << 20));
  const Factor inverse(InverseRootOf(whole < 1 ? norm.guard : whole)), scale(norm.scale);
  for (size_t u = 0; u < n; ++u) {
    const int32_t normal = inverse.Of(1024 * z[u] - mean);
    const int32_t weighted = Sum32(static_cast<int32_t>(static_cast<uint32_t>(normal) * static_cast<uint32_t>(norm.coefficients[u])), norm.bias[u]);
    const int64_t wide = weighted;
    z[u] = static_cast<int16_t>(Saturated16(scale.Of(static_cast<int32_t>((wide > 0 ? wide + 512 : wide - 512) / 1024))));
  }
}

HWY_NOINLINE void Sigmoids(int16_t* z, size_t n) {
  for (size_t u = 0; u < n; ++u) z[u] = static_cast<int16_t>(Sigmoid16(z[u]));
}
template <int kBits>
HWY_NOINLINE void TanhsOf(const int16_t* from, int16_t* to, size_t n) {
  for (size_t u = 0; u < n; ++u) to[u] = static_cast<int16_t>(Tanh16<kBits>(from[u]));
}
void Tanhs(int integer_bits, const int16_t* from, int16_t* to, size_t n) {
  switch (integer_bits) {
    case 0: return TanhsOf<0>(from, to, n);
    case 1: return TanhsOf<1>(from, to, n);
    case 2: return TanhsOf<2>(from, to, n);
    case 3: return TanhsOf<3>(from, to, n);
    case 4: return TanhsOf<4>(from, to, n);
    case 5: return TanhsOf<5>(from, to, n);
    default: return TanhsOf<6>(from, to, n);
  }
}

HWY_NOINLINE void NewCells(const int16_t* i, const int16_t* HWY_RESTRICT f, const int16_t* HWY_RESTRICT g, int shift, int32_t clip, int16_t* HWY_RESTRICT c, size_t n) {
  const int32_t most = clip > 0 ? clip : kMost16, least = clip > 0 ? -clip : kLeast16;
  for (size_t u = 0; u < n; ++u) {
    const int32_t input = i != nullptr ? i[u] : kMost16 - f[u];
    const int32_t kept = static_cast<int16_t>(ShiftedRight16(f[u] * c[u], 15)), added = static_cast<int16_t>(ShiftedRight16(input * g[u], shift));
    c[u] = static_cast<int16_t>(std::min(std::max(Saturated16(kept + added), least), most));
  }
}

HWY_NOINLINE void Hidden(const int16_t* HWY_RESTRICT a, const int16_t* HWY_RESTRICT b, Multiplier m, int32_t zero, int8_t* HWY_RESTRICT to, size_t n) {
  const Factor f(m);
  for (size_t u = 0; u < n; ++u) to[u] = static_cast<int8_t>(std::min(std::max(Sum32(f.Of(a[u] * b[u]), zero), -128), 127));
}

HWY_NOINLINE void Project(const int32_t* HWY_RESTRICT sums, const int32_t* HWY_RESTRICT bias, Multiplier m, int32_t zero, int32_t clip, int8_t* HWY_RESTRICT y, size_t n) {
  const Factor f(m);
  const int32_t most = clip > 0 ? clip : 127, least = clip > 0 ? -clip : -128;
  for (size_t u = 0; u < n; ++u) {
    const int32_t v = std::min(std::max(Sum32(f.Of(Sum32(sums[u], bias[u])), zero), -128), 127);
    y[u] = static_cast<int8_t>(std::min(std::max(v, least), most));
  }
}

HWY_NOINLINE void Widen(const int8_t* HWY_RESTRICT from, int32_t zero, int16_t* HWY_RESTRICT to, size_t n) {
  for (size_t i = 0; i < n; ++i) to[i] = static_cast<int16_t>(from[i] - zero);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {

HWY_EXPORT(AddScaled);
HWY_EXPORT(Peephole);
HWY_EXPORT(Normalize);
HWY_EXPORT(Sigmoids);
HWY_EXPORT(Tanhs);
HWY_EXPORT(NewCells);
HWY_EXPORT(Hidden);
HWY_EXPORT(Project);
HWY_EXPORT(Widen);
}  // namespace

void AddScaledSums(const int32_t* sums, const int32_t* bias, Multiplier m, const int16_t* start, int16_t* z, size_t n) {
  HWY_DYNAMIC_DISPATCH(AddScaled)(sums, bias, m, start, z, n);
}
void AddPeephole16(const int16_t* weights, const int16_t* cells, Multiplier m, int16_t* z, size_t n) { HWY_DYNAMIC_DISPATCH(Peephole)(weights, cells, m, z, n); }
void Normalize16(const LayerNorm16& norm, int16_t* z, size_t n) { HWY_DYNAMIC_DISPATCH(Normalize)(norm, z, n); }
void Sigmoids16(int16_t* z, size_t n) { HWY_DYNAMIC_DISPATCH(Sigmoids)(z, n); }
void Tanhs16(int integer_bits, const int16_t* from, int16_t* to, size_t n) { HWY_DYNAMIC_DISPATCH(Tanhs)(integer_bits, from, to, n); }
void NewCells16(const int16_t* i, const int16_t* f, const int16_t* g, int product_shift, int32_t clip, int16_t* c, size_t n) {
  HWY_DYNAMIC_DISPATCH(NewCells)(i, f, g, product_shift, clip, c, n);
}
void Hidden8(const int16_t* a, const int16_t* b, Multiplier m, int32_t zero, int8_t* to, size_t n) { HWY_DYNAMIC_DISPATCH(Hidden)(a, b, m, zero, to, n); }
void Project8(const int32_t* sums, const int32_t* bias, Multiplier m, int32_t zero, int32_t clip, int8_t* y, size_t n) {
  HWY_DYNAMIC_DISPATCH(Project)(sums, bias, m, zero, clip, y, n);
}
void Widen16(const int8_t* from, int32_t zero, int16_t* to, size_t n) {
  HWY_DYNAMIC_DISPATCH(Widen)(from, zero, to, n);
  if (n % 2 != 0) to[n] = 0;
}

}  // namespace tflower::kernels
#endif
