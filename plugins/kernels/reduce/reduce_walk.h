// Visits the reduced positions behind one output of a ReducePlan; shared by the reference, plain and vector forms.
#pragma once

#include <cstdint>

#include "reduce/reduce.h"

namespace tflower::kernels {

// Strides and outer structure of a plan, computed once per Eval.
class ReduceWalk {
 public:
  struct Run {
    int64_t offset;  // of the first row's first element
    int64_t rows;
    int64_t stride;  // elements from row to row
  };

  explicit ReduceWalk(const ReducePlan& plan) : plan_(plan) {
    int64_t step = 1;
    for (int axis = plan.rank - 1; axis >= 0; --axis) {
      strides_[axis] = step;
      step *= plan.dims[axis];
    }
    for (int axis = FirstOuter(/*reduced=*/true) - 2; axis >= 0; axis -= 2) runs_ *= plan.dims[axis];
  }

  // Length of the innermost dimension.
  int64_t inner() const { return plan_.rank == 0 ? 1 : plan_.dims[plan_.rank - 1]; }

  // Offset of the first input element of kept position `index`, counted over the kept dimensions outside the innermost one.
  int64_t Base(int64_t index) const {
    int64_t offset = 0;
    for (int axis = FirstOuter(/*reduced=*/false); axis >= 0; axis -= 2) {
      offset += index % plan_.dims[axis] * strides_[axis];
      index /= plan_.dims[axis];
    }
    return offset;
  }

  // The reduced positions outside the innermost dimension, as runs() runs of equally spaced rows of inner() elements behind a
  // base. One run in the common case of at most one such dimension.
  int64_t runs() const { return runs_; }
  Run RunAt(int64_t base, int64_t index) const {
    const int axis = FirstOuter(/*reduced=*/true);
    if (axis < 0) return {base, 1, 0};
    for (int a = axis - 2; a >= 0; a -= 2) {
      base += index % plan_.dims[a] * strides_[a];
      index /= plan_.dims[a];
    }
    return {base, plan_.dims[axis], strides_[axis]};
  }

 private:
  // The innermost kept (reduced) dimension that is not the innermost of all; -1 when there is none.
  int FirstOuter(bool reduced) const { return reduced == plan_.inner_reduced ? plan_.rank - 3 : plan_.rank - 2; }

  const ReducePlan& plan_;
  std::array<int64_t, kMaxReduceRank> strides_{};
  int64_t runs_ = 1;
};

}  // namespace tflower::kernels
