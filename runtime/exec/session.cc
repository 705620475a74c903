// The public Session: names and order of inputs and outputs over the runners of subgraphs.
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "model_impl.h"
#include "runner.h"

namespace tflower::runtime {
namespace {

// One input or output as the user sees it.
struct Port {
  std::string_view name;
  size_t position = 0;  // in the subgraph's list
};

// The signature's names in its order, then what it does not name.
std::vector<Port> MakePorts(const SubgraphView& subgraph, std::span<const int32_t> tensors,
                            std::span<const NamedTensor> names) {
  std::vector<Port> ports;
  std::vector<bool> named(tensors.size(), false);
  for (const NamedTensor& entry : names) {
    const size_t position = static_cast<size_t>(std::ranges::find(tensors, entry.tensor) - tensors.begin());
    if (position == tensors.size()) continue;  // cannot be: verified
    ports.push_back({entry.name, position});
    named[position] = true;
  }
  for (size_t i = 0; i < tensors.size(); ++i) {
    // An output tensor that is listed twice has its name already.
    const bool listed =
        std::ranges::any_of(names, [&](const NamedTensor& entry) { return entry.tensor == tensors[i]; });
    if (!named[i] && !listed) ports.push_back({subgraph.tensors[static_cast<size_t>(tensors[i])].name, i});
  }
  return ports;
}

uint64_t MachineBytes() {
  const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGE_SIZE);
  return pages > 0 && page > 0 ? static_cast<uint64_t>(pages) * static_cast<uint64_t>(page) : UINT64_MAX;
}

Result<const SignatureView*> FindSignature(const ModelView& model, std::string_view key) {
  const auto signatures = model.signatures();
  const std::string_view wanted = key.empty() ? std::string_view("serving_default") : key;
  const auto found = std::ranges::find(signatures, wanted, &SignatureView::key);
  if (found != signatures.end()) return &*found;
  if (key.empty()) return signatures.empty() ? nullptr : &signatures.front();
  std::string known;
  for (const SignatureView& signature : signatures)
    known += (known.empty() ? "'" : ", '") + std::string(signature.key) + "'";
  return Error(Code::kNotFound, "the model has no signature '" + std::string(key) + "'")
      .Hint(known.empty() ? "it has none at all" : "it has " + known);
}

}  // namespace

struct Session::Impl {
  Impl(std::shared_ptr<const Model> model_in, const LoadedModel& loaded, SharedConstants& shared,
       const KernelSource& kernels, const SessionOptions& options)
      : model(std::move(model_in)), state(loaded, kernels, shared, options) {}

  Status Select(std::string_view key) {
    TFLOWER_TRY(const SignatureView* const signature, FindSignature(model->view(), key));
    const uint32_t subgraph = signature == nullptr ? 0 : signature->subgraph;
    runner = &state.RunnerOf(subgraph);
    const SubgraphView& view = runner->subgraph();
    inputs = MakePorts(view, view.inputs, signature == nullptr ? std::span<const NamedTensor>() : signature->inputs);
    outputs = MakePorts(view, view.outputs, signature == nullptr ? std::span<const NamedTensor>() : signature->outputs);
    invoked = false;
    return Ok();
  }

  int32_t InputTensor(size_t i) const { return runner->subgraph().inputs[inputs[i].position]; }
  int32_t OutputTensor(size_t i) const { return runner->subgraph().outputs[outputs[i].position]; }

  TensorInfo Info(const Port& port, int32_t tensor) const {
    const TensorView& view = runner->subgraph().tensors[static_cast<size_t>(tensor)];
    TensorInfo info;
    info.name = port.name;
    info.tensor_name = view.name;
    info.dtype = static_cast<DType>(view.dtype);
    info.shape_signature.assign(view.signature.begin(), view.signature.end());
    info.scale = view.quant.scale;
    info.zero_point = view.quant.zero_point;
    info.quantized_dimension = view.quant.axis;
    return info;
  }

