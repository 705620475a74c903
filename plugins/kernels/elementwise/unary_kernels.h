// Kernels of the unary operators: Infer and Eval around unary.h.
#pragma once

#include "common/check.h"
#include "elementwise/unary.h"

namespace tflower::kernels {

inline Status InferUnary(const Op& op, OpTypes& out) {
  TFLOWER_CHECK(DeclineQuantized(op));
  return out.SameAs(0, op.Input(0));
}

template <Unary kOp>
struct UnaryKernel {
  static Status Infer(const Op& op, OpTypes& out) { return InferUnary(op, out); }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const Tensor x = op.Input(0), y = op.Output(0);
    const size_t n = static_cast<size_t>(x.num_elements());
    switch (x.dtype()) {
      case DType::kFloat32: UnaryF32(kOp, x.data<float>(), n, 0, y.mutable_data<float>(), eval.parallel()); return Ok();
      case DType::kInt8: UnaryInt(kOp, x.data<int8_t>(), n, y.mutable_data<int8_t>(), eval.parallel()); return Ok();
      case DType::kInt16: UnaryInt(kOp, x.data<int16_t>(), n, y.mutable_data<int16_t>(), eval.parallel()); return Ok();
      case DType::kInt32: UnaryInt(kOp, x.data<int32_t>(), n, y.mutable_data<int32_t>(), eval.parallel()); return Ok();
      case DType::kInt64: UnaryInt(kOp, x.data<int64_t>(), n, y.mutable_data<int64_t>(), eval.parallel()); return Ok();
      default: return Error(Code::kInternal, "the row lets a type pass that has no form");
    }
  }
};

struct LeakyReluKernel {
  static Status Infer(const Op& op, OpTypes& out) { return InferUnary(op, out); }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const float alpha = op.Options<tfl::LeakyReluOptions>().alpha;
    const Tensor x = op.Input(0);
    UnaryF32(Unary::kLeakyRelu, x.data<float>(), static_cast<size_t>(x.num_elements()), alpha, op.Output(0).mutable_data<float>(), eval.parallel());
    return Ok();
  }
};

struct GeluKernel {
  static Status Infer(const Op& op, OpTypes& out) { return InferUnary(op, out); }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const Unary form = op.Options<tfl::GeluOptions>().approximate ? Unary::kGeluTanh : Unary::kGeluErf;
    const Tensor x = op.Input(0);
    UnaryF32(form, x.data<float>(), static_cast<size_t>(x.num_elements()), 0, op.Output(0).mutable_data<float>(), eval.parallel());
    return Ok();
  }
};

// SIGN of double; NaN stays NaN.
struct SignDoubleKernel {
  static Status Infer(const Op& op, OpTypes& out) { return InferUnary(op, out); }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const double* const x = op.Input(0).data<double>();
    double* const y = op.Output(0).mutable_data<double>();
    eval.parallel().For(op.Input(0).num_elements(), 16 * 1024, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) y[i] = x[i] > 0 ? 1 : x[i] < 0 ? -1 : x[i];
    });
    return Ok();
  }
};

struct LogicalNotKernel {
  static Status Infer(const Op& op, OpTypes& out) { return InferUnary(op, out); }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const Tensor x = op.Input(0);
    LogicalNot(x.data<bool>(), static_cast<size_t>(x.num_elements()), op.Output(0).mutable_data<bool>(), eval.parallel());
    return Ok();
  }
};

}  // namespace tflower::kernels
