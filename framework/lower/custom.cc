// Walk: ops that no plugin covers, as custom operators (--allow-custom-ops), and functions that say they are one (tfl_fusable_op).
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lower/custom_op.h"
#include "lower/walk.h"

namespace tflower::lower {
namespace {

// A shape that was recorded for other input shapes than those at hand says nothing.
bool Contradicts(const tf::PartialShape& recorded, const ir::Value& v) {
  if (!recorded || !v.is_tensor() || v.rank == ir::Rank::kUnknown) return false;
  if (recorded->size() != v.dims.size()) return true;
  for (size_t i = 0; i < v.dims.size(); ++i)
    if ((*recorded)[i] >= 0 && v.dims[i].known() && (*recorded)[i] != v.dims[i].value()) return true;
  return false;
}

std::vector<DeclaredType> Declare(Typer& typer, const std::vector<tflower_type>& types) {
  std::vector<DeclaredType> out;
  for (const tflower_type& type : types) out.push_back(typer.Declare(type));
  return out;
}

EmitRequest CustomRequest(std::string_view name, const std::vector<std::byte>& options, const std::vector<ir::Value*>& inputs, size_t outputs, const tf::Node& node) {
  EmitRequest request;
  request.code = static_cast<int32_t>(tfl::Builtin::CUSTOM);
  request.custom_code = name;
  request.options = {options.data(), options.size()};
  request.inputs = inputs;
  request.num_outputs = static_cast<uint32_t>(outputs);
  request.node = node.name;
  request.plugin = "tflower";
  return request;
}

}  // namespace

Result<Walk::Values> Walk::OrCustom(Frame& frame, const tf::Node& node, const Values& inputs, Error why) {
  const int code = static_cast<int>(why.code);
  const bool uncovered = code >= static_cast<int>(Code::kUnsupportedOp) && code <= static_cast<int>(Code::kUnsupportedGraph);
  if (!options_.allow_custom_ops || (!uncovered && why.code != Code::kMissingKernel)) return why;
  if (!options_.custom_in_doubt && typer_.symbols().HasProposal(node.name)) return why;  // other sizes may suit it
  for (const ir::Value* v : inputs) if (v->is_poison()) return Error(Code::kOk, "");
  Result<Values> out = LowerCustom(frame, node, inputs);
  if (!out.ok()) out.error().notes.push_back("it would be a custom operator, because: " + why.message);
  else notes_.push_back(fmt::format("{} '{}' becomes a custom operator: {}{}", node.op, node.name, why.what.empty() ? "" : why.what + ": ", why.message));
  return out;
}

Result<std::vector<tf::OutputType>> Walk::TypesHere(const Frame& frame, const tf::Node& node, const Values& inputs) {
  std::vector<tf::OutputType> types = tf::OutputTypes(tf_, node);
  const tf::Function* function = nullptr;
  if (!frame.function().empty()) {
    TFLOWER_TRY(function, tf_.FindFunction(frame.function()));
  }
  for (size_t i = 0; i < inputs.size(); ++i)
    if (Contradicts(tf::RecordedShape(frame.scope(), function, node.inputs[i]), *inputs[i]))
      for (tf::OutputType& type : types)
        if (type.shape) std::ranges::fill(*type.shape, -1);
  const uint32_t count = frame.outputs_read(static_cast<int32_t>(frame.scope().IndexOf(node)));
  if (types.size() < count) types.resize(count);
  return types;
}

Result<Walk::Values> Walk::LowerCustom(Frame& frame, const tf::Node& node, const Values& inputs) {
  if (node.op.starts_with("tflower.")) return Error(Code::kUnsupportedOp, "names that begin with 'tflower.' are for operators of tflower itself");
  for (size_t i = 0; i < inputs.size(); ++i)
    if (!inputs[i]->is_tensor())
      return Error(Code::kUnsupportedType, inputs[i]->is_handle() ? "is a handle of a variable or table: a custom operator takes tensors only" : "is a list of tensors: a custom operator takes tensors only")
          .What(fmt::format("input {}", i));
  TFLOWER_TRY(const std::vector<tf::OutputType> outputs, TypesHere(frame, node, inputs));
  TFLOWER_TRY(const std::vector<tflower_type> types, DeclaredTypes(outputs));
  std::vector<std::string> left_out;
  TFLOWER_TRY(const std::vector<std::byte> options, EncodeAttributes(node.attrs, tf_.FindOpDef(node.op), "", left_out));
  if (!left_out.empty()) notes_.push_back(fmt::format("{} '{}': attribute{} {} not in the custom operator's options", node.op, node.name, left_out.size() == 1 ? "" : "s", fmt::join(left_out, ", ")));
  return typer_.EmitDeclared(*region_->graph, CustomRequest(node.op, options, inputs, types.size(), node), Declare(typer_, types), tf::IsStateful(tf_, node.op));
}

// Types by walking through the function's body, which is taken back again: exact also where dimensions are unknown. What this does not
// tell comes from the model.
std::vector<DeclaredType> Walk::TypesOfBody(const tf::Function& function, const Values& inputs, int depth, const std::vector<tflower_type>& recorded) {
  std::vector<DeclaredType> types = Declare(typer_, recorded);
  if (KeepsOrder()) return types;  // effects cannot be taken back
  const size_t operators = region_->graph->num_operators(), notes = notes_.size();
  if (const Result<Values> body = Call(function, inputs, depth + 1); body.ok())
    for (size_t i = 0; i < types.size() && i < body.value().size(); ++i)
      if (const ir::Value* v = body.value()[i]; v != nullptr && v->is_tensor() && v->rank != ir::Rank::kUnknown) types[i] = {v->dtype, true, v->dims};
  region_->graph->Truncate(operators);
  notes_.resize(notes);
  return types;
}

Result<Walk::Values> Walk::LowerFusable(const tf::FuncRef& op, const tf::Node& node, const tf::Function& function, Values inputs, int depth) {
  if (op.name.empty() || op.name.starts_with("tflower.")) return Error(Code::kUnsupportedOp, fmt::format("'{}' is no name for a custom operator", op.name)).What("_implements");
  for (ir::Value*& v : inputs) {
    if (v->is_poison()) return Error(Code::kOk, "");
    if (v->is_handle()) {
      TFLOWER_TRY(v, ReadVariable(v));
    }
    if (!v->is_tensor()) return Error(Code::kUnsupportedType, "a list of tensors cannot go into a custom operator").What("_implements");
  }
  TFLOWER_TRY(const std::vector<tflower_type> recorded, DeclaredTypes(tf::ResultTypes(function)));
  std::vector<std::string> left_out;
  TFLOWER_TRY(const std::vector<std::byte> options, EncodeAttributes(op.attrs, nullptr, kFusableOp, left_out));
  if (!left_out.empty()) return Error(Code::kUnsupportedAttribute, "has no form in a custom operator's options").What(left_out[0]).Hint("numbers, flags, strings, types and lists of numbers or strings have one");
  const std::vector<DeclaredType> types = TypesOfBody(function, inputs, depth, recorded);
  return typer_.EmitDeclared(*region_->graph, CustomRequest(op.name, options, inputs, types.size(), node), types, false);
}

}  // namespace tflower::lower
