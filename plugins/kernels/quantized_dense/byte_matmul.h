// BATCH_MATMUL of int8: y = clamp(Scaled(sum of (x - x_zero) (w - w_zero), factor) + y_zero), sums of 32 bits. Each w is packed when it is needed; its
// zero point is multiplied by the sums of x's rows.
#pragma once

#include "batch_matmul/batch_matmul.h"
#include "integer_gemm/requantize.h"

namespace tflower::kernels {

struct ByteMatMul {
  BatchMatMulPlan plan;
  int32_t x_zero = 0, w_zero = 0;
  Requantizer requantizer;
  bool bytes = false;
  int threads = 1;

  void Prepare();  // after all else is set
  size_t ScratchBytes() const;
  void Run(const int8_t* x, const int8_t* w, int8_t* y, void* scratch, const Parallel& parallel) const;

 private:
  struct Areas;
  void RunBatch(const int8_t* x, int8_t* y, const Areas& areas, int own_threads, const Parallel& parallel) const;
  size_t PackedBytes() const;
  size_t OffsetBytes() const;
};

// The specification: plain loops.
void ByteMatMulRef(const ByteMatMul& m, const int8_t* x, const int8_t* w, int8_t* y);

}  // namespace tflower::kernels
