// Calls of plugins' lowerings and composite rules.
#include "lower/plugin_call.h"

#include <algorithm>

#include <fmt/format.h>

#include "lower/attrs.h"
#include "lower/custom_op.h"
#include "lower/host.h"
#include "lower/rows.h"

namespace tflower::lower {
namespace {

Status CheckInputs(const tflower_lowering& row, const std::vector<ir::Value*>& inputs) {
  const bool variadic = row.num_inputs != 0 && (OperandOf(row, row.num_inputs - 1).flags & TFLOWER_OPERAND_VARIADIC) != 0;
  if (variadic ? inputs.size() + 1 < row.num_inputs : inputs.size() != row.num_inputs)
    return Error(Code::kInvalidGraph, fmt::format("has {} inputs, {} {} allowed", inputs.size(), variadic ? "at least" : "only", variadic ? row.num_inputs - 1 : row.num_inputs));
  for (size_t i = 0; i < inputs.size(); ++i) {
    const tflower_operand_def& def = OperandOf(row, i);
    const ir::Value& v = *inputs[i];
    const std::string what = fmt::format("input {}", i);
    if (v.list != nullptr || (def.flags & TFLOWER_OPERAND_LIST) != 0) {
      if (v.list != nullptr && (def.flags & TFLOWER_OPERAND_LIST) != 0) continue;
      return Error(Code::kUnsupportedType, v.list != nullptr ? "is a list of tensors, where a tensor is needed" : "is a tensor, where a list of tensors is needed").What(what);
    }
    if (v.is_handle() || (def.flags & TFLOWER_OPERAND_RESOURCE) != 0) {
      if (v.is_handle() && (def.flags & TFLOWER_OPERAND_RESOURCE) != 0) continue;
      return Error(Code::kUnsupportedType, v.is_handle() ? "is a handle, where a tensor is needed" : "is a tensor, where a handle is needed").What(what);
    }
    if (!Contains(def.dtypes, v.dtype)) {
      std::string allowed;
      for (int t = 0; t < kNumDTypes; ++t) if ((def.dtypes >> t & 1) != 0) allowed += (allowed.empty() ? "" : ", ") + std::string(NameOf(static_cast<DType>(t)));
      return Error(Code::kUnsupportedType, fmt::format("type {} is not supported, only {}", NameOf(v.dtype), allowed)).What(what);
    }
    const int rank = static_cast<int>(v.dims.size());
    if (rank < def.min_rank || rank > def.max_rank)
      return Error(Code::kUnsupportedShape, def.min_rank == def.max_rank ? fmt::format("has rank {}, must have {}", rank, def.min_rank)
                                                                        : fmt::format("has rank {}, must have {} to {}", rank, def.min_rank, def.max_rank)).What(what);
    if ((def.flags & TFLOWER_OPERAND_CONSTANT) != 0 && !v.is_constant())
      return Error(Code::kUnsupportedShape, "must be a constant, but is computed at run time").What(what);
  }
  return Ok();
}

std::vector<const tflower_value*> ViewsOf(const std::vector<ir::Value*>& values, LowerContext& context) {
  std::vector<const tflower_value*> views;
  for (ir::Value* v : values) views.push_back(context.ViewOf(v));
  return views;
}

tflower_node NodeView(std::string_view op, std::string_view name, const std::vector<const tflower_value*>& inputs, uint32_t num_outputs) {
  tflower_node view{};
  view.struct_size = sizeof view;
  view.op = {op.data(), op.size()};
  view.name = {name.data(), name.size()};
  view.inputs = inputs.data();
  view.num_inputs = static_cast<uint32_t>(inputs.size());
  view.num_outputs = num_outputs;
  return view;
}

Result<std::vector<ir::Value*>> RunLowering(const LoweringRef& lowering, const tflower_node& view, LowerContext& context) {
  const tflower_status status = lowering.row->lower(lowering.row, &context, &view);
  if (status != TFLOWER_OK) {
    Error e = context.TakeError(status);
    e.notes.push_back(fmt::format("lowering by {} {}", lowering.provider.plugin_id, lowering.provider.plugin_version));
    return e;
  }
  for (ir::Value* v : context.bound) if (v != nullptr && v->name.empty()) v->name = std::string_view(view.name.data, view.name.size);
  return std::move(context.bound);
}

}  // namespace

Result<std::vector<ir::Value*>> LowerNodeBy(const LoweringRef& lowering, const tf::Node& node, const std::vector<ir::Value*>& inputs,
                                            uint32_t num_outputs, bool allow_unknown_attrs, Target target) {
  const tflower_lowering& row = *lowering.row;
  TFLOWER_CHECK(CheckInputs(row, inputs));
  NodeAttrs attrs;
  TFLOWER_CHECK(attrs.Read(row, node.attrs, allow_unknown_attrs));
  LowerContext context(target.typer, target.graph, {node.op, node.name, lowering.provider.plugin_id, "", 0}, &target.notes, &target.services, &target.options);
  const std::vector<const tflower_value*> views = ViewsOf(inputs, context);
  tflower_node view = NodeView(node.op, node.name, views, row.num_outputs != 0 ? row.num_outputs : num_outputs);
  const std::vector<tflower_type> types = HintedTypes(tf::OutputTypes(target.source, node));
  if (types.size() >= view.num_outputs) view.output_types = types.data();
  view.attrs = attrs.attrs().data();
  view.num_attrs = static_cast<uint32_t>(attrs.attrs().size());
  return RunLowering(lowering, view, context);
}

Result<const tflower_node*> HandleNode::View(bool allow_unknown_attrs) {
  if (attrs_) return &view_;
  NodeAttrs& attrs = attrs_.emplace();
  if (Status status = attrs.Read(row(), source_.attrs, allow_unknown_attrs); !status.ok()) {
    attrs_.reset();
    return std::move(status.error());
  }
  view_ = NodeView(source_.op, source_.name, {}, 1);
  view_.attrs = attrs.attrs().data();
  view_.num_attrs = static_cast<uint32_t>(attrs.attrs().size());
  view_.handle = number_;
  return &view_;
}

Result<std::vector<ir::Value*>> HandleNode::Lower(bool allow_unknown_attrs, Target target) {
  TFLOWER_TRY(const tflower_node* const view, View(allow_unknown_attrs));
  LowerContext context(target.typer, target.graph, {source_.op, source_.name, lowering_.provider.plugin_id, "", 0}, &target.notes, &target.services, &target.options);
  TFLOWER_TRY(std::vector<ir::Value*> parts, RunLowering(lowering_, *view, context));
  if (parts.empty() || std::ranges::find(parts, nullptr) != parts.end()) return Error(Code::kInternal, "the lowering of a handle binds no tensor").Op(source_.op).Node(source_.name);
  return parts;
}

Result<std::vector<ir::Value*>> LowerCallBy(const RuleRef& rule, const CompositeCall& call, const tf::Node& node, const std::vector<ir::Value*>& inputs,
                                            Target target) {
  LowerContext context(target.typer, target.graph, {call.name, node.name, rule.provider.plugin_id, rule.row->id, 0}, &target.notes, &target.services, &target.options);
  NodeAttrs attrs;
  if (Status read = attrs.Read(*rule.row, call.attrs, call.of_function, kFusableOp); !read.ok()) {
    Error e = std::move(read.error());
    e.code = Code::kDeclined;
    return e;
  }
  const std::vector<const tflower_value*> views = ViewsOf(inputs, context);
  tflower_node view = NodeView(call.name, node.name, views, static_cast<uint32_t>(call.outputs.size()));
  view.attrs = attrs.attrs().data();
  view.num_attrs = static_cast<uint32_t>(attrs.attrs().size());
  view.output_types = call.outputs.data();
  const tflower_status status = rule.row->lower_call(rule.row, &context, &view);
  if (status != TFLOWER_OK) return context.TakeError(status);
  context.bound.resize(std::max(context.bound.size(), call.outputs.size()), nullptr);
  return std::move(context.bound);
}

Result<std::vector<ir::Value*>> FuseLoopBy(const RuleRef& rule, ir::Operator& loop, std::string_view node, Target target) {
  LowerContext context(target.typer, target.graph, {"While", node, rule.provider.plugin_id, rule.row->id, 0}, &target.notes, &target.services, &target.options);
  const tflower_operator* const op = context.ViewOf(&loop);
  const tflower_match match = {sizeof match, 1, &op, op->outputs};
  const tflower_status status = rule.row->rewrite(rule.row, &context, &match);
  if (status != TFLOWER_OK) return context.TakeError(status);
  std::vector<ir::Value*> out(loop.outputs.size(), nullptr);
  const ir::Subgraph& body = *loop.bodies[1];
  for (size_t i = 0; i < out.size(); ++i) if (body.outputs[i].value == body.inputs[i].value) out[i] = loop.inputs[i];
  for (const auto& [old, value] : context.replacements)
    if (old->producer == &loop) out[old->output_index] = value;
  if (std::ranges::find(out, nullptr) != out.end()) return Error(Code::kInternal, "the rule leaves a result of the loop without a replacement");
  return out;
}

}  // namespace tflower::lower
