// Sums to stored values, one by one: the specification.
#include "integer_gemm/requantize.h"

namespace tflower::kernels {
namespace {

int64_t ScaledSum(const Requantizer& r, int64_t sum, size_t channel) {
  const Multiplier m{r.value[channel], r.shift[channel]};
  return r.once ? ScaledOnce(sum, m) : int64_t{Scaled(sum, m)};
}

template <class T>
void Finish(const SumFinisher& f, const SumTile& tile) {
  const Requantizer& r = *f.requantizer;
  const size_t per = f.pairs ? 2 : 1;
  for (size_t row = 0; row < tile.rows; ++row) {
    T* const to = static_cast<T*>(f.y) + (tile.row + row) * f.stride + tile.column / per;
    for (size_t i = 0; i < tile.columns / per; ++i) {
      const size_t c = f.channel + tile.column / per + i, from = row * tile.stride + i * per;
      int64_t v = 0;
      if (tile.wide != nullptr) {
        int64_t sum = AddWrapping(tile.wide[from], f.pairs ? 256 * tile.wide[from + 1] : 0);
        if (f.wide_row_offsets != nullptr) sum = AddWrapping(sum, f.wide_row_offsets[tile.row + row]);
        v = ScaledSum(r, AddWrapping(sum, f.offsets != nullptr ? f.offsets[c] : 0), c);
      } else {
        const int32_t sum = AddWrapping(tile.narrow[from], f.row_offsets != nullptr ? f.row_offsets[tile.row + row] : 0);
        v = r.once ? ScaledSum(r, sum, c) : Scaled(sum, Multiplier{r.value[c], r.shift[c]});
      }
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

void FinishRef(const SumFinisher& f, const SumTile& tile) {
  VisitQuantized(f.requantizer->type, [&]<class T>(T) { Finish<T>(f, tile); });
}

}  // namespace tflower::kernels
