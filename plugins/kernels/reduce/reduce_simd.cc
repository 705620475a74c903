// Reductions of f32 with vectors.
//
// Innermost dimension reduced: eight accumulators run along each row; short rows lie across the lanes. Innermost dimension kept: strips of
// columns are reduced row by row. Sums are two-level, so rounding errors grow with the block, not with the length.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "reduce/reduce_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <algorithm>
#include <limits>
#include <type_traits>

#include "reduce/reduce.h"
#include "gemm/vector-inl.h"
#include "reduce/reduce_walk.h"
#include "simd/compat-inl.h"
#include "simd/prefetch.h"
#include "simd/short_rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;
using M = hn::Mask<D>;

struct Sum {
  static constexpr float kStart = 0.0f;
  static HWY_INLINE V Combine(V a, V b) { return hn::Add(a, b); }
  static double Combine(double a, double b) { return a + b; }
  static HWY_INLINE double Lanes(D d, V v) { return ReduceSum(d, v); }
};
struct Prod {
  static constexpr float kStart = 1.0f;
  static HWY_INLINE V Combine(V a, V b) { return hn::Mul(a, b); }
  static double Combine(double a, double b) { return a * b; }
  static double Lanes(D d, V v) {
    HWY_ALIGN float lanes[HWY_MAX_BYTES / sizeof(float)];
    hn::Store(v, d, lanes);
    double product = 1;
    for (size_t i = 0; i < hn::Lanes(d); ++i) product *= lanes[i];
    return product;
  }
};
template <bool kMax>
struct Extremum {
  static constexpr float kStart = kMax ? -std::numeric_limits<float>::infinity() : std::numeric_limits<float>::infinity();
  static HWY_INLINE V Combine(V a, V b) { return kMax ? MaxKeepNaN(D(), a, b) : MinKeepNaN(D(), a, b); }
  static double Combine(double a, double b) { return (kMax ? a > b : a < b) || a != a ? a : b; }
  static HWY_INLINE double Lanes(D d, V v) {
    if (!hn::AllTrue(d, hn::Eq(v, v))) return std::numeric_limits<double>::quiet_NaN();
    return kMax ? ReduceMax(d, v) : ReduceMin(d, v);
  }
};

template <class R>
HWY_INLINE V LoadTail(D d, const float* p, size_t n) {
  return hn::IfThenElse(hn::FirstN(d, n), LoadN(d, p, n), hn::Set(d, R::kStart));
}

// What a row's accumulators need besides Combine: extrema watch for NaN beside them, because choosing between NaN and the larger value in each
// step would make one long chain of dependent instructions.
template <class R>
struct Watch {
  static HWY_INLINE V Step(V acc, V v, M&) { return R::Combine(acc, v); }
  static HWY_INLINE V Join(V a, V b) { return R::Combine(a, b); }
  static HWY_INLINE double Finish(D d, V acc, M) { return R::Lanes(d, acc); }
};
template <bool kMax>
struct Watch<Extremum<kMax>> {
  static HWY_INLINE V Step(V acc, V v, M& numbers) {
    numbers = hn::And(numbers, hn::Eq(v, v));
    return kMax ? hn::Max(v, acc) : hn::Min(v, acc);
  }
  static HWY_INLINE V Join(V a, V b) { return kMax ? hn::Max(a, b) : hn::Min(a, b); }
  static HWY_INLINE double Finish(D d, V acc, M numbers) {
    if (!hn::AllTrue(d, numbers)) return std::numeric_limits<double>::quiet_NaN();
    return kMax ? ReduceMax(d, acc) : ReduceMin(d, acc);
  }
};

