// MakePlan: walks the operators in order; each becomes a constant, a view, or a step.
#include <algorithm>

#include "../exec/host_ops.h"
#include "../exec/one_op.h"
#include "../exec/small_array.h"
#include "find_kernel.h"
#include "operand_checks.h"
#include "pack.h"
#include "plan.h"
#include "sdk/schema/contract.h"
#include "storage.h"
#include "tensor_table.h"

namespace tflower::runtime {
namespace {

constexpr uint32_t kMaxCandidates = 64;  // kernels of one operator that may decline

class Planner {
 public:
  explicit Planner(const PlanRequest& request)
      : request_(request),
        subgraph_(request.model->subgraphs()[request.subgraph]),
        plan_(std::make_unique<Plan>()),
        tensors_(subgraph_, *plan_, *request.shared, request.max_bytes),
        context_(request.pool, request.max_bytes, nullptr, request.stop),
        storage_(subgraph_, *plan_, request.keep_tensors),
        readers_(subgraph_.tensors.size()) {
    for (const OperatorView& op : subgraph_.operators) {
      for (const int32_t input : op.inputs)
        if (input >= 0) ++readers_[static_cast<size_t>(input)];
    }
    for (const int32_t output : subgraph_.outputs) ++readers_[static_cast<size_t>(output)];
  }

  Result<std::unique_ptr<Plan>> Run() {
    MakeRoom();
    TFLOWER_CHECK(tensors_.AddSources());
    for (size_t i = 0; i < subgraph_.inputs.size(); ++i)
      TFLOWER_CHECK(AddInput(subgraph_.inputs[i], request_.inputs[i]));
    for (uint32_t i = 0; i < subgraph_.operators.size(); ++i) {
      auto status = PlanOperator(i);
      if (!status.ok()) return Blame(LocateError(std::move(status.error()), *plan_, i));
    }
    TFLOWER_CHECK(PackAll(*plan_, request_, context_));
    TFLOWER_CHECK(storage_.Finish(request_.max_bytes));
    return std::move(plan_);
  }

 private:
  void MakeRoom() {
    Plan& plan = *plan_;
    plan.subgraph = &subgraph_;
    plan.subgraph_index = request_.subgraph;
    size_t operands = 0, outputs = 0, intermediates = 0;
    for (const OperatorView& op : subgraph_.operators) {
      operands += 2 * (op.inputs.size() + op.outputs.size());  // twice: also in a step that was fused with the one before
      outputs += op.outputs.size();
      intermediates += op.intermediates.size();
    }
    plan.intermediate_ptrs.reserve(intermediates);
    plan.operands.reserve(operands);  // steps point into these, so they must never move
    plan.dynamic.reserve(outputs);
    plan.steps.reserve(subgraph_.operators.size());
  }

  // A kernel's refusal, when nobody but the file has said what the operator is given, is the file's contradiction.
  Error Blame(Error error) const {
    const bool refusal = error.code == Code::kUnsupportedShape || error.code == Code::kInvalidOperand;
    const auto fixed = [&](int32_t input) {
      return std::ranges::none_of(subgraph_.tensors[static_cast<size_t>(input)].signature, [](int32_t dim) { return dim < 0; });
    };
    if (refusal && std::ranges::all_of(subgraph_.inputs, fixed)) error.code = Code::kInvalidGraph;
    return error;
  }

  Status AddInput(int32_t input, const TensorType& type) {
    if (!IsStatic(type)) {
      tensors_.SetHeap(static_cast<size_t>(input), type);
      return Ok();
    }
    TFLOWER_CHECK(tensors_.SetStatic(static_cast<size_t>(input), type));
    storage_.AddInput(input);
    return Ok();
  }

  Status PlanOperator(uint32_t index) {
    const OperatorView& op = subgraph_.operators[index];
    if (request_.stop != nullptr && request_.stop->Requested()) return request_.stop->Why();
    TFLOWER_CHECK(CheckOperands(subgraph_, op));
    if (IsHostOp(op.code)) return PlanHost(index, op);
    Error declined;
    const size_t operands = plan_->operands.size(), outputs = plan_->dynamic.size(), intermediates = plan_->intermediate_ptrs.size();  // there is room for one try only
    for (uint32_t skip = 0; skip < kMaxCandidates; ++skip) {
      auto found = FindKernel(*request_.kernels, subgraph_, op, skip);
      if (!found.ok()) return skip == 0 ? std::move(found.error()) : NobodyTakes(std::move(declined));
      auto status = TryKernel(index, op, *found.value().row, skip);
      if (status.ok() || status.error().code != Code::kDeclined) return status;
      declined = std::move(status.error());
      plan_->operands.resize(operands);
      plan_->dynamic.resize(outputs);
      plan_->intermediate_ptrs.resize(intermediates);
    }
    return NobodyTakes(std::move(declined));
  }
  // The last candidate's words, as what they mean for the model.
  static Error NobodyTakes(Error declined) {
    declined.code = Code::kMissingKernel;
    return declined;
  }

