// Quantised pooling over vectors of channels, compiled once per SIMD target.
#include <algorithm>
#include <cstring>

#include "pool/window.h"
#include "quantized_pool/window_pool.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "quantized_pool/window_pool_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "gemm/vector-inl.h"
#include "simd/compat-inl.h"

#ifndef TFLOWER_KERNELS_WINDOW_POOL_ONCE
#define TFLOWER_KERNELS_WINDOW_POOL_ONCE
namespace tflower::kernels {
// Sums of more values of 16 bits would not be exact as floats.
constexpr int64_t kMostAveraged = 256;
}  // namespace tflower::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

// A window's pixels for some channels: f(pointer to a pixel's channels).
template <class T, class F>
HWY_INLINE void ForPixels(const PoolShape& s, const Window& w, const T* image, F f) {
  for (int64_t iy = w.y0; iy < w.y1; ++iy) {
    const T* pixel = image + (iy * s.in_w + w.x0) * s.channels;
    for (int64_t ix = w.x0; ix < w.x1; ++ix, pixel += s.channels) f(pixel);
  }
}

// n channels, up to a vector: all, where whole vectors can be read.
template <class T>
HWY_INLINE void Maximum(const QuantizedPool& q, const Window& w, const T* image, size_t n, T* y) {
  const hn::ScalableTag<T> d;
  const bool whole = n >= hn::Lanes(d);
  auto most = hn::Set(d, std::numeric_limits<T>::lowest());
  ForPixels(q.shape, w, image, [&](const T* pixel) HWY_ATTR { most = hn::Max(most, whole ? hn::LoadU(d, pixel) : LoadN(d, pixel, n)); });
  const auto clamped = hn::Min(hn::Max(most, hn::Set(d, static_cast<T>(q.bounds.lo))), hn::Set(d, static_cast<T>(q.bounds.hi)));
  if (whole) hn::StoreU(clamped, d, y);
  else StoreN(clamped, d, y, n);
}

template <class T>
HWY_INLINE void Average(const QuantizedPool& q, const Window& w, const T* image, size_t n, T* y) {
  const hn::ScalableTag<int32_t> d;
  const hn::Rebind<float, decltype(d)> df;
  const hn::Rebind<T, decltype(d)> narrow;
  const bool whole = n >= hn::Lanes(d);
  auto sum = hn::Zero(d);
  ForPixels(q.shape, w, image, [&](const T* pixel) HWY_ATTR { sum = hn::Add(sum, hn::PromoteTo(d, whole ? hn::LoadU(narrow, pixel) : LoadN(narrow, pixel, n))); });
  // Sums below 2^24: their quotient rounds to an integer only if it is one, so that the truncated float is the truncated quotient.
  const auto count = static_cast<int32_t>(w.count());
  const auto half = hn::Set(d, count / 2);
  const auto nudged = hn::IfThenElse(hn::Gt(sum, hn::Zero(d)), hn::Add(sum, half), hn::Sub(sum, half));
  const auto mean = TruncatedInRange(d, hn::Div(hn::ConvertTo(df, nudged), hn::Set(df, static_cast<float>(count))));
  const auto stored = hn::DemoteTo(narrow, hn::Min(hn::Max(mean, hn::Set(d, q.bounds.lo)), hn::Set(d, q.bounds.hi)));
  if (whole) hn::StoreU(stored, narrow, y);
  else StoreN(stored, narrow, y, n);
}

template <class T>
void Run(const QuantizedPool& q, const T* x, int64_t begin, int64_t end, T* y) {
  const PoolShape& s = q.shape;
  const size_t lanes = q.average ? hn::Lanes(hn::ScalableTag<int32_t>()) : hn::Lanes(hn::ScalableTag<T>());
  const auto channels = static_cast<size_t>(s.channels);
  for (int64_t pixel = begin; pixel < end; ++pixel) {
    const Window w = WindowAt(s, pixel / s.out_w % s.out_h, pixel % s.out_w);
    const T* const image = x + pixel / (s.out_w * s.out_h) * s.in_h * s.in_w * s.channels;
    T* const to = y + pixel * s.channels;
    for (size_t c = 0; c < channels; c += lanes) {
      // The last vector is moved back where there are so many channels.
      const size_t first = channels >= lanes ? std::min(c, channels - lanes) : 0, n = std::min(lanes, channels);
      if (q.average) Average(q, w, image + first, n, to + first);
      else Maximum(q, w, image + first, n, to + first);
    }
  }
}

void RunPool(const QuantizedPool& q, const void* x, int64_t begin, int64_t end, void* y) {
  switch (q.type) {
    case DType::kInt8: return Run(q, static_cast<const int8_t*>(x), begin, end, static_cast<int8_t*>(y));
    case DType::kUInt8: return Run(q, static_cast<const uint8_t*>(x), begin, end, static_cast<uint8_t*>(y));
    default: return Run(q, static_cast<const int16_t*>(x), begin, end, static_cast<int16_t*>(y));
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(RunPool);
}  // namespace

void RunQuantizedPool(const QuantizedPool& q, const void* x, int64_t begin, int64_t end, void* y) {
  const int64_t most = std::min(q.shape.filter_h, q.shape.in_h) * std::min(q.shape.filter_w, q.shape.in_w);
  if (q.average && most > (q.type == DType::kInt16 ? kMostAveraged : 256 * kMostAveraged)) return QuantizedPoolRef(q, x, begin, end, y);
  HWY_DYNAMIC_DISPATCH(RunPool)(q, x, begin, end, y);
}

}  // namespace tflower::kernels
#endif
