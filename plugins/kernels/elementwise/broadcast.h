// Broadcasting of up to three operands over one output, and the walk over it in as few, as long pieces as possible.
//
// Shapes are row-major, outermost first. TensorFlow's rule: shapes are aligned at the right, a missing or 1 dimension repeats.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "common/dims.h"
#include "tflower/status.h"

namespace tflower::kernels {

inline constexpr int kMaxBroadcastRank = kMaxRank;
inline constexpr int kMaxOperands = 3;

// A collapsed iteration space: neighbouring dimensions that every operand walks alike are merged and 1-dimensions dropped, so
// two equal shapes have rank 1, a row [C] added to [N, H, W, C] rank 2, a gate [N, 1, 1, C] rank 3.
struct BroadcastPlan {
  int operands = 0;
  int rank = 0;                                             // >= 1; dims[rank - 1] is innermost
  int64_t size = 0;                                         // elements of the output
  std::array<int64_t, kMaxBroadcastRank> dims{};
  // In elements; 0 where the operand repeats. The innermost stride is 0 or 1.
  std::array<std::array<int64_t, kMaxBroadcastRank>, kMaxOperands> strides{};
};

// Plan for 1 to 3 operands. kUnsupportedShape when two dimensions differ and neither is 1, kLimit when the result is too large.
Result<BroadcastPlan> PlanBroadcast(std::span<const std::span<const int64_t>> shapes);

// The shape of the result; errors as above.
Result<Shape> BroadcastOf(std::span<const std::span<const int64_t>> shapes);

// SELECT of version 1, whose rank-1 condition [N] chooses whole rows of x and y [N, ...]: the shape to broadcast it as.
// kUnsupportedShape when the condition is neither a scalar, of equal shape, nor [N].
Result<Shape> SelectConditionShape(std::span<const int64_t> condition, std::span<const int64_t> x);

}  // namespace tflower::kernels
