// Sums to stored values, one by one: the specification, and what finishes sums of 64 bits.
#include "integer_gemm/requantize.h"

namespace tflower::kernels {
namespace {

int64_t ScaledSum(const Requantizer& r, int64_t sum, size_t channel) {
  const Multiplier m{r.value[channel], r.shift[channel]};
  return r.once ? ScaledOnce(sum, m) : int64_t{Scaled(sum, m)};
}

template <class T>
void Finish(const Requantizer& r, const SumTile& tile, size_t channel, const int64_t* offsets, T* to, size_t to_stride, const int32_t* row_offsets) {
  for (size_t row = 0; row < tile.rows; ++row, to += to_stride) {
    for (size_t i = 0; i < tile.columns; ++i) {
      const size_t c = channel + tile.column + i;
      const int32_t narrow = tile.wide != nullptr ? 0 : AddWrapping(tile.narrow[row * tile.stride + i], row_offsets != nullptr ? row_offsets[tile.row + row] : 0);
      int64_t v = 0;
      if (tile.wide != nullptr) v = ScaledSum(r, AddWrapping(tile.wide[row * tile.stride + i], offsets != nullptr ? offsets[c] : 0), c);
      else if (r.once) v = ScaledSum(r, narrow, c);
      else v = Scaled(narrow, Multiplier{r.value[c], r.shift[c]});
      to[i] = static_cast<T>(r.bounds.Clamp(v + r.zero));
    }
  }
}

}  // namespace

void Requantizer::Set(std::span<const Multiplier> multipliers, size_t channels) {
  const size_t padded = (channels + 63) / 64 * 64 + 64;
  value.assign(padded, 0);
  shift.assign(padded, -1);
  down = true;
  for (size_t c = 0; c < channels; ++c) {
    const Multiplier m = multipliers[multipliers.size() == 1 ? 0 : c];
    value[c] = m.value;
    shift[c] = m.value == 0 ? -1 : m.shift;  // of no consequence
    down &= shift[c] < 0;
  }
  odd.resize(padded);
  for (size_t c = 0; c < padded; ++c) odd[c] = value[c | 1];
}

void FinishRef(const Requantizer& r, const SumTile& tile, size_t channel, const int64_t* offsets, void* to, size_t to_stride, const int32_t* row_offsets) {
  switch (r.type) {
    case DType::kInt8: return Finish(r, tile, channel, offsets, static_cast<int8_t*>(to), to_stride, row_offsets);
    case DType::kUInt8: return Finish(r, tile, channel, offsets, static_cast<uint8_t*>(to), to_stride, row_offsets);
    default: return Finish(r, tile, channel, offsets, static_cast<int16_t*>(to), to_stride, row_offsets);
  }
}

}  // namespace tflower::kernels
