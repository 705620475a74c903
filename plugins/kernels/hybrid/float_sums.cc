// Plain loops: the compiler's vectors do.
#include "hybrid/float_sums.h"

namespace tflower::kernels {

void FloatSums::Take(const void* self, const SumTile& tile) {
  const FloatSums& f = *static_cast<const FloatSums*>(self);
  for (size_t r = 0; r < tile.rows; ++r) {
    const RowScale scale = f.scales[(tile.row + r) / f.rows_per_scale];
    const uint32_t zero = static_cast<uint32_t>(scale.zero + f.added);
    const int32_t* const sums = tile.narrow + r * tile.stride;
    const int64_t* const column_sums = f.zero_points ? f.column_sums + tile.column : nullptr;
    float* const to = f.y + (tile.row + r) * f.stride + tile.column;
    for (size_t i = 0; i < tile.columns; ++i) {
      const auto sum = static_cast<int32_t>(static_cast<uint32_t>(sums[i]) - (f.zero_points ? zero * static_cast<uint32_t>(column_sums[i]) : 0));
      const float weight_scale = f.weight_scales[f.one_weight_scale ? 0 : tile.column + i];
      const float v = static_cast<float>(sum) * (scale.scale * weight_scale) + (f.bias != nullptr ? f.bias[tile.column + i] : 0);
      to[i] = v < f.clamp.lo ? f.clamp.lo : v > f.clamp.hi ? f.clamp.hi : v;  // NaN passes
    }
  }
}

}  // namespace tflower::kernels
