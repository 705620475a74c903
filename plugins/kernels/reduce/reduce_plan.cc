// Collapses a shape and a set of axes to alternating kept and reduced dimensions.
#include <string>

#include "reduce/reduce.h"

namespace tflower::kernels {
namespace {

Result<uint32_t> AxisMask(size_t rank, std::span<const int32_t> axes) {
  uint32_t mask = 0;
  const int64_t n = static_cast<int64_t>(rank);
  for (const int64_t axis : axes) {
    if (axis < -n || axis >= n) {
      return Error(Code::kInvalidOperand, "axis " + std::to_string(axis) + " is outside a tensor of rank " + std::to_string(rank))
          .What("axis");
    }
    mask |= 1u << (axis < 0 ? axis + n : axis);
  }
  return mask;
}

Error TooLarge() { return Error(Code::kUnsupportedShape, "the tensor has too many elements"); }

// Product of the dimensions whose bit is set.
Result<int64_t> SelectedProduct(std::span<const int64_t> shape, uint32_t mask) {
  int64_t product = 1;
  bool overflow = false;
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    if ((mask >> axis & 1) == 0) continue;
    if (shape[axis] == 0) return int64_t{0};
    overflow |= __builtin_mul_overflow(product, shape[axis], &product);
  }
  if (overflow) return TooLarge();
  return product;
}

}  // namespace

Result<ReducePlan> PlanReduce(std::span<const int64_t> shape, std::span<const int32_t> axes) {
  TFLOWER_TRY(const uint32_t mask, AxisMask(shape.size(), axes));
  ReducePlan plan;
  TFLOWER_TRY(plan.outputs, SelectedProduct(shape, ~mask));
  if (plan.outputs != 0) {
    TFLOWER_TRY(plan.count, SelectedProduct(shape, mask));
  }
  if (plan.outputs == 0 || plan.count == 0) {  // nothing to read: any structure of these two sizes does
    plan.rank = 2;
    plan.inner_reduced = true;
    plan.dims = {plan.outputs, plan.count};
    return plan;
  }
  int64_t total = 0;
  if (__builtin_mul_overflow(plan.outputs, plan.count, &total)) return TooLarge();
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    if (shape[axis] == 1) continue;
    const bool reduced = (mask >> axis & 1) != 0;
    if (plan.rank > 0 && plan.inner_reduced == reduced) plan.dims[plan.rank - 1] *= shape[axis];
    else plan.dims[plan.rank++] = shape[axis];
    plan.inner_reduced = reduced;
  }
  return plan;
}

}  // namespace tflower::kernels
