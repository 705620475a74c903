// The specification of quantised sums: one value at a time.
#include "quantized_reduce/sums.h"

namespace tflower::kernels {
namespace {

template <class T>
void Run(const QuantizedSums& q, const T* x, int64_t begin, int64_t end, T* to) {
  const ReduceWalk walk(*q.plan);
  for (int64_t o = begin; o < end; ++o) {
    auto sum = static_cast<uint32_t>(q.offset);
    ForEachReduced(*q.plan, walk, x, o, [&](T v) { sum += static_cast<uint32_t>(int32_t{v}); });
    to[o] = static_cast<T>(q.bounds.Clamp(int64_t{Scaled(static_cast<int32_t>(sum), q.factor)} + q.zero));
  }
}

}  // namespace

void QuantizedSumsRef(const QuantizedSums& q, const void* x, int64_t begin, int64_t end, void* to) {
  VisitQuantized(q.type, [&]<class T>(T) { Run(q, static_cast<const T*>(x), begin, end, static_cast<T*>(to)); });
}

}  // namespace tflower::kernels
