// Float matrix product with packed weights: C[M,N] = clamp(A[M,K] * B[K,N] + bias[N] + residual[M,N], lo, hi).
//
// B is packed once into column panels; A is read in place, either as rows of a matrix or through a table of pointers
// (implicit GEMM: the taps of a convolution need no im2col image). Sums are f32 in order of k (for fewer than three rows,
// in up to eight interleaved partial sums). NaN in A, B or bias survives the clamp.
//
// Nothing here allocates or fails. Every function may run on any thread; calls on disjoint outputs may overlap in time.
#pragma once

#include <cstddef>
#include <limits>

#include <tflower/parallel.h>

namespace tflower::kernels {

// The fused activation as data: y = min(max(x, lo), hi). NONE is the default; RELU is {0, inf}, RELU6 {0, 6},
// RELU_N1_TO_1 {-1, 1}.
struct Clamp {
  float lo = -std::numeric_limits<float>::infinity();
  float hi = std::numeric_limits<float>::infinity();

  bool changes_nothing() const { return lo == -std::numeric_limits<float>::infinity() && hi == std::numeric_limits<float>::infinity(); }
};

// What follows the sums of a layer: y = clamp(sum + bias + residual).
struct Epilogue {
  const float* bias = nullptr;      // one per output channel, or null for zero
  const float* residual = nullptr;  // laid out like y, or null for zero; not y itself
  Clamp clamp;
};

// A product. The rows of A are `taps` pieces of `depth` floats, K = taps * depth; a plain matrix has one tap.
struct GemmProblem {
  size_t rows = 0;     // M
  size_t columns = 0;  // N
  size_t depth = 0;    // floats of A behind one pointer
  size_t taps = 1;

  // A, as a matrix with one tap: row m starts at a + m * a_stride ...
  const float* a = nullptr;
  size_t a_stride = 0;
  // ... or by pointers: tap t of row m is a_taps[m * taps + t] + [0, depth). Used when not null.
  const float* const* a_taps = nullptr;

  const float* b = nullptr;     // from GemmPackB with the same K and N; 64-byte aligned
  const float* bias = nullptr;  // [N], or null for zero

  // Added to the product before the clamp when not null; laid out like C, and may be C itself.
  const float* residual = nullptr;

  // C: row m starts at c + m * c_stride, or at c_rows[m] when c_rows is not null. With c_rows, c is where element 0 of
  // `residual` belongs.
  float* c = nullptr;
  size_t c_stride = 0;
  float* const* c_rows = nullptr;

  Clamp clamp;
};

// Rows that are computed at once across a full panel: blocks of so many rows, or a multiple, have no smaller tiles.
inline constexpr int kGemmTileRows = 6;

// Size of a packed B of k x n floats, a multiple of 64. The layout depends on the SIMD target in use.
size_t GemmPackedBytes(size_t k, size_t n);

// Packs B, whose element (k, n) is b[k * k_stride + n * n_stride], into `packed` (GemmPackedBytes(k, n), 64-byte aligned).
// Weights stored [out, in] have k_stride 1 and n_stride = in; a row-major B has k_stride = N and n_stride 1.
void GemmPackB(const float* b, size_t k_stride, size_t n_stride, size_t k, size_t n, float* packed,
               const Parallel& parallel);

// Packs only rows [first_k, first_k + count) of a B of k x n; b points to row first_k.
void GemmPackRows(const float* b, size_t k_stride, size_t n_stride, size_t first_k, size_t count, size_t k, size_t n,
                  float* packed, const Parallel& parallel);

// The packed layout, for callers that compute B's elements instead of copying them: [panel][k][width], where panels hold
// panel_columns columns, the last one the rest rounded up to `vector_columns` (zero beyond column n).
struct GemmLayout {
  size_t panel_columns;
  size_t vector_columns;

  // Panels for n columns.
  size_t Panels(size_t n) const { return (n + panel_columns - 1) / panel_columns; }
  // Width of the panel that starts at `column`.
  size_t Width(size_t column, size_t n) const {
    const size_t rest = (n - column + vector_columns - 1) / vector_columns * vector_columns;
    return rest < panel_columns ? rest : panel_columns;
  }
};
GemmLayout PackedLayout();

// Computes rows [row_begin, row_end) x panels [panel_begin, panel_end) on the calling thread.
void GemmBlock(const GemmProblem& problem, size_t row_begin, size_t row_end, size_t panel_begin, size_t panel_end);

// The whole product, split over the threads of `parallel`.
void Gemm(const GemmProblem& problem, const Parallel& parallel);

// The specification: plain loops, sums in double. b is not packed; its strides are GemmPackB's.
void GemmRef(const GemmProblem& problem, const float* b, size_t k_stride, size_t n_stride);

}  // namespace tflower::kernels
