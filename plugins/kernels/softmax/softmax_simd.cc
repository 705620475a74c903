// Softmax in three passes over a row: maximum, exponentials and their sum, scale. A row stays in L1 or L2 between them. Of short rows, several are taken
// together.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "softmax/softmax_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "simd/math-inl.h"
#include "simd/short_rows-inl.h"
#include "simd/stream-inl.h"
#include "softmax/softmax.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

// A tail lane beyond the row reads `fill`: -inf is neutral for the maximum and its exponential is 0.
V LoadTail(D d, const float* p, size_t n, float fill) {
  return hn::IfThenElse(hn::FirstN(d, n), LoadN(d, p, n), hn::Set(d, fill));
}

// Tail policy, here and below: one masked vector. Four accumulators hide the latency of max (4 cycles at 2 a cycle needs 8 loads
// in flight, and L1 gives 2 a cycle).
float RowMax(const float* x, size_t depth) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  const float lowest = -std::numeric_limits<float>::infinity();
  V m0 = hn::Set(d, lowest), m1 = m0, m2 = m0, m3 = m0;
  size_t i = 0;
  for (; i + 4 * lanes <= depth; i += 4 * lanes) {
    m0 = hn::Max(m0, hn::LoadU(d, x + i));
    m1 = hn::Max(m1, hn::LoadU(d, x + i + lanes));
    m2 = hn::Max(m2, hn::LoadU(d, x + i + 2 * lanes));
    m3 = hn::Max(m3, hn::LoadU(d, x + i + 3 * lanes));
  }
  for (; i + lanes <= depth; i += lanes) m0 = hn::Max(m0, hn::LoadU(d, x + i));
  if (i < depth) m1 = hn::Max(m1, LoadTail(d, x + i, depth - i, lowest));
  return ReduceMax(d, hn::Max(hn::Max(m0, m1), hn::Max(m2, m3)));
}

// beta (x - max): beta is 1 in nearly all models.
template <bool kScaled>
HWY_INLINE V Scaled(V x, V max, [[maybe_unused]] V beta) {
  if constexpr (kScaled) return hn::Mul(beta, hn::Sub(x, max));
  else return hn::Sub(x, max);
}

// Returns the sum of exp(beta (x - max)) over n <= 128 * Lanes values; stores the terms when kStore. `next` will be read next: memory would wait for the
// arithmetic otherwise, and then the other way round. meanwhile(i) for each pair of vectors.
template <bool kStore, bool kScaled, class Meanwhile>
HWY_INLINE float ExpBlock(const float* x, size_t n, V beta, V max, float* y, const float* next, const Meanwhile& meanwhile) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  V s0 = hn::Zero(d), s1 = s0;
  size_t i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    hwy::Prefetch(next + i);
    hwy::Prefetch(next + i + lanes);
    meanwhile(i);
    const V e0 = ExpFlushF32(d, Scaled<kScaled>(hn::LoadU(d, x + i), max, beta));
    const V e1 = ExpFlushF32(d, Scaled<kScaled>(hn::LoadU(d, x + i + lanes), max, beta));
    s0 = hn::Add(s0, e0);
    s1 = hn::Add(s1, e1);
    if (kStore) {
      hn::StoreU(e0, d, y + i);
      hn::StoreU(e1, d, y + i + lanes);
    }
  }
  for (; i < n; i += lanes) {
    const size_t count = HWY_MIN(lanes, n - i);
    const V e = ExpFlushF32(d, Scaled<kScaled>(LoadN(d, x + i, count), max, beta));
    s0 = hn::Add(s0, hn::IfThenElseZero(hn::FirstN(d, count), e));
    if (kStore) StoreN(e, d, y + i, count);
  }
  return ReduceSum(d, hn::Add(s0, s1));
}

