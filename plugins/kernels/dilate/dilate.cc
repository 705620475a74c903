// DILATE: elements moved apart, with a padding value between them. Source: TFLite schema.
#include "common/check.h"
#include "common/copy.h"

namespace tflower::kernels {
namespace {

// Operands: input, dilations [rank], padding value -> each dimension d with elements becomes (d - 1) * dilation + 1.
struct Dilate {
  static Result<Shape> OutputShape(const Op& op) {
    Shape dims(op.Input(0).dims());
    for (int i = 0; i < dims.rank(); ++i) {
      const int64_t by = IntAt(op.Input(1), i);
      if (by < 1 || by > INT32_MAX) return OperandError(Code::kInvalidOperand, 1, "dilations", Text("entry ", i, " = ", by, " must be from 1 to ", INT32_MAX));
      if (dims[i] > INT32_MAX) return OperandError(Code::kUnsupportedShape, 0, "input", Text("dimension ", dims[i], " is above ", INT32_MAX));
      if (dims[i] > 0) dims[i] = (dims[i] - 1) * by + 1;
    }
    return dims;
  }
  static Status Infer(const Op& op, OpTypes& out) {
    if (!Known(op.Input(1))) return out.Unknown(0, op.Input(0).dtype(), op.Input(0).rank());
    TFLOWER_TRY(const Shape dims, OutputShape(op));
    return SetOutput(out, 0, op.Input(0).dtype(), dims);
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    TFLOWER_TRY(const Shape dims, OutputShape(op));
    TFLOWER_ENSURE_OUTPUT(op, eval, 0, dims);
    const Tensor input = op.Input(0), output = op.Output(0);
    const int64_t element = ElementBytes(input.dtype());
    Fill(op.Input(2).raw(), element, output.mutable_raw(), output.num_elements(), eval.parallel());
    StridedCopy copy{.element_bytes = element};
    for (int i = 0; i < input.rank(); ++i) {
      copy.Add(input.dim(i), IntAt(op.Input(1), i) * Product(dims, i + 1, dims.rank()) * element, Product(input.dims(), i + 1, input.rank()) * element);
    }
    copy.Run(input.raw(), output.mutable_raw(), eval.parallel());
    return Ok();
  }
};

constexpr DTypeSet kAmounts = Types({DType::kInt32, DType::kInt64});
constexpr tflower_kernel kRows[] = {Kernel<Dilate>(tfl::Builtin::DILATE, {.inputs = {kPlain, kAmounts, kPlain}})};

}  // namespace
TFLOWER_KERNEL_FAMILY(dilate, kRows);
}  // namespace tflower::kernels
