// Walk: nodes in dependency order, each by its role; calls of functions; calls of plugins.
#include "lower/interpreter.h"

#include <algorithm>

#include <fmt/format.h>

#include "lower/attrs.h"
#include "lower/custom_op.h"
#include "lower/plugin_call.h"
#include "lower/rows.h"
#include "lower/walk.h"

namespace tflower::lower {
namespace {

constexpr int kMaxDepth = 1600;  // calls within calls

// Not the fault of one node: the conversion as a whole cannot go on.
bool IsFatal(const Error& e) {
  if (e.code == Code::kInvalidGraph) return false;  // one node's fault
  const int hundreds = static_cast<int>(e.code) / 100;
  return hundreds == 1 || hundreds == 6 || hundreds == 7;
}

}  // namespace

ir::Value* Walk::Poisoned(const Error* failure, std::vector<const ir::Poison*> causes) {
  ir::Value* v = region_->graph->NewValue();
  v->poison = &poison_.emplace_back(ir::Poison{failure, std::move(causes)});
  return v;
}

const Error* Walk::AddFailure(Error e, const Frame& frame, const tf::Node& node) {
  e.op = node.op;
  e.node = node.name;
  if (!frame.function().empty()) e.notes.push_back(fmt::format("in function '{}'", frame.function()));
  return &failures_.emplace_back(std::move(e));
}

uint32_t Walk::NumOutputs(const Frame& frame, int32_t index) const {
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

// ---- the walk

Status Walk::Demand(Frame& frame, int32_t root) {
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
    if (KeepsOrder())
      for (const tf::Input& in : node.control_inputs)
        if (in.node >= 0 && frame.state(in.node) == Frame::State::kNew && effects_.Touches(frame.scope(), in.node)) stack.push_back(in.node);
    for (auto in = node.inputs.rbegin(); in != node.inputs.rend(); ++in) {
      if (in->node < 0 || frame.state(in->node) == Frame::State::kDone) continue;
      if (frame.state(in->node) == Frame::State::kActive) {
        const Error* e = AddFailure(Error(Code::kUnsupportedGraph, "is part of a cycle outside of loops"), frame, node);
        frame.Set(index, Values(frame.outputs_read(index), Poisoned(e, {})));
        break;
      }
      stack.push_back(in->node);
    }
  }
  return Ok();
}

Status Walk::LowerNode(Frame& frame, int32_t index) {
  const tf::Node& node = frame.scope().nodes()[static_cast<size_t>(index)];
  if (frame.state(index) == Frame::State::kDone) return Ok();
  Values inputs;
  std::vector<const ir::Poison*> causes;
  for (const tf::Input& in : node.inputs) {
    ir::Value* v = frame.Get(in);
    if (v == nullptr) v = Poisoned(AddFailure(Error(Code::kUnsupportedOp, "this input is an output that its op's lowering does not produce").What(std::string(in.ref)), frame, node), {});
    if (v->is_poison()) causes.push_back(v->poison);
    inputs.push_back(v);
  }
  Result<Values> outputs = LowerByRole(frame, index, std::move(inputs));
  if (!outputs.ok()) {
    if (IsFatal(outputs.error())) return std::move(outputs.error());
    const Error* e = outputs.error().code == Code::kOk ? nullptr : AddFailure(std::move(outputs.error()), frame, node);
    ir::Value* const poisoned = Poisoned(e, std::move(causes));
    if (KeepsOrder() && effects_.Touches(frame.scope(), index)) required_.push_back(poisoned->poison);
    outputs = Values(NumOutputs(frame, index), poisoned);
  }
  frame.Set(index, std::move(outputs.value()));
  return Ok();
}

Result<Walk::Values> Walk::LowerConst(const tf::Node& node) {
  TFLOWER_TRY(ir::ConstantRef c, constants_.Const(node));
  ir::Value* v = typer_.AddConstant(*region_->graph, std::move(c));
  v->name = node.name;
  return Values{v};
}

Result<Walk::Values> Walk::LowerByRole(Frame& frame, int32_t index, Values inputs) {
  if (const Error* problem = frame.scope().FindProblem(index)) return *problem;
  const tf::Node& node = frame.scope().nodes()[static_cast<size_t>(index)];
  if (tf_.HasFunction(node.op)) return LowerCall(frame, node, node.op, std::move(inputs));  // a function by its name hides an op, as in TF
  const Result<LoweringRef> found = registry_.FindLowering(node.op);
  if (!found.ok()) return OrCustom(frame, node, inputs, found.error());
  const LoweringRef& lowering = found.value();
  const tflower_lowering& row = *lowering.row;
  if (row.role != TFLOWER_ROLE_FORWARD && row.role != TFLOWER_ROLE_CALL)
    for (size_t i = 0; i < inputs.size(); ++i)
      if (inputs[i]->rank == ir::Rank::kUnknown)
        return Error(Code::kUnsupportedShape, "comes from a custom operator, and the model does not say what rank it has").What(fmt::format("input {}", i))
            .Hint("set the shape in the model (tf.ensure_shape does not help), or give a plugin with the operator's kernel");
  if (row.role == TFLOWER_ROLE_PLAIN) return LowerByPlugin(frame, index, std::move(inputs), lowering);
  if (row.role != TFLOWER_ROLE_CONST) {  // its one attribute is big, and read below
    NodeAttrs attrs;
    TFLOWER_CHECK(attrs.Read(row, node.attrs, options_.allow_unknown_attrs));
  }
  switch (row.role) {
    case TFLOWER_ROLE_CONST: return LowerConst(node);
    case TFLOWER_ROLE_FORWARD: return inputs;
    case TFLOWER_ROLE_PLACEHOLDER:
      return Error(Code::kUnsupportedGraph, "the output depends on a placeholder that is no input of the signature").Hint("name it in --inputs");
    case TFLOWER_ROLE_VARIABLE:
    case TFLOWER_ROLE_REF_VARIABLE:
    case TFLOWER_ROLE_HANDLE: return Values{NewHandle(frame, node, lowering)};
    case TFLOWER_ROLE_CALL: {
      TFLOWER_TRY(const auto functions, FunctionsOf(node, {"f"}));
      return LowerCall(frame, node, functions[0]->name, std::move(inputs));
    }
    case TFLOWER_ROLE_IF: return LowerIf(frame, node, std::move(inputs));
    case TFLOWER_ROLE_CASE: return LowerCase(frame, node, std::move(inputs));
    case TFLOWER_ROLE_WHILE: return LowerWhile(frame, node, std::move(inputs));
    case TFLOWER_ROLE_NO_EFFECT:
      notes_.push_back(fmt::format("{} '{}' is dropped: it has no effect on results", node.op, node.name));
      return Values{};
    default: return Error(Code::kPluginAbi, fmt::format("the lowering by {} has role {}, which this program does not know", lowering.provider.plugin_id, row.role));
  }
}

// ---- calls

Result<Walk::Values> Walk::LowerCall(Frame& frame, const tf::Node& node, std::string_view name, Values inputs) {
  TFLOWER_TRY(const tf::Function* function, tf_.FindFunction(name));
  if (inputs.size() != function->args.size())
    return Error(Code::kInvalidGraph, fmt::format("calls '{}' with {} arguments, it takes {}", name, inputs.size(), function->args.size()));
  if (frame.depth() >= kMaxDepth) return Error(Code::kUnsupportedGraph, fmt::format("calls are nested deeper than {}", kMaxDepth));
  Result<Values> fused = TryComposites(node, *function, inputs, frame.depth());
  if (fused.ok() || fused.error().code != Code::kNotFound) return fused;
  return Call(*function, std::move(inputs), frame.depth() + 1);
}

Result<Walk::Values> Walk::Call(const tf::Function& function, Values args, int depth) {
  Frame frame(function.body, function.name, std::move(args), depth);
  Values outputs;
  for (const tf::Input& result : function.results) {
    if (result.node >= 0) TFLOWER_CHECK(Demand(frame, result.node));
    outputs.push_back(frame.Get(result));
  }
  if (KeepsOrder())
    for (const tf::Input& result : function.control_results)
      if (result.node >= 0 && effects_.Touches(function.body, result.node)) TFLOWER_CHECK(Demand(frame, result.node));
  return outputs;
}

// ---- plugins

// Operands that do not ask for a handle get what the variable holds.
Status Walk::LoadVariables(Values& inputs, const tflower_lowering& row) {
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i]->is_handle() || row.num_inputs == 0) continue;
    if ((OperandOf(row, i).flags & TFLOWER_OPERAND_RESOURCE) != 0) continue;
    TFLOWER_TRY(inputs[i], ReadVariable(inputs[i]));
  }
  return Ok();
}