  Result<size_t> Find(std::span<const Port> ports, std::span<const int32_t> tensors, std::string_view name,
                      const char* what) const {
    for (size_t i = 0; i < ports.size(); ++i) {
      if (ports[i].name == name) return i;
    }
    for (size_t i = 0; i < ports.size(); ++i) {
      if (runner->subgraph().tensors[static_cast<size_t>(tensors[ports[i].position])].name == name) return i;
    }
    size_t position = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), position);
    if (error == std::errc() && end == name.data() + name.size() && position < ports.size()) return position;
    std::string known;
    for (const Port& port : ports) known += (known.empty() ? "'" : ", '") + std::string(port.name) + "'";
    return Error(Code::kNotFound, std::string("the model has no ") + what + " '" + std::string(name) + "'")
        .Hint("it has " + (known.empty() ? "none" : known));
  }

  Status CheckGivable(size_t i) const {
    const int32_t dtype = runner->InputType(inputs[i].position).dtype;
    if (dtype != kResource && dtype != kVariant) return Ok();
    return Error(Code::kUnsupportedType, "a " + std::string(DtypeName(dtype)) + " cannot be given")
        .What("input '" + std::string(inputs[i].name) + "'");
  }

  // Plans for the present shapes, with a budget of its own.
  Status Prepare() {
    if (runner->prepared()) return Ok();
    state.stop.Begin();
    auto status = PrepareNow();
    state.stop.End();
    return status;
  }

  Status PrepareNow() {
    if (runner->prepared()) return Ok();
    invoked = false;
    const auto start = std::chrono::steady_clock::now();
    TFLOWER_CHECK(runner->Prepare());
    plan_ns = static_cast<uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - start).count());
    return Ok();
  }

  Status Invoke() {
    state.stop.Begin();
    auto status = PrepareNow();
    if (status.ok()) status = runner->Invoke();
    state.stop.End();
    invoked = status.ok();
    return status;
  }

  std::shared_ptr<const Model> model;
  SessionState state;
  Runner* runner = nullptr;  // of the selected signature
  std::vector<Port> inputs, outputs;
  uint64_t plan_ns = 0;
  bool invoked = false;
};

