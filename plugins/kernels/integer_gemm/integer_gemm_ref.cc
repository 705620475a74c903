// The specification of the integer matrix product: plain loops, row by row.
#include <algorithm>
#include <vector>

#include "integer_gemm/integer_gemm.h"

namespace tflower::kernels {
namespace {

int64_t At(const void* data, bool words, bool is_unsigned, size_t i) {
  if (words) return static_cast<const int16_t*>(data)[i];
  return is_unsigned ? int64_t{static_cast<const uint8_t*>(data)[i]} : int64_t{static_cast<const int8_t*>(data)[i]};
}

}  // namespace

void IntegerProductRef(const IntegerProduct& p, const IntegerWeights& w) {
  const bool words = p.type == IntegerType::kInt16;
  std::vector<char> row((p.depth + 1) * 2);
  std::vector<int64_t> wide(p.columns + 64);
  std::vector<int32_t> narrow(p.columns + 64);
  for (size_t m = 0; m < p.rows; ++m) {
    const void* a = static_cast<const char*>(p.a) + m * p.a_stride * (words ? 2 : 1);
    if (p.source.rows != nullptr) p.source.rows(p.source, m, 1, row.data(), row.size()), a = row.data();
    for (size_t n = 0; n < p.columns; ++n) {
      int64_t sum = p.start != nullptr && !p.wide ? p.start[n] : 0;
      for (size_t k = 0; k < p.depth; ++k) {
        const int64_t weight = At(w.data, false, w.is_unsigned, k * w.k_stride + n * w.n_stride) - w.zero;
        sum += (At(a, words, p.type == IntegerType::kUInt8, k) + AddedToInput(p.type, p.bytes)) * weight;
      }
      wide[n] = sum;
      narrow[n] = static_cast<int32_t>(static_cast<uint64_t>(sum));
    }
    SumTile tile;
    if (p.wide) tile.wide = wide.data();
    else tile.narrow = narrow.data();
    tile.stride = p.columns, tile.row = m, tile.rows = 1, tile.columns = p.columns;
    p.sink.take(p.sink.self, tile);
  }
}

}  // namespace tflower::kernels
