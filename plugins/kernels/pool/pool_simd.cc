// Pooling with vectors along the channels: four vectors of channels run over the window's pixels. Where windows overlap, the rows of a row of windows are
// combined first, column by column, so that each pixel is read once for each row of windows.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pool/pool_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <limits>
#include <type_traits>

#include "pool/pool.h"
#include "pool/window.h"
#include "simd/compat-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

// First, Add: one pixel. Merge: two partial results. Finish: from the total and 1 / count.
struct Average {
  static V Start(D d) { return hn::Zero(d); }
  static HWY_INLINE V First(V v) { return v; }
  static HWY_INLINE V Add(D, V acc, V v) { return hn::Add(acc, v); }
  static HWY_INLINE V Merge(D, V a, V b) { return hn::Add(a, b); }
  static HWY_INLINE V Finish(D d, V acc, float count) { return hn::Div(acc, hn::Set(d, count)); }
};
struct Maximum {
  static V Start(D d) { return hn::Set(d, -std::numeric_limits<float>::infinity()); }
  static HWY_INLINE V First(V v) { return v; }
  static HWY_INLINE V Add(D d, V acc, V v) { return MaxKeepNaN(d, acc, v); }
  static HWY_INLINE V Merge(D d, V a, V b) { return MaxKeepNaN(d, a, b); }
  static HWY_INLINE V Finish(D, V acc, float) { return acc; }
};
struct L2 {
  static V Start(D d) { return hn::Zero(d); }
  static HWY_INLINE V First(V v) { return hn::Mul(v, v); }
  static HWY_INLINE V Add(D, V acc, V v) { return hn::MulAdd(v, v, acc); }
  static HWY_INLINE V Merge(D, V a, V b) { return hn::Add(a, b); }
  static HWY_INLINE V Finish(D d, V acc, float count) { return hn::Sqrt(hn::Div(acc, hn::Set(d, count))); }
};

// The image's rows of one window, from its first channel of interest.
struct Pixels {
  const float* first;
  int64_t rows, columns;
  int64_t row_stride, channels;
};

struct Bounds {
  V lo, hi;
};

// 4 * Lanes channels. Rows of up to 64 pixels are combined before they join the total, which bounds the rounding error of large
// windows (a global average) without a second pass.
template <class P>
HWY_INLINE void PoolStrip(const Pixels& pixels, const Bounds& bounds, float* y) {
  constexpr int64_t kBlock = 64;
  const D d;
  const size_t lanes = hn::Lanes(d);
  const V start = P::Start(d);
  V t0 = start, t1 = start, t2 = start, t3 = start;
  for (int64_t r = 0; r < pixels.rows; ++r) {
    const float* p = pixels.first + r * pixels.row_stride;
    for (int64_t left = pixels.columns; left > 0; left -= kBlock) {
      V a0 = start, a1 = start, a2 = start, a3 = start;
      for (int64_t k = HWY_MIN(left, kBlock); k > 0; --k, p += pixels.channels) {
        a0 = P::Add(d, a0, hn::LoadU(d, p));
        a1 = P::Add(d, a1, hn::LoadU(d, p + lanes));
        a2 = P::Add(d, a2, hn::LoadU(d, p + 2 * lanes));
        a3 = P::Add(d, a3, hn::LoadU(d, p + 3 * lanes));
      }
      t0 = P::Merge(d, t0, a0);
      t1 = P::Merge(d, t1, a1);
      t2 = P::Merge(d, t2, a2);
      t3 = P::Merge(d, t3, a3);
    }
  }
  const float count = static_cast<float>(pixels.rows * pixels.columns);
  hn::StoreU(ClampKeepNaN(d, P::Finish(d, t0, count), bounds.lo, bounds.hi), d, y);
  hn::StoreU(ClampKeepNaN(d, P::Finish(d, t1, count), bounds.lo, bounds.hi), d, y + lanes);
  hn::StoreU(ClampKeepNaN(d, P::Finish(d, t2, count), bounds.lo, bounds.hi), d, y + 2 * lanes);
  hn::StoreU(ClampKeepNaN(d, P::Finish(d, t3, count), bounds.lo, bounds.hi), d, y + 3 * lanes);
}

// n <= Lanes channels. Tail policy: masked; a full vector takes the unmasked branch.
template <class P>
HWY_INLINE void PoolVector(const Pixels& pixels, const Bounds& bounds, size_t n, float* y) {
  const D d;
  const bool full = n == hn::Lanes(d);
  V total = P::Start(d);
  for (int64_t r = 0; r < pixels.rows; ++r) {
    const float* p = pixels.first + r * pixels.row_stride;
    V acc = P::Start(d);
    if (full) for (int64_t k = 0; k < pixels.columns; ++k, p += pixels.channels) acc = P::Add(d, acc, hn::LoadU(d, p));
    else for (int64_t k = 0; k < pixels.columns; ++k, p += pixels.channels) acc = P::Add(d, acc, LoadN(d, p, n));
    total = P::Merge(d, total, acc);
  }
  const float count = static_cast<float>(pixels.rows * pixels.columns);
  const V v = ClampKeepNaN(d, P::Finish(d, total, count), bounds.lo, bounds.hi);
  if (full) hn::StoreU(v, d, y);
  else StoreN(v, d, y, n);
}

