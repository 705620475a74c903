// The specification of the int8 batched matrix product.
#include "quantized_dense/byte_matmul.h"

namespace tflower::kernels {

void ByteMatMulRef(const ByteMatMul& p, const int8_t* x, const int8_t* w, int8_t* y) {
  const int64_t m = p.plan.m, k = p.plan.k, n = p.plan.n, x_step = p.plan.adj_x ? m : 1, w_step = p.plan.adj_y ? 1 : n;
  for (int64_t row = 0; row < p.plan.batches * m; ++row) {
    const BatchPlace place = PlaceOfBatch(p.plan, row / m);
    const int8_t* const left = x + place.x * m * k + row % m * (p.plan.adj_x ? 1 : k);
    for (int64_t o = 0; o < n; ++o) {
      const int8_t* const right = w + place.w * k * n + o * (p.plan.adj_y ? k : 1);
      int32_t sum = 0;
      for (int64_t i = 0; i < k; ++i) sum = AddWrapping(sum, (left[i * x_step] - p.x_zero) * (right[i * w_step] - p.w_zero));
      SumTile tile;
      tile.narrow = &sum, tile.stride = tile.rows = tile.columns = 1;
      FinishRef({.requantizer = &p.requantizer, .channel = static_cast<size_t>(o), .y = y + row * n + o}, tile);
    }
  }
}

}  // namespace tflower::kernels
