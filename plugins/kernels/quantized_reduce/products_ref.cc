// The specification of quantised products: one value at a time.
#include "quantized_reduce/products.h"
#include "quantized_reduce/sums.h"

namespace tflower::kernels {
namespace {

template <class T>
void Run(const QuantizedProducts& q, const T* x, int64_t begin, int64_t end, T* to) {
  const ReduceWalk walk(*q.plan);
  for (int64_t o = begin; o < end; ++o) {
    bool first = true;
    int64_t product = 0;
    ForEachReduced(*q.plan, walk, x, o, [&](int64_t v) {
      product = first ? v - q.x_zero : int64_t{Scaled(product * (v - q.x_zero), q.factor)};
      first = false;
    });
    to[o] = static_cast<T>(q.bounds.Clamp(int64_t{Scaled(product, q.factor)} + q.y_zero));
  }
}

}  // namespace

void QuantizedProductsRef(const QuantizedProducts& q, const void* x, int64_t begin, int64_t end, void* to) {
  VisitQuantized(q.type, [&]<class T>(T) { Run(q, static_cast<const T*>(x), begin, end, static_cast<T*>(to)); });
}

}  // namespace tflower::kernels
