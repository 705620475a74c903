// Quantised pooling over vectors of channels, compiled once per SIMD target.
#include <algorithm>
#include <cstring>
#include <type_traits>

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
// Sums of more bytes without a sign and half their number would reach 2^15.
constexpr int64_t kMostOfBytes = 128;
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

#if HWY_TARGET != HWY_SCALAR
// n / count by a product, exact for n < 2^15: the factor is less than 1 / 2^15 of itself too large.
struct Division {
  uint16_t factor;
  int shift;  // of the product's upper half
  explicit Division(int64_t count) : shift(0) {
    while (int64_t{2} << shift < count) ++shift;
    factor = static_cast<uint16_t>(((int64_t{65536} << shift) + count - 1) / count);
  }
};

// Averages of up to kMostOfBytes bytes, whose sums fit in 16 bits, of up to a vector of 16-bit lanes of channels. The rows of windows side by side are added
// first, column by column, so that each pixel is read once.
template <class T>
class AveragesOfFew {
 public:
  static constexpr int64_t kColumns = 128;

  AveragesOfFew(const QuantizedPool& q, size_t n) : q_(q), n_(n) {}

  // Results [first, last) of row oy, of which windows reach over kColumns columns at most.
  HWY_INLINE void Run(const T* image, int64_t oy, int64_t first, int64_t last, T* y) {
    const PoolShape& s = q_.shape;
    const D d;
    const int64_t start = WindowAt(s, oy, first).x0, end = WindowAt(s, oy, last - 1).x1;
    HWY_ALIGN Sum columns[kColumns * HWY_MAX_BYTES / sizeof(Sum)];
    const size_t lanes = hn::Lanes(d);
    const Window rows = WindowAt(s, oy, first);
    for (int64_t x = start; x < end; ++x) {
      const T* pixel = image + (rows.y0 * s.in_w + x) * s.channels;
      auto sum = Values(pixel);
      for (int64_t iy = rows.y0 + 1; iy < rows.y1; ++iy) sum = hn::Add(sum, Values(pixel += s.in_w * s.channels));
      hn::Store(sum, d, columns + static_cast<size_t>(x - start) * lanes);
    }
    for (int64_t o = first; o < last; ++o, y += s.channels) {
      const Window w = WindowAt(s, oy, o);
      const Sum* column = columns + static_cast<size_t>(w.x0 - start) * lanes;
      auto sum = hn::Load(d, column);
      for (int64_t x = w.x0 + 1; x < w.x1; ++x) sum = hn::Add(sum, hn::Load(d, column += lanes));
      if (w.count() != count_) count_ = w.count(), division_ = Division(count_);
      Finish(sum, y);
    }
  }

 private:
  using Sum = std::conditional_t<std::is_signed_v<T>, int16_t, uint16_t>;
  using D = hn::ScalableTag<Sum>;
  using Narrow = hn::Rebind<T, D>;

  HWY_INLINE hn::Vec<D> Values(const T* pixel) const { return hn::PromoteTo(D(), n_ >= hn::Lanes(D()) ? hn::LoadU(Narrow(), pixel) : LoadN(Narrow(), pixel, n_)); }

  // Rounded to nearest, ties away from zero.
  HWY_INLINE void Finish(hn::Vec<D> sum, T* y) const {
    const hn::ScalableTag<int16_t> di;
    const hn::ScalableTag<uint16_t> du;
    const Narrow narrow;
    const auto sign = std::is_signed_v<T> ? hn::ShiftRight<15>(hn::BitCast(di, sum)) : hn::Zero(di);
    const auto magnitude = hn::Sub(hn::Xor(hn::BitCast(di, sum), sign), sign);
    auto mean = hn::Add(hn::BitCast(du, magnitude), hn::Set(du, static_cast<uint16_t>(count_ / 2)));
    if (count_ > 1) mean = hn::ShiftRightSame(hn::MulHigh(mean, hn::Set(du, division_.factor)), division_.shift);
    const auto stored = hn::DemoteTo(narrow, hn::Sub(hn::Xor(hn::BitCast(di, mean), sign), sign));
    const auto clamped = hn::Min(hn::Max(stored, hn::Set(narrow, static_cast<T>(q_.bounds.lo))), hn::Set(narrow, static_cast<T>(q_.bounds.hi)));
    if (n_ >= hn::Lanes(narrow)) hn::StoreU(clamped, narrow, y);
    else StoreN(clamped, narrow, y, n_);
  }

