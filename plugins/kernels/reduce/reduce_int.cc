// Reductions of integers and booleans in plain loops that compilers make vectors of, compiled once per SIMD target.
#include <algorithm>
#include <limits>
#include <type_traits>

#include "reduce/reduce.h"
#include "reduce/reduce_walk.h"
#include "simd/independent.h"
#include "tflower/dtype.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "reduce/reduce_int.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace {

// A: the accumulator. Unsigned of T's size for sums and products, which wrap like T; 64 bits for means.
template <class A> struct Sum {
  static constexpr A kStart = 0;
  template <class T> static A Add(A a, T x) { return static_cast<A>(a + static_cast<A>(x)); }
};
template <class A> struct Prod {
  static constexpr A kStart = 1;
  using Wide = std::conditional_t<(sizeof(A) < 4), uint32_t, A>;  // narrow types would be multiplied as int
  template <class T> static A Add(A a, T x) { return static_cast<A>(static_cast<Wide>(a) * static_cast<Wide>(static_cast<A>(x))); }
};
template <class A> struct Max {
  static constexpr A kStart = std::numeric_limits<A>::lowest();
  static A Add(A a, A x) { return x > a ? x : a; }
};
template <class A> struct Min {
  static constexpr A kStart = std::numeric_limits<A>::max();
  static A Add(A a, A x) { return x < a ? x : a; }
};
// Booleans are bytes here: any byte but 0 is true.
template <class A> struct Any {
  static constexpr A kStart = 0;
  static A Add(A a, A x) { return static_cast<A>(a | x); }
};
template <class A> struct All {
  static constexpr A kStart = 1;
  static A Add(A a, A x) { return x < a ? x : a; }
};

template <class T> struct AsIs {
  template <class A> T operator()(A value) const { return static_cast<T>(value); }
};
struct IsNotZero {
  bool operator()(uint8_t value) const { return value != 0; }
};
// A sum, as accumulated in 64 bits, divided towards zero.
template <class T> struct DivideBy {
  int64_t count;
  T operator()(uint64_t sum) const {
    if constexpr (std::is_signed_v<T>) return static_cast<T>(static_cast<int64_t>(sum) / count);
    else return static_cast<T>(sum / static_cast<uint64_t>(count));
  }
};

// f(row) for each row of the reduced positions behind a base.
template <class T, class F>
void ForRows(const ReduceWalk& walk, int64_t base, const T* x, F f) {
  for (int64_t i = 0; i < walk.runs(); ++i) {
    const ReduceWalk::Run run = walk.RunAt(base, i);
    for (int64_t r = 0; r < run.rows; ++r) f(x + run.offset + r * run.stride);
  }
}

// Whether any (all) of n >= Lanes bytes are not 0: the last vector begins so early that it ends with them.
template <bool kAny>
bool TruthOf(const uint8_t* row, int64_t n) {
  const hn::ScalableTag<uint8_t> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto add = [](auto a, auto b) HWY_ATTR { return kAny ? hn::Or(a, b) : hn::Min(a, b); };
  auto a = hn::LoadU(d, row), b = a;
  int64_t k = 0;
  for (; k + 2 * lanes <= n; k += 2 * lanes) {
    a = add(a, hn::LoadU(d, row + k));
    b = add(b, hn::LoadU(d, row + k + lanes));
  }
  if (k + lanes <= n) a = add(a, hn::LoadU(d, row + k));
  b = add(b, hn::LoadU(d, row + n - lanes));
  const auto zeros = hn::Eq(add(a, b), hn::Zero(d));
  return kAny ? !hn::AllTrue(d, zeros) : hn::AllFalse(d, zeros);
}

// The innermost dimension is reduced: one output. In whichever order: integers do not round. Several accumulators, in as many vectors.
template <class R, class A, class T>
A ReduceRow(A total, const T* row, int64_t n) {
  constexpr int64_t kLanes = 64 / sizeof(A);
  constexpr bool kIsAny = std::is_same_v<R, Any<uint8_t>>;
  if constexpr (kIsAny || std::is_same_v<R, All<uint8_t>>) {
    if (n >= static_cast<int64_t>(hn::Lanes(hn::ScalableTag<uint8_t>()))) return R::Add(total, TruthOf<kIsAny>(row, n) ? 1 : 0);
  }
  int64_t k = 0;
  if (n >= 2 * kLanes) {
    A lanes[kLanes];
    std::fill_n(lanes, kLanes, R::kStart);
    for (; k + kLanes <= n; k += kLanes) {
      for (int64_t i = 0; i < kLanes; ++i) lanes[i] = R::Add(lanes[i], row[k + i]);
    }
    for (int64_t half = kLanes / 2; half > 0; half /= 2) {
      for (int64_t i = 0; i < half; ++i) lanes[i] = R::Add(lanes[i], lanes[i + half]);
    }
    total = R::Add(total, lanes[0]);
  }
  for (; k < n; ++k) total = R::Add(total, row[k]);
  return total;
}

template <class R, class A, class T>
A ReduceRows(const ReduceWalk& walk, int64_t base, const T* x) {
  A total = R::kStart;
  ForRows(walk, base, x, [&](const T* row) { total = ReduceRow<R>(total, row, walk.inner()); });
  return total;
}

constexpr int64_t kColumnBytes = 4096;  // of each row at a time, which suits prefetchers and pages; accumulators stay in L1

// Four rows at once, so that totals are seldom read and written.
template <class R, class A, class T>
void AddRows(const T* row, int64_t stride, int64_t n, A* totals) {
  const T* const b = row + stride;
  const T* const c = b + stride;
  const T* const d = c + stride;
  TFLOWER_INDEPENDENT
  for (int64_t k = 0; k < n; ++k) totals[k] = R::Add(R::Add(R::Add(R::Add(totals[k], row[k]), b[k]), c[k]), d[k]);
}

