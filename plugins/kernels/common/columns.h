// Work down the columns of lines that lie one behind the other: [outer, n, inner], where each of outer * inner columns has n elements, `inner` apart.
#pragma once

#include <algorithm>
#include <cstdint>

#include "common/copy.h"

namespace tflower::kernels {

// body(offset of the first element, in elements; first of all outer * inner columns; how many <= `most`, all of one outer), on parallel's threads.
template <class Body>
void ForColumns(int64_t outer, int64_t n, int64_t inner, int64_t most, int64_t element_bytes, const Parallel& parallel, const Body& body) {
  const int64_t pieces = (inner + most - 1) / most, bytes = n * std::min(inner, most) * element_bytes;
  parallel.For(outer * pieces, std::max<int64_t>(1, kParallelBytes / std::max<int64_t>(1, bytes)), [&](int64_t begin, int64_t end) {
    for (int64_t unit = begin; unit < end; ++unit) {
      const int64_t o = unit / pieces, first = unit % pieces * most;
      body(o * n * inner + first, o * inner + first, std::min(most, inner - first));
    }
  });
}

}  // namespace tflower::kernels
