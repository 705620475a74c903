// Lower: the walk over nodes, calls and signatures.
#include "lower/interpreter.h"

#include <algorithm>
#include <deque>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "lower/constants.h"
#include "lower/frame.h"
#include "lower/plugin_call.h"

namespace tflower::lower {
namespace {

constexpr int kMaxDepth = 256;

// Not the fault of one node: the conversion as a whole cannot go on.
bool IsFatal(const Error& e) {
  if (e.code == Code::kInvalidGraph) return false;  // one node's fault
  const int hundreds = static_cast<int>(e.code) / 100;
  return hundreds == 1 || hundreds == 6 || hundreds == 7;
}

class Interpreter {
 public:
  Interpreter(const tf::Graph& graph, const Registry& registry, Typer& typer, const LowerOptions& options)
      : tf_(graph), registry_(registry), typer_(typer), options_(options), constants_(graph) {}

  Result<ir::Model> Run(LowerFailures& failures);

 private:
  Result<std::unique_ptr<ir::Subgraph>> LowerSignature(const tf::Signature& signature);
  ir::Value* InputValue(const tf::TensorInfo& info);
  Status Demand(Frame& frame, int32_t node);
  Status LowerNode(Frame& frame, int32_t index);
  Result<std::vector<ir::Value*>> LowerCall(Frame& frame, const tf::Node& node, std::string_view function, std::vector<ir::Value*> inputs);
  Result<std::vector<ir::Value*>> Call(const tf::Function& function, std::vector<ir::Value*> args, int depth);
  Result<std::vector<ir::Value*>> LowerByPlugin(Frame& frame, int32_t index, std::vector<ir::Value*> inputs);
  Result<std::vector<ir::Value*>> TryComposites(const tf::Node& node, const tf::Function& function, const std::vector<ir::Value*>& inputs);
  uint32_t NumOutputs(const Frame& frame, int32_t index) const;
  Result<ir::Value*> ReadResource(ir::Value* handle);
  ir::Value* Poisoned(const Error* failure, std::vector<const ir::Poison*> causes);
  const Error* AddFailure(Error e, const Frame& frame, const tf::Node& node);
  void CollectFailures(const ir::Subgraph& graph, LowerFailures& out);