// The same for a whole row. Blocks of 64 additions a lane are joined in double, so that long rows (vocabularies) lose nothing.
template <bool kStore, bool kScaled, class Meanwhile>
double RowExp(const float* x, size_t depth, float beta, float max, float* y, const float* next, const Meanwhile& meanwhile) {
  const D d;
  const V vmax = hn::Set(d, max), vbeta = hn::Set(d, beta);
  const size_t block = 128 * hn::Lanes(d);
  double sum = 0;
  for (size_t i = 0; i < depth; i += block) {
    sum += ExpBlock<kStore, kScaled>(x + i, HWY_MIN(block, depth - i), vbeta, vmax, kStore ? y + i : nullptr, next + i, [&](size_t k) HWY_ATTR { meanwhile(i + k); });
  }
  return sum;
}

template <class F>
HWY_INLINE void ForRow(const float* from, size_t depth, const F& f, float* y) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + lanes <= depth; i += lanes) hn::StoreU(f(hn::LoadU(d, from + i)), d, y + i);
  if (i < depth) StoreN(f(LoadN(d, from + i, depth - i)), d, y + i, depth - i);
}

// Runs of values that lie one behind the other and are written past the caches bit by bit, while something else is computed: all at once they would be waited for. f is done to
// the values before. The parts that two runs have of a line are put together first: a line that is not written as a whole must be read.
template <class F>
class Late {
 public:
  Late() : f_{} {}
  // The run before must have ended. `readable` values may be read, at least n.
  void Begin(const float* from, size_t n, size_t readable, float* to, const F& f) {
    from_ = from, to_ = to, f_ = f, n_ = n, readable_ = readable;
    head_ = std::min(n, (kLine - reinterpret_cast<uintptr_t>(to) / sizeof(float) % kLine) % kLine), end_ = head_ + (n - head_) / kLine * kLine;
  }
  // Some vectors from the i-th value of the whole lines on, if there are so many.
  template <size_t kVectors>
  HWY_INLINE void Some(size_t i) const {
    const size_t lanes = hn::Lanes(D());
    if (head_ + i + kVectors * lanes > end_) return;
    for (size_t k = 0; k < kVectors; ++k) Whole(head_ + i + k * lanes);
  }
  // What is left, if that has been done for the first `count` values; but the last part of a line.
  template <size_t kVectors>
  void End(size_t count) {
    const size_t lanes = hn::Lanes(D()), each = kVectors * lanes;
    if (head_ > 0) Head();
    for (size_t i = head_ + std::min(end_ - head_, count) / each * each; i < end_; i += lanes) Whole(i);
    if (end_ < n_) Put(end_, n_, 0);
  }
  // The last part, of the last run.
  void Last() const { CopyFloats(part_, partial_, to_ + n_ - partial_); }

 private:
  static constexpr size_t kLine = 64 / sizeof(float);

  HWY_INLINE void Whole(size_t i) const { hn::Stream(f_(hn::LoadU(D(), from_ + i)), D(), to_ + i); }
  // The first values continue the line that the run before has the beginning of; if there was none, nobody else writes them.
  void Head() {
    const bool first = partial_ == 0;
    const size_t begin = partial_;
    Put(0, head_, begin);
    if (first) {
      CopyFloats(part_, head_, to_);
      partial_ = 0;
    } else if (partial_ == kLine) {
      for (size_t i = 0; i < kLine; i += hn::Lanes(D())) hn::Stream(hn::Load(D(), part_ + i), D(), to_ + head_ - kLine + i);
      partial_ = 0;
    }
  }
  // Values i to end, at most a line, become those of `part_` from `at` on.
  void Put(size_t i, size_t end, size_t at) {
    const D d;
    partial_ = at + end - i;
    for (; i < end; i += hn::Lanes(d), at += hn::Lanes(d)) hn::StoreU(f_(i + hn::Lanes(d) <= readable_ ? hn::LoadU(d, from_ + i) : LoadN(d, from_ + i, end - i)), d, part_ + at);
  }
  static void CopyFloats(const float* from, size_t n, float* to) {
    CopyRun(reinterpret_cast<std::byte*>(to), reinterpret_cast<const std::byte*>(from), static_cast<int64_t>(n * sizeof(float)));
  }

