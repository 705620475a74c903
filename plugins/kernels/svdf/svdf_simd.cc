// Memories of filters, compiled once per SIMD target.
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "svdf/svdf.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "svdf/svdf_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "gemm/vector-inl.h"
#include "simd/compat-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {

// All memories move by one at once, which takes the oldest value of each filter into the one before; there the newest one goes.
template <class T>
void Remember(const SvdfShape& s, const T* latest, T* state) {
  const size_t filters = s.batch * s.filters;
  if (filters == 0) return;
  std::memmove(state, state + 1, (filters * s.memory - 1) * sizeof(T));
  for (size_t i = 0; i < filters; ++i) state[i * s.memory + s.memory - 1] = latest[i];
}

// A unit's filters lie one behind the other, in the state and in the weights: its sum is one product of rank * memory values.
HWY_INLINE float Dot(const float* a, const float* b, size_t n) {
  const TileTag d;
  const size_t lanes = hn::Lanes(d);
  TileVec sums[2] = {hn::Zero(d), hn::Zero(d)};
  size_t i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    sums[0] = hn::MulAdd(hn::LoadU(d, a + i), hn::LoadU(d, b + i), sums[0]);
    sums[1] = hn::MulAdd(hn::LoadU(d, a + i + lanes), hn::LoadU(d, b + i + lanes), sums[1]);
  }
  for (; i < n; i += lanes) sums[0] = hn::MulAdd(LoadN(d, a + i, n - i), LoadN(d, b + i, n - i), sums[0]);
  return ReduceSum(d, hn::Add(sums[0], sums[1]));
}
HWY_INLINE int32_t Dot(const int16_t* a, const int16_t* b, size_t n) {
  uint32_t sum = 0;
  for (size_t i = 0; i < n; ++i) sum += static_cast<uint32_t>(a[i] * b[i]);
  return static_cast<int32_t>(sum);
}

template <class T, class Y>
void RememberAndSumAll(const SvdfShape& s, const T* latest, const T* weights, T* state, Y* y) {
  Remember(s, latest, state);
  const size_t values = s.rank * s.memory;
  for (size_t b = 0; b < s.batch; ++b) {
    for (size_t unit = 0; unit < s.units; ++unit, state += values) *y++ = Dot(state, weights + unit * values, values);
  }
}

void RememberFloats(const SvdfShape& s, const float* latest, const float* weights, float* state, float* y) { RememberAndSumAll(s, latest, weights, state, y); }
void RememberInts(const SvdfShape& s, const int16_t* latest, const int16_t* weights, int16_t* state, int32_t* y) { RememberAndSumAll(s, latest, weights, state, y); }

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(RememberFloats);
HWY_EXPORT(RememberInts);
}  // namespace

void RememberAndSum(const SvdfShape& shape, const float* latest, const float* weights, float* state, float* y) {
  HWY_DYNAMIC_DISPATCH(RememberFloats)(shape, latest, weights, state, y);
}
void RememberAndSum(const SvdfShape& shape, const int16_t* latest, const int16_t* weights, int16_t* state, int32_t* y) {
  HWY_DYNAMIC_DISPATCH(RememberInts)(shape, latest, weights, state, y);
}

}  // namespace tflower::kernels
#endif
