// Reductions of f32 with vectors.
//
// Innermost dimension reduced: eight accumulators run along each row. Innermost dimension kept: a strip of four vectors of
// columns runs down the rows. Sums are two-level, so rounding errors grow with the block, not with the length.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "reduce/reduce_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <limits>

#include "reduce/reduce.h"
#include "reduce/reduce_walk.h"
#include "simd/compat-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

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

// One value from n contiguous ones. Eight accumulators: 2 adds a cycle with a latency of 4.
template <class R>
double ReduceBlock(const float* x, size_t n) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  if (n < 8 * lanes) {  // short rows: joining eight accumulators would cost more than the row
    V acc = hn::Set(d, R::kStart);
    for (; i + lanes <= n; i += lanes) acc = R::Combine(acc, hn::LoadU(d, x + i));
    if (i < n) acc = R::Combine(acc, LoadTail<R>(d, x + i, n - i));
    return R::Lanes(d, acc);
  }
  V a0 = hn::Set(d, R::kStart), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
  for (; i + 8 * lanes <= n; i += 8 * lanes) {
    a0 = R::Combine(a0, hn::LoadU(d, x + i));
    a1 = R::Combine(a1, hn::LoadU(d, x + i + lanes));
    a2 = R::Combine(a2, hn::LoadU(d, x + i + 2 * lanes));
    a3 = R::Combine(a3, hn::LoadU(d, x + i + 3 * lanes));
    a4 = R::Combine(a4, hn::LoadU(d, x + i + 4 * lanes));
    a5 = R::Combine(a5, hn::LoadU(d, x + i + 5 * lanes));
    a6 = R::Combine(a6, hn::LoadU(d, x + i + 6 * lanes));
    a7 = R::Combine(a7, hn::LoadU(d, x + i + 7 * lanes));
  }
  for (; i + lanes <= n; i += lanes) a0 = R::Combine(a0, hn::LoadU(d, x + i));
  if (i < n) a1 = R::Combine(a1, LoadTail<R>(d, x + i, n - i));
  a0 = R::Combine(R::Combine(a0, a1), R::Combine(a2, a3));
  a4 = R::Combine(R::Combine(a4, a5), R::Combine(a6, a7));
  return R::Lanes(d, R::Combine(a0, a4));
}

// Tail policy: the last vector of a row is masked. Blocks of 64 additions in each lane of 8 accumulators are joined in double.
template <class R>
float ReduceRows(const ReduceWalk& walk, int64_t base, const float* x) {
  const int64_t block = 64 * 8 * static_cast<int64_t>(hn::Lanes(D()));
  double value = R::kStart;
  const int64_t inner = walk.inner();
  for (int64_t i = 0; i < walk.runs(); ++i) {
    const ReduceWalk::Run run = walk.RunAt(base, i);
    for (int64_t r = 0; r < run.rows; ++r) {
      const float* row = x + run.offset + r * run.stride;
      for (int64_t k = 0; k < inner; k += block) {
        value = R::Combine(value, ReduceBlock<R>(row + k, static_cast<size_t>(HWY_MIN(block, inner - k))));
      }
    }
  }
  return static_cast<float>(value);
}

constexpr int64_t kRowBlock = 64;
constexpr size_t kMaxLanes = HWY_MAX_BYTES / sizeof(float);

// Joins n lanes of a block of rows to the totals.
template <class R>
HWY_INLINE void Join(const float* block, size_t n, double* total) {
  for (size_t i = 0; i < n; ++i) total[i] = R::Combine(total[i], static_cast<double>(block[i]));
}

// Four vectors of columns down the rows of every run. Blocks of 64 rows are joined in double, which bounds the rounding error of
// long sums; an infinity stays one.
template <class R>
void ReduceStrip(const ReduceWalk& walk, int64_t base, const float* x, float* out) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  const V start = hn::Set(d, R::kStart);
  HWY_ALIGN float block[4 * kMaxLanes];
  HWY_ALIGN double total[4 * kMaxLanes];
  std::fill_n(total, 4 * lanes, double{R::kStart});
  for (int64_t i = 0; i < walk.runs(); ++i) {
    const ReduceWalk::Run run = walk.RunAt(base, i);
    for (int64_t first = 0; first < run.rows; first += kRowBlock) {
      const float* row = x + run.offset + first * run.stride;
      V a0 = start, a1 = start, a2 = start, a3 = start;
      for (int64_t left = HWY_MIN(kRowBlock, run.rows - first); left > 0; --left, row += run.stride) {
        a0 = R::Combine(a0, hn::LoadU(d, row));
        a1 = R::Combine(a1, hn::LoadU(d, row + lanes));
        a2 = R::Combine(a2, hn::LoadU(d, row + 2 * lanes));
        a3 = R::Combine(a3, hn::LoadU(d, row + 3 * lanes));
      }
      hn::Store(a0, d, block);
      hn::Store(a1, d, block + lanes);
      hn::Store(a2, d, block + 2 * lanes);
      hn::Store(a3, d, block + 3 * lanes);
      Join<R>(block, 4 * lanes, total);
    }
  }
  for (size_t i = 0; i < 4 * lanes; ++i) out[i] = static_cast<float>(total[i]);
}

// The same for n <= Lanes columns, masked.
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

template <class R>
void ReduceColumns(const ReduceWalk& walk, int64_t base, int64_t first, int64_t last, const float* x, float* out) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(D()));
  for (; first + 4 * lanes <= last; first += 4 * lanes) ReduceStrip<R>(walk, base + first, x, out + first);
  for (; first < last; first += lanes) {
    ReduceNarrowStrip<R>(walk, base + first, static_cast<size_t>(HWY_MIN(lanes, last - first)), x, out + first);
  }
}

// Outputs [begin, end).
template <class R>
void ReduceOutputs(const ReducePlan& plan, const ReduceWalk& walk, const float* x, int64_t begin, int64_t end, float* out) {
  if (plan.inner_reduced || plan.rank == 0) {
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
  // 64 KiB read in each part, and whole strips of 64 columns.
  int64_t grain = 1 + 16384 / (plan.count + 1);
  if (!plan.inner_reduced) grain = (grain + 63) / 64 * 64;
  parallel.For(plan.outputs, grain, [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(ReduceRange)(op, plan, walk, x, begin, end, out);
  });
  return Ok();
}

}  // namespace tflower::kernels
#endif  // HWY_ONCE
