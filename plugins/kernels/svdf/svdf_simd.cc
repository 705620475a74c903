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

HWY_INLINE float Dot(const float* a, const float* b, size_t n) {
  const TileTag d;
  TileVec sum = hn::Zero(d);
  for (size_t i = 0; i < n; i += hn::Lanes(d)) sum = hn::MulAdd(LoadN(d, a + i, n - i), LoadN(d, b + i, n - i), sum);
  return ReduceSum(d, sum);
}
HWY_INLINE uint32_t Dot(const int16_t* a, const int16_t* b, size_t n) {
  uint32_t sum = 0;
  for (size_t i = 0; i < n; ++i) sum += static_cast<uint32_t>(a[i] * b[i]);
  return sum;
}

template <class T, class Sum, class Y>
void Remember(const SvdfShape& s, const T* latest, const T* weights, T* state, Y* y) {
  for (size_t b = 0; b < s.batch; ++b) {
    for (size_t unit = 0; unit < s.units; ++unit) {
      Sum sum = 0;
      for (size_t filter = unit * s.rank; filter < (unit + 1) * s.rank; ++filter, ++latest, state += s.memory) {
        std::memmove(state, state + 1, (s.memory - 1) * sizeof(T));
        state[s.memory - 1] = *latest;
        sum += Dot(state, weights + filter * s.memory, s.memory);
      }
      *y++ = static_cast<Y>(sum);
    }
  }
}

void RememberFloats(const SvdfShape& s, const float* latest, const float* weights, float* state, float* y) { Remember<float, float>(s, latest, weights, state, y); }
void RememberInts(const SvdfShape& s, const int16_t* latest, const int16_t* weights, int16_t* state, int32_t* y) {
  Remember<int16_t, uint32_t>(s, latest, weights, state, y);
}

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
