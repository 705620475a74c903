// Walk: what handles stand for. A variable that nothing writes is a constant; others become VAR_HANDLE, READ_VARIABLE and ASSIGN_VARIABLE,
// with their values from the checkpoint in an initialiser that every signature calls once. Handles never cross into subgraphs as tensors:
// each subgraph makes its own where it needs one, by the same name.
#include <algorithm>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "lower/plugin_call.h"
#include "lower/rows.h"
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
  if (const auto it = region_->handles.find(name); it != region_->handles.end()) return it->second[0];
  ir::Value* v = region_->graph->NewValue();
  v->dtype = DType::kResource;
  v->name = name;
  const tfl::VarHandle options{.container = {}, .shared_name = {name.data(), name.size()}};
  AddOperator(tfl::Builtin::VAR_HANDLE, {&options, sizeof options}, {}, {v}, ir::Effect::kNone, name);
  region_->handles.emplace(name, Values{v});
  return v;
}

// The type of a written variable: what its node declares, and where that is open, what the checkpoint holds.
Result<ir::Value*> Walk::ReadVariable(ir::Value* handle) {
  const std::string& name = handle->resource;
  if (const auto node = handle_nodes_.find(name); node != handle_nodes_.end())
    return Error(Code::kUnsupportedType, "is a handle of something that is no variable").What(node->second.source().name);
  const bool written = effects_.IsWritten(name) && !initialising_;  // tables are filled from what the checkpoint has
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

// Nodes with one shared_name stand for one thing, as in TF; others for one in each function.
ir::Value* Walk::NewHandle(const Frame& frame, const tf::Node& node, const LoweringRef& lowering) {
  ir::Value* v = region_->graph->NewValue();
  v->dtype = DType::kResource;
  v->resource = node.name;
  if (lowering.row->role != TFLOWER_ROLE_HANDLE) return v;
  const auto text = [&](const char* name) -> std::string {
    const tf::Attr* attr = node.Find(name);
    if (attr == nullptr) return "";
    const Result<std::string_view> value = tf::AttrString(*attr);
    return value.ok() ? std::string(value.value()) : "";
  };
  const std::string shared = text("shared_name");
  v->resource = shared.empty() ? fmt::format("node {} of '{}'", node.name, frame.function()) : fmt::format("shared {} of '{}'", shared, text("container"));
  handle_nodes_.try_emplace(v->resource, node, lowering, static_cast<uint32_t>(handle_nodes_.size()));
  return v;
}

Result<WalkServices::HandleSite> Walk::HandleNode(ir::Value* handle) {
  const auto it = handle_nodes_.find(handle->resource);
  if (it == handle_nodes_.end()) return Error(Code::kUnsupportedType, "is the handle of a variable").What(handle->resource);
  TFLOWER_TRY(const tflower_node* const node, it->second.View(options_.allow_unknown_attrs));
  return HandleSite{&it->second.row(), node};
}

Result<ir::Value*> Walk::HandleTensor(ir::Value* handle, uint32_t part) {
  const std::string& name = handle->resource;
  const auto node = handle_nodes_.find(name);
  if (node == handle_nodes_.end()) return VariableHandle(name);
  used_handles_.insert(name);
  auto it = region_->handles.find(name);
  if (it == region_->handles.end()) {
    TFLOWER_TRY(Values parts, node->second.Lower(options_.allow_unknown_attrs, target()));
    it = region_->handles.emplace(name, std::move(parts)).first;
  }
  if (part >= it->second.size()) return Error(Code::kInternal, fmt::format("the lowering of the handle binds no output {}", part)).Op(node->second.source().op);
  return it->second[part];
}

// Whether the initialiser leaves this node out: it writes to variables, whose values are the checkpoint's, or to what nobody uses.
// Notes what gets contents.
bool Walk::SkipsInitialising(const tflower_lowering& row, const Values& inputs) {
  bool written = false, used = false;
  for (size_t i = 0; i < inputs.size() && row.num_inputs != 0; ++i) {
    if ((OperandOf(row, i).flags & TFLOWER_OPERAND_WRITES) == 0) continue;
    written = true;
    const auto node = handle_nodes_.find(inputs[i]->resource);
    if (node == handle_nodes_.end()) continue;
    node->second.filled = true;
    used |= used_handles_.contains(inputs[i]->resource);
  }
  return initialising_ && written && !used;
}

Result<std::span<const std::byte>> Walk::ReadAsset(std::string_view path) {
  auto it = assets_.find(path);
  if (it == assets_.end()) {
    if (!tf_.IsAssetFile(path))
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
    if (handle_nodes_.contains(name)) {
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
  for (const auto& [name, node] : handle_nodes_)
    if (used_handles_.contains(name) && !node.filled)
      return Error(Code::kUnsupportedGraph, "is used, but nothing in the model fills it: neither its initialisation (init_op) nor the signatures")
          .Op(node.source().op).Node(node.source().name).Hint("save the model with the table tracked (tf.saved_model.save of an object that has it as an attribute)");
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