  const QuantizedPool& q_;
  size_t n_;  // channels
  int64_t count_ = 1;
  Division division_{1};
};

// Pixels [begin, end) of the result.
template <class T>
void RunAveragesOfFew(const QuantizedPool& q, const T* x, int64_t begin, int64_t end, T* y) {
  const PoolShape& s = q.shape;
  const size_t lanes = hn::Lanes(hn::ScalableTag<int16_t>()), channels = static_cast<size_t>(s.channels);
  const int64_t most = std::max<int64_t>(1, (AveragesOfFew<T>::kColumns - s.filter_w) / s.stride_w);
  for (int64_t next; begin < end; begin = next) {
    const int64_t ox = begin % s.out_w, row = begin / s.out_w;
    next = std::min({end, (row + 1) * s.out_w, begin + most});
    const T* const image = x + row / s.out_h * s.in_h * s.in_w * s.channels;
    for (size_t c = 0; c < channels; c += lanes) {
      // The last vector is moved back where there are so many channels.
      const size_t first = channels >= lanes ? std::min(c, channels - lanes) : 0;
      AveragesOfFew<T>(q, std::min(lanes, channels)).Run(image + first, row % s.out_h, ox, ox + next - begin, y + begin * s.channels + first);
    }
  }
}
#endif

// Pixels [begin, end) by f(window, image, channels, result), `lanes` channels at a time.
template <class T, class F>
HWY_INLINE void ForWindows(const PoolShape& s, const T* x, int64_t begin, int64_t end, size_t lanes, T* y, F f) {
  const auto channels = static_cast<size_t>(s.channels);
  int64_t ox = begin % s.out_w, oy = begin / s.out_w % s.out_h;
  const T* image = x + begin / (s.out_w * s.out_h) * s.in_h * s.in_w * s.channels;
  for (T* to = y + begin * s.channels; begin < end; ++begin, to += channels) {
    const Window w = WindowAt(s, oy, ox);
    for (size_t c = 0; c < channels; c += lanes) {
      // The last vector is moved back where there are so many channels.
      const size_t first = channels >= lanes ? std::min(c, channels - lanes) : 0;
      f(w, image + first, std::min(lanes, channels), to + first);
    }
    if (++ox < s.out_w) continue;
    ox = 0;
    if (++oy < s.out_h) continue;
    oy = 0, image += s.in_h * s.in_w * s.channels;
  }
}

template <class T>
void Run(const QuantizedPool& q, const T* x, int64_t begin, int64_t end, T* y) {
  const PoolShape& s = q.shape;
  if (!q.average) {
    return ForWindows(s, x, begin, end, hn::Lanes(hn::ScalableTag<T>()), y, [&](const Window& w, const T* image, size_t n, T* to) HWY_ATTR { Maximum(q, w, image, n, to); });
  }
#if HWY_TARGET != HWY_SCALAR
  if constexpr (sizeof(T) == 1) {
    if (s.filter_h <= kMostOfBytes && s.filter_h * s.filter_w <= kMostOfBytes) return RunAveragesOfFew(q, x, begin, end, y);
  }
#endif
  ForWindows(s, x, begin, end, hn::Lanes(hn::ScalableTag<int32_t>()), y, [&](const Window& w, const T* image, size_t n, T* to) HWY_ATTR { Average(q, w, image, n, to); });
}

void RunPool(const QuantizedPool& q, const void* x, int64_t begin, int64_t end, void* y) {
  VisitQuantized(q.type, [&]<class T>(T) { Run(q, static_cast<const T*>(x), begin, end, static_cast<T*>(y)); });
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
