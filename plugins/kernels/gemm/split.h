// How a matrix product is cut for threads: into ranges of rows or of panels, whichever makes the cores read less.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <tflower/parallel.h>

namespace tflower::kernels {

struct GemmSplit {
  size_t pieces = 1;      // one per thread that is worth its start
  bool by_panels = false;
};

// a_bytes: size of the data that A's rows point into (overlapping taps counted once).
GemmSplit SplitGemm(size_t rows, size_t columns, size_t k, size_t a_bytes, int threads);

// Runs f(piece, row_begin, row_end, panel_begin, panel_end) until all rows x panels are covered once. Calls of one piece
// follow each other on one thread, so a piece may own scratch memory; different pieces may run at the same time.
template <class F>
void ForGemmPieces(const GemmSplit& split, size_t rows, size_t panels, const Parallel& parallel, const F& f) {
  // By panels, an odd number of panels is evened out by cutting each panel into row chunks; a piece is then a range of
  // (panel, chunk) pairs in panel-major order, and still reads only its own panels.
  const size_t pieces = std::max<size_t>(1, split.pieces);
  const size_t chunks = split.by_panels && panels % pieces != 0 ? std::min(pieces, (rows + 6) / 7) : 1;
  parallel.For(static_cast<int64_t>(pieces), 1, [&](int64_t begin, int64_t end) {
    for (size_t i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
      if (!split.by_panels) {
        f(i, rows * i / pieces, rows * (i + 1) / pieces, size_t{0}, panels);
        continue;
      }
      const size_t units = panels * chunks;
      for (size_t u = units * i / pieces; u < units * (i + 1) / pieces;) {
        const size_t last = units * (i + 1) / pieces;
        const size_t panel = u / chunks, chunk = u % chunks;
        if (chunk == 0 && last - u >= chunks) {  // whole panels go together
          const size_t whole = (last - u) / chunks;
          f(i, size_t{0}, rows, panel, panel + whole);
          u += whole * chunks;
        } else {
          const size_t stop = std::min(chunks, chunk + (last - u));
          f(i, rows * chunk / chunks, rows * stop / chunks, panel, panel + 1);
          u += stop - chunk;
        }
      }
    }
  });
}

}  // namespace tflower::kernels