  const float* from_ = nullptr;
  float* to_ = nullptr;
  size_t head_ = 0, end_ = 0, n_ = 0, readable_ = 0;  // whole lines are from head_ to end_
  size_t partial_ = 0;                                // values in part_
  F f_;
  HWY_ALIGN float part_[3 * kLine];
};

// A row's last step: v / sum of its exponentials, or (v - max) - log(sum) of its values; two subtractions, so that a large max does not swallow the logarithm.
template <bool kLog>
struct LastStep {
  V max, last;
  static LastStep Of(float max, double sum) { return {hn::Set(D(), max), hn::Set(D(), static_cast<float>(kLog ? std::log(sum) : 1.0 / sum))}; }
  HWY_INLINE V operator()(V v) const { return kLog ? hn::Sub(hn::Sub(v, max), last) : hn::Mul(v, last); }
};
struct AsIs {
  HWY_INLINE V operator()(V v) const { return v; }
};

// Lane r: the values of row r, combined; `rest` stands for those behind a row. Reads whole vectors, up to one behind the last row's last one: masked loads are slow
// across cache lines.
template <class Combine>
HWY_INLINE V RowsCombined(const float* x, size_t depth, float rest, Combine combine) {
  const D d;
  const size_t lanes = hn::Lanes(d), whole = depth / lanes * lanes;
  const auto used = hn::FirstN(d, depth - whole);
  const V fill = hn::Set(d, rest);
  RowVectors v;
  if (whole == 0) {
    TFLOWER_UNROLL
    for (size_t r = 0; r < kRowsTogether; ++r) v[r] = hn::IfThenElse(used, hn::LoadU(d, x + r * depth), fill);
    return CombineEach(v, combine);
  }
  for (size_t r = 0; r < kRowsTogether; ++r) {
    const float* const row = x + r * depth;
    V acc = hn::LoadU(d, row);
    for (size_t i = lanes; i < whole; i += lanes) acc = combine(acc, hn::LoadU(d, row + i));
    v[r] = whole == depth ? acc : combine(acc, hn::IfThenElse(used, hn::LoadU(d, row + whole), fill));
  }
  return CombineEach(v, combine);
}

constexpr size_t kMostTogether = 256;                  // values in a row of those that are taken together
constexpr size_t kMostPacked = 4 * kRowsTogether;  // in a row whose last vector would be much of its work
constexpr size_t kFar = 4096;                          // so many values ahead is fetched: a row's maximum is taken before all the rest
constexpr size_t kBlock = 2048;                        // values that are looked at again before they leave L1

// As many rows as a vector has lanes are a group, as many vectors as a row has values: only the rows' maxima and sums are found row by row, whatever is done to each
// value is done to whole vectors. row_of: which row each value of a group belongs to.
template <class F>
HWY_INLINE void ForVectors(const int32_t* row_of, size_t size, F f) {
  const D d;
  const hn::RebindToSigned<D> di;
  for (size_t i = 0; i < size; i += kRowsTogether) f(i, hn::IndicesFromVec(d, hn::Load(di, row_of + i)));
}

