// Kernels of the operators with broadcasting: Infer, Prepare and Eval around binary.h and select.h.
#pragma once

#include <cmath>
#include <type_traits>

#include "common/check.h"
#include "elementwise/binary.h"
#include "elementwise/select.h"
#include "elementwise/unary_kernels.h"
#include "gemm/activation.h"

namespace tflower::kernels {

// The result's dtype and the common shape of inputs 0 and 1, which have one dtype.
inline Status InferBinary(const Op& op, OpTypes& out, DType dtype) {
  TFLOWER_TRY(const Shape shape, BroadcastShapes(op.Input(0).dims(), op.Input(1).dims()));
  return SetOutput(out, 0, dtype, shape);
}

inline Result<BroadcastPlan> PlanOf(const Op& op) {
  const std::span<const int64_t> shapes[] = {op.Input(0).dims(), op.Input(1).dims()};
  return PlanBroadcast(shapes);
}

// A fused activation's bounds in T: infinite ones become T's own.
template <class T>
ClampRange<T> RangeOf(const Clamp& clamp) {
  ClampRange<T> range;
  if (std::isfinite(clamp.lo)) range.lo = clamp.lo < 0 && std::is_unsigned_v<T> ? T{0} : static_cast<T>(clamp.lo);
  if (std::isfinite(clamp.hi)) range.hi = static_cast<T>(clamp.hi);
  return range;
}

// OptionsT: the options that hold fused_activation_function, or void.
template <Binary kOp, class OptionsT = void>
struct BinaryKernel {
  BroadcastPlan plan;
  Clamp clamp;

  static Status Infer(const Op& op, OpTypes& out) {
    // Extrema of quantised values are extrema of their bytes: TFLite demands one scale for all operands. Bits are bits.
    constexpr bool kOfBits = kOp == Binary::kBitwiseXor || kOp == Binary::kRightShift;
    if (kOp != Binary::kMaximum && kOp != Binary::kMinimum && !kOfBits) TFLOWER_CHECK(DeclineQuantized(op));
    return InferBinary(op, out, op.HasInput(0) ? op.Input(0).dtype() : DType::kNone);
  }
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_TRY(plan, PlanOf(op));
    if constexpr (!std::is_void_v<OptionsT>) {
      TFLOWER_TRY(clamp, ClampOf(op.Options<OptionsT>().fused_activation_function));
    }
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    Status status = Error(Code::kInternal, "the row lets a type pass that has no form");
    VisitNumeric(op.Input(0).dtype(), [&](auto zero) {
      using T = decltype(zero);
      const T* a = op.Input(0).data<T>();
      const T* b = op.Input(1).data<T>();
      T* out = op.Output(0).mutable_data<T>();
      if constexpr (std::is_same_v<T, float>) status = BinaryF32(kOp, plan, a, b, RangeOf<float>(clamp), out, eval.parallel());
      else if constexpr (!std::is_same_v<T, bool>) status = BinaryPlain<T>(kOp, plan, a, b, RangeOf<T>(clamp), out, eval.parallel());
    });
    return status;
  }
};

template <Comparison kOp>
struct CompareKernel {
  BroadcastPlan plan;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(DeclineQuantized(op));
    return InferBinary(op, out, DType::kBool);
  }
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_TRY(plan, PlanOf(op));
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    VisitNumeric(op.Input(0).dtype(), [&](auto zero) {
      using T = decltype(zero);
      Compare<T>(kOp, plan, op.Input(0).data<T>(), op.Input(1).data<T>(), op.Output(0).mutable_data<bool>(), eval.parallel());
    });
    return Ok();
  }
};

template <Logic kOp>
struct LogicKernel {
  BroadcastPlan plan;

  static Status Infer(const Op& op, OpTypes& out) { return InferBinary(op, out, DType::kBool); }
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_TRY(plan, PlanOf(op));
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    LogicalBinary(kOp, plan, op.Input(0).data<bool>(), op.Input(1).data<bool>(), op.Output(0).mutable_data<bool>(), eval.parallel());
    return Ok();
  }
};

// SELECT (rank-1 conditions choose rows) and SELECT_V2 (all three operands broadcast).
template <bool kVersion2>
struct SelectKernel {
  BroadcastPlan plan;

  static Result<Shape> ConditionShape(const Op& op) {
    if (kVersion2) return Shape(op.Input(0).dims());
    return ForInput(0, "condition", SelectConditionShape(op.Input(0).dims(), op.Input(1).dims()));
  }
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_TRY(const Shape condition, ConditionShape(op));
    const std::span<const int64_t> shapes[] = {condition, op.Input(1).dims(), op.Input(2).dims()};
    TFLOWER_TRY(const Shape shape, BroadcastOf(shapes));
    return SetOutput(out, 0, op.Input(1).dtype(), shape);
  }
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_TRY(const Shape condition, ConditionShape(op));
    const std::span<const int64_t> shapes[] = {condition, op.Input(1).dims(), op.Input(2).dims()};
    TFLOWER_TRY(plan, PlanBroadcast(shapes));
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    const Tensor x = op.Input(1);
    Select(plan, op.Input(0).data<bool>(), x.raw(), op.Input(2).raw(), static_cast<size_t>(ElementBytes(x.dtype())), op.Output(0).mutable_raw(), eval.parallel());
    return Ok();
  }
};

}  // namespace tflower::kernels