// The innermost dimension is kept: n outputs side by side.
template <class R, class A, class T>
void ReduceColumns(const ReduceWalk& walk, int64_t base, const T* x, int64_t n, A* totals) {
  std::fill_n(totals, n, R::kStart);
  for (int64_t i = 0; i < walk.runs(); ++i) {
    const ReduceWalk::Run run = walk.RunAt(base, i);
    const T* row = x + run.offset;
    int64_t r = 0;
    for (; r + 4 <= run.rows; r += 4, row += 4 * run.stride) AddRows<R>(row, run.stride, n, totals);
    for (; r < run.rows; ++r, row += run.stride) {
      TFLOWER_INDEPENDENT
      for (int64_t k = 0; k < n; ++k) totals[k] = R::Add(totals[k], row[k]);
    }
  }
}

template <class R, class A, class T, class Out, class Finish>
void Run(const ReducePlan& plan, const T* x, Out* out, Finish finish, const Parallel& parallel) {
  const ReduceWalk walk(plan);
  const int64_t inner = walk.inner();
  const bool rows = plan.inner_reduced || plan.rank == 0;
  parallel.For(plan.outputs, 1 + 16384 / (plan.count + 1), [&](int64_t begin, int64_t end) {
    if (rows && plan.rank == 2) {  // one behind the other
      for (int64_t o = begin; o < end; ++o) out[o] = finish(ReduceRow<R>(A{R::kStart}, x + o * inner, inner));
      return;
    }
    if (rows) {
      for (int64_t o = begin; o < end; ++o) out[o] = finish(ReduceRows<R, A>(walk, walk.Base(o), x));
      return;
    }
    constexpr int64_t kColumns = std::min(kColumnBytes / sizeof(T), 4 * kColumnBytes / sizeof(A));
    A totals[kColumns];
    for (int64_t o = begin; o < end;) {
      const int64_t first = o % inner, n = std::min({kColumns, inner - first, end - o});
      ReduceColumns<R>(walk, walk.Base(o / inner) + first, x, n, totals);
      for (int64_t k = 0; k < n; ++k) out[o + k] = finish(totals[k]);
      o += n;
    }
  });
}

template <class T>
Status ReduceOn(Reduction op, const ReducePlan& plan, const T* x, T* out, const Parallel& parallel) {
  using Unsigned = std::make_unsigned_t<T>;
  switch (op) {
    case Reduction::kSum: Run<Sum<Unsigned>, Unsigned>(plan, x, out, AsIs<T>(), parallel); return Ok();
    case Reduction::kProd: Run<Prod<Unsigned>, Unsigned>(plan, x, out, AsIs<T>(), parallel); return Ok();
    case Reduction::kMax: Run<Max<T>, T>(plan, x, out, AsIs<T>(), parallel); return Ok();
    case Reduction::kMin: Run<Min<T>, T>(plan, x, out, AsIs<T>(), parallel); return Ok();
    case Reduction::kMean:
      Run<Sum<uint64_t>, uint64_t>(plan, x, out, DivideBy<T>{std::max<int64_t>(plan.count, 1)}, parallel);
      return Ok();
    default: return Error(Code::kInternal, "the reduction has no integer form");
  }
}

Status ReduceTyped(DType type, Reduction op, const ReducePlan& plan, const void* x, void* out, const Parallel& parallel) {
  Status status = Error(Code::kInternal, "the reduction has no form for this type");
  VisitNumeric(type, [&]<class T>(T) {
    if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool> && !std::is_same_v<T, uint16_t> && !std::is_same_v<T, uint64_t>)
      status = ReduceOn(op, plan, static_cast<const T*>(x), static_cast<T*>(out), parallel);
  });
  return status;
}

void ReduceTruth(Reduction op, const ReducePlan& plan, const uint8_t* x, bool* out, const Parallel& parallel) {
  if (op == Reduction::kAny) Run<Any<uint8_t>, uint8_t>(plan, x, out, IsNotZero(), parallel);
  else Run<All<uint8_t>, uint8_t>(plan, x, out, IsNotZero(), parallel);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(ReduceTyped);
HWY_EXPORT(ReduceTruth);
}  // namespace

template <class T>
Status ReduceInt(Reduction op, const ReducePlan& plan, const T* x, T* out, const Parallel& parallel) {
  return HWY_DYNAMIC_DISPATCH(ReduceTyped)(DTypeOf<T>::value, op, plan, x, out, parallel);
}

template Status ReduceInt<int8_t>(Reduction, const ReducePlan&, const int8_t*, int8_t*, const Parallel&);
template Status ReduceInt<int16_t>(Reduction, const ReducePlan&, const int16_t*, int16_t*, const Parallel&);
template Status ReduceInt<int32_t>(Reduction, const ReducePlan&, const int32_t*, int32_t*, const Parallel&);
template Status ReduceInt<int64_t>(Reduction, const ReducePlan&, const int64_t*, int64_t*, const Parallel&);
template Status ReduceInt<uint8_t>(Reduction, const ReducePlan&, const uint8_t*, uint8_t*, const Parallel&);
template Status ReduceInt<uint32_t>(Reduction, const ReducePlan&, const uint32_t*, uint32_t*, const Parallel&);

void ReduceBool(Reduction op, const ReducePlan& plan, const bool* x, bool* out, const Parallel& parallel) {
  HWY_DYNAMIC_DISPATCH(ReduceTruth)(op, plan, reinterpret_cast<const uint8_t*>(x), out, parallel);
}

}  // namespace tflower::kernels
#endif
