// Float matrix product: how the work is cut for threads.
#include "gemm/split.h"

#include "gemm/gemm.h"

namespace tflower::kernels {
namespace {

// A second thread pays from about 8 us of work for each: it must be told, and reads what the first core wrote. A core does 60 to 140 flops in a nanosecond.
constexpr double kFlopsPerPiece = 800e3;

}  // namespace

GemmSplit SplitGemm(size_t rows, size_t columns, size_t k, size_t a_bytes, int threads) {
  const double flops = 2.0 * static_cast<double>(rows) * static_cast<double>(columns) * static_cast<double>(k);
  GemmSplit split;
  split.pieces = static_cast<size_t>(std::clamp(flops / kFlopsPerPiece, 1.0, static_cast<double>(std::max(threads, 1))));
  // By rows, every core reads all of B. By panels, every core reads all of A, and the operators around, which mostly go by rows, find half
  // of the result in another core's cache.
  const double b_bytes = 4.0 * static_cast<double>(k) * static_cast<double>(columns);
  const double c_bytes = 4.0 * static_cast<double>(rows) * static_cast<double>(columns);
  split.by_panels = b_bytes > static_cast<double>(a_bytes) + c_bytes && PackedLayout().Panels(columns) > 1;
  return split;
}

GemmCut CutByPanels(const GemmSplit& split, size_t rows, size_t columns, size_t i) {
  const GemmLayout layout = PackedLayout();
  const size_t panels = layout.Panels(columns), whole = layout.panel_columns;
  if (i >= split.pieces || panels == 0) return {panels, 0};
  if (i == 0 || rows == 0) return {0, 0};
  const size_t total = (panels - 1) * whole + layout.Width((panels - 1) * whole, columns);
  const size_t work = total * rows * i / split.pieces;  // columns x rows before the cut
  const size_t panel = std::min(work / (whole * rows), panels - 1);
  const size_t width = layout.Width(panel * whole, columns);
  const size_t row = (work - panel * whole * rows + width / 2) / width;
  return row >= rows ? GemmCut{panel + 1, 0} : GemmCut{panel, row};
}

void Gemm(const GemmProblem& g, const Parallel& parallel) {
  const size_t k = g.taps * g.depth;
  const GemmSplit split = SplitGemm(g.rows, g.columns, k, g.rows * k * sizeof(float), parallel.threads());
  ForGemmPieces(split, g.rows, g.columns, parallel,
                [&](size_t, size_t row_begin, size_t row_end, size_t panel_begin, size_t panel_end) {
                  GemmBlock(g, row_begin, row_end, panel_begin, panel_end);
                });
}

}  // namespace tflower::kernels