// One value from n contiguous ones, by kAccumulators: those of short rows would cost more to join than the row.
template <class R, size_t kAccumulators>
HWY_INLINE double ReduceBy(const float* x, size_t n) {
  using W = Watch<R>;
  const D d;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  const V start = hn::Set(d, R::kStart);
  M numbers = hn::Eq(start, start);
  V acc[kAccumulators];
  TFLOWER_UNROLL
  for (size_t k = 0; k < kAccumulators; ++k) acc[k] = start;
  for (; i + kAccumulators * lanes <= n; i += kAccumulators * lanes) {
    TFLOWER_UNROLL
    for (size_t k = 0; k < kAccumulators; ++k) {
      PrefetchFar(x + i + k * lanes);
      acc[k] = W::Step(acc[k], hn::LoadU(d, x + i + k * lanes), numbers);
    }
  }
  for (; i + lanes <= n; i += lanes) acc[0] = W::Step(acc[0], hn::LoadU(d, x + i), numbers);
  if (i < n) acc[kAccumulators - 1] = W::Step(acc[kAccumulators - 1], LoadTail<R>(d, x + i, n - i), numbers);
  TFLOWER_UNROLL
  for (size_t half = kAccumulators / 2; half > 0; half /= 2) {
    TFLOWER_UNROLL
    for (size_t k = 0; k < half; ++k) acc[k] = W::Join(acc[k], acc[k + half]);
  }
  return W::Finish(d, acc[0], numbers);
}

// Eight accumulators: 2 adds a cycle with a latency of 4.
template <class R>
double ReduceBlock(const float* x, size_t n) {
  const size_t vectors = n / hn::Lanes(D());
  return vectors < 8 ? ReduceBy<R, 1>(x, n) : vectors < 32 ? ReduceBy<R, 4>(x, n) : ReduceBy<R, 8>(x, n);
}

// Tail policy: the last vector of a row is masked. Blocks of 64 additions in each lane of 8 accumulators are joined in double.
template <class R>
HWY_INLINE double ReduceRow(double value, const float* row, int64_t n) {
  const int64_t block = 64 * 8 * static_cast<int64_t>(hn::Lanes(D()));
  for (int64_t k = 0; k < n; k += block) value = R::Combine(value, ReduceBlock<R>(row + k, static_cast<size_t>(HWY_MIN(block, n - k))));
  return value;
}

template <class R>
float ReduceRows(const ReduceWalk& walk, int64_t base, const float* x) {
  double value = R::kStart;
  for (int64_t i = 0; i < walk.runs(); ++i) {
    const ReduceWalk::Run run = walk.RunAt(base, i);
    for (int64_t r = 0; r < run.rows; ++r) value = ReduceRow<R>(value, x + run.offset + r * run.stride, walk.inner());
  }
  return static_cast<float>(value);
}

constexpr int64_t kRowBlock = 64;
constexpr size_t kMaxLanes = HWY_MAX_BYTES / sizeof(float);
constexpr size_t kStripColumns = 1024;  // 4 KiB of each row at a time, which suits prefetchers and pages; partial results stay in L1

// Joins n lanes of a block of rows to the totals.
template <class R>
HWY_INLINE void Join(const float* block, size_t n, double* total) {
  for (size_t i = 0; i < n; ++i) total[i] = R::Combine(total[i], static_cast<double>(block[i]));
}

// `rows` <= kRowBlock rows of n columns, n a multiple of Lanes: four rows at a time, so that partial results are seldom read and written.
template <class R>
void ReduceRowBlock(const float* row, int64_t stride, int64_t rows, size_t n, float* block) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  int64_t r = 0;
  for (; r + 4 <= rows; r += 4, row += 4 * stride) {
    for (size_t i = 0; i < n; i += lanes) {
      TFLOWER_UNROLL  // fetches the next four: where rows are short, or far from each other, processors are late
      for (int64_t k = 4; k < 8; ++k) hwy::Prefetch(row + k * stride + i);
      V acc = R::Combine(hn::LoadU(d, row + i), hn::LoadU(d, row + stride + i));
      acc = R::Combine(acc, R::Combine(hn::LoadU(d, row + 2 * stride + i), hn::LoadU(d, row + 3 * stride + i)));
      hn::Store(r == 0 ? acc : R::Combine(hn::Load(d, block + i), acc), d, block + i);
    }
  }
  for (; r < rows; ++r, row += stride) {
    for (size_t i = 0; i < n; i += lanes) {
      const V v = hn::LoadU(d, row + i);
      hn::Store(r == 0 ? v : R::Combine(hn::Load(d, block + i), v), d, block + i);
    }
  }
}

