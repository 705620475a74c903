// Matrix products that read an unpacked B in place. Fast for a few rows of A, where the time is the reading of B.
#pragma once

#include <cstddef>

#include <tflower/parallel.h>

#include "gemm/gemm.h"

namespace tflower::kernels {

// Up to this many rows, reading B in place beats packing it (measured); more rows are right, too.
inline constexpr size_t kMaxDotRows = 6;

// Both compute gemm.h's product in its matrix form (no taps, no residual).

// B stored transposed, [N, K]: column n is problem.b + n * b_stride, contiguous.
void DotProducts(const GemmProblem& problem, size_t b_stride, const Parallel& parallel);

// B stored [K, N]: row k is problem.b + k * b_stride, contiguous.
void RowProducts(const GemmProblem& problem, size_t b_stride, const Parallel& parallel);

}  // namespace tflower::kernels
