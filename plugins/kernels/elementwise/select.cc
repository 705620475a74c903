// Select by element size: the loop does not look at the values, so one form serves every dtype of that size. Compiled once per SIMD target.
#include "elementwise/select.h"

#include <cassert>

#include "elementwise/broadcast_walk.h"
#include "simd/independent.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "elementwise/select.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {

struct Bytes16 { uint64_t parts[2]; };

// Bits of x where the condition's byte is not 0, of y elsewhere: without a branch compilers make vectors of it, and random conditions cost no
// mispredictions.
template <class T>
T Choose(uint8_t condition, T x, T y) {
  const T mask = static_cast<T>(T{0} - static_cast<T>(condition != 0));
  return static_cast<T>((x & mask) | (y & static_cast<T>(~mask)));
}
Bytes16 Choose(uint8_t condition, Bytes16 x, Bytes16 y) {
  return {{Choose(condition, x.parts[0], y.parts[0]), Choose(condition, x.parts[1], y.parts[1])}};
}

template <bool kRepeatC, bool kRepeatX, bool kRepeatY, class T>
void Zip(const uint8_t* c, const T* x, const T* y, T* out, size_t n) {
  const uint8_t c0 = *c;
  const T x0 = *x, y0 = *y;
  TFLOWER_INDEPENDENT
  for (size_t i = 0; i < n; ++i) out[i] = Choose(kRepeatC ? c0 : c[i], kRepeatX ? x0 : x[i], kRepeatY ? y0 : y[i]);
}

template <class T>
void Loop(const Piece& pc, const Piece& px, const Piece& py, T* out, size_t n) {
  const auto* c = static_cast<const uint8_t*>(pc.data);
  const T* x = static_cast<const T*>(px.data);
  const T* y = static_cast<const T*>(py.data);
  switch ((pc.repeats ? 4 : 0) + (px.repeats ? 2 : 0) + (py.repeats ? 1 : 0)) {
    case 0: return Zip<false, false, false>(c, x, y, out, n);
    case 1: return Zip<false, false, true>(c, x, y, out, n);
    case 2: return Zip<false, true, false>(c, x, y, out, n);
    case 3: return Zip<false, true, true>(c, x, y, out, n);
    case 4: return Zip<true, false, false>(c, x, y, out, n);
    case 5: return Zip<true, false, true>(c, x, y, out, n);
    case 6: return Zip<true, true, false>(c, x, y, out, n);
    default: return Zip<true, true, true>(c, x, y, out, n);
  }
}

template <class T>
void Run(const BroadcastPlan& plan, const bool* condition, const void* x, const void* y, void* out, const Parallel& parallel) {
  const void* bases[] = {condition, x, y};
  const size_t bytes[] = {sizeof(bool), sizeof(T), sizeof(T)};
  Walk(plan, bases, bytes, static_cast<int64_t>(64 * 1024 / sizeof(T)), parallel, [&](const Piece* p, int64_t begin, size_t n) {
    Loop<T>(p[0], p[1], p[2], static_cast<T*>(out) + begin, n);
  });
}

void SelectSized(const BroadcastPlan& plan, const bool* condition, const void* x, const void* y, size_t element_bytes, void* out,
                 const Parallel& parallel) {
  switch (element_bytes) {
    case 1: return Run<uint8_t>(plan, condition, x, y, out, parallel);
    case 2: return Run<uint16_t>(plan, condition, x, y, out, parallel);
    case 4: return Run<uint32_t>(plan, condition, x, y, out, parallel);
    case 8: return Run<uint64_t>(plan, condition, x, y, out, parallel);
    case 16: return Run<Bytes16>(plan, condition, x, y, out, parallel);
    default: assert(false && "elements have 1, 2, 4, 8 or 16 bytes");
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(SelectSized);
}  // namespace

void Select(const BroadcastPlan& plan, const bool* condition, const void* x, const void* y, size_t element_bytes, void* out,
            const Parallel& parallel) {
  HWY_DYNAMIC_DISPATCH(SelectSized)(plan, condition, x, y, element_bytes, out, parallel);
}

}  // namespace tflower::kernels
#endif