// n <= kStripColumns columns, a multiple of Lanes, down the rows of every run. Blocks of 64 rows are joined in double, which bounds the
// rounding error of long sums; an infinity stays one.
template <class R>
void ReduceStrip(const ReduceWalk& walk, int64_t base, const float* x, size_t n, float* out) {
  HWY_ALIGN float block[kStripColumns];
  HWY_ALIGN double total[kStripColumns];
  const ReduceWalk::Run only = walk.RunAt(base, 0);
  if (walk.runs() == 1 && only.rows <= kRowBlock) {
    ReduceRowBlock<R>(x + only.offset, only.stride, only.rows, n, block);
    std::copy_n(block, n, out);
    return;
  }
  std::fill_n(total, n, double{R::kStart});
  for (int64_t i = 0; i < walk.runs(); ++i) {
    const ReduceWalk::Run run = walk.RunAt(base, i);
    for (int64_t first = 0; first < run.rows; first += kRowBlock) {
      ReduceRowBlock<R>(x + run.offset + first * run.stride, run.stride, HWY_MIN(kRowBlock, run.rows - first), n, block);
      Join<R>(block, n, total);
    }
  }
  for (size_t i = 0; i < n; ++i) out[i] = static_cast<float>(total[i]);
}

// The same for n < Lanes columns, masked.
template <class R>
void ReduceNarrowStrip(const ReduceWalk& walk, int64_t base, size_t n, const float* x, float* out) {
  const D d;
  HWY_ALIGN float block[kMaxLanes];
  HWY_ALIGN double total[kMaxLanes];
  std::fill_n(total, n, double{R::kStart});
  for (int64_t i = 0; i < walk.runs(); ++i) {
    const ReduceWalk::Run run = walk.RunAt(base, i);
    for (int64_t first = 0; first < run.rows; first += kRowBlock) {
      const float* row = x + run.offset + first * run.stride;
      V acc = hn::Set(d, R::kStart);
      for (int64_t left = HWY_MIN(kRowBlock, run.rows - first); left > 0; --left, row += run.stride) acc = R::Combine(acc, LoadN(d, row, n));
      hn::Store(acc, d, block);
      Join<R>(block, n, total);
    }
  }
  for (size_t i = 0; i < n; ++i) out[i] = static_cast<float>(total[i]);
}

// The same for `rows` rows of n values one behind the other: as many of them as fill vectors are one row.
template <class R>
void ReduceNarrowRows(const float* x, int64_t rows, size_t n, float* out) {
  HWY_ALIGN float block[kStripColumns];
  HWY_ALIGN double total[kStripColumns];
  const size_t vectors = n * hn::Lanes(D()), width = kStripColumns / vectors * vectors;
  const int64_t together = static_cast<int64_t>(width / n), whole = rows / together;
  std::fill_n(total, width, double{R::kStart});
  for (int64_t left = whole, count; left > 0; left -= count, x += count * static_cast<int64_t>(width)) {
    count = HWY_MIN(kRowBlock, left);
    ReduceRowBlock<R>(x, static_cast<int64_t>(width), count, width, block);
    Join<R>(block, width, total);
  }
  for (size_t i = n; i < width; i += n) for (size_t k = 0; k < n; ++k) total[k] = R::Combine(total[k], total[i + k]);
  for (int64_t r = whole * together; r < rows; ++r, x += n) for (size_t k = 0; k < n; ++k) total[k] = R::Combine(total[k], static_cast<double>(x[k]));
  for (size_t k = 0; k < n; ++k) out[k] = static_cast<float>(total[k]);
}

