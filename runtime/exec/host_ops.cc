// Variables, and calls of subgraphs. Values cross between subgraphs by copy: their plans own separate arenas.
#include "host_ops.h"

#include <cstring>

#include "late_step.h"
#include "runner.h"

namespace tflower::runtime {
namespace {

template <class Options>
Options OptionsOf(const Step& step) {
  Options options;
  std::memcpy(static_cast<void*>(&options), step.op.options.data, std::min(sizeof options, step.op.options.size));
  return options;
}

TensorType TypeOf(const tflower_tensor& tensor) { return MakeType(tensor.dtype, Shape(tensor)); }

std::string_view View(tfl::Str text) { return {text.data, text.size}; }

class HostOp {
 public:
  HostOp(SessionState& session, Plan& plan, Step& step) : session_(session), plan_(plan), step_(step) {}

  Status Run() {
    switch (static_cast<tfl::Builtin>(step_.op.code)) {
      case tfl::Builtin::VAR_HANDLE: return Handle();
      case tfl::Builtin::READ_VARIABLE: return Read();
      case tfl::Builtin::ASSIGN_VARIABLE: return Assign();
      case tfl::Builtin::CALL: return CallOnInputs(OptionsOf<tfl::CallOptions>(step_).subgraph, 0);
      case tfl::Builtin::CALL_ONCE: return CallOnce();
      case tfl::Builtin::IF: return If();
      case tfl::Builtin::STABLEHLO_CASE: return Case();
      case tfl::Builtin::STABLEHLO_COMPOSITE: return CallOnInputs(OptionsOf<tfl::StableHLOCompositeOptions>(step_).decomposition_subgraph_index, 0);
      case tfl::Builtin::STABLEHLO_WHILE: {
        const auto options = OptionsOf<tfl::StablehloWhileOptions>(step_);
        return While(options.cond_subgraph_index, options.body_subgraph_index);
      }
      default: {
        const auto options = OptionsOf<tfl::While>(step_);
        return While(options.cond_subgraph_index, options.body_subgraph_index);
      }
    }
  }

 private:
  const tflower_tensor& Input(size_t i) const { return *step_.op.inputs[i]; }

  Status Handle() {
    const auto options = OptionsOf<tfl::VarHandle>(step_);
    const int32_t id = session_.variables.ResourceId(View(options.container), View(options.shared_name));
    std::memcpy(step_.op.outputs[0]->data, &id, sizeof id);
    return Ok();
  }

  Result<Variables::Resource*> Resource() {
    int32_t id = -1;
    const tflower_tensor& handle = Input(0);
    if (handle.dtype == kResource && handle.data != nullptr && handle.size_bytes >= sizeof id)
      std::memcpy(&id, handle.data, sizeof id);
    if (Variables::Resource* resource = session_.variables.FindResource(id)) return resource;
    return Error(Code::kInvalidOperand, "is no handle of a variable").What("input 0");
  }

  Status Read() {
    TFLOWER_TRY(const Variables::Resource* const resource, Resource());
    if (!resource->assigned) {
      return Error(Code::kInvalidOperand, "variable '" + resource->name + "' is read before it has a value")
          .Hint("invoke the signature that initialises the model's variables first");
    }
    return SetOutput(0, resource->value.type, resource->value.size_bytes, resource->value.data.data());
  }

  Status Assign() {
    TFLOWER_TRY(Variables::Resource* const resource, Resource());
    const tflower_tensor& value = Input(1);
    TFLOWER_CHECK(Copy(value, resource->value));
    resource->assigned = true;
    return Ok();
  }

  Status Copy(const tflower_tensor& from, OwnedTensor& to) const {
    if (!to.data.Reserve(from.size_bytes))
      return Error(Code::kLimit, "no memory for " + std::to_string(from.size_bytes) + " bytes");
    to.type = TypeOf(from);
    to.size_bytes = from.size_bytes;
    if (from.size_bytes != 0) std::memcpy(to.data.data(), from.data, from.size_bytes);
    return Ok();
  }

  Status SetOutput(size_t i, const TensorType& type, uint64_t bytes, const void* data) {
    const size_t t = static_cast<size_t>(step_.view->outputs[i]);
    const TensorView& view = plan_.subgraph->tensors[t];
    if (type.dtype != view.dtype) {
      return Error(Code::kInvalidGraph, "the value is " + std::string(DtypeName(type.dtype)) + ", the model declares " +
                                            std::string(DtypeName(view.dtype)))
          .What("output " + std::to_string(i));
    }
    return SetHeapTensor(plan_, t, type, bytes, data, session_.max_bytes);
  }

  // The runner of a subgraph that has as many inputs and outputs as the call. Indices were verified when the model was loaded;
  // an operator without options has none.
  Result<Runner*> Callee(int64_t subgraph, size_t inputs, size_t outputs) {
    if (step_.op.options.data == nullptr || subgraph < 0 ||
        static_cast<size_t>(subgraph) >= session_.model.subgraphs().size() || subgraph == plan_.subgraph_index) {
      return Error(Code::kInvalidGraph,
                   "calls subgraph " + std::to_string(subgraph) + ", which cannot be called from here");
    }
    Runner& runner = session_.RunnerOf(static_cast<uint32_t>(subgraph));
    if (runner.num_inputs() == inputs && runner.subgraph().outputs.size() == outputs) return &runner;
    return Error(Code::kInvalidGraph, "subgraph " + std::to_string(subgraph) + " has " +
                                          std::to_string(runner.num_inputs()) + " inputs and " +
                                          std::to_string(runner.subgraph().outputs.size()) + " outputs; the call has " +
                                          std::to_string(inputs) + " and " + std::to_string(outputs));
  }

