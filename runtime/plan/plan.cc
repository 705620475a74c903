// Prepared kernels, and pointing a plan at its arena.
#include "plan.h"

#include <algorithm>

#include "../model/check_contracts.h"

namespace tflower::runtime {

void PreparedKernel::Release() {
  if (prepared_ok_ && kernel_->release != nullptr) kernel_->release(kernel_, prepared_.state);
  prepared_ok_ = false;
  prepared_ = {};
  packed_ = nullptr;
  own_packed_.Free();
}

Status PreparedKernel::Prepare(const tflower_kernel& kernel, EvalContext& context, const tflower_op& op,
                               const OpName& name) {
  Release();
  kernel_ = &kernel;
  prepared_.struct_size = sizeof(tflower_prepared);
  if (kernel.prepare == nullptr) return Ok();
  context.Begin();
  const tflower_status status = kernel.prepare(&kernel, &context, &op, &prepared_);
  if (status != TFLOWER_OK) {
    prepared_ = {};
    return context.TakeError(status, name, "prepare");
  }
  prepared_ok_ = true;
  if (const tflower_status finished = context.Finish(status); finished != TFLOWER_OK) return context.TakeError(finished, name, "prepare");
  return Ok();
}

Status PreparedKernel::Pack(EvalContext& context, const tflower_op& op, const OpName& name, SharedConstants* shared,
                            OperatorId id, uint64_t max_bytes) {
  const uint64_t bytes = packed_bytes();
  if (bytes == 0) return Ok();
  if (bytes > max_bytes) {
    return Error(Code::kLimit, "asks for " + std::to_string(bytes) + " bytes of packed weights; the limit is " +
                                   std::to_string(max_bytes))
        .Op(name.op)
        .Node(name.node);
  }
  const auto fill = [&](void* memory) -> Status {
    context.Begin();
    const tflower_status status = context.Finish(kernel_->pack(kernel_, &context, &op, prepared_.state, memory));
    if (status != TFLOWER_OK) return context.TakeError(status, name, "pack");
    return Ok();
  };
  if (shared != nullptr) {
    TFLOWER_TRY(packed_, shared->Packed(id, prepared_.packed_key, bytes, fill));
    return Ok();
  }
  if (!own_packed_.Reserve(bytes))
    return Error(Code::kLimit, "no memory for packed weights").Op(name.op).Node(name.node);
  packed_ = own_packed_.data();
  return fill(own_packed_.data());
}

void Plan::Bind(std::byte* arena) {
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (places[i] == Place::kArena) tensors[i].data = arena + block_offsets[static_cast<size_t>(blocks[i])];
  }
  for (size_t i = 0; i < steps.size(); ++i) steps[i].scratch = arena + scratch_offsets[i];
}

uint64_t Plan::OwnPackedBytes() const {
  uint64_t bytes = 0;
  for (const Step& step : steps) bytes += step.kernel.own_packed_bytes();
  return bytes;
}

OpName NameOf(const SubgraphView& subgraph, const OperatorView& op) {
  if (op.outputs.empty()) return {op.name, {}};
  return {op.name, subgraph.tensors[static_cast<size_t>(op.outputs[0])].name};
}

DeclaredOutput Declared(const SubgraphView& subgraph, int32_t tensor) {
  const TensorView& view = subgraph.tensors[static_cast<size_t>(tensor)];
  return {view.dtype, view.quant.scale.data(), view.quant.zero_point.data(),
          static_cast<uint32_t>(view.quant.scale.size()), view.quant.axis, view.shape};
}

Error LocateError(Error error, const Plan& plan, uint32_t index) {
  const OperatorView& op = plan.subgraph->operators[index];
  const OpName name = NameOf(*plan.subgraph, op);
  const bool inner = std::ranges::any_of(error.notes, [](const std::string& note) { return note.starts_with("operator "); });  // of a body that this one runs
  if (!inner) error = NameOperand(std::move(error), *plan.subgraph, op);
  if (error.op.empty()) error.op = name.op;
  if (error.node.empty()) error.node = name.node;
  return std::move(error).Note("operator " + std::to_string(index) + " of subgraph " +
                               std::to_string(plan.subgraph_index));
}

}  // namespace tflower::runtime
