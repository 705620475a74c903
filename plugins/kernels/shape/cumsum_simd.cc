// Running sums along rows: a row to a lane, in squares of four rows and columns, which are transposed on the way in and out; compiled once per SIMD target. Sums are
// taken in the order of the row, as the plain loops do.
#include "shape/cumsum.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "shape/cumsum_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "gemm/vector-inl.h"
#include "simd/compat-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR
constexpr int kSide = 4, kSquares = 4;
constexpr int64_t kRows = kSide * kSquares;  // at once, since each sum waits for the one before it
constexpr int64_t kShort = 1 << 14;          // values of as many rows: these and the next ones stay in L2

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
HWY_INLINE void Square(const T* x, int64_t n, V<T>& sum, T* y) {
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
  for (int r = 0; r < kSide; ++r) hn::StoreU(v[r], d, y + r * n);
}

// What the next rows need of memory, as much of it as `kSide` columns of these: so many short streams are not what processors expect.
template <class T>
HWY_INLINE void FetchNext(const T* x, int64_t n, int64_t column, T* y) {
  constexpr int64_t kLine = 64 / sizeof(T);
  for (int64_t k = 0; k < kSide * kRows; k += kLine) {
    hwy::Prefetch(x + kRows * (n + column) + k);
    PrefetchToWrite(y + kRows * (n + column) + k);
  }
}

template <bool kExclusive, bool kReverse, class T>
void SomeRows(const T* x, int64_t n, T* y) {
  const D<T> d;
  V<T> sums[kSquares];
  for (V<T>& sum : sums) sum = hn::Set(d, std::is_floating_point_v<T> ? static_cast<T>(-0.0) : T{0});  // the sum of nothing: -0 + -0 is -0
  const int64_t whole = n / kSide * kSide;
  for (int64_t i = 0; i < whole; i += kSide) {
    const int64_t at = kReverse ? n - kSide - i : i;
    if (kRows * n <= kShort) FetchNext(x, n, i, y);
    TFLOWER_UNROLL
    for (int s = 0; s < kSquares; ++s) Square<kExclusive, kReverse>(x + s * kSide * n + at, n, sums[s], y + s * kSide * n + at);
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

template <class T>
int64_t AllRows(const T* x, int64_t rows, int64_t n, bool exclusive, bool reverse, T* y) {
  const auto some = exclusive ? (reverse ? SomeRows<true, true, T> : SomeRows<true, false, T>) : reverse ? SomeRows<false, true, T> : SomeRows<false, false, T>;
  int64_t r = 0;
  for (; n >= kSide && r + kRows <= rows; r += kRows) some(x + r * n, n, y + r * n);
  return r;
}
#endif

// Integers as unsigned ones, which wrap.
int64_t Cumsums([[maybe_unused]] DType type, [[maybe_unused]] const void* x, [[maybe_unused]] int64_t rows, [[maybe_unused]] int64_t n, [[maybe_unused]] bool exclusive,
                [[maybe_unused]] bool reverse, [[maybe_unused]] void* y) {
#if HWY_TARGET == HWY_SCALAR
  return 0;
#else
  if (type == DType::kFloat32) return AllRows(static_cast<const float*>(x), rows, n, exclusive, reverse, static_cast<float*>(y));
  return AllRows(static_cast<const uint32_t*>(x), rows, n, exclusive, reverse, static_cast<uint32_t*>(y));
#endif
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(Cumsums);
}  // namespace

int64_t CumsumRows(DType type, const void* x, int64_t rows, int64_t n, bool exclusive, bool reverse, void* y) {
  return HWY_DYNAMIC_DISPATCH(Cumsums)(type, x, rows, n, exclusive, reverse, y);
}

}  // namespace tflower::kernels
#endif