  Status SetCalleeInput(Runner& runner, size_t i, const TensorType& type, const void* data, uint64_t bytes) {
    if (type.dtype != runner.InputType(i).dtype) {
      return Error(Code::kInvalidGraph, "the called subgraph takes " +
                                            std::string(DtypeName(runner.InputType(i).dtype)) + ", not " +
                                            std::string(DtypeName(type.dtype)))
          .What("input " + std::to_string(i));
    }
    return runner.SetInput(i, data, bytes);
  }

  // Shapes first, as every change of shape drops the contents of all inputs.
  Status Call(Runner& runner, std::span<const OwnedTensor> values) {
    for (size_t i = 0; i < values.size(); ++i) TFLOWER_CHECK(runner.Resize(i, Shape(values[i].type)));
    for (size_t i = 0; i < values.size(); ++i) {
      TFLOWER_CHECK(SetCalleeInput(runner, i, values[i].type, values[i].data.data(), values[i].size_bytes));
    }
    return runner.Invoke();
  }

  Result<std::vector<OwnedTensor>> CopyInputs(size_t first) const {
    std::vector<OwnedTensor> values(step_.op.num_inputs - first);
    for (size_t i = 0; i < values.size(); ++i) {
      if (step_.op.inputs[first + i] == nullptr)
        return Error(Code::kInvalidGraph, "is absent").What("input " + std::to_string(first + i));
      TFLOWER_CHECK(Copy(Input(first + i), values[i]));
    }
    return values;
  }

  Status CallOnce() {
    const auto options = OptionsOf<tfl::CallOnce>(step_);
    TFLOWER_TRY(Runner* const runner, Callee(options.init_subgraph_index, 0, 0));
    const uint32_t subgraph = static_cast<uint32_t>(options.init_subgraph_index);
    if (!session_.variables.FirstCall(subgraph)) return Ok();
    auto status = runner->Invoke();
    if (!status.ok()) session_.variables.ForgetCall(subgraph);
    return status;
  }

  static Result<bool> Condition(const tflower_tensor& tensor) {
    const bool single = tensor.dtype == static_cast<int32_t>(DType::kBool) && ElementCount(Shape(tensor)) == 1 &&
                        tensor.data != nullptr;
    if (!single) return Error(Code::kInvalidOperand, "the condition is not a single bool");
    return *static_cast<const uint8_t*>(tensor.data) != 0;
  }

  Status If() {
    const auto options = OptionsOf<tfl::If>(step_);
    TFLOWER_TRY(const bool condition, Condition(Input(0)));
    return CallOnInputs(condition ? options.then_subgraph_index : options.else_subgraph_index, 1);
  }

  // The branch that the index names; the last one for an index outside, as StableHLO has it.
  Status Case() {
    const auto branches = OptionsOf<tfl::StablehloCaseOptions>(step_).branch_subgraph_indices;
    if (step_.op.options.data == nullptr || branches.size == 0) return Error(Code::kInvalidGraph, "has no branches").What("branch_subgraph_indices");
    const tflower_tensor& tensor = Input(0);
    if (tensor.dtype != static_cast<int32_t>(DType::kInt32) || ElementCount(Shape(tensor)) != 1 || tensor.data == nullptr)
      return Error(Code::kInvalidOperand, "the index is not a single int32").What("input 0");
    int32_t index;
    std::memcpy(&index, tensor.data, sizeof index);
    const bool inside = index >= 0 && static_cast<size_t>(index) < branches.size;
    return CallOnInputs(branches.data[inside ? static_cast<size_t>(index) : branches.size - 1], 1);
  }

  // Runs a subgraph on the operands from `first` on; what it gives are the operator's results.
  Status CallOnInputs(int64_t subgraph, size_t first) {
    TFLOWER_TRY(Runner* const runner, Callee(subgraph, step_.op.num_inputs - first, step_.op.num_outputs));
    TFLOWER_TRY(const std::vector<OwnedTensor> values, CopyInputs(first));
    TFLOWER_CHECK(Call(*runner, values));
    for (size_t i = 0; i < step_.op.num_outputs; ++i) {
      const tflower_tensor& result = runner->Output(i);
      TFLOWER_CHECK(SetOutput(i, TypeOf(result), result.size_bytes, result.data));
    }
    return Ok();
  }

  Status While(int64_t cond_subgraph, int64_t body_subgraph) {
    TFLOWER_TRY(Runner* const cond, Callee(cond_subgraph, step_.op.num_inputs, 1));
    TFLOWER_TRY(Runner* const body, Callee(body_subgraph, step_.op.num_inputs, step_.op.num_inputs));
    if (step_.op.num_outputs != step_.op.num_inputs)
      return Error(Code::kInvalidGraph, "has another number of outputs than of inputs");
    TFLOWER_TRY(std::vector<OwnedTensor> values, CopyInputs(0));
    for (;;) {
      TFLOWER_CHECK(session_.stop.Charge());  // neither subgraph needs to have operators
      TFLOWER_CHECK(Call(*cond, values));
      TFLOWER_TRY(const bool more, Condition(cond->Output(0)));
      if (!more) break;
      TFLOWER_CHECK(Call(*body, values));
      for (size_t i = 0; i < values.size(); ++i) TFLOWER_CHECK(Copy(body->Output(i), values[i]));
    }
    for (size_t i = 0; i < values.size(); ++i)
      TFLOWER_CHECK(SetOutput(i, values[i].type, values[i].size_bytes, values[i].data.data()));
    return Ok();
  }

  SessionState& session_;
  Plan& plan_;
  Step& step_;
};

}  // namespace

Status RunHostOp(SessionState& session, Plan& plan, Step& step) { return HostOp(session, plan, step).Run(); }

}  // namespace tflower::runtime
