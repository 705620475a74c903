// Conversions between real and stored values, compiled once per SIMD target.
#include <cstring>
#include <type_traits>

#include "quantize/convert.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "quantize/convert_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "gemm/vector-inl.h"
#include "simd/compat-inl.h"
#include "simd/fixed_point-inl.h"
#include "simd/pack-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<int32_t>;
using V = hn::Vec<D>;
using F = hn::Rebind<float, D>;

// Whole vectors, then what is left, padded: step(i) does the elements from i of `from` and `to`, which have room for a vector.
template <class X, class Y, class Step>
HWY_INLINE void ForVectors(const X* from, size_t n, Y* to, Step step) {
  const size_t lanes = hn::Lanes(D());
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) step(from + i, to + i);
  if (i == n) return;
  HWY_ALIGN X last[HWY_MAX_BYTES / 4] = {};
  HWY_ALIGN Y result[HWY_MAX_BYTES / 4];
  std::memcpy(last, from + i, (n - i) * sizeof(X));
  step(last, result);
  std::memcpy(to + i, result, (n - i) * sizeof(Y));
}

template <class Y>
void StoreAs(const float* x, size_t n, const Affine& y, DType type, Y* to) {
  const D d;
  const F df;
  const hn::Rebind<Y, D> narrow;
  const IntBounds bounds = BoundsOf(type);
  const auto scale = hn::Set(df, y.scale), limit = hn::Set(df, 1e6f), half = hn::Set(df, 0x1.fffffep-2f);  // the largest number below 1/2: only ties reach the next integer
  const V zero = hn::Set(d, y.zero), lo = hn::Set(d, bounds.lo), hi = hn::Set(d, bounds.hi);
  ForVectors(x, n, to, [&](const float* from, Y* out) HWY_ATTR {
    auto v = hn::Div(hn::LoadU(df, from), scale);
    v = hn::IfThenElseZero(hn::Eq(v, v), hn::Max(hn::Min(v, limit), hn::Neg(limit)));  // far outside of every type
    const V stored = hn::Add(TruncatedInRange(d, hn::Add(v, hn::CopySign(half, v))), zero);  // ties go away from zero
    hn::StoreU(hn::DemoteTo(narrow, hn::Min(hn::Max(stored, lo), hi)), narrow, out);
  });
}

#if HWY_TARGET != HWY_SCALAR
// Bytes, eight vectors at a time, by the scale's inverse: exact unless a value lies close to the middle between two results. (Beyond 2^31, and of NaN, the nearest
// integer is another number, so those count as close, too.) Returns how many elements are done.
template <class Y>
size_t StoreBytes(const float* x, size_t n, const Affine& y, Y* to) {
  if (!(y.scale > 1e-30f) || !(y.scale < 1e30f)) return 0;
  const D d;
  const F df;
  const size_t lanes = hn::Lanes(d);
  const IntBounds bounds = BoundsOf(std::is_unsigned_v<Y> ? DType::kUInt8 : DType::kInt8);
  const BytePacker<D, false> packer(y.zero, bounds.lo, bounds.hi, std::is_unsigned_v<Y>);
  const auto inverse = hn::Set(df, 1 / y.scale);
  const V most = hn::BitCast(d, hn::Set(df, 0.5f - 0x1p-12f));
  constexpr size_t kVectors = 8, kAhead = 1024;
  size_t i = 0;
  for (; i + kVectors * lanes <= n; i += kVectors * lanes) {
    V stored[kVectors], excess = hn::Zero(d);
    TFLOWER_UNROLL
    for (size_t k = 0; k < kVectors; ++k) hwy::Prefetch(x + i + kAhead + k * lanes);
    TFLOWER_UNROLL
    for (size_t k = 0; k < kVectors; ++k) {
      const auto v = hn::Mul(hn::LoadU(df, x + i + k * lanes), inverse);
      stored[k] = NearestInRange(d, v);
      excess = hn::Max(excess, hn::BitCast(d, hn::Abs(hn::Sub(v, hn::ConvertTo(df, stored[k])))));  // as integers, of which those of NaN are largest
    }
    auto* const out = reinterpret_cast<int8_t*>(to + i);
    if (HWY_UNLIKELY(!hn::AllTrue(d, hn::Not(hn::Gt(excess, most))))) {
      StoreAs(x + i, kVectors * lanes, y, std::is_unsigned_v<Y> ? DType::kUInt8 : DType::kInt8, to + i);
      continue;
    }
    TFLOWER_UNROLL
    for (size_t k = 0; k < kVectors; k += 4) hn::StoreU(packer.Pack(stored[k], stored[k + 1], stored[k + 2], stored[k + 3]), BytePacker<D>::Bytes(), out + k * lanes);
  }
  return i;
}
#else
template <class Y>
size_t StoreBytes(const float*, size_t, const Affine&, Y*) { return 0; }
#endif

template <class Y>
void StoreBytesAndRest(const float* x, size_t n, const Affine& y, DType type, Y* to) {
  const size_t done = StoreBytes(x, n, y, to);
  StoreAs(x + done, n - done, y, type, to + done);
}

