// TRANSPOSE: output dimension i is input dimension perm[i]. Any rank up to 16; joined dimensions and the 2-D core are StridedCopy's.
#include "common/check.h"
#include "common/copy.h"
#include "common/on_int4.h"

namespace tflower::kernels {
namespace {

// perm as a permutation of [0, rank); negative entries count from the end.
Result<Shape> ReadPermutation(const Op& op) {
  const int rank = op.Input(0).rank();
  const Shape raw = IntsOf(op.Input(1));
  Shape perm;
  bool seen[kMaxRank] = {};
  for (const int64_t p : raw) {
    TFLOWER_TRY(const int axis, ForInput(1, "perm", NormalizeAxis(p, rank)));
    if (seen[axis]) return OperandError(Code::kInvalidOperand, 1, "perm", Text(raw, " is not a permutation: axis ", axis, " occurs twice"));
    seen[axis] = true;
    perm.push_back(axis);
  }
  return perm;
}

struct Transpose {
  static Status Infer(const Op& op, OpTypes& out) {
    const Tensor input = op.Input(0);
    if (!Known(op.Input(1))) return out.Unknown(0, input.dtype(), input.rank());
    TFLOWER_TRY(const Shape perm, ReadPermutation(op));
    Shape dims;
    for (const int64_t p : perm) dims.push_back(input.dim(static_cast<int>(p)));
    return out.Set(0, input.dtype(), dims);
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const Tensor input = op.Input(0);
    TFLOWER_TRY(const Shape perm, ReadPermutation(op));
    Shape dims;
    for (const int64_t p : perm) dims.push_back(input.dim(static_cast<int>(p)));
    TFLOWER_ENSURE_OUTPUT(op, eval, 0, dims);
    const Shape from = StridesOf(input.dims()), to = StridesOf(dims);
    StridedCopy copy{.element_bytes = ElementBytes(input.dtype())};
    for (int i = 0; i < perm.rank(); ++i) {
      copy.Add(dims[i], to[i] * copy.element_bytes, from[static_cast<int>(perm[i])] * copy.element_bytes);
    }
    copy.Run(input.raw(), op.Output(0).mutable_raw(), eval.parallel());
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<Transpose>(tfl::Builtin::TRANSPOSE, {.inputs = {kPlain, kI32}}),
    Kernel<OnInt4<Transpose>>(tfl::Builtin::TRANSPOSE, {.inputs = {kInt4, kI32}, .outputs = {kInt4}}),
    Kernel<OnInt4<Transpose>>(tfl::Builtin::TRANSPOSE, {.inputs = {kUInt4, kI32}, .outputs = {kUInt4}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(transpose, kRows);
}  // namespace tflower::kernels