  // kernel: the candidate behind `skip` others.
  Status TryKernel(uint32_t index, const OperatorView& op, const tflower_kernel& kernel, uint32_t skip) {
    const Constness constness = FillsVariable(op) ? Constness::kNo : ConstnessOf(op);
    if (constness != Constness::kNo && (kernel.flags & TFLOWER_KERNEL_IMPURE) == 0)
      return Fold(index, op, kernel, constness);
    for (const int32_t input : op.inputs) {
      if (input >= 0 && !IsStatic(tensors_.type(static_cast<size_t>(input)))) return PlanLate(index, op, kernel, skip);
    }
    return PlanKernel(index, op, kernel);
  }

  // Its result is the state of another operator, which changes it.
  bool FillsVariable(const OperatorView& op) const {
    return std::ranges::any_of(op.outputs, [&](int32_t output) { return subgraph_.tensors[static_cast<size_t>(output)].filled; });
  }

  // Of what the operator computes. SHAPE and RANK read types, not contents.
  Constness ConstnessOf(const OperatorView& op) const {
    const bool reads_nothing = std::ranges::all_of(op.inputs, [](int32_t input) { return input < 0; });
    if (reads_nothing || op.outputs.empty()) return Constness::kNo;
    Constness least = Constness::kModel;
    for (const int32_t input : op.inputs) {
      if (input >= 0) least = std::min(least, tensors_.constness(static_cast<size_t>(input)));
    }
    const bool reads_types =
        op.code == static_cast<int32_t>(tfl::Builtin::SHAPE) || op.code == static_cast<int32_t>(tfl::Builtin::RANK);
    if (least == Constness::kNo && reads_types && IsStatic(tensors_.type(static_cast<size_t>(op.inputs[0]))))
      return Constness::kPlan;
    return least;
  }

  OneOp MakeOneOp(const OperatorView& op, const tflower_kernel& kernel, std::span<const tflower_tensor* const> inputs,
                  std::span<DeclaredOutput> declared) const {
    for (size_t i = 0; i < declared.size(); ++i) declared[i] = Declared(subgraph_, op.outputs[i]);
    OneOp one;
    one.kernel = &kernel;
    one.code = op.code;
    one.version = op.version;
    one.custom_code = op.custom_code;
    one.options = op.options;
    one.inputs = inputs;
    one.num_outputs = static_cast<uint32_t>(op.outputs.size());
    one.declared = declared;
    one.name = NameOf(subgraph_, op);
    return one;
  }

  void GatherInputs(const OperatorView& op, std::span<const tflower_tensor*> inputs) const {
    for (size_t i = 0; i < inputs.size(); ++i)
      inputs[i] = op.inputs[i] < 0 ? nullptr : &plan_->tensors[static_cast<size_t>(op.inputs[i])];
  }

  Status Fold(uint32_t index, const OperatorView& op, const tflower_kernel& kernel, Constness constness) {
    SmallArray<const tflower_tensor*, 16> inputs(op.inputs.size());
    GatherInputs(op, inputs.span());
    SmallArray<DeclaredOutput, 8> declared(op.outputs.size());
    const OneOp one = MakeOneOp(op, kernel, inputs.span(), declared.span());
    if ((kernel.flags & TFLOWER_KERNEL_VIEW) != 0 && op.inputs[0] >= 0) {
      TFLOWER_TRY(const bool done, FoldView(op, one, constness));
      if (done) return Ok();
    }
    const auto evaluate = [&] { return EvalOp(one, request_.pool, request_.max_bytes, request_.stop); };
    std::span<const OwnedTensor> results;
    if (constness == Constness::kModel) {
      TFLOWER_TRY(results, request_.shared->Folded({request_.subgraph, index}, evaluate));
    } else {
      TFLOWER_TRY(auto own, evaluate());
      results = plan_->folded.emplace_back(std::move(own));
    }
    for (size_t i = 0; i < results.size(); ++i) {
      const size_t t = static_cast<size_t>(op.outputs[i]);
      TFLOWER_CHECK(CheckDtype(subgraph_, t, results[i].type.dtype));
      tensors_.SetConstant(t, results[i].type, results[i].data.data(), results[i].size_bytes, constness);
    }
    return Ok();
  }

