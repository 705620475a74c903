// Rows of ADD_N on float32 and int32: any number of operands of one shape.
#include "add_n/add_n.h"

#include "common/check.h"

namespace tflower::kernels {
namespace {

Status CheckOperand(const Op& op, int i) {
  const Tensor first = op.Input(0), x = op.Input(i);
  if (std::equal(x.dims().begin(), x.dims().end(), first.dims().begin(), first.dims().end())) return Ok();
  return OperandError(Code::kUnsupportedShape, i, "addend", Text("shape ", x.dims(), " must be that of input 0, ", first.dims(), ": ADD_N does not broadcast"));
}

template <class T, void (*kAdd)(std::span<const T* const>, size_t, T*, const Parallel&)>
struct AddN {
  static Status Infer(const Op& op, OpTypes& out) {
    for (int i = 0; i < op.num_inputs(); ++i) TFLOWER_CHECK(CheckOperand(op, i));
    return out.SameAs(0, op.Input(0));
  }
  // Scratch: where the operands are.
  Status Prepare(const Op& op, PrepareContext& want) {
    want.Scratch(static_cast<uint64_t>(op.num_inputs()) * sizeof(const T*));
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    const size_t count = static_cast<size_t>(op.num_inputs());
    const T** operands = eval.scratch<const T*>();
    for (size_t i = 0; i < count; ++i) operands[i] = op.Input(static_cast<int>(i)).template data<T>();
    kAdd(std::span<const T* const>(operands, count), static_cast<size_t>(op.Output(0).num_elements()), op.Output(0).template mutable_data<T>(), eval.parallel());
    return Ok();
  }
};

template <class T, void (*kAdd)(std::span<const T* const>, size_t, T*, const Parallel&)>
constexpr tflower_kernel Row(DTypeSet type) {
  return Kernel<AddN<T, kAdd>>(tfl::Builtin::ADD_N, {.inputs = {type, type, type, type, type, type, type, type}, .outputs = {type}, .flags = TFLOWER_KERNEL_IN_PLACE});
}

constexpr tflower_kernel kRows[] = {Row<float, AddNF32>(kF32), Row<int32_t, AddNI32>(kI32)};

}  // namespace
TFLOWER_KERNEL_FAMILY(add_n, kRows);
}  // namespace tflower::kernels
