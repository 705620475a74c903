// Sums of quantised values over the reduced positions of a plan, and their results.
#pragma once

#include "common/quantized.h"
#include "reduce/reduce_walk.h"

namespace tflower::kernels {

// y = clamp(Scaled(offset + sum of stored values, factor) + zero); sums wrap in 32 bits.
struct QuantizedSums {
  const ReducePlan* plan = nullptr;
  DType type = DType::kInt8;  // int8, uint8 or int16, of operand and result
  int32_t offset = 0;
  Multiplier factor;
  int32_t zero = 0;
  IntBounds bounds;
};

// Outputs [begin, end).
void RunQuantizedSums(const QuantizedSums& q, const void* x, int64_t begin, int64_t end, void* to);

// The specification.
void QuantizedSumsRef(const QuantizedSums& q, const void* x, int64_t begin, int64_t end, void* to);

// f(stored value) for those behind output o, in row-major order.
template <class T, class F>
void ForEachReduced(const ReducePlan& plan, const ReduceWalk& walk, const T* from, int64_t o, F f) {
  const int64_t inner = walk.inner(), per_base = plan.inner_reduced ? 1 : inner, width = plan.inner_reduced ? inner : 1;
  for (int64_t i = 0; i < walk.runs(); ++i) {
    const ReduceWalk::Run run = walk.RunAt(walk.Base(o / per_base), i);
    for (int64_t r = 0; r < run.rows; ++r) {
      const T* const row = from + run.offset + r * run.stride + (plan.inner_reduced ? 0 : o % per_base);
      for (int64_t k = 0; k < width; ++k) f(row[k]);
    }
  }
}

}  // namespace tflower::kernels
