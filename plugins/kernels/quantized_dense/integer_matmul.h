// BATCH_MATMUL of int8 by int8, and of int16 by int8 or int16: y = clamp(Scaled(sum of (x - x_zero) (w - w_zero), factor) + y_zero), sums of 32 bits, or
// of 64 for int16. Each w is packed when it is needed, or was before; its zero point is multiplied by the sums of x's rows. A bias makes it a dense layer.
#pragma once

#include "batch_matmul/batch_matmul.h"
#include "integer_gemm/requantize.h"

namespace tflower::kernels {

struct IntegerMatMul {
  BatchMatMulPlan plan;
  DType x_type = DType::kInt8, w_type = DType::kInt8;
  int32_t x_zero = 0, w_zero = 0;
  bool sums = false;        // of int8 by int8: y holds the sums, of int32
  Requantizer requantizer;  // else
  int threads = 1;
  bool packed_before = false;  // all w come from PackOnce

  struct Operands {
    const void *x, *w;
    void* y;
    const int64_t* bias = nullptr;  // [n], added to the sums
  };
  // All w, one behind the other.
  size_t PackedBytes() const { return static_cast<size_t>(plan.w_matrices) * MatrixBytes(); }
  void PackOnce(const void* w, void* packed) const;
  // Whether a constant w is worth that: many small matrices would be many times their size.
  bool IsPackedSmall() const { return plan.w_matrices == 1 || static_cast<int64_t>(MatrixBytes()) <= 4 * WBytes(); }
  size_t ScratchBytes() const;
  void Run(const Operands& operands, void* scratch, const Parallel& parallel) const;

 private:
  struct Areas;
  struct AreaSizes;
  bool wide() const { return x_type == DType::kInt16; }
  bool words() const { return w_type == DType::kInt16; }
  int64_t WBytes() const { return plan.k * plan.n * (words() ? 2 : 1); }
  size_t MatrixBytes() const;  // packed
  bool bytes() const;
  IntegerProduct Product() const;
  AreaSizes SizesOf(int own_threads) const;
  Areas AreasAt(char* at, const AreaSizes& sizes) const;
  void Pack(const void* w, int16_t* transposed, void* packed) const;
  void RunBatch(const Operands& operands, const Areas& areas, int own_threads, const Parallel& parallel) const;
};

// The specification: plain loops.
void IntegerMatMulRef(const IntegerMatMul& m, const IntegerMatMul::Operands& operands);

}  // namespace tflower::kernels