// Asks one after the other, beginning with `lowering`.
Result<Walk::Values> Walk::LowerByPlugin(Frame& frame, int32_t index, Values inputs, LoweringRef lowering) {
  const tf::Node& node = frame.scope().nodes()[static_cast<size_t>(index)];
  Error declined;
  for (uint32_t skip = 1;; ++skip) {
    if (SkipsInitialising(*lowering.row, inputs)) return Values(NumOutputs(frame, index), nullptr);
    for (const ir::Value* v : inputs) if (v->is_poison()) return Error(Code::kOk, "");  // covered, but an input is missing
    Values operands = inputs;
    TFLOWER_CHECK(LoadVariables(operands, *lowering.row));
    Result<Values> out = LowerNodeBy(lowering, node, operands, NumOutputs(frame, index), options_.allow_unknown_attrs, target());
    if (out.ok()) return out;
    if (out.error().code != Code::kDeclined) return OrCustom(frame, node, inputs, std::move(out.error()));
    declined = std::move(out.error());
    declined.code = Code::kUnsupportedOp;
    Result<LoweringRef> next = registry_.FindLowering(node.op, skip);
    if (!next.ok() && next.error().code == Code::kDeclined) return OrCustom(frame, node, inputs, std::move(declined));
    TFLOWER_TRY(lowering, std::move(next));
  }
}

}  // namespace tflower::lower
