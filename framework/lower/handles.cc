// Walk: what handles stand for. A variable that nothing writes is a constant; others become VAR_HANDLE, READ_VARIABLE and ASSIGN_VARIABLE,
// with their values from the checkpoint in an initialiser that every signature calls once. Handles never cross into subgraphs as tensors:
// each subgraph makes its own where it needs one, by the same name.
#include <algorithm>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "lower/plugin_call.h"
#include "lower/walk.h"

namespace tflower::lower {

ir::Operator* Walk::AddOperator(tfl::Builtin code, tflower_bytes options, Values inputs, Values outputs, ir::Effect effect, std::string_view node) {
  auto op = std::make_unique<ir::Operator>();
  op->code = static_cast<int32_t>(code);
  op->options = ir::Options::Copy(op->code, options);
  op->inputs = std::move(inputs);
  op->outputs = std::move(outputs);
  op->effect = effect;
  op->node = node;
  op->plugin = "tflower";
  return region_->graph->Append(std::move(op));
}

Result<ir::Value*> Walk::VariableHandle(const std::string& name) {
  used_handles_.insert(name);
  if (const auto it = region_->handles.find(name); it != region_->handles.end()) return it->second;
  ir::Value* v = region_->graph->NewValue();
  v->dtype = DType::kResource;
  v->name = name;
  const tfl::VarHandle options{.container = {}, .shared_name = {name.data(), name.size()}};
  AddOperator(tfl::Builtin::VAR_HANDLE, {&options, sizeof options}, {}, {v}, ir::Effect::kNone, name);
  region_->handles.emplace(name, v);
  return v;
}

// The type of a written variable: what its node declares, and where that is open, what the checkpoint holds.
Result<ir::Value*> Walk::ReadVariable(ir::Value* handle) {
  const std::string& name = handle->resource;
  const auto node = handle_nodes_.find(name);
  if (node != handle_nodes_.end() && effects_.RowOf(node->second->op)->role == TFLOWER_ROLE_HANDLE)
    return Error(Code::kUnsupportedType, "is a handle of something that is no variable").What(name);
  const bool written = effects_.IsWritten(name);
  if (const auto it = region_->constants.find(name); !written && it != region_->constants.end()) return it->second;
  TFLOWER_TRY(ir::ConstantRef constant, constants_.Variable(name));
  if (!written) {
    ir::Value* v = typer_.AddConstant(*region_->graph, std::move(constant));
    v->name = name;
    region_->constants.emplace(name, v);
    return v;
  }
  TFLOWER_TRY(ir::Value * resource, VariableHandle(name));
  ir::Value* v = region_->graph->NewValue();
  v->dtype = constant->dtype();
  for (int64_t d : constant->dims()) v->dims.push_back(d);
  v->name = name;
  AddOperator(tfl::Builtin::READ_VARIABLE, {}, {resource}, {v}, ir::Effect::kReads, name);
  return v;
}

Status Walk::AssignVariable(ir::Value* handle, ir::Value* value) {
  const std::string& name = handle->resource;
  if (initialising_) return Ok();  // what the checkpoint restores counts
  if (!effects_.IsWritten(name)) return Error(Code::kParity, "the lowering writes to an operand that its row does not say it writes to").What(name);
  TFLOWER_TRY(const ir::ConstantRef initial, constants_.Variable(name));
  std::vector<ir::Dim> dims;
  for (int64_t d : initial->dims()) dims.push_back(d);
  if (value->dtype != initial->dtype()) return Error(Code::kInvalidGraph, fmt::format("variable '{}' is {}, the value {}", name, NameOf(initial->dtype()), NameOf(value->dtype)));
  if (value->dims != dims)
    return Error(Code::kUnsupportedShape, fmt::format("the value assigned to '{}' has another shape than the variable", name))
        .Hint("fix the dimensions with --input-shape or --batch, so that the variable keeps its shape");
  TFLOWER_TRY(ir::Value * resource, VariableHandle(name));
  AddOperator(tfl::Builtin::ASSIGN_VARIABLE, {}, {resource, value}, {}, ir::Effect::kWrites, name);
  return Ok();
}

Result<ir::Value*> Walk::HandleTensor(ir::Value* handle) {
  const std::string& name = handle->resource;
  const auto node = handle_nodes_.find(name);
  if (node == handle_nodes_.end()) return Error(Code::kInternal, "a handle without node").What(name);
  TFLOWER_TRY(const LoweringRef lowering, registry_.FindLowering(node->second->op));
  if (lowering.row->role != TFLOWER_ROLE_HANDLE) return VariableHandle(name);
  used_handles_.insert(name);
  if (const auto it = region_->handles.find(name); it != region_->handles.end()) return it->second;
  TFLOWER_TRY(const Values out, LowerNodeBy(lowering, *node->second, {}, 1, options_.allow_unknown_attrs, target()));
  if (out.size() != 1 || out[0] == nullptr) return Error(Code::kInternal, "the lowering of a handle binds no tensor").Op(node->second->op).Node(name);
  region_->handles.emplace(name, out[0]);
  return out[0];
}

Result<std::span<const std::byte>> Walk::ReadAsset(std::string_view path) {
  auto it = assets_.find(path);
  if (it == assets_.end()) {
    if (!constants_.IsAsset(path))
      return Error(Code::kUnsupportedGraph, fmt::format("'{}' is no file of the model's assets folder", path)).Hint("save the model so that the file becomes an asset (tf.saved_model.save with the file tracked)");
    std::ifstream file{std::string(path), std::ios::binary};
    std::ostringstream contents;
    contents << file.rdbuf();
    if (!file) return Error(Code::kUnreadable, "cannot be read").File(std::string(path));
    it = assets_.emplace(std::string(path), std::move(contents).str()).first;
  }
  return std::as_bytes(std::span(it->second));
}

// One subgraph that gives variables their values and fills tables; called once by each signature with an effect.
Status Walk::BuildInitialiser(std::vector<std::unique_ptr<ir::Subgraph>>& signatures) {
  if (used_handles_.empty()) return Ok();
  auto graph = std::make_unique<ir::Subgraph>();
  graph->name = "initialiser";
  Region region{graph.get(), {}, {}};
  region_ = &region;
  std::vector<std::string> names(used_handles_.begin(), used_handles_.end());
  std::ranges::sort(names);
  bool tables = false;
  for (const std::string& name : names) {
    const auto node = handle_nodes_.find(name);
    if (node != handle_nodes_.end() && effects_.RowOf(node->second->op)->role == TFLOWER_ROLE_HANDLE) {
      tables = true;
      continue;
    }
    TFLOWER_TRY(ir::ConstantRef constant, constants_.Variable(name));
    ir::Value* value = typer_.AddConstant(*graph, std::move(constant));
    value->name = name + "/initial";
    TFLOWER_TRY(ir::Value * resource, VariableHandle(name));
    AddOperator(tfl::Builtin::ASSIGN_VARIABLE, {}, {resource, value}, {}, ir::Effect::kWrites, name);
  }
  if (tables && tf_.init_op() != nullptr) {
    initialising_ = true;
    const int32_t root = static_cast<int32_t>(tf_.main().IndexOf(*tf_.init_op()));
    TFLOWER_CHECK(effects_.Add({root}));
    Frame frame(tf_.main(), "", {}, 0);
    TFLOWER_CHECK(Demand(frame, root));
    initialising_ = false;
    if (const auto failures = FailuresBehind(required_); !failures.empty()) return **failures.begin();
  }
  graph->RemoveDead();
  for (auto& signature : signatures) {
    if (signature->effect() == ir::Effect::kNone) continue;
    const tfl::CallOnce options{};
    region_->graph = signature.get();
    ir::Operator* call = AddOperator(tfl::Builtin::CALL_ONCE, {&options, sizeof options}, {}, {}, ir::Effect::kWrites, "initialiser");
    call->order = 1;
    call->bodies = {graph.get()};
  }
  bodies_.push_back(std::move(graph));
  return Ok();
}

}  // namespace tflower::lower
