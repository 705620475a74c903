// How a matrix product is cut for threads: into ranges of rows or of panels, whichever makes the cores read less.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <tflower/parallel.h>

#include "gemm/gemm.h"

namespace tflower::kernels {

struct GemmSplit {
  size_t pieces = 1;      // one per thread that is worth its start
  bool by_panels = false;
};

// a_bytes: size of the data that A's rows point into (overlapping taps counted once).
GemmSplit SplitGemm(size_t rows, size_t columns, size_t k, size_t a_bytes, int threads);

// Where one piece ends and the next begins when work is cut by panels: in front of this row of this panel.
struct GemmCut {
  size_t panel = 0, row = 0;
};
// The cut in front of piece i: pieces get equal shares of rows x columns, and the last panel may be narrow.
GemmCut CutByPanels(const GemmSplit& split, size_t rows, size_t columns, size_t i);

// Runs f(piece, row_begin, row_end, panel_begin, panel_end) until all rows x panels are covered once. Calls of one piece
// follow each other on one thread, so a piece may own scratch memory; different pieces may run at the same time.
template <class F>
void ForGemmPieces(const GemmSplit& split, size_t rows, size_t columns, const Parallel& parallel, const F& f) {
  const size_t pieces = std::max<size_t>(1, split.pieces);
  parallel.For(static_cast<int64_t>(pieces), 1, [&](int64_t begin, int64_t end) {
    for (size_t i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
      if (!split.by_panels) {
        f(i, rows * i / pieces, rows * (i + 1) / pieces, size_t{0}, PackedLayout().Panels(columns));
        continue;
      }
      GemmCut from = CutByPanels(split, rows, columns, i);
      const GemmCut to = CutByPanels(split, rows, columns, i + 1);
      if (from.row != 0) {  // the rest of a panel that another piece began
        const size_t stop = from.panel == to.panel ? to.row : rows;
        if (from.row < stop) f(i, from.row, stop, from.panel, from.panel + 1);
        if (from.panel == to.panel) continue;
        from = {from.panel + 1, 0};
      }
      if (from.panel < to.panel) f(i, size_t{0}, rows, from.panel, to.panel);  // whole panels go together
      if (to.row != 0) f(i, size_t{0}, to.row, to.panel, to.panel + 1);
    }
  });
}

}  // namespace tflower::kernels
