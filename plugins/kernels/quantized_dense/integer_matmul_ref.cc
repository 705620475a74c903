// The specification of the integer batched matrix product.
#include "quantized_dense/integer_matmul.h"

namespace tflower::kernels {
namespace {

template <class X, class W, class Sum>
void Run(const IntegerMatMul& p, const IntegerMatMul::Operands& operands) {
  const auto* const x = static_cast<const X*>(operands.x);
  const auto* const w = static_cast<const W*>(operands.w);
  void* const y = operands.y;
  const int64_t m = p.plan.m, k = p.plan.k, n = p.plan.n, x_step = p.plan.adj_x ? m : 1, w_step = p.plan.adj_y ? 1 : n;
  for (int64_t row = 0; row < p.plan.batches * m; ++row) {
    const BatchPlace place = PlaceOfBatch(p.plan, row / m);
    const X* const left = x + place.x * m * k + row % m * (p.plan.adj_x ? 1 : k);
    for (int64_t o = 0; o < n; ++o) {
      const W* const right = w + place.w * k * n + o * (p.plan.adj_y ? k : 1);
      Sum sum = operands.bias != nullptr ? static_cast<Sum>(operands.bias[o]) : 0;
      for (int64_t i = 0; i < k; ++i) sum = AddWrapping<Sum>(sum, Sum{left[i * x_step] - p.x_zero} * (right[i * w_step] - p.w_zero));
      if (p.sums) {
        static_cast<int32_t*>(y)[row * n + o] = static_cast<int32_t>(sum);
        continue;
      }
      SumTile tile;
      if constexpr (sizeof(Sum) == 8) tile.wide = &sum;
      else tile.narrow = &sum;
      tile.stride = tile.rows = tile.columns = 1;
      FinishRef({.requantizer = &p.requantizer, .channel = static_cast<size_t>(o), .y = static_cast<X*>(y) + row * n + o}, tile);
    }
  }
}

}  // namespace

void IntegerMatMulRef(const IntegerMatMul& p, const IntegerMatMul::Operands& operands) {
  if (p.x_type == DType::kInt8) Run<int8_t, int8_t, int32_t>(p, operands);
  else if (p.w_type == DType::kInt8) Run<int16_t, int8_t, int64_t>(p, operands);
  else Run<int16_t, int16_t, int64_t>(p, operands);
}

}  // namespace tflower::kernels