// Channels [first, last) of one output pixel, whose values begin at y + first.
template <class P>
HWY_INLINE void PoolChannels(Pixels pixels, const Bounds& bounds, int64_t first, int64_t last, float* y) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(D()));
  const float* image = pixels.first;
  while (first < last) {
    pixels.first = image + first;
    if (first + 4 * lanes <= last) {
      PoolStrip<P>(pixels, bounds, y + first);
      first += 4 * lanes;
    } else {
      PoolVector<P>(pixels, bounds, static_cast<size_t>(HWY_MIN(lanes, last - first)), y + first);
      first += lanes;
    }
  }
}

// Work items [begin, end): item = output pixel * blocks + block of `block` channels.
template <class P>
void PoolItems(const PoolShape& s, const float* x, float lo, float hi, int64_t block, int64_t begin, int64_t end, float* y) {
  const D d;
  const Bounds bounds = {hn::Set(d, lo), hn::Set(d, hi)};
  const int64_t blocks = (s.channels + block - 1) / block;
  for (int64_t item = begin; item < end; ++item) {
    const int64_t pixel = item / blocks, first = item % blocks * block;
    const int64_t ox = pixel % s.out_w, oy = pixel / s.out_w % s.out_h, n = pixel / (s.out_w * s.out_h);
    const Window w = WindowAt(s, oy, ox);
    const int64_t row_stride = s.in_w * s.channels;
    const float* image = x + ((n * s.in_h + w.y0) * s.in_w + w.x0) * s.channels;
    const Pixels pixels = {image, w.y1 - w.y0, w.x1 - w.x0, row_stride, s.channels};
    PoolChannels<P>(pixels, bounds, first, HWY_MIN(first + block, s.channels), y + pixel * s.channels);
  }
}

constexpr int64_t kColumnFloats = 4096;  // combined columns stay in L1

// Whether windows leave no columns out, none is empty, and the columns of one fit.
bool TakesColumns(const PoolShape& s) {
  const auto inside = [](int64_t pad, int64_t filter, int64_t outputs, int64_t stride, int64_t size) { return pad < filter && (outputs - 1) * stride - pad < size; };
  return s.filter_h > 1 && s.stride_w <= s.filter_w && s.channels * s.filter_w <= kColumnFloats && inside(s.pad_top, s.filter_h, s.out_h, s.stride_h, s.in_h) &&
         inside(s.pad_left, s.filter_w, s.out_w, s.stride_w, s.in_w);
}

// f(the count as a constant, or 0 for what is not unrolled)
template <class F>
HWY_INLINE void WithCount(int64_t count, F f) {
  switch (count) {
    case 2: return f(std::integral_constant<int64_t, 2>());
    case 3: return f(std::integral_constant<int64_t, 3>());
    default: return f(std::integral_constant<int64_t, 0>());
  }
}

// n floats of each row.
template <class P>
void CombineRows(const float* x, int64_t rows, int64_t stride, int64_t n, float* to) {
  const D d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto combined = [&](auto count, const float* from, auto load) HWY_ATTR {
    V acc = P::First(load(from));
    for (int64_t r = 1; r < (count == 0 ? rows : count); ++r) acc = P::Add(d, acc, load(from + r * stride));
    return acc;
  };
  WithCount(rows, [&](auto count) HWY_ATTR {
    const auto whole = [&](const float* from) HWY_ATTR { return hn::LoadU(d, from); };
    int64_t i = 0;
    for (; i + lanes <= n; i += lanes) hn::StoreU(combined(count, x + i, whole), d, to + i);
    const auto rest = static_cast<size_t>(n - i);
    if (rest > 0) StoreN(combined(count, x + i, [&](const float* from) HWY_ATTR { return LoadN(d, from, rest); }), d, to + i, rest);
  });
}