  // A view of a constant is the same bytes with another shape. False when it is none after all.
  Result<bool> FoldView(const OperatorView& op, const OneOp& one, Constness constness) {
    if (op.outputs.size() != 1 || tensors_.constness(static_cast<size_t>(op.inputs[0])) == Constness::kNo) return false;
    TensorType type;
    TFLOWER_CHECK(InferOp(one, context_, {&type, 1}));
    const tflower_tensor& from = plan_->tensors[static_cast<size_t>(op.inputs[0])];
    if (!IsStatic(type) || ByteSize(type.dtype, Shape(type)) != from.size_bytes) return false;
    const size_t t = static_cast<size_t>(op.outputs[0]);
    TFLOWER_CHECK(CheckDtype(subgraph_, t, type.dtype));
    tensors_.SetConstant(t, type, from.data, from.size_bytes, constness);
    return true;
  }

  Status SetOutputTypes(const OperatorView& op, std::span<const TensorType> types) {
    for (size_t i = 0; i < types.size(); ++i) {
      const size_t t = static_cast<size_t>(op.outputs[i]);
      TFLOWER_CHECK(CheckDtype(subgraph_, t, types[i].dtype));
      if (!IsStatic(types[i])) {
        tensors_.SetHeap(t, types[i]);
        continue;
      }
      TFLOWER_CHECK(tensors_.SetStatic(t, types[i]));
    }
    return Ok();
  }

  Status PlanKernel(uint32_t index, const OperatorView& op, const tflower_kernel& kernel) {
    SmallArray<const tflower_tensor*, 16> inputs(op.inputs.size());
    GatherInputs(op, inputs.span());
    SmallArray<DeclaredOutput, 8> declared(op.outputs.size());
    SmallArray<TensorType, 4> types(op.outputs.size());
    TFLOWER_CHECK(InferOp(MakeOneOp(op, kernel, inputs.span(), declared.span()), context_, types.span()));
    TFLOWER_CHECK(SetOutputTypes(op, types.span()));
    const bool one_static = op.outputs.size() == 1 && IsStatic(types[0]);
    if ((kernel.flags & TFLOWER_KERNEL_VIEW) != 0 && one_static && !op.inputs.empty() && op.inputs[0] >= 0 &&
        !FillsVariable(op) && storage_.Alias(index, op))
      return Ok();
    if (tfl::ComputesNothing(kernel, types.span())) {
      for (const int32_t output : op.outputs) storage_.AddOutput(index, output);
      return Ok();
    }
    Step step = MakeStep(StepKind::kKernel, index, op);
    if (!request_.keep_results && !request_.keep_tensors && one_static && FuseIntoLast(op, step)) return Ok();
    TFLOWER_CHECK(step.kernel.Prepare(kernel, context_, step.op, NameOf(subgraph_, op)));
    for (size_t i = 0; i < types.size(); ++i) {
      if (!IsStatic(types[i])) continue;
      if (i == 0 && (kernel.flags & TFLOWER_KERNEL_IN_PLACE) != 0)
        storage_.AddInPlaceOutput(index, op);
      else
        storage_.AddOutput(index, op.outputs[i]);
    }
    AddStep(std::move(step));
    return Ok();
  }

  // Lets the step before do this one, too, when its kernel can and nobody else reads its result. True: it does.
  bool FuseIntoLast(const OperatorView& op, const Step& next) {
    if (plan_->steps.empty()) return false;
    Step& last = plan_->steps.back();
    const tflower_kernel* const kernel = last.kernel.kernel();
    if (last.kind != StepKind::kKernel || !TFLOWER_HAS(kernel, tflower_kernel, fuse) || kernel->fuse == nullptr || last.op.num_outputs != 1 || !last.dynamic.empty()) return false;
    const std::span<const tflower_tensor* const> inputs(next.op.inputs, next.op.num_inputs);
    const auto read = std::ranges::find(inputs, last.op.outputs[0]);
    if (read == inputs.end()) return false;
    const size_t result = static_cast<size_t>(*read - plan_->tensors.data());
    if (readers_[result] != 1) return false;
    context_.Begin();
    if (kernel->fuse(kernel, &context_, &last.op, last.kernel.state(), &next.op, static_cast<uint32_t>(read - inputs.begin())) != TFLOWER_OK) return false;
    storage_.Replace(static_cast<int32_t>(result), op.outputs[0]);
    std::vector<tflower_tensor*>& operands = plan_->operands;
    const size_t first = operands.size();
    const auto add = [&](const tflower_tensor* tensor) {
      operands.push_back(tensor == nullptr ? nullptr : &plan_->tensors[static_cast<size_t>(tensor - plan_->tensors.data())]);
    };
    std::ranges::for_each(std::span(last.op.inputs, last.op.num_inputs), add);
    std::for_each(inputs.begin(), read, add);
    std::for_each(read + 1, inputs.end(), add);
    last.op.num_inputs = static_cast<uint32_t>(operands.size() - first);
    last.op.inputs = operands.data() + first;
    last.op.outputs = next.op.outputs;
    last.fused += " + " + std::string(op.name);
    last.constants_shared = last.constants_shared && next.constants_shared;
    return true;
  }

