// DYNAMIC_UPDATE_SLICE: a copy of operand with a box at start_indices overwritten by update.
#include "common/check.h"
#include "common/copy.h"
#include "common/on_int4.h"

namespace tflower::kernels {
namespace {

// Operands: operand, update (of the same rank, no larger), start_indices [rank]. Starts are moved so that the box lies inside.
struct DynamicUpdateSlice {
  static Status Infer(const Op& op, OpTypes& out) {
    const Tensor operand = op.Input(0), update = op.Input(1);
    for (int i = 0; i < operand.rank(); ++i) {
      if (update.dim(i) <= operand.dim(i)) continue;
      return OperandError(Code::kUnsupportedShape, 1, "update",
                          Text("shape ", update.dims(), " must not exceed ", operand.dims(), " in any dimension"));
    }
    return out.SameAs(0, operand);
  }
  // The output may share memory with any operand of its size. So start_indices are read first, and an update of that size, which then is
  // all of the output, is copied alone.
  static Status Eval(const Op& op, const EvalContext& eval) {
    const Tensor operand = op.Input(0), update = op.Input(1), output = op.Output(0);
    Shape start = IntsOf(op.Input(2));
    for (int i = 0; i < start.rank(); ++i) start[i] = std::clamp<int64_t>(start[i], 0, operand.dim(i) - update.dim(i));
    if (update.num_elements() == operand.num_elements()) {
      CopyBytes(update.raw(), output.mutable_raw(), static_cast<int64_t>(output.size_bytes()), eval.parallel());
      return Ok();
    }
    CopyBytes(operand.raw(), output.mutable_raw(), static_cast<int64_t>(output.size_bytes()), eval.parallel());
    const Shape from = StridesOf(update.dims()), to = StridesOf(output.dims());
    StridedCopy copy{.element_bytes = ElementBytes(operand.dtype())};
    int64_t at = 0;
    for (int i = 0; i < start.rank(); ++i) {
      copy.Add(update.dim(i), to[i] * copy.element_bytes, from[i] * copy.element_bytes);
      at += start[i] * to[i] * copy.element_bytes;
    }
    if (update.num_elements() > 0) copy.Run(update.raw(), output.mutable_data<std::byte>() + at, eval.parallel());
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<DynamicUpdateSlice>(tfl::Builtin::DYNAMIC_UPDATE_SLICE,
                               {.inputs = {kPlain, kPlain, kIndex}, .flags = TFLOWER_KERNEL_IN_PLACE}),
    Kernel<OnInt4<DynamicUpdateSlice>>(tfl::Builtin::DYNAMIC_UPDATE_SLICE, {.inputs = {kInt4, kInt4, kIndex}, .outputs = {kInt4}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(dynamic_update_slice, kRows);
}  // namespace tflower::kernels
