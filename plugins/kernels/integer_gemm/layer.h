// Integer layers with weights as matrix products: FULLY_CONNECTED, and convolutions by the rows that a RowSource gathers.
#pragma once

#include <algorithm>

#include "common/quantized_layer.h"
#include "integer_gemm/packed_weights.h"
#include "integer_gemm/requantize.h"

namespace tflower::kernels {

class IntegerLayer {
 public:
  // Of one group: its depth and columns. The weights are [groups * columns, depth].
  struct Size {
    size_t rows = 0, columns = 0, depth = 0, groups = 1;
  };

  // q: the operator's quantisation, prepared. once: rounded once, from sums that do not wrap. gathers: rows come from a RowSource.
  void Prepare(const Op& op, const QuantizedLayer& q, const Size& size, int input, int bias, bool once, bool gathers, PrepareContext& want);
  Status Pack(const Op& op, void* packed) const {
    if (weights_.constant()) weights_.Pack(op, packed);
    return Ok();
  }

  // x: row m of group g at x + m * x_stride + g * depth elements; or the rows of all groups from `source`, see RowSource::group. y: row m of
  // group g at y + m * y_stride + g * columns.
  struct Operands {
    const void* x = nullptr;
    size_t x_stride = 0;
    RowSource source;
    void* y = nullptr;
    size_t y_stride = 0;
  };
  // rows: as prepared, or any number where the operator learns it at run time (`gathers` only).
  void Run(const Op& op, const Operands& operands, size_t rows, const EvalContext& eval) const;

 private:
  IntegerProduct ProductOf(size_t rows) const;
  size_t OffsetBytes() const { return (size_.groups * size_.columns * sizeof(int64_t) + 63) / 64 * 64 * 2; }
  int64_t FillOffsets(const Op& op, const char* packed, int64_t* wide, int32_t* narrow) const;  // returns the size of the largest

  Size size_;
  IntegerType type_ = IntegerType::kInt8;
  bool wide_ = false, gathers_ = false;
  int bias_ = 2, threads_ = 1;
  int32_t x_zero_ = 0;
  PackedWeights weights_;
  Requantizer requantizer_;
};

}  // namespace tflower::kernels
