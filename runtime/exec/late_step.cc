// Late steps: the same path as planning, one operator at a time, with its state kept while shapes stay the same.
#include "late_step.h"

#include <algorithm>
#include <cstring>

#include "../plan/operand_checks.h"
#include "one_op.h"
#include "sdk/schema/contract.h"
#include "small_array.h"

namespace tflower::runtime {
namespace {

OneOp MakeOneOp(const Plan& plan, const Step& step) {
  OneOp one;
  one.kernel = step.late->row;
  one.code = step.op.code;
  one.version = step.op.version;
  one.custom_code = step.view->custom_code;
  one.options = step.op.options;
  one.inputs = {step.op.inputs, step.op.num_inputs};
  one.num_outputs = step.op.num_outputs;
  one.name = NameOf(*plan.subgraph, *step.view);
  return one;
}

Status SetOutputs(Plan& plan, const Step& step, std::span<const TensorType> types, uint64_t max_bytes) {
  for (size_t i = 0; i < types.size(); ++i) {
    const size_t t = static_cast<size_t>(step.view->outputs[i]);
    TFLOWER_CHECK(CheckDtype(*plan.subgraph, t, types[i].dtype));
    TensorType known = types[i];
    std::replace_if(known.dims, known.dims + known.rank, [](int64_t dim) { return dim < 0; }, int64_t{0});
    TFLOWER_CHECK(SetHeapTensor(plan, t, known,
                                IsStatic(types[i]) ? ByteSize(known.dtype, Shape(known)).value_or(UINT64_MAX) : 0,
                                nullptr, max_bytes));
    plan.tensors[t].flags = (IsStatic(types[i]) ? 0 : TFLOWER_TENSOR_DYNAMIC) | (plan.subgraph->tensors[t].filled ? TFLOWER_TENSOR_VARIABLE : 0);
    plan.heap_of[t]->resized = IsStatic(types[i]);
  }
  return Ok();
}

// Types of inputs, then of outputs; absent operands have the empty type.
std::vector<TensorType> OperandTypes(const Step& step, std::span<const TensorType> outputs) {
  std::vector<TensorType> types;
  types.reserve(step.op.num_inputs + outputs.size());
  for (uint32_t i = 0; i < step.op.num_inputs; ++i) {
    const tflower_tensor* input = step.op.inputs[i];
    types.push_back(input == nullptr ? EmptyType() : MakeType(input->dtype, Shape(*input)));
  }
  types.insert(types.end(), outputs.begin(), outputs.end());
  return types;
}

Status PrepareLate(Plan& plan, Step& step, EvalContext& context, SharedConstants& shared, uint64_t max_bytes) {
  const OpName name = NameOf(*plan.subgraph, *step.view);
  // Prepare sees contents of constants only: what it read from others would not hold for the next call.
  SmallArray<tflower_tensor, 16> tensors(step.op.num_inputs);
  SmallArray<const tflower_tensor*, 16> inputs(step.op.num_inputs);
  for (uint32_t i = 0; i < step.op.num_inputs; ++i) {
    if (step.op.inputs[i] == nullptr) continue;
    tensors[i] = *step.op.inputs[i];
    if ((tensors[i].flags & TFLOWER_TENSOR_CONSTANT) == 0) tensors[i].data = nullptr;
    inputs[i] = &tensors[i];
  }
  tflower_op op = step.op;
  op.inputs = inputs.data();
  TFLOWER_CHECK(step.kernel.Prepare(*step.late->row, context, op, name));
  TFLOWER_CHECK(step.kernel.Pack(context, op, name, step.constants_shared ? &shared : nullptr,
                                 {plan.subgraph_index, step.index}, max_bytes));
  const uint64_t scratch = step.kernel.scratch_bytes();
  if (scratch > max_bytes || !step.late->scratch.Reserve(scratch)) {
    return Error(Code::kLimit, "no memory for " + std::to_string(scratch) + " bytes of scratch")
        .Op(name.op)
        .Node(name.node);
  }
  return Ok();
}

// By the first candidate that does not decline.
Status InferLate(OneOp& one, LateState& late, EvalContext& context, std::span<TensorType> types) {
  for (;;) {
    one.kernel = late.row;
    auto status = InferOp(one, context, types);
    if (status.ok() || status.error().code != Code::kDeclined) return status;
    if (late.others.empty()) {
      status.error().code = Code::kMissingKernel;
      return status;
    }
    late.row = late.others.front();
    late.others.erase(late.others.begin());
  }
}

}  // namespace

Status CheckResized(const Step& step) {
  for (size_t i = 0; i < step.dynamic.size(); ++i) {
    if (step.dynamic[i] == nullptr || step.dynamic[i]->resized) continue;
    return Error(Code::kPluginAbi, "the kernel left the output without a shape").What("output " + std::to_string(i));
  }
  return Ok();
}

Status SetHeapTensor(Plan& plan, size_t tensor, const TensorType& type, uint64_t bytes, const void* data,
                     uint64_t max_bytes) {
  DynamicOutput& slot = *plan.heap_of[tensor];
  if (bytes > max_bytes || !slot.data.Reserve(bytes)) {
    return Error(Code::kLimit, "no memory for " + TypeText(type)).Node(plan.subgraph->tensors[tensor].name);
  }
  std::ranges::copy(Shape(type), slot.dims.begin());
  tflower_tensor& to = plan.tensors[tensor];
  to.rank = type.rank;
  to.dims = slot.dims.data();
  to.data = slot.data.data();
  to.size_bytes = bytes;
  if (data != nullptr && bytes != 0) std::memcpy(to.data, data, bytes);
  return Ok();
}

Status RunLateStep(Plan& plan, Step& step, EvalContext& context, SharedConstants& shared, uint64_t max_bytes) {
  OneOp one = MakeOneOp(plan, step);
  SmallArray<DeclaredOutput, 8> declared(one.num_outputs);
  for (uint32_t i = 0; i < one.num_outputs; ++i) declared[i] = Declared(*plan.subgraph, step.view->outputs[i]);
  one.declared = declared.span();
  SmallArray<TensorType, 4> types(one.num_outputs);
  TFLOWER_CHECK(InferLate(one, *step.late, context, types.span()));
  TFLOWER_CHECK(SetOutputs(plan, step, types.span(), max_bytes));
  if (tfl::ComputesNothing(*step.late->row, types.span())) return Ok();
  std::vector<TensorType> operands = OperandTypes(step, types.span());
  const bool same = step.kernel.kernel() != nullptr && std::ranges::equal(operands, step.late->operands, SameType);
  if (!same) {
    step.late->operands.clear();  // what fails now must not pass for prepared later
    TFLOWER_CHECK(PrepareLate(plan, step, context, shared, max_bytes));
    step.late->operands = std::move(operands);
  }
  const tflower_status status = context.Eval(*step.late->row, step.op, step.dynamic, step.kernel.state(), step.kernel.packed(),
                                             step.late->scratch.data());
  if (status != TFLOWER_OK) return context.TakeError(status, one.name, "eval");
  return CheckResized(step);
}

}  // namespace tflower::runtime
