// Running sums along rows: a row to a lane, in squares of four rows and columns, which are transposed on the way in and out; and down columns: a column to a lane. Compiled
// once per SIMD target. Sums are taken in their order, as the plain loops do.
#include "shape/cumsum.h"

#include <algorithm>
#include <cstdlib>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "shape/cumsum_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "gemm/vector-inl.h"
#include "simd/compat-inl.h"
#include "simd/stream-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR
constexpr int kSide = 4, kSquares = 4;
constexpr int64_t kRows = kSide * kSquares;  // at once, since each sum waits for the one before it
constexpr int64_t kShort = 1 << 14;          // values of as many rows: these and the next ones stay in L2
constexpr int64_t kTogether = 64;            // columns that are gathered before they go past the caches

template <class T>
using D = hn::FixedTag<T, kSide>;
template <class T>
using V = hn::Vec<D<T>>;

template <class T>
HWY_INLINE void Transpose4(V<T> (&v)[kSide]) {
  const D<T> d;
  const V<T> a = hn::InterleaveLower(d, v[0], v[2]), b = hn::InterleaveUpper(d, v[0], v[2]), c = hn::InterleaveLower(d, v[1], v[3]), e = hn::InterleaveUpper(d, v[1], v[3]);
  v[0] = hn::InterleaveLower(d, a, c), v[1] = hn::InterleaveUpper(d, a, c), v[2] = hn::InterleaveLower(d, b, e), v[3] = hn::InterleaveUpper(d, b, e);
}

// Columns [at, at + kSide) of four rows; `sum` is that of all columns before.
template <bool kExclusive, bool kReverse, class T>
HWY_INLINE void Square(const T* x, int64_t n, V<T>& sum, T* y, int64_t y_stride) {
  const D<T> d;
  V<T> v[kSide];
  TFLOWER_UNROLL
  for (int r = 0; r < kSide; ++r) v[r] = hn::LoadU(d, x + r * n);
  Transpose4<T>(v);
  TFLOWER_UNROLL
  for (int i = 0; i < kSide; ++i) {
    V<T>& column = v[kReverse ? kSide - 1 - i : i];
    const V<T> before = sum;
    sum = hn::Add(sum, column);
    column = kExclusive ? before : sum;
  }
  Transpose4<T>(v);
  TFLOWER_UNROLL
  for (int r = 0; r < kSide; ++r) hn::StoreU(v[r], d, y + r * y_stride);
}

// What the next rows need of memory, as much of it as `kSide` columns of these: so many short streams are not what processors expect.
template <bool kStream, class T>
HWY_INLINE void FetchNext(const T* x, int64_t n, int64_t column, T* y) {
  constexpr int64_t kLine = 64 / sizeof(T);
  for (int64_t k = 0; k < kSide * kRows; k += kLine) {
    hwy::Prefetch(x + kRows * (n + column) + k);
    if (!kStream) PrefetchToWrite(y + kRows * (n + column) + k);
  }
}

template <bool kExclusive, bool kReverse, bool kStream, class T>
void SomeRows(const T* x, int64_t n, T* y) {
  const D<T> d;
  V<T> sums[kSquares];
  for (V<T>& sum : sums) sum = hn::Set(d, std::is_floating_point_v<T> ? static_cast<T>(-0.0) : T{0});  // the sum of nothing: -0 + -0 is -0
  const int64_t whole = n / kSide * kSide;
  HWY_ALIGN T together[kStream ? kRows * kTogether : 1];
  for (int64_t begin = 0; begin < whole; begin += kTogether) {
    const int64_t end = std::min(whole, begin + kTogether), lowest = kReverse ? n - end : begin;
    for (int64_t i = begin; i < end; i += kSide) {
      const int64_t at = kReverse ? n - kSide - i : i;
      if (kRows * n <= kShort) FetchNext<kStream>(x, n, i, y);
      TFLOWER_UNROLL
      for (int s = 0; s < kSquares; ++s) {
        const int64_t r = s * kSide;
        if constexpr (kStream) Square<kExclusive, kReverse>(x + r * n + at, n, sums[s], together + r * kTogether + (at - lowest), kTogether);
        else Square<kExclusive, kReverse>(x + r * n + at, n, sums[s], y + r * n + at, n);
      }
    }
    for (int64_t r = 0; kStream && r < kRows; ++r) {
      StreamRun(reinterpret_cast<const std::byte*>(together + r * kTogether), reinterpret_cast<std::byte*>(y + r * n + lowest), (end - begin) * static_cast<int64_t>(sizeof(T)));
    }
  }
  HWY_ALIGN T rest[kRows];
  for (int s = 0; s < kSquares; ++s) hn::Store(sums[s], d, rest + s * kSide);
  for (int64_t r = 0; r < kRows; ++r) {
    for (int64_t i = whole; i < n; ++i) {
      const int64_t at = r * n + (kReverse ? n - 1 - i : i);
      const T before = rest[r];
      rest[r] = before + x[at];
      y[at] = kExclusive ? before : rest[r];
    }
    if (kExclusive) y[r * n + (kReverse ? n - 1 : 0)] = T{0};
  }
}