  const tf::Graph& tf_;
  const Registry& registry_;
  Typer& typer_;
  const LowerOptions& options_;
  ConstantSource constants_;
  ir::Subgraph* graph_ = nullptr;
  std::vector<std::string> notes_;
  std::deque<Error> failures_;
  std::deque<ir::Poison> poison_;
  std::unordered_map<std::string, ir::Value*> variables_;  // of the present subgraph, by node name
};

ir::Value* Interpreter::Poisoned(const Error* failure, std::vector<const ir::Poison*> causes) {
  ir::Value* v = graph_->NewValue();
  v->poison = &poison_.emplace_back(ir::Poison{failure, std::move(causes)});
  return v;
}

const Error* Interpreter::AddFailure(Error e, const Frame& frame, const tf::Node& node) {
  e.op = node.op;
  e.node = node.name;
  if (!frame.function().empty()) e.notes.push_back(fmt::format("in function '{}'", frame.function()));
  return &failures_.emplace_back(std::move(e));
}

uint32_t Interpreter::NumOutputs(const Frame& frame, int32_t index) const {
  const tf::Node& node = frame.scope().nodes()[static_cast<size_t>(index)];
  const tf::OpDef* def = tf_.FindOpDef(node.op);
  if (def == nullptr) return frame.outputs_read(index);
  uint64_t n = 0;
  for (const tf::ArgDef& out : def->outputs) {
    uint64_t count = 1;
    if (!out.number_attr.empty()) {
      const tf::Attr* a = node.Find(out.number_attr);
      Result<int64_t> v = a != nullptr ? tf::AttrInt(*a) : Result<int64_t>(int64_t{1});
      count = v.ok() && v.value() >= 0 ? static_cast<uint64_t>(v.value()) : 1;
    } else if (!out.type_list_attr.empty()) {
      const tf::Attr* a = node.Find(out.type_list_attr);
      if (a != nullptr) if (Result<std::vector<tf::DataType>> v = tf::AttrTypes(*a); v.ok()) count = v.value().size();
    }
    n += count;
  }
  return n > 65536 ? frame.outputs_read(index) : static_cast<uint32_t>(n);
}

// ---- signatures

ir::Value* Interpreter::InputValue(const tf::TensorInfo& info) {
  ir::Value* v = graph_->NewValue();
  v->name = info.name;
  v->dtype = static_cast<DType>(tf::ToTflType(info.dtype));
  for (size_t i = 0; i < info.shape->size(); ++i) {
    const int64_t d = (*info.shape)[i];
    v->dims.push_back(d >= 0 ? ir::Dim(d) : ir::InputSymbol(static_cast<int>(i)));
  }
  return v;
}

Result<std::unique_ptr<ir::Subgraph>> Interpreter::LowerSignature(const tf::Signature& signature) {
  auto subgraph = std::make_unique<ir::Subgraph>();
  graph_ = subgraph.get();
  variables_.clear();
  subgraph->signature_key = signature.key;
  subgraph->name = signature.key;
  Frame frame(tf_.main(), "", {}, 0);
  for (const tf::TensorInfo& info : signature.inputs) {
    const auto refuse = [&](std::string why, std::string hint) {
      return Error(Code::kUnsupportedShape, std::move(why)).Node(info.name).What(fmt::format("input '{}' of signature '{}'", info.key, signature.key)).Hint(hint);
    };
    if (info.encoding != tf::TensorInfo::Encoding::kDense) return refuse("is not a dense tensor", "export the signature with dense tensors");
    if (!info.shape) return refuse("has unknown rank", "give its shape with --input-shape");
    if (tf::ToTflType(info.dtype) < 0)
      return Error(Code::kUnsupportedType, fmt::format("type {} does not exist in TFLite", tf::DataTypeName(info.dtype))).Node(info.name).What("input '" + info.key + "'");
    ir::Value* v = InputValue(info);
    subgraph->inputs.push_back({info.key, v});
    std::vector<ir::Value*> outputs(static_cast<size_t>(info.output) + 1, nullptr);
    if (frame.state(info.node) == Frame::State::kDone)  // two inputs cut at one node
      for (size_t i = 0; i < outputs.size(); ++i) outputs[i] = frame.Get(info.node, static_cast<int32_t>(i));
    outputs[static_cast<size_t>(info.output)] = v;
    frame.Set(info.node, std::move(outputs));
  }
  for (const tf::TensorInfo& info : signature.outputs) {
    if (info.encoding != tf::TensorInfo::Encoding::kDense)
      return Error(Code::kUnsupportedType, "is not a dense tensor").Node(info.name).What("output '" + info.key + "'").Hint("export the signature with dense tensors");
    TFLOWER_CHECK(Demand(frame, info.node));
    ir::Value* v = frame.Get(info.node, info.output);
    if (v == nullptr || !v->resource.empty())
      return Error(v == nullptr ? Code::kInvalidGraph : Code::kUnsupportedType, v == nullptr ? "the node has no such output" : "is a resource, not a tensor").Node(info.name).What("output '" + info.key + "'");
    subgraph->outputs.push_back({info.key, v});
    ++v->graph_outputs;
    if (!v->is_poison() && v->producer != nullptr) v->name = info.name;
  }
  return subgraph;
}

void Interpreter::CollectFailures(const ir::Subgraph& graph, LowerFailures& out) {
  std::vector<const ir::Poison*> todo;
  std::unordered_set<const void*> seen;
  for (const ir::SignatureTensor& o : graph.outputs) if (o.value->is_poison()) todo.push_back(o.value->poison);
  std::unordered_set<const Error*> hit;
  while (!todo.empty()) {
    const ir::Poison* p = todo.back();
    todo.pop_back();
    if (!seen.insert(p).second) continue;
    if (p->failure != nullptr) hit.insert(p->failure);
    todo.insert(todo.end(), p->causes.begin(), p->causes.end());
  }
  for (const Error& e : failures_) if (hit.contains(&e)) out.errors.push_back(e);
}

Result<ir::Model> Interpreter::Run(LowerFailures& failures) {
  ir::Model model;
  for (const tf::Signature& signature : tf_.signatures()) {
    TFLOWER_TRY(std::unique_ptr<ir::Subgraph> subgraph, LowerSignature(signature));
    CollectFailures(*subgraph, failures);
    failures_.clear();
    poison_.clear();
    if (failures.errors.empty()) subgraph->RemoveDead();
    model.subgraphs.push_back(std::move(subgraph));
  }
  if (!failures.errors.empty()) {
    const size_t n = failures.errors.size();
    // A broken plugin is why, rather than the model; and what is not covered, rather than what contradicts itself.
    const auto severity = [](const Error& e) { return ExitCode(e.code) == 4 ? 2 : ExitCode(e.code) == 1 ? 1 : 0; };
    const auto worst = std::ranges::max_element(failures.errors, {}, severity);
    Error summary(worst->code, fmt::format("{} node{} cannot be converted", n, n == 1 ? "" : "s"));
    if (severity(*worst) == 2) summary.notes.push_back(fmt::format("{}: {}", worst->file, worst->message));
    return std::move(summary).File(tf_.path());
  }
  model.notes = std::move(notes_);
  return model;
}

// ---- the walk

Status Interpreter::Demand(Frame& frame, int32_t root) {
  std::vector<int32_t> stack{root};
  while (!stack.empty()) {
    const int32_t index = stack.back();
    if (frame.state(index) == Frame::State::kDone) {
      stack.pop_back();
      continue;
    }
    const tf::Node& node = frame.scope().nodes()[static_cast<size_t>(index)];
    if (frame.state(index) == Frame::State::kActive) {
      stack.pop_back();
      TFLOWER_CHECK(LowerNode(frame, index));
      continue;
    }
    frame.set_state(index, Frame::State::kActive);
    for (auto in = node.inputs.rbegin(); in != node.inputs.rend(); ++in) {
      if (in->node < 0 || frame.state(in->node) == Frame::State::kDone) continue;
      if (frame.state(in->node) == Frame::State::kActive) {
        const Error* e = AddFailure(Error(Code::kUnsupportedGraph, "is part of a cycle").Hint("export the model with TF2 control flow (tf.function) instead of TF1 loops"), frame, node);
        frame.Set(index, std::vector<ir::Value*>(frame.outputs_read(index), Poisoned(e, {})));
        break;
      }
      stack.push_back(in->node);
    }
  }
  return Ok();
}

Result<ir::Value*> Interpreter::ReadResource(ir::Value* handle) {
  if (const auto it = variables_.find(handle->resource); it != variables_.end()) return it->second;
  TFLOWER_TRY(ir::ConstantRef constant, constants_.Variable(handle->resource));
  ir::Value* v = typer_.AddConstant(*graph_, std::move(constant));
  v->name = handle->resource;
  variables_.emplace(handle->resource, v);
  return v;
}

Status Interpreter::LowerNode(Frame& frame, int32_t index) {
  const tf::Node& node = frame.scope().nodes()[static_cast<size_t>(index)];
  if (frame.state(index) == Frame::State::kDone) return Ok();
  std::vector<ir::Value*> inputs;
  std::vector<const ir::Poison*> causes;
  for (const tf::Input& in : node.inputs) {
    ir::Value* v = frame.Get(in);
    if (v == nullptr) v = Poisoned(AddFailure(Error(Code::kUnsupportedOp, "this input is an output that its op's lowering does not produce").What(std::string(in.ref)), frame, node), {});
    if (v->is_poison()) causes.push_back(v->poison);
    inputs.push_back(v);
  }
  Result<std::vector<ir::Value*>> outputs = [&]() -> Result<std::vector<ir::Value*>> {
    if (node.op == "Const") {
      TFLOWER_TRY(ir::ConstantRef c, constants_.Const(node));
      ir::Value* v = typer_.AddConstant(*graph_, std::move(c));
      v->name = node.name;
      return std::vector<ir::Value*>{v};
    }
    if (node.op == "VarHandleOp" || node.op == "VariableV2" || node.op == "Variable") {
      ir::Value* v = graph_->NewValue();
      v->dtype = DType::kResource;
      v->resource = node.name;
      if (node.op == "VarHandleOp") return std::vector<ir::Value*>{v};
      TFLOWER_TRY(ir::Value * value, ReadResource(v));
      return std::vector<ir::Value*>{value};
    }
    if (node.op == "Placeholder") return Error(Code::kUnsupportedGraph, "the output depends on a placeholder that is no input of the signature").Hint("name it in --inputs");
    if (node.op == "PartitionedCall" || node.op == "StatefulPartitionedCall") {
      const tf::Attr* f = node.Find("f");
      if (f == nullptr) return Error(Code::kInvalidGraph, "the node lacks this attribute").What("f");
      TFLOWER_TRY(const tf::FuncRef function, tf::AttrFunc(*f));
      return LowerCall(frame, node, function.name, inputs);
    }
    if (tf_.HasFunction(node.op)) return LowerCall(frame, node, node.op, inputs);  // a function by its name hides an op, as in TF
    return LowerByPlugin(frame, index, inputs);
  }();
  if (!outputs.ok()) {
    if (IsFatal(outputs.error())) return std::move(outputs.error());
    const Error* e = outputs.error().code == Code::kOk ? nullptr : AddFailure(std::move(outputs.error()), frame, node);
    outputs = std::vector<ir::Value*>(NumOutputs(frame, index), Poisoned(e, std::move(causes)));
  }
  frame.Set(index, std::move(outputs.value()));
  return Ok();
}

// ---- calls

Result<std::vector<ir::Value*>> Interpreter::LowerCall(Frame& frame, const tf::Node& node, std::string_view name, std::vector<ir::Value*> inputs) {
  TFLOWER_TRY(const tf::Function* function, tf_.FindFunction(name));
  if (inputs.size() != function->args.size())
    return Error(Code::kInvalidGraph, fmt::format("calls '{}' with {} arguments, it takes {}", name, inputs.size(), function->args.size()));
  if (frame.depth() >= kMaxDepth) return Error(Code::kUnsupportedGraph, fmt::format("calls are nested deeper than {}", kMaxDepth));
  Result<std::vector<ir::Value*>> fused = TryComposites(node, *function, inputs);
  if (fused.ok() || fused.error().code != Code::kNotFound) return fused;
  return Call(*function, std::move(inputs), frame.depth() + 1);
}

Result<std::vector<ir::Value*>> Interpreter::Call(const tf::Function& function, std::vector<ir::Value*> args, int depth) {
  Frame frame(function.body, function.name, std::move(args), depth);
  std::vector<ir::Value*> outputs;
  for (const tf::Input& result : function.results) {
    if (result.node >= 0) TFLOWER_CHECK(Demand(frame, result.node));
    outputs.push_back(frame.Get(result));
  }
  return outputs;
}

// kNotFound: no composite rule takes the call.
Result<std::vector<ir::Value*>> Interpreter::TryComposites(const tf::Node& node, const tf::Function& function, const std::vector<ir::Value*>& inputs) {
  for (const char* key : {"_implements", "api_implements"}) {
    const tf::Attr* attr = function.Find(key);
    if (attr == nullptr) continue;
    TFLOWER_TRY(const std::string_view name, tf::AttrString(*attr));
    for (uint32_t skip = 0;; ++skip) {
      Result<RuleRef> rule = registry_.FindComposite(name, skip);
      if (!rule.ok()) {
        if (rule.error().code == Code::kNotFound) break;
        return rule.error();
      }
      Result<std::vector<ir::Value*>> out = LowerCallBy(rule.value(), name, node, inputs, static_cast<uint32_t>(function.results.size()), {typer_, *graph_, notes_});
      if (out.ok() || out.error().code != Code::kDeclined) return out;
    }
  }
  return Error(Code::kNotFound, "no composite rule");
}

// ---- plugins

Result<std::vector<ir::Value*>> Interpreter::LowerByPlugin(Frame& frame, int32_t index, std::vector<ir::Value*> inputs) {
  const tf::Node& node = frame.scope().nodes()[static_cast<size_t>(index)];
  Error declined;
  for (uint32_t skip = 0;; ++skip) {
    Result<LoweringRef> lowering = registry_.FindLowering(node.op, skip);
    if (!lowering.ok()) {
      if (skip != 0 && lowering.error().code == Code::kUnsupportedOp) return declined;
      return std::move(lowering.error());
    }
    for (const ir::Value* v : inputs) if (v->is_poison()) return Error(Code::kOk, "");  // covered, but an input is missing
    for (ir::Value*& v : inputs) {
      if (v->resource.empty()) continue;
      TFLOWER_TRY(v, ReadResource(v));  // a variable that nobody writes is its value
    }
    Result<std::vector<ir::Value*>> out =
        LowerNodeBy(lowering.value(), node, inputs, NumOutputs(frame, index), options_.allow_unknown_attrs, {typer_, *graph_, notes_});
    if (out.ok() || out.error().code != Code::kDeclined) return out;
    declined = std::move(out.error());
    declined.code = Code::kUnsupportedOp;
  }
}

}  // namespace

Result<ir::Model> Lower(const tf::Graph& graph, const Registry& registry, Typer& typer, const LowerOptions& options, LowerFailures& failures) {
  return Interpreter(graph, registry, typer, options).Run(failures);
}

}  // namespace tflower::lower
