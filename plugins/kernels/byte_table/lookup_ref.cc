// The specification of table lookups.
#include "byte_table/byte_table.h"

namespace tflower::kernels {

void MapBytesRef(const ByteTable& table, const uint8_t* from, uint8_t* to, size_t n) {
  for (size_t i = 0; i < n; ++i) to[i] = table.values[from[i]];
}

}  // namespace tflower::kernels
