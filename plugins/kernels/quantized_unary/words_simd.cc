// Functions of int16 values, compiled once per SIMD target. What they compute one by one is said by the scalar forms in their headers.
#include <cstring>

#include "quantized_unary/words.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "quantized_unary/words_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "gemm/vector-inl.h"
#include "quantized_unary/interpolate-inl.h"
#include "simd/fixed_point-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<int32_t>;
using V = hn::Vec<D>;
using Words = hn::Rebind<int16_t, D>;

// y = f(vector of stored values), which lie within int16. Several vectors at once hide the latency of gathers. Tail policy: one padded vector.
template <class F>
HWY_INLINE void MapWords(const int16_t* x, size_t n, int16_t* y, F f) {
  const D d;
  const Words words;
  const size_t lanes = hn::Lanes(d);
  constexpr size_t kTogether = 4;
  size_t i = 0;
  for (; i + kTogether * lanes <= n; i += kTogether * lanes) {
    V v[kTogether];
    TFLOWER_UNROLL
    for (size_t k = 0; k < kTogether; ++k) v[k] = f(hn::PromoteTo(d, hn::LoadU(words, x + i + k * lanes)));
    TFLOWER_UNROLL
    for (size_t k = 0; k < kTogether; ++k) hn::StoreU(hn::DemoteTo(words, v[k]), words, y + i + k * lanes);
  }
  for (; i < n; i += lanes) {
    HWY_ALIGN int16_t last[HWY_MAX_BYTES / 4] = {};
    const size_t rest = HWY_MIN(lanes, n - i);
    std::memcpy(last, x + i, rest * sizeof(int16_t));
    hn::Store(hn::DemoteTo(words, f(hn::PromoteTo(d, hn::Load(words, last)))), words, last);
    std::memcpy(y + i, last, rest * sizeof(int16_t));
  }
}

void LookUpAll(const IntervalTable& table, const int16_t* x, size_t n, int16_t* y) {
  MapWords(x, n, y, [&](V v) HWY_ATTR { return Interpolated(D(), table.pairs, v); });
}

// Interpolated in Sigmoid16's table; kBits: of the argument's part behind the table's index. Where the table ends, `most`.
template <int kBits>
HWY_INLINE V SigmoidOf(const int32_t* table, V x, int32_t most) {
  const D d;
  const V size = hn::Abs(x), index = hn::ShiftRight<kBits>(size), end = hn::Set(d, 255);
  const V entry = hn::GatherIndex(d, table, hn::Min(index, hn::Set(d, 254)));
  const V start = hn::And(entry, hn::Set(d, 0xffff)), step = hn::ShiftRight<16>(entry);
  const V y = hn::Add(hn::ShiftLeft<kBits>(start), hn::Mul(hn::And(size, hn::Set(d, (1 << kBits) - 1)), step));
  return hn::IfThenElse(hn::Lt(index, end), y, hn::Set(d, most));
}

HWY_INLINE V Argument(const Sigmoid16& f, V stored) {
  const D d;
  const V product = hn::Mul(stored, hn::Set(d, f.factor));
  return f.shift == 0 ? product : hn::ShiftRightSame(hn::Add(product, hn::Set(d, 1 << (f.shift - 1))), f.shift);
}

void LogisticAll(const Sigmoid16& f, const int16_t* x, size_t n, int16_t* y) {
  const D d;
  const int32_t* const table = Sigmoid16::Steps();
  MapWords(x, n, y, [&](V stored) HWY_ATTR {
    const V v = Argument(f, stored), size = SigmoidOf<9>(table, v, 0x7fff << 10);
    const V below = hn::Sub(hn::Set(d, (1 << 25) + (1 << 9) - 1), size), above = hn::Add(size, hn::Set(d, 1 << 9));
    return hn::ShiftRight<10>(hn::IfThenElse(hn::Lt(v, hn::Zero(d)), below, above));
  });
}

void TanhAll(const Sigmoid16& f, const int16_t* x, size_t n, int16_t* y) {
  const D d;
  const int32_t* const table = Sigmoid16::Steps();
  MapWords(x, n, y, [&](V stored) HWY_ATTR {
    const V v = Argument(f, stored), size = SigmoidOf<8>(table, v, 0xffff << 8);
    const V below = hn::Sub(hn::Set(d, (1 << 23) + (1 << 7) - 1), size), above = hn::Add(size, hn::Set(d, (1 << 7) - (1 << 23)));
    return hn::ShiftRight<8>(hn::IfThenElse(hn::Lt(v, hn::Zero(d)), below, above));
  });
}

