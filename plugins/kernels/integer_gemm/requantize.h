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
};

// What becomes of a product's sums; a sink.
struct SumFinisher {
  const Requantizer* requantizer = nullptr;
  size_t channel = 0;                    // of column 0
  const int64_t* offsets = nullptr;      // added to wide sums, for each channel, or null
  const int32_t* row_offsets = nullptr;  // added to narrow ones, for each row, or null
  const int64_t* wide_row_offsets = nullptr;  // the same for wide ones
  bool pairs = false;                    // of wide sums: those of columns 2 i and 2 i + 1, times 256, are one (see PackWords)
  bool small = false;                    // narrow sums with their offsets are below 2^30
  void* y = nullptr;                     // result of row 0 and column 0
  size_t stride = 0;                     // elements from row to row

  SumSink Sink() const { return {this, &Take}; }
  static void Take(const void* self, const SumTile& tile);
};

// What a SumFinisher does with a tile of sums of 64 bits.
void FinishWide(const SumFinisher& f, const SumTile& tile);

// The specification of what a SumFinisher does with a tile.
void FinishRef(const SumFinisher& f, const SumTile& tile);

}  // namespace tflower::kernels