template <bool kStream, class T>
int64_t AllRows(const T* x, int64_t rows, int64_t n, bool exclusive, bool reverse, T* y) {
  const auto some = exclusive ? (reverse ? SomeRows<true, true, kStream, T> : SomeRows<true, false, kStream, T>)
                              : reverse ? SomeRows<false, true, kStream, T> : SomeRows<false, false, kStream, T>;
  int64_t r = 0;
  for (; n >= kSide && r + kRows <= rows; r += kRows) some(x + r * n, n, y + r * n);
  if (kStream) hwy::FlushStream();
  return r;
}
#endif

// The sums so far of as many columns as stay in the nearest cache.
template <class T>
void Columns(const T* x, int64_t n, int64_t step, int64_t columns, bool exclusive, T* y) {
  constexpr int64_t kColumns = 4096;
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  HWY_ALIGN T sums[kColumns];
  for (int64_t first = 0; first < columns; first += kColumns) {
    const int64_t count = std::min(kColumns, columns - first);
    const bool far = std::abs(step) > count;  // the next line begins elsewhere
    std::fill_n(sums, count, T{0});
    for (int64_t i = 0; i < n; ++i) {
      const T* const from = x + i * step + first;
      T* const to = y + i * step + first;
      const auto add = [&](auto tag, int64_t c) HWY_ATTR {
        const auto before = hn::LoadU(tag, sums + c), value = hn::LoadU(tag, from + c), sum = i == 0 && !exclusive ? value : hn::Add(before, value);
        hn::StoreU(sum, tag, sums + c);
        return exclusive ? before : sum;
      };
      int64_t c = 0;
      for (; c + lanes <= count; c += lanes) {
        if (far) hwy::Prefetch(reinterpret_cast<const T*>(reinterpret_cast<uintptr_t>(from + c) + static_cast<uintptr_t>(step * static_cast<int64_t>(sizeof(T)))));
        hn::Stream(add(d, c), d, to + c);
      }
      for (const hn::CappedTag<T, 1> one; c < count; ++c) hn::StoreU(add(one, c), one, to + c);
    }
  }
  hwy::FlushStream();
}

// Integers as unsigned ones, which wrap.
int64_t Cumsums([[maybe_unused]] DType type, [[maybe_unused]] const void* x, [[maybe_unused]] int64_t rows, [[maybe_unused]] int64_t n, [[maybe_unused]] bool exclusive,
                [[maybe_unused]] bool reverse, [[maybe_unused]] bool stream, [[maybe_unused]] void* y) {
#if HWY_TARGET == HWY_SCALAR
  return 0;
#else
  const auto all = [&]<class T>(T) {
    return stream ? AllRows<true>(static_cast<const T*>(x), rows, n, exclusive, reverse, static_cast<T*>(y)) : AllRows<false>(static_cast<const T*>(x), rows, n, exclusive, reverse, static_cast<T*>(y));
  };
  return type == DType::kFloat32 ? all(float{}) : all(uint32_t{});
#endif
}

void CumsumsDown(DType type, const void* x, int64_t n, int64_t step, int64_t columns, bool exclusive, void* y) {
  if (type == DType::kFloat32) Columns(static_cast<const float*>(x), n, step, columns, exclusive, static_cast<float*>(y));
  else Columns(static_cast<const uint32_t*>(x), n, step, columns, exclusive, static_cast<uint32_t*>(y));
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(Cumsums);
HWY_EXPORT(CumsumsDown);
}  // namespace

int64_t CumsumRows(DType type, const void* x, int64_t rows, int64_t n, bool exclusive, bool reverse, bool stream, void* y) {
  return HWY_DYNAMIC_DISPATCH(Cumsums)(type, x, rows, n, exclusive, reverse, stream, y);
}
void CumsumLines(DType type, const void* x, int64_t n, int64_t step, int64_t columns, bool exclusive, void* y) {
  HWY_DYNAMIC_DISPATCH(CumsumsDown)(type, x, n, step, columns, exclusive, y);
}

}  // namespace tflower::kernels
#endif
