// SPARSE_TO_DENSE: a tensor of one value, but for the elements that are given. Operands: indices [], [n] or [n, rank]; the shape; a value for
// all of them or [n]; the default value. Source: schema; tf.raw_ops.SparseToDense.
#include <algorithm>

#include "common/check.h"
#include "common/copy.h"

namespace tflower::kernels {
namespace {

struct SparseToDense {
  static Status CheckOperands(const Op& op) {
    const Tensor indices = op.Input(0), values = op.Input(2);
    TFLOWER_CHECK(CheckShapeOperand(op, 1, "output_shape"));
    const int64_t rank = op.Input(1).dim(0);
    if ((indices.rank() == 2 ? indices.dim(1) : 1) != rank)
      return OperandError(Code::kUnsupportedShape, 0, "indices", Text("shape ", indices.dims(), " must hold ", rank, " numbers for each element"));
    const int64_t count = indices.rank() == 0 ? 1 : indices.dim(0);
    if (values.rank() == 0 || (values.rank() == 1 && values.dim(0) == count)) return Ok();
    return OperandError(Code::kUnsupportedShape, 2, "values", Text("shape ", values.dims(), " must be [] or [", count, "]"));
  }
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckOperands(op));
    const Tensor shape = op.Input(1);
    if (!Known(shape)) return out.Unknown(0, op.Input(2).dtype(), static_cast<int>(shape.dim(0)));
    return ForInput(1, "output_shape", SetOutput(out, 0, op.Input(2).dtype(), IntsOf(shape)));
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const Shape dims = IntsOf(op.Input(1));
    TFLOWER_ENSURE_OUTPUT(op, eval, 0, dims);
    const Shape strides = StridesOf(dims);
    const Tensor indices = op.Input(0), values = op.Input(2);
    const int64_t element = ElementBytes(values.dtype()), step = values.rank() == 0 ? 0 : element;
    auto* const to = static_cast<std::byte*>(op.Output(0).mutable_raw());
    Fill(op.Input(3).raw(), element, to, Product(dims), eval.parallel());
    const auto* from = static_cast<const std::byte*>(values.raw());
    int64_t count = indices.rank() == 0 ? 1 : indices.dim(0);
    // All name the one place of a scalar: indices without numbers may be any number, one of them is enough for one value.
    if (dims.rank() == 0 && step == 0) count = std::min<int64_t>(count, 1);
    for (int64_t i = 0; i < count; ++i, from += step) {
      int64_t place = 0;
      for (int k = 0; k < dims.rank(); ++k) {
        const int64_t index = IntAt(indices, i * dims.rank() + k);
        if (index < 0 || index >= dims[k])
          return OperandError(Code::kInvalidOperand, 0, "indices", Text("index ", index, " of element ", i, " is outside [0, ", dims[k], ")"));
        place += index * strides[k];
      }
      std::memcpy(to + place * element, from, static_cast<size_t>(element));
    }
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<SparseToDense>(tfl::Builtin::SPARSE_TO_DENSE, {.inputs = {kIndex, kIndex, kPlain, kPlain}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(sparse_to_dense, kRows);
}  // namespace tflower::kernels
