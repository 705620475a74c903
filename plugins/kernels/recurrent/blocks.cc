// Packing of gates' weights.
#include "recurrent/blocks.h"

#include <algorithm>

namespace tflower::kernels {
namespace {

// Column n of all, from panels of `panel` columns, the last one perhaps narrower: [panel][depth][column].
void PackPanels(const UnitBlocks& units, const float* const* matrices, size_t depth, size_t panel, float* packed) {
  const size_t columns = units.columns();
  for (size_t n = 0; n < columns; ++n) {
    const size_t unit = n / units.width() * units.lanes + n % units.lanes, gate = n % units.width() / units.lanes;
    const size_t first = n / panel * panel, width = std::min(panel, columns - first);
    float* const to = packed + first * depth + (n - first);
    const float* const from = unit < units.units ? matrices[gate] + unit * depth : nullptr;
    for (size_t k = 0; k < depth; ++k) to[k * width] = from != nullptr ? from[k] : 0;
  }
}

}  // namespace

void PackBlocks(const UnitBlocks& units, const float* const* matrices, size_t depth, float* packed) { PackPanels(units, matrices, depth, units.width(), packed); }

void PackBlocksForGemm(const UnitBlocks& units, const float* const* matrices, size_t depth, float* packed) {
  PackPanels(units, matrices, depth, PackedLayout().panel_columns, packed);
}

}  // namespace tflower::kernels