// n results, from as many floats of each of `columns` combined columns; pixels: in a window.
template <class P>
void JoinColumns(const float* from, int64_t columns, int64_t stride, int64_t n, float pixels, const Bounds& bounds, float* y) {
  const D d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto joined = [&](auto count, const float* at, auto load) HWY_ATTR {
    V acc = load(at);
    for (int64_t k = 1; k < (count == 0 ? columns : count); ++k) acc = P::Merge(d, acc, load(at + k * stride));
    return ClampKeepNaN(d, P::Finish(d, acc, pixels), bounds.lo, bounds.hi);
  };
  WithCount(columns, [&](auto count) HWY_ATTR {
    const auto whole = [&](const float* at) HWY_ATTR { return hn::LoadU(d, at); };
    int64_t i = 0;
    for (; i + lanes <= n; i += lanes) hn::StoreU(joined(count, from + i, whole), d, y + i);
    const auto rest = static_cast<size_t>(n - i);
    if (rest > 0) StoreN(joined(count, from + i, [&](const float* at) HWY_ATTR { return LoadN(d, at, rest); }), d, y + i, rest);
  });
}

// Result rows [begin, end), counted over all images.
template <class P>
void PoolRows(const PoolShape& s, const float* x, float lo, float hi, int64_t begin, int64_t end, float* y) {
  const D d;
  const Bounds bounds = {hn::Set(d, lo), hn::Set(d, hi)};
  HWY_ALIGN float columns[kColumnFloats];
  const int64_t together = (kColumnFloats / s.channels - s.filter_w) / s.stride_w + 1, c = s.channels;
  for (int64_t row = begin; row < end; ++row) {
    const float* const image = x + row / s.out_h * s.in_h * s.in_w * c;
    const int64_t oy = row % s.out_h;
    for (int64_t first = 0; first < s.out_w; first += together) {
      const int64_t last = HWY_MIN(s.out_w, first + together);
      const Window left = WindowAt(s, oy, first), right = WindowAt(s, oy, last - 1);
      CombineRows<P>(image + (left.y0 * s.in_w + left.x0) * c, left.y1 - left.y0, s.in_w * c, (right.x1 - left.x0) * c, columns);
      for (int64_t ox = first, run; ox < last; ox += run) {
        const Window w = WindowAt(s, oy, ox);
        const bool whole = w.x1 - w.x0 == s.filter_w && s.stride_w == 1;  // so are those behind it, up to the right border: neighbours in memory
        run = whole ? HWY_MIN(last - ox, s.in_w - s.filter_w - w.x0 + 1) : 1;
        JoinColumns<P>(columns + (w.x0 - left.x0) * c, w.x1 - w.x0, c, run * c, static_cast<float>(w.count()), bounds, y + (row * s.out_w + ox) * c);
      }
    }
  }
}

void PoolRowRange(Pool op, const PoolShape& s, const float* x, float lo, float hi, int64_t begin, int64_t end, float* y) {
  switch (op) {
    case Pool::kAverage: return PoolRows<Average>(s, x, lo, hi, begin, end, y);
    case Pool::kMax: return PoolRows<Maximum>(s, x, lo, hi, begin, end, y);
    case Pool::kL2: return PoolRows<L2>(s, x, lo, hi, begin, end, y);
  }
}

void PoolRange(Pool op, const PoolShape& s, const float* x, float lo, float hi, int64_t block, int64_t begin, int64_t end, float* y) {
  switch (op) {
    case Pool::kAverage: return PoolItems<Average>(s, x, lo, hi, block, begin, end, y);
    case Pool::kMax: return PoolItems<Maximum>(s, x, lo, hi, block, begin, end, y);
    case Pool::kL2: return PoolItems<L2>(s, x, lo, hi, block, begin, end, y);
  }
}

}  // namespace
}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(PoolRange);
HWY_EXPORT(PoolRowRange);
HWY_EXPORT(TakesColumns);
}  // namespace

void PoolF32(Pool op, const PoolShape& s, const float* x, float lo, float hi, float* y, const Parallel& parallel) {
  if (s.channels > 0 && HWY_DYNAMIC_DISPATCH(TakesColumns)(s)) {
    const int64_t grain = 1 + 32768 / (s.in_w * s.channels * s.filter_h);
    parallel.For(s.batch * s.out_h, grain, [&](int64_t begin, int64_t end) { HWY_DYNAMIC_DISPATCH(PoolRowRange)(op, s, x, lo, hi, begin, end, y); });
    return;
  }
  // Channel blocks only matter when there are few pixels: 256 channels are 16 AVX-512 vectors, 4 strips.
  const int64_t block = s.batch * s.out_h * s.out_w >= 64 ? std::max<int64_t>(s.channels, 1) : 256;
  const int64_t blocks = (s.channels + block - 1) / block;
  const int64_t reads = std::min(s.filter_h, s.in_h) * std::min(s.filter_w, s.in_w) * std::min(block, s.channels);  // no more than the image
  const int64_t grain = 1 + 32768 / std::max<int64_t>(reads, 1);  // about 2 us
  parallel.For(s.batch * s.out_h * s.out_w * blocks, grain, [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(PoolRange)(op, s, x, lo, hi, block, begin, end, y);
  });
}

}  // namespace tflower::kernels
#endif  // HWY_ONCE
