// Vectors as blocks of 16 bytes, within which instructions interleave.
//
// Include inside a HWY_TARGET_INCLUDE file, after hwy/highway.h.
#if defined(TFLOWER_KERNELS_SIMD_BLOCKS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TFLOWER_KERNELS_SIMD_BLOCKS_INL_H_
#undef TFLOWER_KERNELS_SIMD_BLOCKS_INL_H_
#else
#define TFLOWER_KERNELS_SIMD_BLOCKS_INL_H_
#endif

#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR
// Block b of v goes to to + b * step.
template <class D>
HWY_INLINE void StoreBlocks(D d, hn::Vec<D> v, uint8_t* to, ptrdiff_t step) {
  if constexpr (hn::MaxLanes(D()) <= 16) {
    hn::StoreU(v, d, to);
  } else {
    const hn::Half<D> half;
    StoreBlocks(half, hn::LowerHalf(half, v), to, step);
    StoreBlocks(half, hn::UpperHalf(half, v), to + static_cast<ptrdiff_t>(hn::MaxLanes(half) / 16) * step, step);
  }
}

// The vector whose block b is at from(i + b * step).
template <class D, class From>
HWY_INLINE hn::Vec<D> LoadBlocks(D d, const From& from, int i, int step) {
  if constexpr (hn::MaxLanes(D()) <= 16) {
    return hn::LoadU(d, reinterpret_cast<const uint8_t*>(from(i)));
  } else {
    const hn::Half<D> half;
    return hn::Combine(d, LoadBlocks(half, from, i + static_cast<int>(hn::MaxLanes(half) / 16) * step, step), LoadBlocks(half, from, i, step));
  }
}

// Interleaves the first half of the vectors with the second one, until each block has elements of all kN: of 16 bytes / kN, vector i gets element i of each block, those of
// one block of all vectors side by side.
template <class D, size_t kN>
HWY_INLINE void InterleaveAll(D d, hn::Vec<D> (&a)[kN]) {
  hn::Vec<D> b[kN];
#pragma GCC unroll 4
  for (size_t step = 1; step < kN; step *= 2) {
#pragma GCC unroll 8
    for (size_t i = 0; i < kN / 2; ++i) {
      b[2 * i] = hn::InterleaveLower(d, a[i], a[i + kN / 2]);
      b[2 * i + 1] = hn::InterleaveUpper(d, a[i], a[i + kN / 2]);
    }
#pragma GCC unroll 16
    for (size_t i = 0; i < kN; ++i) a[i] = b[i];
  }
}
#endif

}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