void ScaleAll(const TwoSlopes& f, const int16_t* x, size_t n, int16_t* y) {
  const D d;
  const UniformFactor<D> positive(f.positive), negative(f.negative);
  const bool same = !f.flip && f.positive.value == f.negative.value && f.positive.shift == f.negative.shift;
  const V x_zero = hn::Set(d, f.x_zero), zero = hn::Set(d, f.y_zero), lo = hn::Set(d, f.bounds.lo - f.y_zero), hi = hn::Set(d, f.bounds.hi - f.y_zero);
  MapWords(x, n, y, [&](V stored) HWY_ATTR {
    const V v = hn::Sub(stored, x_zero);
    V scaled = positive.Scale(d, v);
    if (!same) scaled = hn::IfThenElse(hn::Lt(v, hn::Zero(d)), negative.Scale(d, f.flip ? hn::Neg(v) : v), scaled);
    return hn::Add(hn::Min(hn::Max(scaled, lo), hi), zero);
  });
}

// In doubles, a half of the lanes at a time.
void RootAll(const FloorOfRoot& f, const int16_t* x, size_t n, int16_t* y) {
  const hn::ScalableTag<double> dd;
  const hn::Rebind<int32_t, decltype(dd)> d;
  const hn::Rebind<int16_t, decltype(dd)> words;
  const size_t lanes = hn::Lanes(d);
  const auto x_scale = hn::Set(dd, f.x_scale), y_scale = hn::Set(dd, f.y_scale), most = hn::Set(dd, 1e9);
  const auto x_zero = hn::Set(d, f.x_zero), zero = hn::Set(d, f.y_zero), lo = hn::Set(d, f.bounds.lo - f.y_zero), hi = hn::Set(d, f.bounds.hi - f.y_zero);
  const auto step = [&](const int16_t* from, int16_t* to) HWY_ATTR {
    const auto v = hn::Max(hn::Sub(hn::PromoteTo(d, hn::LoadU(words, from)), x_zero), hn::Zero(d));
    const auto root = hn::Min(hn::Div(hn::Sqrt(hn::Mul(hn::PromoteTo(dd, v), x_scale)), y_scale), most);
    const auto whole = hn::DemoteTo(d, root);  // towards 0, of what is not negative
    hn::StoreU(hn::DemoteTo(words, hn::Add(hn::Min(hn::Max(whole, lo), hi), zero)), words, to);
  };
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) step(x + i, y + i);
  if (i == n) return;
  HWY_ALIGN int16_t part[HWY_MAX_BYTES / 8] = {};
  std::memcpy(part, x + i, (n - i) * sizeof(int16_t));
  step(part, part);
  std::memcpy(y + i, part, (n - i) * sizeof(int16_t));
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(LookUpAll);
HWY_EXPORT(LogisticAll);
HWY_EXPORT(TanhAll);
HWY_EXPORT(ScaleAll);
HWY_EXPORT(RootAll);
}  // namespace

void LookUpWords(const IntervalTable& table, const int16_t* x, size_t n, int16_t* y) { HWY_DYNAMIC_DISPATCH(LookUpAll)(table, x, n, y); }
void LogisticWords(const Sigmoid16& f, const int16_t* x, size_t n, int16_t* y) { HWY_DYNAMIC_DISPATCH(LogisticAll)(f, x, n, y); }
void TanhWords(const Sigmoid16& f, const int16_t* x, size_t n, int16_t* y) { HWY_DYNAMIC_DISPATCH(TanhAll)(f, x, n, y); }
void ScaleWords(const TwoSlopes& f, const int16_t* x, size_t n, int16_t* y) { HWY_DYNAMIC_DISPATCH(ScaleAll)(f, x, n, y); }
void RootWords(const FloorOfRoot& f, const int16_t* x, size_t n, int16_t* y) { HWY_DYNAMIC_DISPATCH(RootAll)(f, x, n, y); }

}  // namespace tflower::kernels
#endif
