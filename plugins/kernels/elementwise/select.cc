// Select by element size: the loop does not look at the values, so one form serves every dtype of that size.
#include "elementwise/select.h"

#include <cassert>

#include "elementwise/broadcast_walk.h"

namespace tflower::kernels {
namespace {

template <class T>
void Loop(const Piece& pc, const Piece& px, const Piece& py, T* out, size_t n) {
  const bool* c = static_cast<const bool*>(pc.data);
  const T* x = static_cast<const T*>(px.data);
  const T* y = static_cast<const T*>(py.data);
  if (pc.repeats || px.repeats || py.repeats) {
    const size_t step_c = pc.repeats ? 0 : 1, step_x = px.repeats ? 0 : 1, step_y = py.repeats ? 0 : 1;
    for (size_t i = 0; i < n; ++i) out[i] = c[i * step_c] ? x[i * step_x] : y[i * step_y];
  } else {
    for (size_t i = 0; i < n; ++i) {
      const T vx = x[i], vy = y[i];  // both are read, which lets the compiler blend vectors
      out[i] = c[i] ? vx : vy;
    }
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

struct Bytes16 { uint64_t parts[2]; };

}  // namespace

void Select(const BroadcastPlan& plan, const bool* condition, const void* x, const void* y, size_t element_bytes, void* out,
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

}  // namespace tflower::kernels
