// Shapes and collapsed plans of broadcast operators.
#include "elementwise/broadcast.h"

#include <algorithm>
#include <string>

namespace tflower::kernels {
namespace {

using Shape = std::span<const int64_t>;

std::string Text(Shape shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

// Dimension `axis` of a shape that is aligned at the right of `rank` dimensions.
int64_t Aligned(Shape shape, size_t axis, size_t rank) {
  const size_t missing = rank - shape.size();
  return axis < missing ? 1 : shape[axis - missing];
}

Result<int64_t> Count(Shape shape) {
  // A zero makes the product 0 whatever the others are, so it is looked for first.
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return int64_t{0};
  int64_t count = 1;
  for (const int64_t dim : shape) {
    if (__builtin_mul_overflow(count, dim, &count)) {
      return Error(Code::kUnsupportedShape, "a tensor of shape " + Text(shape) + " has too many elements");
    }
  }
  return count;
}

// Row-major strides of one operand over the output, 0 where it repeats.
void FillStrides(Shape shape, Shape out, std::array<int64_t, kMaxBroadcastRank>& strides) {
  int64_t step = 1;
  for (size_t axis = out.size(); axis-- > 0;) {
    const int64_t dim = Aligned(shape, axis, out.size());
    strides[axis] = dim == 1 ? 0 : step;
    step *= dim;
  }
}

// True when every operand walks axis and axis + 1 as one.
bool Mergeable(const BroadcastPlan& plan, int axis) {
  for (int k = 0; k < plan.operands; ++k) {
    if (plan.strides[k][axis] != plan.strides[k][axis + 1] * plan.dims[axis + 1]) return false;
  }
  return true;
}

void EraseAxis(BroadcastPlan& plan, int axis) {
  for (int i = axis; i + 1 < plan.rank; ++i) {
    plan.dims[i] = plan.dims[i + 1];
    for (int k = 0; k < plan.operands; ++k) plan.strides[k][i] = plan.strides[k][i + 1];
  }
  --plan.rank;
}

void Collapse(BroadcastPlan& plan) {
  for (int axis = plan.rank - 1; axis >= 0; --axis) {
    if (plan.dims[axis] == 1 && plan.rank > 1) EraseAxis(plan, axis);
  }
  for (int axis = plan.rank - 2; axis >= 0; --axis) {
    if (!Mergeable(plan, axis)) continue;
    plan.dims[axis + 1] *= plan.dims[axis];
    EraseAxis(plan, axis);
  }
}

}  // namespace

Result<std::vector<int64_t>> BroadcastShape(std::span<const Shape> shapes) {
  size_t rank = 0;
  for (const Shape shape : shapes) rank = std::max(rank, shape.size());
  if (rank > kMaxBroadcastRank) {
    return Error(Code::kUnsupportedShape, "rank " + std::to_string(rank) + " is above the limit of " +
                                              std::to_string(kMaxBroadcastRank));
  }
  std::vector<int64_t> out(rank, 1);
  for (const Shape shape : shapes) {
    for (size_t axis = 0; axis < rank; ++axis) {
      const int64_t dim = Aligned(shape, axis, rank);
      if (dim == 1 || dim == out[axis]) continue;
      if (out[axis] != 1) {
        return Error(Code::kInvalidOperand, "shapes " + Text(shapes[0]) + " and " + Text(shape) + " do not broadcast");
      }
      out[axis] = dim;
    }
  }
  return out;
}

Result<BroadcastPlan> PlanBroadcast(std::span<const Shape> shapes) {
  TFLOWER_TRY(const std::vector<int64_t> out, BroadcastShape(shapes));
  BroadcastPlan plan;
  TFLOWER_TRY(plan.size, Count(out));
  plan.operands = static_cast<int>(shapes.size());
  if (plan.size == 0 || out.empty()) {
    plan.rank = 1;
    plan.dims[0] = plan.size;
    return plan;
  }
  plan.rank = static_cast<int>(out.size());
  std::copy(out.begin(), out.end(), plan.dims.begin());
  for (int k = 0; k < plan.operands; ++k) FillStrides(shapes[k], out, plan.strides[k]);
  Collapse(plan);
  return plan;
}

Result<std::vector<int64_t>> SelectConditionShape(Shape condition, Shape x) {
  std::vector<int64_t> shape(condition.begin(), condition.end());
  if (shape.empty() || std::equal(condition.begin(), condition.end(), x.begin(), x.end())) return shape;
  if (shape.size() == 1 && !x.empty() && (shape[0] == x[0] || shape[0] == 1)) {
    shape.resize(x.size(), 1);
    return shape;
  }
  return Error(Code::kInvalidOperand, "a condition of shape " + Text(condition) + " does not choose rows of " + Text(x));
}

}  // namespace tflower::kernels
