// Output pixels of few values, side by side, in groups of which a vector holds all sources: one load and one permutation bring a group together.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace tflower::kernels {

constexpr int64_t kMostGroups = 256, kMostGroupLanes = 16;

// Output pixels [0, columns) of a strip; kSources: how many input pixels each comes from. Offsets count values.
template <int kSources>
struct PixelGroups {
  int64_t count = 0, columns = 0, values = 0;
  std::array<int32_t, kMostGroups + 1> to;                      // of a group's first value in the strip; behind the last one: `values`
  std::array<std::array<int64_t, kMostGroups>, kSources> from;  // of the vector of sources in the input row
  alignas(64) std::array<std::array<uint8_t, kMostGroups * kMostGroupLanes>, kSources> lane;  // in it, of each of a group's lanes
};

// Of up to `columns` columns, as many as groups suffice for. source(k, column): the column's k-th input pixel; it never decreases with the column. A pixel has
// `channels` <= lanes values, an input row `row` values. Vectors begin so early that they end with the row, if it is that long.
template <int kSources, class Source>
void MakeGroups(int64_t columns, int64_t channels, int64_t row, int64_t lanes, Source source, PixelGroups<kSources>& groups) {
  const auto begin_of = [&](int k, int64_t column) { return std::clamp<int64_t>(source(k, column) * channels, 0, std::max<int64_t>(row - lanes, 0)); };
  int64_t g = 0, first = 0;
  for (int64_t end; first < columns && g < kMostGroups; first = end, ++g) {
    const auto fits = [&](int64_t column) {
      if ((column - first + 1) * channels > lanes) return false;
      for (int k = 0; k < kSources; ++k) if ((source(k, column) + 1) * channels - begin_of(k, first) > lanes) return false;
      return true;
    };
    for (end = first + 1; end < columns && fits(end);) ++end;
    groups.to[static_cast<size_t>(g)] = static_cast<int32_t>(first * channels);
    for (int k = 0; k < kSources; ++k) {
      const int64_t begin = begin_of(k, first);
      groups.from[static_cast<size_t>(k)][static_cast<size_t>(g)] = begin;
      uint8_t* const lane = groups.lane[static_cast<size_t>(k)].data() + g * lanes;
      std::fill_n(lane, lanes, uint8_t{0});
      for (int64_t column = first, at = 0; column < end; ++column)
        for (int64_t c = 0; c < channels; ++c) lane[at++] = static_cast<uint8_t>(source(k, column) * channels - begin + c);
    }
  }
  groups.count = g;
  groups.columns = first;
  groups.values = first * channels;
  groups.to[static_cast<size_t>(g)] = static_cast<int32_t>(groups.values);
}

}  // namespace tflower::kernels
