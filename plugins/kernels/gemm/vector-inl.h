// The vector type of the float matrix kernels, and how their loops over arrays of vectors are unrolled.
#if defined(TFLOWER_KERNELS_GEMM_VECTOR_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TFLOWER_KERNELS_GEMM_VECTOR_INL_H_
#undef TFLOWER_KERNELS_GEMM_VECTOR_INL_H_
#else
#define TFLOWER_KERNELS_GEMM_VECTOR_INL_H_
#endif

#include <hwy/highway.h>

// Before a loop of constant length over vectors: all of it must be unrolled, or the vectors leave their registers.
#if defined(__clang__)
#define TFLOWER_UNROLL _Pragma("unroll")
#else
#define TFLOWER_UNROLL _Pragma("GCC unroll 32")
#endif

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using TileTag = hn::ScalableTag<float>;
using TileVec = hn::Vec<TileTag>;

}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();
#endif
