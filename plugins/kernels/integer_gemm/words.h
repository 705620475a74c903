// Weights of 16 bits for the integer matrix product, which takes 9: each column of B as two, of its lower bytes (signed) and of what is left, in units of
// 256. The product of words then has twice the columns; SumFinisher::pairs joins their sums.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tflower::kernels {

// B: w[k * columns + n]. packed: IntegerPackedBytes(false, depth, 2 * columns); ColumnSums of it are those of B's own columns.
void PackWords(const int16_t* w, size_t depth, size_t columns, void* packed);

}  // namespace tflower::kernels
