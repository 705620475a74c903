// Elementwise arithmetic of two quantised operands, as data: what the plain loops and the vectors share.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/quantized.h"
#include "elementwise/broadcast_walk.h"

namespace tflower::kernels {

enum class QuantizedOp : uint8_t { kAdd, kSub, kMul, kSquaredDifference, kPrelu, kLess, kLessEqual, kGreater, kGreaterEqual, kEqual, kNotEqual };

constexpr bool IsComparison(QuantizedOp op) { return op >= QuantizedOp::kLess; }

// With a, b: stored values minus their zero points, and scale(x, m): Scaled(x << shift, m):
//   kAdd, kSub            Scaled(scale(a, left) +- scale(b, right), out)
//   kMul                  Scaled(a b, out)
//   kSquaredDifference    Scaled((scale(a, left) - scale(b, right))^2, out)
//   kPrelu                a >= 0 ? Scaled(a, left) : Scaled(a b, right)
// plus y_zero, clamped; comparisons compare scale(a, left) with scale(b, right). Sums and products wrap in 32 bits.
struct QuantizedArithmetic {
  QuantizedOp op = QuantizedOp::kAdd;
  int32_t a_zero = 0, b_zero = 0, y_zero = 0;
  int shift = 0;
  Multiplier left, right, out;
  IntBounds bounds;

  // The same on bytes by floats, where that gives the same; n(v): v rounded to the nearest integer, ties to even.
  //   kAdd, kSub            n(a' a_factor + b' b_factor + constant) of stored values a', b', unless that lies closer than `margin` to a tie
  //   kMul                  n((a b, moved away from 0 by `offset`) a_factor + constant)
  //   kSquaredDifference    n((scale(a, left) - scale(b, right))^2 a_factor + constant)
  bool real = false;
  float a_factor = 0, b_factor = 0, constant = 0, margin = 0, offset = 0;
  void SetReal();  // after all else; for bytes
};

// For operands of int8, uint8 or int16 at `bases`; to: of the same type, or bool for comparisons. May be one of the operands.
void RunQuantizedBinary(const QuantizedArithmetic& q, DType type, const BroadcastPlan& plan, const void* const* bases, const Parallel& parallel, void* to);

// The specification: n elements.
void QuantizedPieceRef(const QuantizedArithmetic& q, DType type, const Piece& a, const Piece& b, size_t n, void* to);

}  // namespace tflower::kernels
