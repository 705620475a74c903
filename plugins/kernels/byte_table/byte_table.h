// Functions of single bytes: a table of all 256 results, looked up by vectors.
#pragma once

#include <cstddef>
#include <cstdint>

#include <tflower/parallel.h>

namespace tflower::kernels {

struct ByteTable {
  uint8_t values[256] = {};  // by the byte, whatever it stands for

  // f: from stored values of T, int8_t or uint8_t, to the result's bytes.
  template <class T, class F>
  void Fill(F f) {
    for (int i = 0; i < 256; ++i) values[i] = static_cast<uint8_t>(f(static_cast<T>(i)));
  }
  // to[i] = values[from[i]]; may be the same memory. Pieces run on several threads.
  void Map(const void* from, void* to, int64_t n, const Parallel& parallel) const;
};

// The specification: one byte at a time.
void MapBytesRef(const ByteTable& table, const uint8_t* from, uint8_t* to, size_t n);

}  // namespace tflower::kernels