  void SetUnknownOutputs(const OperatorView& op) {
    for (const int32_t output : op.outputs) tensors_.SetUnknown(static_cast<size_t>(output));
  }

  // The kernel cannot say yet whether it takes the operator, so the candidates behind it are kept.
  Status PlanLate(uint32_t index, const OperatorView& op, const tflower_kernel& kernel, uint32_t skip) {
    SetUnknownOutputs(op);
    Step step = MakeStep(StepKind::kLate, index, op);
    step.late = std::make_unique<LateState>();
    step.late->row = &kernel;
    while (++skip < kMaxCandidates) {
      const auto next = FindKernel(*request_.kernels, subgraph_, op, skip);
      if (!next.ok()) break;
      step.late->others.push_back(next.value().row);
    }
    AddStep(std::move(step));
    return Ok();
  }

  Status PlanHost(uint32_t index, const OperatorView& op) {
    if (op.code == static_cast<int32_t>(tfl::Builtin::VAR_HANDLE)) {
      const TensorType handle = MakeType(kResource, {});
      TFLOWER_CHECK(SetOutputTypes(op, {&handle, 1}));
      storage_.AddOutput(index, op.outputs[0]);
    } else {
      SetUnknownOutputs(op);
    }
    AddStep(MakeStep(StepKind::kHost, index, op));
    return Ok();
  }

  Step MakeStep(StepKind kind, uint32_t index, const OperatorView& op) {
    Step step;
    step.kind = kind;
    step.index = index;
    step.view = &op;
    step.constants_shared = true;
    std::vector<tflower_tensor*>& operands = plan_->operands;
    const size_t first = operands.size();
    for (const int32_t input : op.inputs) {
      operands.push_back(input < 0 ? nullptr : &plan_->tensors[static_cast<size_t>(input)]);
      if (input >= 0 && tensors_.constness(static_cast<size_t>(input)) == Constness::kPlan)
        step.constants_shared = false;
    }
    const size_t first_dynamic = plan_->dynamic.size();
    bool any_dynamic = false;
    for (const int32_t output : op.outputs) {
      operands.push_back(&plan_->tensors[static_cast<size_t>(output)]);
      plan_->dynamic.push_back(plan_->heap_of[static_cast<size_t>(output)]);
      any_dynamic |= plan_->dynamic.back() != nullptr;
    }
    if (any_dynamic) step.dynamic = std::span(plan_->dynamic).subspan(first_dynamic);
    step.op.struct_size = sizeof(tflower_op);
    step.op.code = op.code;
    step.op.version = op.version;
    step.op.num_inputs = static_cast<uint32_t>(op.inputs.size());
    step.op.num_outputs = static_cast<uint32_t>(op.outputs.size());
    step.op.custom_code = {op.custom_code.data(), op.custom_code.size()};
    step.op.options = op.options;
    step.op.inputs = operands.data() + first;
    step.op.outputs = operands.data() + first + op.inputs.size();
    AddIntermediates(op, step.op);
    return step;
  }

  // A file may name any tensor as one of these: kernels see what it says of it, and no data.
  void AddIntermediates(const OperatorView& op, tflower_op& abi) {
    std::vector<const tflower_tensor*>& all = plan_->intermediate_ptrs;
    const size_t first = all.size();
    for (const int32_t t : op.intermediates) {
      if (t < 0) {
        all.push_back(nullptr);
        continue;
      }
      const TensorView& view = subgraph_.tensors[static_cast<size_t>(t)];
      tflower_tensor& tensor = plan_->intermediates.emplace_back();
      tensor.struct_size = sizeof(tflower_tensor);
      tensor.dtype = view.dtype;
      tensor.scale = view.quant.scale.data();
      tensor.zero_point = view.quant.zero_point.data();
      tensor.quant_count = static_cast<uint32_t>(view.quant.scale.size());
      tensor.quant_axis = view.quant.axis;
      all.push_back(&tensor);
    }
    abi.intermediates = all.data() + first;
    abi.num_intermediates = static_cast<uint32_t>(op.intermediates.size());
  }

  void AddStep(Step step) {
    storage_.AddScratch(step.index, step.kind == StepKind::kKernel ? step.kernel.scratch_bytes() : 0);
    plan_->steps.push_back(std::move(step));
  }

  const PlanRequest& request_;
  const SubgraphView& subgraph_;
  std::unique_ptr<Plan> plan_;
  TensorTable tensors_;
  EvalContext context_;
  StoragePlanner storage_;
  std::vector<uint32_t> readers_;  // per tensor: how often operators read it, or the caller
};

}  // namespace

Result<std::unique_ptr<Plan>> MakePlan(const PlanRequest& request) { return Planner(request).Run(); }

}  // namespace tflower::runtime
