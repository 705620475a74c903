// Runner: plan cache, arena, and the loop over steps.
#include "runner.h"

#include <algorithm>
#include <cstring>

#include "bools.h"
#include "host_ops.h"
#include "late_step.h"

namespace tflower::runtime {
namespace {

constexpr size_t kCachedPlans = 4;  // e.g. two batch sizes and a last, smaller batch

TensorType DeclaredType(const TensorView& tensor) { return MakeType(tensor.dtype, tensor.shape); }

}  // namespace

Runner& SessionState::RunnerOf(uint32_t subgraph) {
  std::unique_ptr<Runner>& runner = runners[subgraph];
  if (runner == nullptr) runner = std::make_unique<Runner>(*this, subgraph);
  return *runner;
}

Runner::Runner(SessionState& session, uint32_t subgraph)
    : session_(session), subgraph_(session.model.subgraphs()[subgraph]), index_(subgraph) {
  for (const int32_t input : subgraph_.inputs)
    inputs_.push_back(DeclaredType(subgraph_.tensors[static_cast<size_t>(input)]));
  bools_.resize(inputs_.size());
}

Status Runner::Resize(size_t input, std::span<const int64_t> dims) {
  const TensorView& view = subgraph_.tensors[static_cast<size_t>(subgraph_.inputs[input])];
  if (dims.size() > TFLOWER_MAX_RANK || !ElementCount(dims)) {
    return Error(Code::kInvalidOperand,
                 ShapeText(dims) + " is no shape: a negative dimension, more than 16, or too many elements");
  }
  const TensorType type = MakeType(view.dtype, dims);
  if (SameType(type, inputs_[input])) return Ok();
  inputs_[input] = type;
  plan_ = nullptr;
  return Ok();
}

Status Runner::ResizeChecked(size_t input, std::span<const int64_t> dims) {
  const auto signature = subgraph_.tensors[static_cast<size_t>(subgraph_.inputs[input])].signature;
  const bool dynamic = std::ranges::any_of(signature, [](int64_t dim) { return dim < 0; });
  const auto fits = [](int64_t declared, int64_t dim) { return declared < 0 || declared == dim; };
  if (dynamic && !std::ranges::equal(signature, dims, fits)) {
    return Error(Code::kInvalidOperand, ShapeText(dims) + " does not fit the model's " + ShapeText(signature));
  }
  return Resize(input, dims);
}

Status Runner::Prepare() {
  if (plan_ != nullptr) return Ok();
  const auto same = [&](const CachedPlan& cached) { return std::ranges::equal(cached.inputs, inputs_, SameType); };
  const auto found = std::ranges::find_if(plans_, same);
  if (found != plans_.end()) {
    plans_.splice(plans_.begin(), plans_, found);
    return Activate();
  }
  PlanRequest request;
  request.model = &session_.model;
  request.file = &session_.file;
  request.subgraph = index_;
  request.inputs = inputs_;
  request.kernels = &session_.kernels;
  request.shared = &session_.shared;
  request.pool = &session_.pool;
  request.max_bytes = session_.max_bytes;
  request.keep_results = session_.result_hook != nullptr;
  request.keep_tensors = session_.keep_tensors;
  request.stop = &session_.stop;
  TFLOWER_TRY(auto plan, MakePlan(request));
  if (plans_.size() == kCachedPlans) plans_.pop_back();
  plans_.push_front({inputs_, std::move(plan)});
  return Activate();
}

void Runner::ForgetPlans() {
  plans_.clear();
  plan_ = nullptr;
}

Status Runner::Activate() {
  Plan& plan = *plans_.front().plan;
  if (!arena_.Reserve(plan.arena_bytes))
    return Error(Code::kLimit, "no memory for an arena of " + std::to_string(plan.arena_bytes) + " bytes");
  plan.Bind(arena_.data());
  plan_ = &plan;
  std::ranges::replace(bools_, Bools::kChecked, Bools::kNew);
  auto status = BindVariables();
  if (!status.ok()) plan_ = nullptr;
  return status;
}

Status Runner::BindVariables() {
  for (size_t t = 0; t < subgraph_.tensors.size(); ++t) {
    if (plan_->places[t] != Place::kVariable) continue;
    TFLOWER_TRY(plan_->tensors[t].data,
                session_.variables.TensorMemory(index_, static_cast<uint32_t>(t), subgraph_.tensors[t]));
  }
  return Ok();
}

Status Runner::SetInput(size_t input, const void* data, uint64_t bytes) {
  TFLOWER_CHECK(Prepare());
  const size_t t = static_cast<size_t>(subgraph_.inputs[input]);
  if (plan_->places[t] == Place::kHeap)
    return SetHeapTensor(*plan_, t, inputs_[input], bytes, data, session_.max_bytes);
  const tflower_tensor& tensor = plan_->tensors[t];
  if (bytes != tensor.size_bytes) {
    return Error(Code::kInvalidOperand, std::to_string(bytes) + " bytes were given; " + TypeText(inputs_[input]) +
                                            " takes " + std::to_string(tensor.size_bytes))
        .What("input '" + std::string(subgraph_.tensors[t].name) + "'");
  }
  if (bytes != 0) std::memcpy(tensor.data, data, bytes);
  if (bools_[input] == Bools::kChecked) bools_[input] = Bools::kNew;
  return Ok();
}

std::span<std::byte> Runner::ShareInput(size_t input) {
  bools_[input] = Bools::kShared;
  const tflower_tensor& tensor = Input(input);
  return {static_cast<std::byte*>(tensor.data), tensor.size_bytes};
}

// Kernels rely on a bool being 0 or 1. What was checked and nobody else can write needs no second look: with the same inputs a session may be invoked often.
Status Runner::CheckBools() {
  for (size_t i = 0; i < inputs_.size(); ++i) {
    if (bools_[i] == Bools::kChecked) continue;
    const size_t t = static_cast<size_t>(subgraph_.inputs[i]);
    const tflower_tensor& tensor = plan_->tensors[t];
    if (inputs_[i].dtype != static_cast<int32_t>(DType::kBool) || tensor.data == nullptr) continue;
    if (!AreBools(static_cast<const std::byte*>(tensor.data), tensor.size_bytes)) return Error(Code::kInvalidOperand, "a bool is neither 0 nor 1").What("input '" + std::string(subgraph_.tensors[t].name) + "'");
    if (bools_[i] == Bools::kNew) bools_[i] = Bools::kChecked;
  }
  return Ok();
}

Status Runner::Invoke() {
  TFLOWER_CHECK(Prepare());
  TFLOWER_CHECK(CheckBools());
  for (Step& step : plan_->steps) {
    auto status = session_.stop.Charge();
    if (status.ok()) status = session_.hook || session_.result_hook ? RunProfiled(step) : RunStep(step);
    if (!status.ok()) return LocateError(std::move(status.error()), *plan_, step.index);
  }
  return Ok();
}

Status Runner::RunStep(Step& step) {
  switch (step.kind) {
    case StepKind::kKernel: return RunKernel(step);
    case StepKind::kLate: return RunLateStep(*plan_, step, session_.context, session_.shared, session_.max_bytes);
    case StepKind::kHost: break;
  }
  return RunHostOp(session_, *plan_, step);
}

Status Runner::RunKernel(Step& step) {
  EvalContext& context = session_.context;
  for (DynamicOutput* slot : step.dynamic) {
    if (slot != nullptr) slot->resized = false;
  }
  const tflower_status status =
      context.Eval(*step.kernel.kernel(), step.op, step.dynamic, step.kernel.state(), step.kernel.packed(), step.scratch);
  if (status != TFLOWER_OK) return context.TakeError(status, NameOf(subgraph_, *step.view), "eval");
  return CheckResized(step);
}

Status Runner::RunProfiled(Step& step) {
  const auto start = Stop::Clock::now();
  auto status = RunStep(step);
  const auto end = Stop::Clock::now();
  if (session_.hook) ReportOperator(step, start, end);
  if (session_.result_hook && status.ok()) ReportResults(step);
  return status;
}

void Runner::ReportOperator(const Step& step, Stop::Clock::time_point start, Stop::Clock::time_point end) const {
  const auto ns = [](Stop::Clock::duration d) { return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(d).count()); };
  const OpName name = NameOf(subgraph_, *step.view);
  const std::string op = std::string(name.op) + step.fused;
  OperatorEvent event;
  event.op = op;
  event.node = name.node;
  event.code = step.op.code;
  event.subgraph = index_;
  event.index = step.index;
  event.start_ns = ns(start - session_.stop.start());
  event.ns = ns(end - start);
  for (uint32_t i = 0; i < step.op.num_inputs; ++i) event.bytes += step.op.inputs[i] == nullptr ? 0 : step.op.inputs[i]->size_bytes;
  for (uint32_t i = 0; i < step.op.num_outputs; ++i) event.bytes += step.op.outputs[i]->size_bytes;
  session_.hook(event);
}

void Runner::ReportResults(const Step& step) const {
  for (const int32_t index : step.view->outputs) {
    if (index < 0) continue;
    const tflower_tensor& t = TensorAt(index);
    if (t.data == nullptr && t.size_bytes != 0) continue;
    session_.result_hook({index_, step.view->name, subgraph_.tensors[static_cast<size_t>(index)].name, static_cast<DType>(t.dtype), Shape(t),
                          {static_cast<const std::byte*>(t.data), t.size_bytes}});
  }
}

}  // namespace tflower::runtime
