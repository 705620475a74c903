// EQUAL and NOT_EQUAL of strings, with broadcasting.
#pragma once

#include "common/strings.h"
#include "elementwise/binary_kernels.h"

namespace tflower::kernels {

template <bool kEqual>
struct StringCompareKernel {
  static Status Infer(const Op& op, OpTypes& out) { return InferBinary(op, out, DType::kBool); }
  static Status Eval(const Op& op, const EvalContext&) {
    TFLOWER_TRY(const PackedStrings a, PackedStrings::Read(op, 0, "left"));
    TFLOWER_TRY(const PackedStrings b, PackedStrings::Read(op, 1, "right"));
    TFLOWER_TRY(const BroadcastPlan plan, PlanOf(op));
    bool* const out = op.Output(0).mutable_data<bool>();
    std::array<int64_t, kMaxBroadcastRank> index{};
    int64_t at_a = 0, at_b = 0;
    for (int64_t i = 0; i < plan.size; ++i) {
      out[i] = (a[at_a] == b[at_b]) == kEqual;
      for (int d = plan.rank - 1; d >= 0; --d) {
        const auto k = static_cast<size_t>(d);
        const int64_t back = ++index[k] < plan.dims[k] ? 0 : plan.dims[k];
        at_a += plan.strides[0][k] * (1 - back);
        at_b += plan.strides[1][k] * (1 - back);
        if (back == 0) break;
        index[k] = 0;
      }
    }
    return Ok();
  }
};

}  // namespace tflower::kernels
