// BROADCAST_ARGS, BROADCAST_TO, TILE: repeating along dimensions.
#pragma once

#include "common/check.h"
#include "common/copy.h"

namespace tflower::kernels {

// The shape to which two shapes broadcast.
struct BroadcastArgs {
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckShapeOperand(op, 0, "shape0"));
    TFLOWER_CHECK(CheckShapeOperand(op, 1, "shape1"));
    return out.Set(0, op.Input(0).dtype(), Shape{std::max(op.Input(0).dim(0), op.Input(1).dim(0))});
  }
  static Status Eval(const Op& op, const EvalContext&) {
    TFLOWER_TRY(const Shape dims, BroadcastShapes(IntsOf(op.Input(0)), IntsOf(op.Input(1))));
    for (int i = 0; i < dims.rank(); ++i) {
      if (op.Input(0).dtype() == DType::kInt64) op.Output(0).mutable_data<int64_t>()[i] = dims[i];
      else op.Output(0).mutable_data<int32_t>()[i] = static_cast<int32_t>(dims[i]);
    }
    return Ok();
  }
};

// The operand repeated along dimensions of size 1 and along new leading ones.
struct BroadcastTo {
  static Result<Shape> OutputShape(const Op& op) {
    const Tensor input = op.Input(0);
    const Shape dims = IntsOf(op.Input(1));
    TFLOWER_TRY([[maybe_unused]] const int64_t count, ForInput(1, "shape", CountElements(dims, input.dtype())));
    const int lead = dims.rank() - input.rank();
    for (int i = 0; i < input.rank(); ++i) {
      if (lead >= 0 && (input.dim(i) == dims[lead + i] || input.dim(i) == 1)) continue;
      return OperandError(Code::kInvalidOperand, 1, "shape",
                          Text(input.dims(), " does not broadcast to ", dims, ": each dimension must stay, or be 1 before"));
    }
    return dims;
  }
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckShapeOperand(op, 1, "shape"));
    if (!Known(op.Input(1))) return out.Unknown(0, op.Input(0).dtype(), static_cast<int>(op.Input(1).dim(0)));
    TFLOWER_TRY(const Shape dims, OutputShape(op));
    return out.Set(0, op.Input(0).dtype(), dims);
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const Tensor input = op.Input(0);
    TFLOWER_TRY(const Shape dims, OutputShape(op));
    TFLOWER_ENSURE_OUTPUT(op, eval, 0, dims);
    const Shape from = StridesOf(input.dims()), to = StridesOf(dims);
    const int lead = dims.rank() - input.rank();
    StridedCopy copy{.element_bytes = ElementBytes(input.dtype())};
    for (int i = 0; i < dims.rank(); ++i) {
      const bool repeated = i < lead || input.dim(i - lead) == 1;
      copy.Add(dims[i], to[i] * copy.element_bytes, repeated ? 0 : from[i - lead] * copy.element_bytes);
    }
    copy.Run(input.raw(), op.Output(0).mutable_raw(), eval.parallel());
    return Ok();
  }
};

// The operand multiples[i] times along dimension i.
struct Tile {
  static Result<Shape> OutputShape(const Op& op) {
    const Tensor input = op.Input(0);
    const Shape multiples = IntsOf(op.Input(1));
    Shape dims;
    for (int i = 0; i < multiples.rank(); ++i) {
      int64_t d = 0;
      if (multiples[i] < 0) return OperandError(Code::kInvalidOperand, 1, "multiples", Text(multiples, ": a multiple must be at least 0"));
      if (__builtin_mul_overflow(input.dim(i), multiples[i], &d))
        return OperandError(Code::kLimit, 1, "multiples", Text(multiples, " times ", input.dims(), " is too large"));
      dims.push_back(d);
    }
    TFLOWER_TRY([[maybe_unused]] const int64_t count, ForInput(1, "multiples", CountElements(dims, input.dtype())));
    return dims;
  }
  static Status Infer(const Op& op, OpTypes& out) {
    if (!Known(op.Input(1))) return out.Unknown(0, op.Input(0).dtype(), op.Input(0).rank());
    TFLOWER_TRY(const Shape dims, OutputShape(op));
    return out.Set(0, op.Input(0).dtype(), dims);
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const Tensor input = op.Input(0);
    TFLOWER_TRY(const Shape dims, OutputShape(op));
    TFLOWER_ENSURE_OUTPUT(op, eval, 0, dims);
    const Shape from = StridesOf(input.dims()), to = StridesOf(dims);
    StridedCopy copy{.element_bytes = ElementBytes(input.dtype())};
    for (int i = 0; i < dims.rank(); ++i) {
      const int64_t d = input.dim(i);
      copy.Add(dims[i] / d, d * to[i] * copy.element_bytes, 0);
      copy.Add(d, to[i] * copy.element_bytes, from[i] * copy.element_bytes);
    }
    copy.Run(input.raw(), op.Output(0).mutable_raw(), eval.parallel());
    return Ok();
  }
};

}  // namespace tflower::kernels
