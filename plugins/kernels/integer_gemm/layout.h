// The packed form of B: int64 sums of its columns, then panels of columns, [step][column][4 bytes], where a step is four numbers or two words of
// 16 bits, and what lies behind the depth or the columns is zero. Not for other users.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace tflower::kernels {

struct IntLayout {
  size_t lanes, vectors;
  bool quads;
  size_t PanelColumns() const { return lanes * vectors; }
  size_t Panels(size_t n) const { return (n + PanelColumns() - 1) / PanelColumns(); }
  // Columns of the panel that begins at `column`, whole vectors.
  size_t Width(size_t column, size_t n) const { return std::min(PanelColumns(), (n - column + lanes - 1) / lanes * lanes); }
};

inline size_t RoundUp(size_t n, size_t to) { return (n + to - 1) / to * to; }
inline size_t StepsOf(bool bytes, size_t depth) { return bytes ? (depth + 3) / 4 : (depth + 1) / 2; }
inline size_t SumsBytes(size_t columns) { return RoundUp(columns * sizeof(int64_t), 64); }

IntLayout LayoutOf();  // of the SIMD target in use

}  // namespace tflower::kernels
