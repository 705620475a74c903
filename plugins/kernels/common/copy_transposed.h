// Strided copies whose last dimension runs along destination elements while another one runs along source elements.
#pragma once

#include <cstddef>

#include "common/copy.h"

namespace tflower::kernels {

// Does such a copy, of rank 2 or more; false = it is none, and nothing is done. Elements of 1, 2, 4, 8, 16 or any number below kTransposedRun bytes.
bool CopyTransposed(const StridedCopy& copy, const std::byte* src, std::byte* dst, const Parallel& parallel);

}  // namespace tflower::kernels