template <class R>
void ReduceColumns(const ReduceWalk& walk, int64_t base, int64_t first, int64_t last, const float* x, float* out) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(D()));
  const ReduceWalk::Run run = walk.RunAt(base, 0);
  if (walk.runs() == 1 && run.stride == last - first && run.stride < lanes && run.rows * run.stride >= 4 * static_cast<int64_t>(kStripColumns))
    return ReduceNarrowRows<R>(x + run.offset, run.rows, static_cast<size_t>(run.stride), out);
  while (first + lanes <= last) {
    const int64_t n = HWY_MIN(static_cast<int64_t>(kStripColumns), (last - first) / lanes * lanes);
    ReduceStrip<R>(walk, base + first, x, static_cast<size_t>(n), out + first);
    first += n;
  }
  if (first < last) ReduceNarrowStrip<R>(walk, base + first, static_cast<size_t>(last - first), x, out + first);
}

// Rows of no more values than a vector has lanes; returns how many outputs are done. No more than 16 additions: exact enough in float.
template <class R>
int64_t ReduceShortRows(const float* x, int64_t rows, int64_t width, float* out) {
  constexpr auto kTogether = static_cast<int64_t>(kRowsTogether);
  int64_t r = 0;
  for (; r + kTogether <= rows; r += kTogether, x += kTogether * width) {
    RowVectors v;
    LoadRows(x, static_cast<size_t>(width), R::kStart, v);
    hn::StoreU(CombineEach(v, [](V a, V b) HWY_ATTR { return R::Combine(a, b); }), D(), out + r);
  }
  return r;
}

// Outputs [begin, end).
template <class R>
void ReduceOutputs(const ReducePlan& plan, const ReduceWalk& walk, const float* x, int64_t begin, int64_t end, float* out) {
  if (plan.inner_reduced || plan.rank == 0) {
    // Products of short rows are taken in double, where they overflow less.
    if (!std::is_same_v<R, Prod> && plan.rank == 2 && plan.count >= 1 && plan.count <= static_cast<int64_t>(hn::Lanes(D()))) {
      begin += ReduceShortRows<R>(x + begin * plan.count, end - begin, plan.count, out + begin);
    }
    if (plan.rank == 2) {  // rows one behind the other
      for (int64_t o = begin; o < end; ++o) out[o] = static_cast<float>(ReduceRow<R>(R::kStart, x + o * plan.count, plan.count));
      return;
    }
    for (int64_t o = begin; o < end; ++o) out[o] = ReduceRows<R>(walk, walk.Base(o), x);
    return;
  }
  const int64_t inner = walk.inner();
  while (begin < end) {
    const int64_t index = begin / inner, first = begin % inner;
    const int64_t last = HWY_MIN(inner, first + (end - begin));
    ReduceColumns<R>(walk, walk.Base(index), first, last, x, out + index * inner);
    begin += last - first;
  }
}

void ReduceRange(Reduction op, const ReducePlan& plan, const ReduceWalk& walk, const float* x, int64_t begin, int64_t end, float* out) {
  switch (op) {
    case Reduction::kProd: return ReduceOutputs<Prod>(plan, walk, x, begin, end, out);
    case Reduction::kMax: return ReduceOutputs<Extremum<true>>(plan, walk, x, begin, end, out);
    case Reduction::kMin: return ReduceOutputs<Extremum<false>>(plan, walk, x, begin, end, out);
    default: ReduceOutputs<Sum>(plan, walk, x, begin, end, out);
  }
  if (op == Reduction::kMean) {
    const float count = static_cast<float>(plan.count);
    for (int64_t o = begin; o < end; ++o) out[o] /= count;
  }
}

}  // namespace
}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(ReduceRange);
}  // namespace

Status ReduceF32(Reduction op, const ReducePlan& plan, const float* x, float* out, const Parallel& parallel) {
  if (op > Reduction::kMin) return Error(Code::kInternal, "the reduction has no float form");
  const ReduceWalk walk(plan);
  // 64 KiB read in each part, and whole vectors of columns, many of them side by side.
  int64_t grain = 1 + 16384 / (plan.count + 1);
  if (!plan.inner_reduced) grain = (grain + 255) / 256 * 256;
  parallel.For(plan.outputs, grain, [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(ReduceRange)(op, plan, walk, x, begin, end, out);
  });
  return Ok();
}

}  // namespace tflower::kernels
#endif  // HWY_ONCE