// So many groups; a vector can be read behind the last one. kStream: y starts a cache line, as then all groups do.
template <bool kLog, bool kScaled, bool kStream>
void PackedBlock(const float* x, size_t groups, size_t depth, const int32_t* row_of, V beta, float* y) {
  const D d;
  const size_t size = depth * kRowsTogether;
  HWY_ALIGN float maxima[kBlock];  // of each row
  HWY_ALIGN float terms[kBlock + kRowsTogether];
  const auto larger = [](V a, V b) HWY_ATTR { return hn::Max(a, b); };
  const auto sum = [](V a, V b) HWY_ATTR { return hn::Add(a, b); };
  for (size_t g = 0; g < groups; ++g) hn::Store(RowsCombined(x + g * size, depth, -std::numeric_limits<float>::infinity(), larger), d, maxima + g * kRowsTogether);
  for (size_t g = 0; g < groups; ++g) {
    const V max = hn::Load(d, maxima + g * kRowsTogether);
    const float* const from = x + g * size;
    ForVectors(row_of, size, [&](size_t i, auto row) HWY_ATTR {
      hwy::Prefetch(from + i + groups * size);  // the next block
      if constexpr (!kStream) PrefetchToWrite(y + g * size + i);
      hn::StoreU(ExpFlushF32(d, Scaled<kScaled>(hn::LoadU(d, from + i), hn::TableLookupLanes(max, row), beta)), d, terms + g * size + i);
    });
  }
  for (size_t g = 0; g < groups; ++g) {
    const V sums = RowsCombined(terms + g * size, depth, 0.0f, sum), max = hn::Load(d, maxima + g * kRowsTogether);
    const V last = kLog ? LogF32(d, sums) : hn::Div(hn::Set(d, 1.0f), sums);
    const float* const from = (kLog ? x : terms) + g * size;
    float* const to = y + g * size;
    ForVectors(row_of, size, [&](size_t i, auto row) HWY_ATTR {
      const V v = hn::LoadU(d, from + i), of_row = hn::TableLookupLanes(last, row);
      const V result = kLog ? hn::Sub(hn::Sub(v, hn::TableLookupLanes(max, row)), of_row) : hn::Mul(v, of_row);
      kStream ? hn::Stream(result, d, to + i) : hn::StoreU(result, d, to + i);
    });
  }
}

// Blocks, so that what one loop stores has left the store buffer when the next one reads it at other places. The last rows are padded by copies.
template <bool kLog, bool kScaled, bool kStream>
void PackedRows(const float* x, size_t rows, size_t depth, float beta, float* y) {
  HWY_ALIGN int32_t row_of[kMostPacked * kRowsTogether];
  for (size_t r = 0; r < kRowsTogether; ++r) std::fill_n(row_of + r * depth, depth, static_cast<int32_t>(r));
  const V vbeta = hn::Set(D(), beta);
  const size_t size = depth * kRowsTogether, behind = (kRowsTogether + depth - 1) / depth, together = std::max<size_t>(1, kBlock / size);
  for (size_t groups = rows < behind ? 0 : (rows - behind) / kRowsTogether; groups > 0;) {
    const size_t n = std::min(groups, together);
    PackedBlock<kLog, kScaled, kStream>(x, n, depth, row_of, vbeta, y);
    x += n * size, y += n * size, groups -= n, rows -= n * kRowsTogether;
  }
  HWY_ALIGN float last[(kMostPacked + 1) * kRowsTogether] = {};
  while (rows > 0) {
    const size_t n = std::min(rows, kRowsTogether);
    std::copy_n(x, n * depth, last);
    PackedBlock<kLog, kScaled, false>(last, 1, depth, row_of, vbeta, last);
    std::copy_n(last, n * depth, y);
    x += n * depth, y += n * depth, rows -= n;
  }
}

// f(whole vectors of from, which may be read as such) to y, up to one behind it.
template <class F>
HWY_INLINE void ForVectorsOf(const float* from, size_t depth, const F& f, float* y) {
  const D d;
  for (size_t i = 0; i < depth; i += hn::Lanes(d)) hn::StoreU(f(hn::LoadU(d, from + i)), d, y + i);
}

