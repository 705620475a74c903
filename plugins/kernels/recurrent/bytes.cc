// Packing of int8 weights.
#include "recurrent/bytes.h"

namespace tflower::kernels {

void PackByteBlocks(const UnitBlocks& units, const int8_t* const* matrices, size_t depth, int8_t* packed) {
  const size_t pairs = PairsOf(depth);
  for (size_t block = 0; block < units.blocks(); ++block) {
    for (size_t pair = 0; pair < pairs; ++pair) {
      for (size_t gate = 0; gate < units.gates; ++gate) {
        for (size_t lane = 0; lane < units.lanes; ++lane) {
          for (size_t k = 2 * pair; k < 2 * pair + 2; ++k) {
            const size_t unit = block * units.lanes + lane;
            *packed++ = unit < units.units && k < depth ? matrices[gate][unit * depth + k] : int8_t{0};
          }
        }
      }
    }
  }
}

}  // namespace tflower::kernels
