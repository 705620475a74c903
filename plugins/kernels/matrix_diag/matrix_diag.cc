// MATRIX_DIAG and MATRIX_SET_DIAG: main diagonals of the matrices in the last two dimensions.
#include "common/check.h"
#include "common/copy.h"

namespace tflower::kernels {
namespace {

// Writes diagonal [..., min(rows, cols)] to the matrices [..., rows, cols] of output.
void WriteDiagonals(const Tensor& diagonal, const Tensor& output, const Parallel& parallel) {
  const int64_t element = ElementBytes(output.dtype()), rows = output.dim(-2), cols = output.dim(-1), n = std::min(rows, cols);
  StridedCopy copy{.element_bytes = element};
  copy.Add(Product(output.dims(), 0, output.rank() - 2), rows * cols * element, n * element);
  copy.Add(n, (cols + 1) * element, element);
  copy.Run(diagonal.raw(), output.mutable_raw(), parallel);
}

// [..., n] -> [..., n, n], zero beside the diagonal.
struct MatrixDiag {
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckRank(op, 0, "diagonal", 1, kMaxRank - 1));
    Shape dims(op.Input(0).dims());
    dims.push_back(op.Input(0).dim(-1));
    return SetOutput(out, 0, op.Input(0).dtype(), dims);
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const uint8_t zero = 0;
    Fill(&zero, 1, op.Output(0).mutable_raw(), static_cast<int64_t>(op.Output(0).size_bytes()), eval.parallel());
    WriteDiagonals(op.Input(0), op.Output(0), eval.parallel());
    return Ok();
  }
};

// A copy of input [..., rows, cols] with the diagonal [..., min(rows, cols)].
struct MatrixSetDiag {
  static Status Infer(const Op& op, OpTypes& out) {
    const Tensor input = op.Input(0), diagonal = op.Input(1);
    Shape wanted(input.dims().first(input.dims().size() - 2));
    wanted.push_back(std::min(input.dim(-2), input.dim(-1)));
    if (!(Shape(diagonal.dims()) == wanted)) {
      return OperandError(Code::kUnsupportedShape, 1, "diagonal",
                          Text("shape ", diagonal.dims(), " must be ", wanted, " for input ", input.dims()));
    }
    return out.SameAs(0, input);
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    CopyBytes(op.Input(0).raw(), op.Output(0).mutable_raw(), static_cast<int64_t>(op.Input(0).size_bytes()), eval.parallel());
    WriteDiagonals(op.Input(1), op.Output(0), eval.parallel());
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<MatrixDiag>(tfl::Builtin::MATRIX_DIAG, {.inputs = {kPlain}}),
    Kernel<MatrixSetDiag>(tfl::Builtin::MATRIX_SET_DIAG, {.inputs = {kPlain, kPlain}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(matrix_diag, kRows);
}  // namespace tflower::kernels