// The difference is exact as a float, so the product is rounded once.
template <class X>
void LoadAs(const X* from, size_t n, const Affine& x, float* to) {
  const D d;
  const F df;
  const hn::Rebind<X, D> narrow;
  const auto scale = hn::Set(df, x.scale);
  const V zero = hn::Set(d, x.zero);
  ForVectors(from, n, to, [&](const X* at, float* out) HWY_ATTR {
    hn::StoreU(hn::Mul(hn::ConvertTo(df, hn::Sub(hn::PromoteTo(d, hn::LoadU(narrow, at)), zero)), scale), df, out);
  });
}

template <class Narrow>
HWY_INLINE V PromotedTo32(D d, Narrow v) {
  if constexpr (std::is_same_v<Narrow, V>) return v;
  else return hn::PromoteTo(d, v);
}

template <class X, class Y>
void RequantizeAs(const Requantization& r, const X* from, size_t n, DType to_type, Y* to) {
  const D d;
  const hn::Rebind<X, D> wide;
  const hn::Rebind<Y, D> narrow;
  const IntBounds bounds = BoundsOf(to_type);
  const UniformFactor<D> factor(r.factor);
  const V x_zero = hn::Set(d, r.x_zero), y_zero = hn::Set(d, r.y_zero), lo = hn::Set(d, bounds.lo - r.y_zero), hi = hn::Set(d, bounds.hi - r.y_zero);
  ForVectors(from, n, to, [&](const X* at, Y* out) HWY_ATTR {
    const V scaled = factor.Scale(d, hn::Sub(PromotedTo32(d, hn::LoadU(wide, at)), x_zero));
    hn::StoreU(hn::DemoteTo(narrow, hn::Add(hn::Min(hn::Max(scaled, lo), hi), y_zero)), narrow, out);
  });
}

#if HWY_TARGET == HWY_SCALAR
template <class X, class Y>
size_t RequantizeToBytes(const Requantization&, const X*, size_t, DType, Y*) { return 0; }
#else
// Four vectors become one of bytes. Returns how many elements are done.
template <class X, class Y>
size_t RequantizeToBytes(const Requantization& r, const X* from, size_t n, DType to_type, Y* to) {
  const D d;
  const hn::Rebind<X, D> wide;
  const size_t lanes = hn::Lanes(d);
  const IntBounds bounds = BoundsOf(to_type);
  const UniformFactor<D> factor(r.factor);
  const BytePacker<D, false> packer(r.y_zero, bounds.lo, bounds.hi, std::is_unsigned_v<Y>);
  const V x_zero = hn::Set(d, r.x_zero);
  size_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    V scaled[4];
    TFLOWER_UNROLL
    for (size_t k = 0; k < 4; ++k) scaled[k] = factor.Scale(d, hn::Sub(PromotedTo32(d, hn::LoadU(wide, from + i + k * lanes)), x_zero));
    hn::StoreU(packer.Pack(scaled[0], scaled[1], scaled[2], scaled[3]), BytePacker<D>::Bytes(), reinterpret_cast<int8_t*>(to + i));
  }
  return i;
}
#endif

// Bytes to bytes are a ByteTable's, so they have no form of their own.
template <class X>
void RequantizeFrom(const Requantization& r, const X* from, size_t n, DType to_type, void* to) {
  VisitQuantized(to_type, [&]<class Y>(Y) {
    size_t done = 0;
    if constexpr (sizeof(Y) == 1 && sizeof(X) != 1) done = RequantizeToBytes(r, from, n, to_type, static_cast<Y*>(to));
    RequantizeAs(r, from + done, n - done, to_type, static_cast<Y*>(to) + done);
  });
}

void Store(const float* x, size_t n, const Affine& y, DType type, void* to) {
  switch (type) {
    case DType::kInt8: return StoreBytesAndRest(x, n, y, type, static_cast<int8_t*>(to));
    case DType::kUInt8: return StoreBytesAndRest(x, n, y, type, static_cast<uint8_t*>(to));
    default: return StoreAs(x, n, y, type, static_cast<int16_t*>(to));
  }
}

void Load(const void* from, DType type, size_t n, const Affine& x, float* to) {
  VisitQuantized(type, [&]<class T>(T) { LoadAs(static_cast<const T*>(from), n, x, to); });
}

void Again(const Requantization& r, const void* from, DType from_type, size_t n, DType to_type, void* to) {
  switch (from_type) {
    case DType::kInt8: return RequantizeFrom(r, static_cast<const int8_t*>(from), n, to_type, to);
    case DType::kUInt8: return RequantizeFrom(r, static_cast<const uint8_t*>(from), n, to_type, to);
    case DType::kInt16: return RequantizeFrom(r, static_cast<const int16_t*>(from), n, to_type, to);
    default: return RequantizeFrom(r, static_cast<const int32_t*>(from), n, to_type, to);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(Store);
HWY_EXPORT(Load);
HWY_EXPORT(Again);
}  // namespace

void StoreReals(const float* x, size_t n, const Affine& y, DType to_type, void* to) { HWY_DYNAMIC_DISPATCH(Store)(x, n, y, to_type, to); }
void LoadReals(const void* from, DType from_type, size_t n, const Affine& x, float* to) { HWY_DYNAMIC_DISPATCH(Load)(from, from_type, n, x, to); }
void Requantize(const Requantization& r, const void* from, DType from_type, size_t n, DType to_type, void* to) {
  HWY_DYNAMIC_DISPATCH(Again)(r, from, from_type, n, to_type, to);
}

}  // namespace tflower::kernels
#endif
