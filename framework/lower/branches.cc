// Walk: If and Case. A branch whose condition is known leaves no subgraph at all.
#include <algorithm>

#include <fmt/format.h>

#include "lower/tensor_list.h"
#include "lower/walk.h"

namespace tflower::lower {

Result<Walk::Values> Walk::LowerIf(Frame& frame, const tf::Node& node, Values inputs) {
  TFLOWER_TRY(const auto functions, FunctionsOf(node, {"then_branch", "else_branch"}));
  if (inputs.empty()) return Error(Code::kInvalidGraph, "has no condition");
  const Values args(inputs.begin() + 1, inputs.end());
  const auto call = [&](const tf::Function* f) {
    return [this, f, &frame](Values values) { return Call(*f, std::move(values), frame.depth() + 1); };
  };
  return Choose(node, inputs[0], call(functions[0]), call(functions[1]), args);
}

Result<Walk::Values> Walk::LowerCase(Frame& frame, const tf::Node& node, Values inputs) {
  TFLOWER_TRY(const auto functions, FunctionsOf(node, {"branches"}));
  if (inputs.empty()) return Error(Code::kInvalidGraph, "has no branch index");
  const Values args(inputs.begin() + 1, inputs.end());
  return SwitchFrom(frame, node, inputs[0], functions, 0, args);
}

// Branch `first` if the index says so, else one of those behind it; an index out of range means the last one.
Result<Walk::Values> Walk::SwitchFrom(Frame& frame, const tf::Node& node, ir::Value* index, std::span<const tf::Function* const> branches, size_t first, const Values& args) {
  if (first + 1 == branches.size()) return Call(*branches[first], args, frame.depth() + 1);
  if (index->is_poison()) return Error(Code::kOk, "");
  TFLOWER_TRY(ir::Value * is_first, Emit(node.name, tfl::Equal{}, {index, Scalar(static_cast<int32_t>(first))}));
  // The index goes along as an argument, for the branches behind.
  Values with_index = args;
  with_index.push_back(index);
  const auto without_index = [](Values values) { values.pop_back(); return values; };
  return Choose(node, is_first, [&](Values values) { return Call(*branches[first], without_index(std::move(values)), frame.depth() + 1); },
                [&](Values values) -> Result<Values> {
                  ir::Value* const inner = values.back();
                  return SwitchFrom(frame, node, inner, branches, first + 1, without_index(std::move(values)));
                }, with_index);
}

// The condition as a bool scalar: of numbers, whether they are not zero.
Result<ir::Value*> Walk::Condition(const tf::Node& node, ir::Value* condition) {
  if (!condition->is_tensor()) return Error(Code::kUnsupportedType, "the condition is no tensor").What("input 0");
  if (condition->dtype != DType::kBool) {
    TFLOWER_TRY(ir::Value * zero, Emit(node.name, tfl::Cast{.in_data_type = tfl::TensorType::INT32, .out_data_type = static_cast<tfl::TensorType>(condition->dtype)}, {Scalar(0)}));
    TFLOWER_TRY(condition, Emit(node.name, tfl::NotEqual{}, {condition, zero}));
  }
  if (condition->dims.empty()) return condition;
  const int64_t n = 0;
  ir::Value* const shape = typer_.AddConstant(*region_->graph, ir::Constant::Copy(DType::kInt32, {n}, {}));
  return Emit(node.name, tfl::Reshape{}, {condition, shape});
}

Result<Walk::Values> Walk::Choose(const tf::Node& node, ir::Value* condition, const Branch& then_call, const Branch& else_call, const Values& args) {
  if (condition->is_handle()) {
    TFLOWER_TRY(condition, ReadVariable(condition));
  }
  if (condition->is_poison() || std::ranges::any_of(args, &ir::Value::is_poison)) {  // for the failures inside
    for (const Branch* call : {&then_call, &else_call}) {
      TFLOWER_TRY(const Values lost, (*call)(args));
      for (const ir::Value* v : lost) if (v != nullptr && v->is_poison()) required_.push_back(v->poison);
    }
    return Error(Code::kOk, "");
  }
  TFLOWER_TRY(condition, Condition(node, condition));
  if (condition->is_constant()) {
    TFLOWER_TRY(const std::span<const std::byte> bytes, condition->constant->Bytes());
    return bytes[0] != std::byte{0} ? then_call(args) : else_call(args);
  }
  if (unroll_budget_ >= 0) return Error(kNotUnrolled, "a branch inside");
  return BuildIf(node, condition, then_call, else_call, args);
}

// Operands: tensors that are not constants, and the items of lists.
Result<Walk::Values> Walk::BuildIf(const tf::Node& node, ir::Value* condition, const Branch& then_call, const Branch& else_call, const Values& args) {
  std::vector<LoopVariable> variables;
  Values operands{condition};
  for (ir::Value* v : args) {
    LoopVariable& variable = variables.emplace_back(v);
    if (variable.tensor != nullptr) operands.push_back(variable.tensor);
  }
  Values then_results, else_results;
  TFLOWER_TRY(ir::Subgraph * then_graph, BranchGraph(fmt::format("{}/then", node.name), then_call, args, variables, then_results));
  TFLOWER_TRY(ir::Subgraph * else_graph, BranchGraph(fmt::format("{}/else", node.name), else_call, args, variables, else_results));
  if (then_results.size() != else_results.size()) return Error(Code::kInvalidGraph, "its branches give different numbers of outputs");

  std::vector<const ir::Poison*> causes;
  for (const Values* results : {&then_results, &else_results})
    for (size_t i = 0; i < results->size(); ++i) {
      const ir::Value* const v = (*results)[i];
      if (v == nullptr) return Error(Code::kInvalidGraph, fmt::format("a branch does not make output {}", i));
      if (v->is_poison()) causes.push_back(v->poison);
    }
  if (!causes.empty()) return Values(then_results.size(), Poisoned(nullptr, std::move(causes)));

  const std::vector<ir::Subgraph*> graphs{then_graph, else_graph};
  for (Values* results : {&then_results, &else_results})
    for (ir::Value*& v : *results) if (v->dtype == DType::kString && v->is_constant()) v = HandIn(graphs, v, results == &else_results, operands);
  Values outputs, tensors;
  SharedDims shared;
  for (size_t i = 0; i < then_results.size(); ++i) {
    TFLOWER_TRY(ir::Value * output, JoinResults(node, graphs, then_results[i], else_results[i], i, shared, tensors));
    outputs.push_back(output);
  }
  const tfl::If options{};
  ir::Operator* op = AddOperator(tfl::Builtin::IF, {&options, sizeof options}, std::move(operands), std::move(tensors),
                                 std::max(then_graph->effect(), else_graph->effect()), node.name);
  op->bodies = graphs;
  return outputs;
}

// LiteRT crashes when a branch hands out strings that are a constant of its own. So the constant comes in as an operand.
ir::Value* Walk::HandIn(std::span<ir::Subgraph* const> graphs, const ir::Value* constant, size_t branch, Values& operands) {
  ir::Value* const outer = operands.emplace_back(typer_.AddConstant(*region_->graph, constant->constant));
  ir::Value* inside = nullptr;
  for (size_t i = 0; i < graphs.size(); ++i) {
    ir::Value* const argument = graphs[i]->NewLike(*outer);
    graphs[i]->inputs.push_back({"", argument});
    if (i == branch) inside = argument;
  }
  return inside;
}

Result<ir::Subgraph*> Walk::BranchGraph(const std::string& name, const Branch& call, const Values& args, const std::vector<LoopVariable>& variables, Values& results) {
  return InSubgraph(name, [&](ir::Subgraph& g) -> Status {
    Values inner;
    for (const LoopVariable& variable : variables) {
      TFLOWER_TRY(ir::Value * argument, Argument(g, variable));
      inner.push_back(argument);
    }
    TFLOWER_TRY(results, call(inner));
    for (ir::Value*& out : results) {
      if (out == nullptr || !out->is_handle()) continue;
      const auto at = std::ranges::find(inner, out);
      if (at != inner.end()) out = args[static_cast<size_t>(at - inner.begin())];  // handed through: the handle is the outer one
    }
    return Ok();
  });
}

// Output i of the If from the branches' results. Where that is a tensor it is added to `tensors`, and the results to the branches' outputs.
Result<ir::Value*> Walk::JoinResults(const tf::Node& node, std::span<ir::Subgraph* const> graphs, ir::Value* a, ir::Value* b, size_t i, SharedDims& shared, Values& tensors) {
  if (a->is_handle() || b->is_handle()) {
    if (a != b) return Error(Code::kUnsupportedGraph, fmt::format("its branches give different handles as output {}", i)).Hint("take the variable's value in the branches");
    return a;
  }
  const ir::List* const list = a->list.get();
  if ((list != nullptr) != (b->list != nullptr)) return Error(Code::kInvalidGraph, fmt::format("one branch gives a list as output {}, the other a tensor", i));
  if (list != nullptr) {
    TFLOWER_CHECK(MatchLists(node, graphs, a, b));
    if (a->list != nullptr)  // nothing was written, and the length is the same number
      return MakeList(*region_->graph, {.dtype = list->dtype, .element = list->element, .length = typer_.AddConstant(*region_->graph, list->length->constant), .grows = list->grows});
  }
  if (a->dtype != b->dtype) return Error(Code::kInvalidGraph, fmt::format("its branches give output {} as {} and as {}", i, NameOf(a->dtype), NameOf(b->dtype)));
  if (a->dims.size() != b->dims.size())
    return Error(Code::kUnsupportedShape, fmt::format("its branches give output {} as {} and as {}", i, DimsText(a->dims), DimsText(b->dims))).Hint("give both the same rank");
  ir::Value* out = region_->graph->NewValue();
  out->dtype = a->dtype;
  out->name = node.name;
  for (size_t d = 0; d < a->dims.size(); ++d) out->dims.push_back(a->dims[d] == b->dims[d] ? a->dims[d] : shared.Get(a->dims[d], b->dims[d], typer_));
  for (auto [v, graph] : {std::pair{a, graphs[0]}, std::pair{b, graphs[1]}}) AddOutput(*graph, v);
  tensors.push_back(out);
  if (list == nullptr) return out;
  if (!out->dims.empty()) return MakeList(*region_->graph, {.items = out, .grows = list->grows});
  return MakeList(*region_->graph, {.dtype = list->dtype, .element = list->element, .length = out, .grows = list->grows});
}

}  // namespace tflower::lower