Session::Session(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Session::~Session() = default;

Result<std::unique_ptr<Session>> Session::Create(std::shared_ptr<const Model> model, const SessionOptions& options) {
  if (options.threads < 1)
    return Error(Code::kUsage, "threads is " + std::to_string(options.threads) + "; at least 1 is needed");
  if (options.max_time.count() < 0) return Error(Code::kUsage, "max_time is negative");
  Model::Impl& internals = *model->impl_;
  SessionOptions limited = options;
  if (limited.max_bytes == 0) limited.max_bytes = MachineBytes();
  auto impl = std::make_unique<Impl>(std::move(model), *internals.loaded, internals.shared, *internals.kernels, limited);
  TFLOWER_CHECK(impl->Select(options.signature));
  return std::unique_ptr<Session>(new Session(std::move(impl)));
}

Status Session::Select(std::string_view signature) { return impl_->Select(signature); }

size_t Session::num_inputs() const { return impl_->inputs.size(); }
size_t Session::num_outputs() const { return impl_->outputs.size(); }

TensorInfo Session::InputInfo(size_t index) const {
  TensorInfo info = impl_->Info(impl_->inputs[index], impl_->InputTensor(index));
  const auto shape = Shape(impl_->runner->InputType(impl_->inputs[index].position));
  info.shape.assign(shape.begin(), shape.end());
  return info;
}

TensorInfo Session::OutputInfo(size_t index) const {
  const int32_t tensor = impl_->OutputTensor(index);
  TensorInfo info = impl_->Info(impl_->outputs[index], tensor);
  info.shape = info.shape_signature;
  if (!impl_->runner->prepared()) return info;
  const bool known = impl_->invoked || !impl_->runner->IsOnHeap(tensor);
  const auto shape = Shape(impl_->runner->TensorAt(tensor));
  if (known) info.shape.assign(shape.begin(), shape.end());
  return info;
}

Result<size_t> Session::FindInput(std::string_view name) const {
  return impl_->Find(impl_->inputs, impl_->runner->subgraph().inputs, name, "input");
}

Result<size_t> Session::FindOutput(std::string_view name) const {
  return impl_->Find(impl_->outputs, impl_->runner->subgraph().outputs, name, "output");
}

Status Session::Resize(size_t input, std::span<const int64_t> dims) {
  auto status = impl_->runner->ResizeChecked(impl_->inputs[input].position, dims);
  if (!status.ok()) return std::move(status.error()).What("input '" + std::string(impl_->inputs[input].name) + "'");
  if (!impl_->runner->prepared()) impl_->invoked = false;
  return Ok();
}

Status Session::Prepare() { return impl_->Prepare(); }

Result<std::span<std::byte>> Session::InputData(size_t input) {
  TFLOWER_CHECK(impl_->CheckGivable(input));
  TFLOWER_CHECK(Prepare());
  const int32_t tensor = impl_->InputTensor(input);
  if (impl_->runner->IsOnHeap(tensor))
    return Error(Code::kUsage, "strings have no fixed size: use SetInput")
        .What("input '" + std::string(impl_->inputs[input].name) + "'");
  return impl_->runner->ShareInput(impl_->inputs[input].position);
}

Status Session::SetInput(size_t input, std::span<const std::byte> bytes) {
  TFLOWER_CHECK(impl_->CheckGivable(input));
  TFLOWER_CHECK(Prepare());
  return impl_->runner->SetInput(impl_->inputs[input].position, bytes.data(), bytes.size());
}

Status Session::Invoke() { return impl_->Invoke(); }

std::span<const std::byte> Session::OutputData(size_t output) const {
  if (!impl_->invoked) return {};
  const tflower_tensor& memory = impl_->runner->TensorAt(impl_->OutputTensor(output));
  return {static_cast<const std::byte*>(memory.data), memory.size_bytes};
}

size_t Session::num_tensors() const { return impl_->runner->subgraph().tensors.size(); }

Result<size_t> Session::FindTensor(std::string_view name) const {
  const auto tensors = impl_->runner->subgraph().tensors;
  const auto found = std::ranges::find(tensors, name, &TensorView::name);
  if (found != tensors.end()) return static_cast<size_t>(found - tensors.begin());
  return Error(Code::kNotFound, "the subgraph has no tensor '" + std::string(name) + "'");
}

TensorInfo Session::TensorInfoAt(size_t tensor) const {
  const TensorView& view = impl_->runner->subgraph().tensors[tensor];
  TensorInfo info = impl_->Info({view.name, 0}, static_cast<int32_t>(tensor));
  info.shape = info.shape_signature;
  const bool known = impl_->runner->prepared() && impl_->runner->PlaceOf(static_cast<int32_t>(tensor)) != Place::kNone &&
                     (impl_->invoked || !impl_->runner->IsOnHeap(static_cast<int32_t>(tensor)));
  if (!known) return info;
  const auto shape = Shape(impl_->runner->TensorAt(static_cast<int32_t>(tensor)));
  info.shape.assign(shape.begin(), shape.end());
  return info;
}

Result<std::span<const std::byte>> Session::TensorData(size_t tensor) const {
  const int32_t t = static_cast<int32_t>(tensor);
  const auto refuse = [&](std::string why, std::string hint) {
    return Error(Code::kUsage, std::move(why)).What("tensor '" + std::string(impl_->runner->subgraph().tensors[tensor].name) + "'").Hint(std::move(hint));
  };
  if (!impl_->invoked) return refuse("there are no results", "Invoke first");
  const Place place = impl_->runner->PlaceOf(t);
  if (place == Place::kNone) return refuse("no operator reads or writes it", "");
  if (place == Place::kArena && !impl_->state.keep_tensors) return refuse("later operators reused its memory", "SessionOptions::keep_tensors");
  const tflower_tensor& memory = impl_->runner->TensorAt(t);
  return std::span<const std::byte>(static_cast<const std::byte*>(memory.data), memory.size_bytes);
}

void Session::ResetVariables() {
  impl_->state.variables.Reset();
  impl_->state.objects.Clear();
}
void Session::Cancel() { impl_->state.stop.Cancel(); }
void Session::SetOperatorHook(OperatorHook hook) { impl_->state.hook = std::move(hook); }
void Session::SetResultHook(ResultHook hook) {
  impl_->state.result_hook = std::move(hook);
  for (const auto& runner : impl_->state.runners)
    if (runner != nullptr) runner->ForgetPlans();
}

SessionStats Session::Stats() const {
  SessionStats stats;
  stats.plan_ns = impl_->plan_ns;
  stats.operators = impl_->state.stop.operators();
  for (const auto& runner : impl_->state.runners) {
    if (runner == nullptr) continue;
    stats.arena_bytes += runner->arena_bytes();
    stats.packed_bytes += runner->own_packed_bytes();
  }
  return stats;
}

}  // namespace tflower::runtime
