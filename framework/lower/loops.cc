// Walk: While. A loop that ends after a few known rounds leaves no subgraph. A loop variable that the body hands on unchanged is an operand
// only because TFLite's subgraphs see nothing else. Types of loop variables are widened (dimension by dimension) until the body agrees.
#include <algorithm>

#include <fmt/format.h>

#include "lower/walk.h"

namespace tflower::lower {
namespace {

constexpr int kMaxRounds = 64;          // of unrolling
constexpr int64_t kMaxUnrolled = 160;   // operators that unrolling may make
constexpr int kMaxWidenings = 24;       // tries until a loop's types must be stable
constexpr size_t kMaxSliced = 5;        // dimensions that STRIDED_SLICE takes

}  // namespace

// The body's argument i comes back as result i, untouched.
std::vector<bool> Walk::PassedOn(const tf::Function& body) {
  std::vector<bool> out(body.results.size(), false);
  for (size_t i = 0; i < out.size(); ++i) {
    tf::Input at = body.results[i];
    for (int steps = 0; at.arg < 0 && at.node >= 0 && steps < 64; ++steps) {
      const tf::Node& node = body.body.nodes()[static_cast<size_t>(at.node)];
      const tflower_lowering* row = effects_.RowOf(node.op);
      if (row == nullptr || row->role != TFLOWER_ROLE_FORWARD || static_cast<size_t>(at.output) >= node.inputs.size()) break;
      at = node.inputs[static_cast<size_t>(at.output)];
    }
    out[i] = at.arg == static_cast<int32_t>(i);
  }
  return out;
}

Result<Walk::Values> Walk::LowerWhile(Frame& frame, const tf::Node& node, Values inputs) {
  TFLOWER_TRY(const auto functions, FunctionsOf(node, {"cond", "body"}));
  const tf::Function &cond = *functions[0], &body = *functions[1];
  if (cond.args.size() != inputs.size() || body.args.size() != inputs.size() || body.results.size() != inputs.size() || cond.results.size() != 1)
    return Error(Code::kInvalidGraph, fmt::format("has {} loop variables; its condition takes {}, its body takes {} and gives {}", inputs.size(), cond.args.size(), body.args.size(), body.results.size()));
  if (std::ranges::any_of(inputs, &ir::Value::is_poison)) {  // for the failures inside
    for (const tf::Function* f : {&cond, &body}) {
      TFLOWER_TRY(const Values lost, Call(*f, inputs, frame.depth() + 1));
      for (const ir::Value* v : lost) if (v != nullptr && v->is_poison()) required_.push_back(v->poison);
    }
    return Error(Code::kOk, "");
  }
  Values values = inputs;
  if (unroll_budget_ >= 0) {
    TFLOWER_TRY(const bool unrolled, Unroll(frame, cond, body, values));
    if (unrolled) return values;
    return Error(kNotUnrolled, "a loop inside");
  }
  const size_t required = required_.size(), notes = notes_.size();
  Result<Loop> built = BuildLoop(frame, node, cond, body, inputs);
  if (built.ok() && built.value().op != nullptr) {
    Result<Values> fused = FuseLoop(node, built.value());
    if (fused.ok()) return LoopResults(built.value().variables, inputs, built.value().results, fused.value());
    if (fused.error().code != Code::kDeclined) return fused;
  }
  const size_t required_after = required_.size(), notes_after = notes_.size();
  TFLOWER_TRY(const bool unrolled, Unroll(frame, cond, body, values));
  if (unrolled) {  // the loop was built for nothing
    if (built.ok() && built.value().op != nullptr) ir::Subgraph::Drop(built.value().op);
    required_.erase(required_.begin() + static_cast<std::ptrdiff_t>(required), required_.begin() + static_cast<std::ptrdiff_t>(required_after));
    notes_.erase(notes_.begin() + static_cast<std::ptrdiff_t>(notes), notes_.begin() + static_cast<std::ptrdiff_t>(notes_after));
    return values;
  }
  TFLOWER_TRY(const Loop loop, std::move(built));
  if (loop.op == nullptr) return Values(inputs.size(), Poisoned(nullptr, loop.causes));
  return LoopResults(loop.variables, inputs, loop.results, loop.op->outputs);
}

// kDeclined: no rule takes it.
Result<Walk::Values> Walk::FuseLoop(const tf::Node& node, const Loop& loop) {
  if (loop.op->effect != ir::Effect::kNone) return Error(Code::kDeclined, "has effects");
  TFLOWER_TRY(const std::vector<RuleRef> rules, registry_.LoopRules());
  const size_t mark = region_->graph->num_operators();
  std::vector<std::string> reasons;  // several rules may stumble over the same
  for (const RuleRef& rule : rules) {
    Result<Values> fused = FuseLoopBy(rule, *loop.op, node.name, target());
    if (fused.ok()) return fused;
    region_->graph->DropFrom(mark);
    const Error& why = fused.error();
    if (why.code != Code::kDeclined && ExitCode(why.code) != 1) return fused;
    if (why.message.empty() || std::ranges::find(reasons, why.message) != reasons.end()) continue;
    reasons.push_back(why.message);
    notes_.push_back(fmt::format("loop '{}' is not fused by rule {}: {}", node.name, rule.row->id, why.message));
  }
  return Error(Code::kDeclined, "no rule");
}

// Executes the loop as long as its condition is known; true when it ends so within the budget. Else nothing is left of the try.
Result<bool> Walk::Unroll(Frame& frame, const tf::Function& cond, const tf::Function& body, Values& values) {
  ir::Subgraph& graph = *region_->graph;
  const size_t mark = graph.num_operators(), failures = failures_.size(), required = required_.size(), notes = notes_.size();
  const bool outermost = unroll_budget_ < 0;
  if (outermost) unroll_budget_ = kMaxUnrolled;
  const size_t limit = mark + static_cast<size_t>(unroll_budget_);
  const Values first = values;
  const auto run = [&]() -> Result<bool> {
    for (int round = 0; round <= kMaxRounds; ++round) {
      TFLOWER_TRY(const Values more, Call(cond, values, frame.depth() + 1));
      if (more[0] == nullptr || !more[0]->is_constant() || more[0]->constant->size_bytes() == 0) return false;
      TFLOWER_TRY(const std::span<const std::byte> bytes, more[0]->constant->Bytes());
      if (bytes[0] == std::byte{0}) return true;
      TFLOWER_TRY(values, Call(body, values, frame.depth() + 1));
      for (const ir::Value* v : values) if (v == nullptr || v->is_poison()) return false;
      if (failures_.size() != failures || graph.num_operators() > limit) return false;
    }
    return false;
  };
  const auto handles = region_->handles;
  Result<bool> done = run();
  if (outermost) unroll_budget_ = -1;
  if (done.ok() && done.value()) return true;
  if (!done.ok() && done.error().code != kNotUnrolled) return done;
  graph.DropFrom(mark);
  region_->handles = handles;
  required_.resize(required);
  notes_.resize(std::min(notes_.size(), notes));
  values = first;
  return false;
}

Result<Walk::Loop> Walk::BuildLoop(Frame& frame, const tf::Node& node, const tf::Function& cond, const tf::Function& body, const Values& inputs) {
  const std::vector<bool> passed_on = PassedOn(body);
  Loop loop;
  std::vector<LoopVariable>& variables = loop.variables;
  Values& results = loop.results;
  for (size_t i = 0; i < inputs.size(); ++i) {
    LoopVariable& variable = variables.emplace_back(inputs[i]);
    variable.known = passed_on[i];
    if (!passed_on[i] && variable.constant) variable.Carry(inputs[i]);
  }
  TFLOWER_TRY(ir::Subgraph * body_graph, BodyGraph(frame, node, body, variables, results));
  for (const ir::Value* v : results) if (v->is_poison()) loop.causes.push_back(v->poison);
  if (!loop.causes.empty()) return loop;
  ir::Value* condition = nullptr;
  TFLOWER_TRY(ir::Subgraph * cond_graph, ConditionGraph(frame, node, cond, variables, condition));
  if (condition == nullptr) return Error(Code::kInvalidGraph, "its condition has no result");
  if (condition->is_poison()) {
    loop.causes.push_back(condition->poison);
    return loop;
  }

  Values operands, tensors;
  for (size_t i = 0; i < variables.size(); ++i) {
    const LoopVariable& variable = variables[i];
    if (variable.tensor == nullptr) continue;
    operands.push_back(variable.tensor);
    AddOutput(*body_graph, variable.CarriedOf(results[i]));
    ir::Value* out = tensors.emplace_back(region_->graph->NewValue());
    out->dtype = variable.tensor->dtype;
    out->dims = variable.dims;
    out->name = node.name;
  }
  const tfl::While options{};
  loop.op = AddOperator(tfl::Builtin::WHILE, {&options, sizeof options}, std::move(operands), std::move(tensors),
                                 std::max(cond_graph->effect(), body_graph->effect()), node.name);
  loop.op->bodies = {cond_graph, body_graph};
  return loop;
}

// The body's subgraph, with the variables' types widened until it agrees with them, or until something in it fails for good.
Result<ir::Subgraph*> Walk::BodyGraph(Frame& frame, const tf::Node& node, const tf::Function& body, std::vector<LoopVariable>& variables, Values& results) {
  const size_t required = required_.size();
  for (int round = 0; round < kMaxWidenings; ++round) {
    required_.resize(required);
    TFLOWER_TRY(ir::Subgraph * graph, InSubgraph(fmt::format("{}/body", node.name), [&](ir::Subgraph& g) -> Status {
      Values arguments;
      for (LoopVariable& variable : variables) {
        TFLOWER_TRY(ir::Value * argument, Argument(g, variable));
        arguments.push_back(argument);
        if (variable.tensor != nullptr) variable.inside = g.inputs.back().value;
      }
      TFLOWER_TRY(results, Call(body, arguments, frame.depth() + 1));
      for (size_t i = 0; i < results.size(); ++i) variables[i].unchanged = results[i] == arguments[i] && !variables[i].spare;
      return WriteLikeArguments(node, variables, results);
    }));
    if (std::ranges::find(results, nullptr) != results.end()) return Error(Code::kInvalidGraph, "its body does not make all results");
    TFLOWER_TRY(const bool stable, WidenAll(node, variables, results));
    if (stable) return graph;
  }
  return Error(Code::kUnsupportedShape, "the types of its variables do not settle");
}

Result<bool> Walk::WidenAll(const tf::Node& node, std::vector<LoopVariable>& variables, const Values& results) {
  const bool failed = std::ranges::any_of(results, &ir::Value::is_poison);
  bool stable = true;
  SharedDims shared;
  for (size_t i = 0; i < results.size(); ++i) {
    // What failed may go well once the lists' elements are known.
    if (results[i]->is_poison() || (failed && results[i]->list == nullptr)) continue;
    TFLOWER_TRY(const bool fits, Widen(node, variables[i], results[i], i, shared));
    stable = stable && fits;
  }
  return stable;
}

Result<ir::Subgraph*> Walk::ConditionGraph(Frame& frame, const tf::Node& node, const tf::Function& cond, const std::vector<LoopVariable>& variables, ir::Value*& condition) {
  return InSubgraph(fmt::format("{}/cond", node.name), [&](ir::Subgraph& g) -> Status {
    Values arguments;
    for (const LoopVariable& variable : variables) {
      TFLOWER_TRY(ir::Value * argument, Argument(g, variable));
      arguments.push_back(argument);
    }
    TFLOWER_TRY(const Values out, Call(cond, arguments, frame.depth() + 1));
    condition = out[0];
    if (condition == nullptr || condition->is_poison()) return Ok();
    if (!condition->is_tensor() || condition->dtype != DType::kBool) return Error(Code::kUnsupportedType, "the condition is no bool tensor");
    AddOutput(g, condition);
    return Ok();
  });
}

// After the loop: what is made of its results comes behind it.
Result<Walk::Values> Walk::LoopResults(const std::vector<LoopVariable>& variables, const Values& inputs, const Values& results, const Values& tensors) {
  Values outputs;
  size_t next = 0;
  for (size_t i = 0; i < variables.size(); ++i) {
    ir::Value* output = variables[i].tensor == nullptr ? inputs[i] : tensors[next++];
    if (variables[i].unchanged) output = inputs[i];
    else if (variables[i].tensor != nullptr && inputs[i]->list != nullptr) {
      TFLOWER_TRY(output, ListFrom(*results[i]->list, variables[i], output));
    }
    outputs.push_back(output);
  }
  return outputs;
}

// Makes the variable's type wide enough for what the body gives; true when it was already.
Result<bool> Walk::Widen(const tf::Node& node, LoopVariable& variable, ir::Value* result, size_t i, SharedDims& shared) {
  if (variable.outer->is_handle()) {
    if (result->is_handle() && result->resource == variable.outer->resource) return true;
    return Error(Code::kUnsupportedGraph, fmt::format("the body gives another handle as variable {}", i)).Hint("take the variable's value in the loop");
  }
  if (variable.unchanged) return true;
  if ((variable.outer->list != nullptr) != (result->list != nullptr)) return Error(Code::kInvalidGraph, fmt::format("variable {} is a list at one end of the body and a tensor at the other", i));
  if (result->list != nullptr) {
    const ir::List &outer = *variable.outer->list, &list = *result->list;
    if (list.dtype != outer.dtype) return Error(Code::kInvalidGraph, fmt::format("variable {} is a list of {}, the body gives one of {}", i, NameOf(outer.dtype), NameOf(list.dtype)));
    const bool written = variable.tensor != nullptr && !variable.only_length;
    if (!written && list.items != nullptr) {  // now its elements have a shape: written before the loop as zeros
      TFLOWER_TRY(ir::Value * items, Written(node, outer, {list.items->dims.begin() + 1, list.items->dims.end()}));
      variable.Carry(items);
      return false;
    }
    if (variable.tensor == nullptr) {
      if (SameConstant(*outer.length, *list.length)) return true;
      variable.CarryLength(outer.length);
      return false;
    }
    result = variable.CarriedOf(result);
  }
  if (result->dtype != variable.tensor->dtype)
    return Error(Code::kInvalidGraph, fmt::format("variable {} is {}, the body gives {}", i, NameOf(variable.tensor->dtype), NameOf(result->dtype)));
  if (result->dims.size() != variable.dims.size())
    return Error(Code::kUnsupportedShape, fmt::format("variable {} changes its rank in the loop, from {} to {}", i, DimsText(variable.dims), DimsText(result->dims))).Hint("keep the rank of loop variables");
  const bool is_list = variable.outer->list != nullptr && !variable.only_length;
  if (is_list && !variable.spare && result->dims[0] != variable.dims[0] && result->dims.size() <= kMaxSliced) {
    TFLOWER_CHECK(AddSpare(node, variable, {result->dims.begin() + 1, result->dims.end()}));
    return false;
  }
  bool fits = true;
  for (size_t d = 0; d < variable.dims.size(); ++d) {
    const ir::Dim before = variable.dims[d], after = result->dims[d];
    if (!variable.open[d] && before == after) continue;
    // What becomes unknown together and changes in the same way stays one unknown: the two caches of a decoder grow as one.
    if (variable.open[d] && shared.Agrees(before, after)) continue;
    variable.dims[d] = shared.Get(before, after, typer_);
    variable.open[d] = true;
    fits = false;
  }
  return fits;
}

}  // namespace tflower::lower