// Longer rows, up to as many as a vector has lanes: their maxima and sums are joined by one tree. more: others follow. A row's result does not depend on the others.
// before: written meanwhile, about as many values. terms: room for the rows, each in whole vectors, and one more; y may be the same.
template <bool kLog, bool kScaled>
void GroupOfRows(const float* x, size_t rows, bool more, size_t depth, V beta, Late<AsIs>& before, float* terms, float* y) {
  const D d;
  const size_t lanes = hn::Lanes(d), whole = depth / lanes * lanes, rest = depth - whole, pitch = rest == 0 ? depth : whole + lanes;
  const auto used = hn::FirstN(d, rest);
  const size_t readable = more ? rows : rows - 1;  // so many rows, a vector behind each as well
  const size_t group = kRowsTogether * depth, ahead = ((kFar - 1) / group + 1) * group;
  HWY_ALIGN float maxima[kRowsTogether];
  HWY_ALIGN float of_row[kRowsTogether];
  const auto larger = [](V a, V b) HWY_ATTR { return hn::Max(a, b); };
  if (more) hn::Store(RowsCombined(x, depth, -std::numeric_limits<float>::infinity(), larger), d, maxima);
  else for (size_t r = 0; r < rows; ++r) maxima[r] = RowMax(x + r * depth, depth);
  RowVectors sums;
  std::fill_n(sums, kRowsTogether, hn::Zero(d));
  for (size_t r = 0; r < rows; ++r) {
    const float* const row = x + r * depth;
    float* const to = terms + r * pitch;
    const V max = hn::Set(d, maxima[r]);
    V sum = hn::Zero(d);
    for (size_t i = 0; i < whole; i += lanes) {
      hwy::Prefetch(row + i + ahead);  // memory would wait for the arithmetic, and then the other way round
      before.template Some<1>(r * whole + i);
      const V e = ExpFlushF32(d, Scaled<kScaled>(hn::LoadU(d, row + i), max, beta));
      sum = hn::Add(sum, e);
      if constexpr (!kLog) hn::Store(e, d, to + i);
    }
    if (rest != 0) {
      const V v = r < readable ? hn::LoadU(d, row + whole) : LoadN(d, row + whole, rest);  // masked loads and stores are slow across cache lines
      const V e = hn::IfThenElseZero(used, ExpFlushF32(d, Scaled<kScaled>(v, max, beta)));
      sum = hn::Add(sum, e);
      if constexpr (!kLog) hn::Store(e, d, to + whole);
    }
    sums[r] = sum;
  }
  const V all = CombineEach(sums, [](V a, V b) HWY_ATTR { return hn::Add(a, b); });
  hn::Store(kLog ? LogF32(d, all) : hn::Div(hn::Set(d, 1.0f), all), d, of_row);
  before.template End<1>(rows * whole);
  for (size_t r = 0; r < rows; ++r) {
    const LastStep<kLog> last{hn::Set(d, maxima[r]), hn::Set(d, of_row[r])};
    const float* const from = kLog ? x + r * depth : terms + r * pitch;
    if (terms == y && (!kLog || r < readable)) ForVectorsOf(from, depth, last, y + r * depth);  // what is written behind a row is the next one's place
    else ForRow(from, depth, last, y + r * depth);
  }
}

