// Sums of integer layers to stored values, to the bit as common/quantized.h says it: y = clamp(scaled(sum) + zero).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/quantized.h"
#include "integer_gemm/integer_gemm.h"

namespace tflower::kernels {

// The multipliers of output channels as arrays for vectors, filled up to whole blocks of 64.
struct Requantizer {
  std::vector<int32_t> value, odd, shift;  // odd[i] = value[i | 1]
  bool down = false;   // every shift is below 0
  bool once = false;   // rounded once (ScaledOnce), else twice (Scaled)
  DType type = DType::kInt8;  // of the result: int8, uint8 or int16
  int32_t zero = 0;
  IntBounds bounds;

  // multipliers: one, or one for each channel.
  void Set(std::span<const Multiplier> multipliers, size_t channels);

  // The tile's channels begin at `channel` + tile.column. to: where its first result belongs; rows are to_stride elements apart.
  // Added to the sums before, both may be null: offsets, to wide ones, for each channel; row_offsets, to narrow ones, for each row of the product.
  void Finish(const SumTile& tile, size_t channel, const int64_t* offsets, void* to, size_t to_stride, const int32_t* row_offsets = nullptr) const;
};

// The specification of Finish.
void FinishRef(const Requantizer& r, const SumTile& tile, size_t channel, const int64_t* offsets, void* to, size_t to_stride, const int32_t* row_offsets = nullptr);

}  // namespace tflower::kernels
