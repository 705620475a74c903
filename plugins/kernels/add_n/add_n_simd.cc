// Sum of several tensors: every element is summed in a register and written once.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "add_n/add_n_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "add_n/add_n.h"
#include "simd/compat-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace {

// Elements [begin, end). Two vectors at a time, so that the loop over operands costs less than its two loads. Tail policy: one masked vector.
template <class T>
void AddRange(std::span<const T* const> x, size_t begin, size_t end, T* y) {
  const hn::ScalableTag<T> d;
  const size_t lanes = hn::Lanes(d);
  size_t i = begin;
  for (; i + 2 * lanes <= end; i += 2 * lanes) {
    auto sum0 = hn::LoadU(d, x[0] + i), sum1 = hn::LoadU(d, x[0] + i + lanes);
    for (size_t k = 1; k < x.size(); ++k) {
      sum0 = hn::Add(sum0, hn::LoadU(d, x[k] + i));
      sum1 = hn::Add(sum1, hn::LoadU(d, x[k] + i + lanes));
    }
    hn::StoreU(sum0, d, y + i);
    hn::StoreU(sum1, d, y + i + lanes);
  }
  for (; i < end; i += lanes) {
    const size_t count = HWY_MIN(lanes, end - i);
    auto sum = LoadN(d, x[0] + i, count);
    for (size_t k = 1; k < x.size(); ++k) sum = hn::Add(sum, LoadN(d, x[k] + i, count));
    StoreN(sum, d, y + i, count);
  }
}

void AddRangeF32(std::span<const float* const> x, size_t begin, size_t end, float* y) { AddRange(x, begin, end, y); }
void AddRangeI32(std::span<const int32_t* const> x, size_t begin, size_t end, int32_t* y) { AddRange(x, begin, end, y); }

}  // namespace
}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(AddRangeF32);
HWY_EXPORT(AddRangeI32);

// Elements worth about 2 us at 4 additions/ns.
int64_t Grain(size_t operands) { return static_cast<int64_t>(8192 / operands + 1024); }
}  // namespace

void AddNF32(std::span<const float* const> x, size_t n, float* y, const Parallel& parallel) {
  parallel.For(static_cast<int64_t>(n), Grain(x.size()), [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(AddRangeF32)(x, static_cast<size_t>(begin), static_cast<size_t>(end), y);
  });
}

void AddNI32(std::span<const int32_t* const> x, size_t n, int32_t* y, const Parallel& parallel) {
  parallel.For(static_cast<int64_t>(n), Grain(x.size()), [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(AddRangeI32)(x, static_cast<size_t>(begin), static_cast<size_t>(end), y);
  });
}

}  // namespace tflower::kernels
#endif  // HWY_ONCE