// stream: the result is written past the caches, but that of rows whose exponentials are too many to be kept elsewhere.
template <bool kLog, bool kScaled>
void RowsOf(const float* x, size_t rows, size_t depth, float beta, bool stream, float* y) {
  const size_t lanes = hn::Lanes(D());
  if (kRowsTogether > 1 && depth <= kMostPacked && depth % lanes != 0) {
    if (stream && reinterpret_cast<uintptr_t>(y) % 64 == 0) return PackedRows<kLog, kScaled, true>(x, rows, depth, beta, y);
    return PackedRows<kLog, kScaled, false>(x, rows, depth, beta, y);
  }
  if (kRowsTogether > 1 && depth <= kMostTogether) {
    const V vbeta = hn::Set(D(), beta);
    HWY_ALIGN float buffers[2][kRowsTogether * (kMostTogether + 1)];
    Late<AsIs> before;
    for (size_t n, other = 0; rows > 0; rows -= n, x += n * depth, y += n * depth, other = 1 - other) {
      n = std::min(rows, kRowsTogether);
      float* const terms = buffers[other];
      GroupOfRows<kLog, kScaled>(x, n, rows > n, depth, vbeta, before, terms, stream ? terms : y);
      if (stream) before.Begin(terms, n * depth, std::size(buffers[0]), y, {});
    }
    before.template End<1>(0);
    return before.Last();
  }
  constexpr size_t kKept = 4096;
  const size_t ahead = (kFar - 1) / depth + 1;  // rows
  float next_max = rows > 0 ? RowMax(x, depth) : 0;
  const auto exponentials = [&](float* terms, const auto& meanwhile) HWY_ATTR { return RowExp<!kLog, kScaled>(x, depth, beta, next_max, terms, rows > ahead ? x + ahead * depth : x, meanwhile); };
  if (stream && (kLog || depth <= kKept)) {
    HWY_ALIGN float kept[2][kLog ? 1 : kKept + kRowsTogether];
    Late<LastStep<kLog>> before;
    for (; rows > 0; --rows, x += depth, y += depth) {
      float* const terms = kept[rows % 2];
      const double sum = exponentials(terms, [&](size_t i) HWY_ATTR { before.template Some<2>(i); });
      before.template End<2>(depth);
      before.Begin(kLog ? x : terms, depth, kLog ? (rows > 1 ? 2 * depth : depth) : std::size(kept[0]), y, LastStep<kLog>::Of(next_max, sum));
      if (rows > 1) next_max = RowMax(x + depth, depth);
    }
    before.template End<2>(0);
    return before.Last();
  }
  for (; rows > 0; --rows, x += depth, y += depth) {
    const auto last = LastStep<kLog>::Of(next_max, exponentials(y, [](size_t) {}));
    if (rows > 1) next_max = RowMax(x + depth, depth);
    ForRow(kLog ? x : y, depth, last, y);
  }
}

void SoftmaxRows(const float* x, size_t rows, size_t depth, float beta, bool stream, float* y) {
  if (beta == 1.0f) RowsOf<false, false>(x, rows, depth, beta, stream, y);
  else RowsOf<false, true>(x, rows, depth, beta, stream, y);
  if (stream) hwy::FlushStream();
}

void LogSoftmaxRows(const float* x, size_t rows, size_t depth, bool stream, float* y) {
  RowsOf<true, false>(x, rows, depth, 1.0f, stream, y);
  if (stream) hwy::FlushStream();
}

}  // namespace
}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(SoftmaxRows);
HWY_EXPORT(LogSoftmaxRows);

// Rows worth about 2 us at 2 values/ns.
int64_t RowGrain(size_t depth) { return static_cast<int64_t>(4096 / std::min<size_t>(depth, 4096)); }

bool IsStreamed(size_t rows, size_t depth) { return rows * depth * sizeof(float) >= kStreamBytes; }
}  // namespace

void SoftmaxF32(const float* x, size_t rows, size_t depth, float beta, float* y, const Parallel& parallel) {
  if (depth == 0) return;
  const bool stream = IsStreamed(rows, depth);
  parallel.For(static_cast<int64_t>(rows), RowGrain(depth), [&](int64_t begin, int64_t end) {
    const size_t at = static_cast<size_t>(begin) * depth;
    HWY_DYNAMIC_DISPATCH(SoftmaxRows)(x + at, static_cast<size_t>(end - begin), depth, beta, stream, y + at);
  });
}

void LogSoftmaxF32(const float* x, size_t rows, size_t depth, float* y, const Parallel& parallel) {
  if (depth == 0) return;
  const bool stream = IsStreamed(rows, depth);
  parallel.For(static_cast<int64_t>(rows), RowGrain(depth), [&](int64_t begin, int64_t end) {
    const size_t at = static_cast<size_t>(begin) * depth;
    HWY_DYNAMIC_DISPATCH(LogSoftmaxRows)(x + at, static_cast<size_t>(end - begin), depth, stream, y + at);
  });
}

}  // namespace tflower::kernels
#endif  // HWY_ONCE
