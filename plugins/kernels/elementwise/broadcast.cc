// Shapes and collapsed plans of broadcast operators.
#include "elementwise/broadcast.h"

#include <algorithm>
#include <string>

namespace tflower::kernels {
namespace {

using Dims = std::span<const int64_t>;

// Dimension `axis` of a shape that is aligned at the right of `rank` dimensions.
int64_t Aligned(Dims shape, size_t axis, size_t rank) {
  const size_t missing = rank - shape.size();
  return axis < missing ? 1 : shape[axis - missing];
}

// Row-major strides of one operand over the output, 0 where it repeats.
void FillStrides(Dims shape, Dims out, std::array<int64_t, kMaxBroadcastRank>& strides) {
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

Result<Shape> BroadcastOf(std::span<const Dims> shapes) {
  Shape out;
  for (const Dims shape : shapes) {
    TFLOWER_TRY(out, BroadcastShapes(out, shape));
  }
  return out;
}

Result<BroadcastPlan> PlanBroadcast(std::span<const Dims> shapes) {
  TFLOWER_TRY(const Shape out, BroadcastOf(shapes));
  BroadcastPlan plan;
  TFLOWER_TRY(plan.size, CountElements(out));
  plan.operands = static_cast<int>(shapes.size());
  if (plan.size == 0 || out.empty()) {
    plan.rank = 1;
    plan.dims[0] = plan.size;
    return plan;
  }
  plan.rank = out.rank();
  std::copy(out.begin(), out.end(), plan.dims.begin());
  for (int k = 0; k < plan.operands; ++k) FillStrides(shapes[static_cast<size_t>(k)], out, plan.strides[k]);
  Collapse(plan);
  return plan;
}

Result<Shape> SelectConditionShape(Dims condition, Dims x) {
  if (condition.empty() || std::equal(condition.begin(), condition.end(), x.begin(), x.end())) return Shape(condition);
  if (condition.size() == 1 && !x.empty() && (condition[0] == x[0] || condition[0] == 1)) {
    Shape shape = Shape::Filled(static_cast<int>(x.size()), 1);
    shape[0] = condition[0];
    return shape;
  }
  return Error(Code::kUnsupportedShape, "a condition of shape " + TextOf(condition) + " does not choose rows of " + TextOf(x));
}

}  // namespace tflower::kernels
