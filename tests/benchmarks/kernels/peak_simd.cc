// The machine's f32 multiply-add peak, for the benchmarks: independent chains of FMAs in registers.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "peak_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tflower::bench {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Two ports and four cycles of latency need 8 chains; 12 fit in the registers of every target. Returns the flops done.
double FmaLoop(size_t rounds, float* sink) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  const V a = hn::Set(d, 0.999f), b = hn::Set(d, 0.001f);
  // Different starting values: equal chains would be computed once.
  V c0 = hn::Set(d, 0.0f), c1 = hn::Set(d, 0.1f), c2 = hn::Set(d, 0.2f), c3 = hn::Set(d, 0.3f), c4 = hn::Set(d, 0.4f);
  V c5 = hn::Set(d, 0.5f), c6 = hn::Set(d, 0.6f), c7 = hn::Set(d, 0.7f), c8 = hn::Set(d, 0.8f), c9 = hn::Set(d, 0.9f);
  V c10 = hn::Set(d, 1.1f), c11 = hn::Set(d, 1.2f);
  for (size_t i = 0; i < rounds; ++i) {
    c0 = hn::MulAdd(c0, a, b), c1 = hn::MulAdd(c1, a, b), c2 = hn::MulAdd(c2, a, b), c3 = hn::MulAdd(c3, a, b);
    c4 = hn::MulAdd(c4, a, b), c5 = hn::MulAdd(c5, a, b), c6 = hn::MulAdd(c6, a, b), c7 = hn::MulAdd(c7, a, b);
    c8 = hn::MulAdd(c8, a, b), c9 = hn::MulAdd(c9, a, b), c10 = hn::MulAdd(c10, a, b), c11 = hn::MulAdd(c11, a, b);
  }
  const V s = hn::Add(hn::Add(hn::Add(c0, c1), hn::Add(c2, c3)), hn::Add(hn::Add(c4, c5), hn::Add(c6, c7)));
  *sink = hn::GetLane(hn::Add(s, hn::Add(hn::Add(c8, c9), hn::Add(c10, c11))));
  return 24.0 * static_cast<double>(hn::Lanes(d)) * static_cast<double>(rounds);
}

}  // namespace HWY_NAMESPACE
}  // namespace tflower::bench
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::bench {
HWY_EXPORT(FmaLoop);
double RunFmaLoop(size_t rounds, float* sink) { return HWY_DYNAMIC_DISPATCH(FmaLoop)(rounds, sink); }
}  // namespace tflower::bench
#endif
