// Elements that are not 0, by bits of 64 elements at a time; compiled once per SIMD target.
#include "topk/where.h"

#include <algorithm>
#include <bit>

#include "common/dims.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "topk/where_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

constexpr int64_t kBlock = 64;

// Bit k: byte k is not 0.
HWY_INLINE uint64_t BitsOf(const uint8_t* truth) {
  uint64_t bits = 0;
#if HWY_TARGET == HWY_SCALAR
  for (int64_t k = 0; k < kBlock; ++k) bits |= uint64_t{truth[k] != 0} << k;
#else
  const hn::CappedTag<uint8_t, kBlock> d;
  const size_t lanes = hn::Lanes(d);
  for (size_t k = 0; k < kBlock; k += lanes) {
    uint64_t some = 0;
    hn::StoreMaskBits(d, hn::Not(hn::Eq(hn::LoadU(d, truth + k), hn::Zero(d))), reinterpret_cast<uint8_t*>(&some));
    bits |= some << k;
  }
#endif
  return bits;
}

// Bit k: x[k] is not 0, for n <= kBlock elements.
template <class T>
HWY_INLINE uint64_t NonZero(const T* x, int64_t n) {
  HWY_ALIGN uint8_t truth[kBlock];
  if (n == kBlock) {
    if constexpr (sizeof(T) == 1) return BitsOf(reinterpret_cast<const uint8_t*>(x));
    for (int64_t k = 0; k < kBlock; ++k) truth[k] = x[k] != T{0};
  } else {
    for (int64_t k = 0; k < kBlock; ++k) truth[k] = k < n && x[k] != T{0};
  }
  return BitsOf(truth);
}

template <class T>
int64_t CountOf(const T* x, int64_t n) {
  int64_t count = 0;
  for (int64_t i = 0; i < n; i += kBlock) count += std::popcount(NonZero(x + i, std::min(kBlock, n - i)));
  return count;
}

// Each position is `last` coordinates that its row has, and one more.
template <class T>
void WriteOf(const T* x, std::span<const int64_t> dims, int64_t* to) {
  const int last = static_cast<int>(dims.size()) - 1;
  const int64_t n = dims[static_cast<size_t>(last)], rows = Product(dims, 0, last);
  Shape at = Shape::Filled(last, 0);
  for (int64_t r = 0; r < rows; ++r, x += n) {
    for (int64_t i = 0; i < n; i += kBlock) {
      for (uint64_t bits = NonZero(x + i, std::min(kBlock, n - i)); bits != 0; bits &= bits - 1) {
        for (int axis = 0; axis < last; ++axis) *to++ = at[axis];
        *to++ = i + std::countr_zero(bits);
      }
    }
    for (int k = last - 1; k >= 0 && ++at[k] == dims[static_cast<size_t>(k)]; --k) at[k] = 0;
  }
}

// Booleans as bytes.
int64_t Count(DType type, const void* x, int64_t n) {
  int64_t count = 0;
  VisitNumeric(type == DType::kBool ? DType::kUInt8 : type, [&]<class T>(T) { count = CountOf(static_cast<const T*>(x), n); });
  return count;
}
void Write(DType type, const void* x, std::span<const int64_t> dims, int64_t* to) {
  VisitNumeric(type == DType::kBool ? DType::kUInt8 : type, [&]<class T>(T) { WriteOf(static_cast<const T*>(x), dims, to); });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(Count);
HWY_EXPORT(Write);
}  // namespace

int64_t CountNonZero(DType type, const void* x, int64_t n) { return HWY_DYNAMIC_DISPATCH(Count)(type, x, n); }
void WriteNonZero(DType type, const void* x, std::span<const int64_t> dims, int64_t* to) { HWY_DYNAMIC_DISPATCH(Write)(type, x, dims, to); }

}  // namespace tflower::kernels
#endif
