// Quantised products, an output in each lane, compiled once per SIMD target. Each is a chain of dependent steps; the lanes' are independent.
#include <algorithm>

#include "quantized_reduce/products.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "quantized_reduce/products_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "simd/fixed_point-inl.h"
#include "simd/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR
void RunProducts(const QuantizedProducts& q, const void* x, int64_t begin, int64_t end, void* to) { QuantizedProductsRef(q, x, begin, end, to); }
#else
using Wide = WideTag<LaneTag>;
using WideVec = hn::Vec<Wide>;

// The products of the lanes, in the lower halves of two vectors of 64 bits.
class Chain {
 public:
  explicit Chain(const QuantizedProducts& q) : x_zero_(hn::Set(LaneTag(), q.x_zero)) { factor_.Set(Wide(), q.factor); }

  HWY_INLINE void Step(LaneVec stored) {
    const LaneTag d;
    const Wide dw;
    const LaneVec v = hn::Sub(stored, x_zero_);
    const WideVec low = hn::PromoteTo(dw, hn::LowerHalf(v)), high = hn::PromoteTo(dw, hn::UpperHalf(hn::Half<LaneTag>(), v));
    if (first_) {
      low_ = low, high_ = high, first_ = false;
      return;
    }
    const auto times = [&](WideVec a, WideVec b) HWY_ATTR { return hn::MulEven(hn::BitCast(d, a), hn::BitCast(d, b)); };
    low_ = factor_.Scale(dw, times(low_, low)), high_ = factor_.Scale(dw, times(high_, high));
  }
  // Scaled(product, factor).
  HWY_INLINE LaneVec Finish() const {
    const Wide dw;
    const auto signed32 = [&](WideVec v) HWY_ATTR { return hn::ShiftRight<32>(hn::ShiftLeft<32>(v)); };
    return LowerHalves(LaneTag(), factor_.Scale(dw, signed32(low_)), factor_.Scale(dw, signed32(high_)));
  }

 private:
  LaneVec x_zero_;
  WideFactors<Wide> factor_;
  WideVec low_ = hn::Zero(Wide()), high_ = hn::Zero(Wide());
  bool first_ = true;
};

constexpr int64_t kMostLanes = HWY_MAX_BYTES / 4, kPositions = 64;

// Rows of `inner` values behind each lane's base, from `row` on: positions of all lanes side by side, some at a time.
template <class T>
HWY_INLINE void StepAlong(const T* row, const int64_t* bases, int64_t inner, Chain& chain) {
  const LaneTag d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  HWY_ALIGN int32_t side_by_side[kPositions * kMostLanes];
  for (int64_t begin = 0; begin < inner; begin += kPositions) {
    const int64_t count = std::min(kPositions, inner - begin);
    for (int64_t l = 0; l < lanes; ++l) {
      const T* const from = row + bases[l] + begin;
      for (int64_t k = 0; k < count; ++k) side_by_side[k * lanes + l] = from[k];
    }
    for (int64_t k = 0; k < count; ++k) chain.Step(hn::Load(d, side_by_side + k * lanes));
  }
}

template <class T>
void Run(const QuantizedProducts& q, const T* x, int64_t begin, int64_t end, T* to) {
  const LaneTag d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const ReduceWalk walk(*q.plan);
  const bool along = q.plan->inner_reduced || q.plan->rank == 0;
  const int64_t inner = walk.inner();
  const LaneVec zero = hn::Set(d, q.y_zero), lo = hn::Set(d, q.bounds.lo - q.y_zero), hi = hn::Set(d, q.bounds.hi - q.y_zero);
  for (int64_t o = begin, count; o < end; o += count) {
    count = std::min(lanes, end - o);
    if (!along) count = std::min(count, inner - o % inner);  // neighbours
    int64_t bases[kMostLanes];
    for (int64_t l = 0; l < lanes; ++l) bases[l] = along ? walk.Base(o + std::min(l, count - 1)) : walk.Base(o / inner) + o % inner;
    Chain chain(q);
    for (int64_t i = 0; i < walk.runs(); ++i) {
      const ReduceWalk::Run run = walk.RunAt(0, i);
      for (int64_t r = 0; r < run.rows; ++r) {
        const T* const row = x + run.offset + r * run.stride;
        if (along) StepAlong(row, bases, inner, chain);
        else chain.Step(LoadLanes(row + bases[0], static_cast<size_t>(count)));
      }
    }
    StoreLanes(hn::Add(hn::Min(hn::Max(chain.Finish(), lo), hi), zero), to + o, static_cast<size_t>(count));
  }
}

void RunProducts(const QuantizedProducts& q, const void* x, int64_t begin, int64_t end, void* to) {
  VisitQuantized(q.type, [&]<class T>(T) { Run(q, static_cast<const T*>(x), begin, end, static_cast<T*>(to)); });
}
#endif

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(RunProducts);
}  // namespace

void RunQuantizedProducts(const QuantizedProducts& q, const void* x, int64_t begin, int64_t end, void* to) { HWY_DYNAMIC_DISPATCH(RunProducts)(q, x, begin, end, to); }

}  // namespace tflower::kernels
#endif
