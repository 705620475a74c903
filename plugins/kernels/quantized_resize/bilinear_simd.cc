// Bilinear resizing of int8 and uint8 over vectors of channels, compiled once per SIMD target.
#include "quantized_resize/bilinear.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "quantized_resize/bilinear_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "simd/compat-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<int32_t>;
using V = hn::Vec<D>;

// The four pixels around a result pixel, and their weights.
template <class T>
struct Corners {
  const T* pixel[4];
  int32_t weight[4];
};

// Products fit in 32 bits: 8 bits times two weights that hardly exceed 10.
template <class T>
HWY_INLINE void Blend(const Corners<T>& c, size_t first, size_t n, T* to) {
  const D d;
  const hn::Rebind<T, D> narrow;
  const bool whole = n >= hn::Lanes(d);
  V sum = hn::Zero(d);
  for (int i = 0; i < 4; ++i) {
    const T* const from = c.pixel[i] + first;
    sum = hn::Add(sum, hn::Mul(hn::PromoteTo(d, whole ? hn::LoadU(narrow, from) : LoadN(narrow, from, n)), hn::Set(d, c.weight[i])));
  }
  constexpr int kBits = 20;
  const V half = hn::Set(d, 1 << (kBits - 1));
  const V nudged = hn::IfThenElse(hn::Gt(sum, hn::Zero(d)), hn::Add(sum, half), hn::Sub(sum, half));
  const V towards_zero = hn::Add(nudged, hn::And(hn::ShiftRight<31>(nudged), hn::Set(d, (1 << kBits) - 1)));
  const auto stored = hn::DemoteTo(narrow, hn::ShiftRight<kBits>(towards_zero));
  if (whole) hn::StoreU(stored, narrow, to + first);
  else StoreN(stored, narrow, to + first, n);
}

template <class T>
void Run(const ResizeShape& s, const T* x, int64_t begin, int64_t end, T* y) {
  const FixedAxis rows(s.in_h, s.out_h, s), columns(s.in_w, s.out_w, s);
  const auto channels = static_cast<size_t>(s.channels), lanes = hn::Lanes(D());
  for (int64_t row = begin; row < end; ++row) {
    const ResizePlace v = rows.At(row % s.out_h);
    const T* const image = x + row / s.out_h * s.in_h * s.in_w * s.channels;
    for (int64_t ox = 0; ox < s.out_w; ++ox) {
      const ResizePlace h = columns.At(ox);
      const auto pixel = [&](int64_t iy, int64_t ix) { return image + (iy * s.in_w + ix) * s.channels; };
      const auto weight = [](int64_t a, int64_t b) { return static_cast<int32_t>(a * b); };
      const Corners<T> corners{{pixel(v.lower, h.lower), pixel(v.lower, h.upper), pixel(v.upper, h.lower), pixel(v.upper, h.upper)},
                               {weight(kResizeOne - v.weight, kResizeOne - h.weight), weight(kResizeOne - v.weight, h.weight), weight(v.weight, kResizeOne - h.weight), weight(v.weight, h.weight)}};
      T* const to = y + (row * s.out_w + ox) * s.channels;
      for (size_t c = 0; c < channels; c += lanes) Blend(corners, channels >= lanes ? std::min(c, channels - lanes) : 0, std::min(lanes, channels), to);
    }
  }
}

void RunResize(const ResizeShape& s, DType type, const void* x, int64_t begin, int64_t end, void* y) {
  if (type == DType::kInt8) Run(s, static_cast<const int8_t*>(x), begin, end, static_cast<int8_t*>(y));
  else Run(s, static_cast<const uint8_t*>(x), begin, end, static_cast<uint8_t*>(y));
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(RunResize);

// Weights that rounded steps carry far beyond an image's end make larger products. They are monotone until they are bounded.
bool SmallWeights(const FixedAxis& axis, int64_t out) {
  const auto small = [](int64_t weight) { return weight >= -900 && weight <= 1900; };
  return small(axis.At(0).weight) && small(axis.At(out - 1).weight);
}
}  // namespace

void ResizeQuantized(const ResizeShape& s, DType type, const void* x, int64_t begin, int64_t end, void* y) {
  if (begin == end) return;
  const bool small = SmallWeights(FixedAxis(s.in_h, s.out_h, s), s.out_h) && SmallWeights(FixedAxis(s.in_w, s.out_w, s), s.out_w);
  if (type == DType::kInt16 || !small || s.channels < 4) return ResizeQuantizedRef(s, type, x, begin, end, y);
  HWY_DYNAMIC_DISPATCH(RunResize)(s, type, x, begin, end, y);
}

}  // namespace tflower::kernels
#endif
