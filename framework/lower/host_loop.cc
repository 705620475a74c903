// LowerContext: loops that plugins make. The walk makes those of the model itself (loops.cc).
#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "lower/host.h"

namespace tflower::lower {
namespace {

// A variable as the graph of a condition or a body has it.
ir::Value* AddInput(ir::Subgraph& graph, const ir::Value& initial) {
  ir::Value* const v = graph.NewLike(initial);
  graph.inputs.push_back({"", v});
  return v;
}

Status CheckResult(const ir::Value* v, const ir::Value& variable, size_t i) {
  if (v == nullptr || !v->is_tensor()) return Error(Code::kInternal, "the plugin's loop has a result that is no tensor");
  if (v->dtype == variable.dtype && v->dims == variable.dims) return Ok();
  return Error(Code::kDeclined, fmt::format("variable {} of the loop that would be made changes its type", i));
}

}  // namespace

Status LowerContext::FillLoopGraph(ir::Subgraph& graph, const tflower_loop& loop, bool condition) {
  std::vector<const tflower_value*> variables;
  for (uint32_t i = 0; i < loop.num_variables; ++i) variables.push_back(ViewOf(AddInput(graph, *FromView(loop.initial[i]))));
  std::vector<const tflower_value*> results(condition ? 1 : loop.num_variables, nullptr);
  ir::Subgraph* const outer = std::exchange(graph_, &graph);
  const tflower_status status = (condition ? loop.condition : loop.body)(this, loop.user, variables.data(), results.data());
  graph_ = outer;
  if (status != TFLOWER_OK) return Error(Code::kOk, "");
  for (size_t i = 0; i < results.size(); ++i) {
    ir::Value* const v = FromView(results[i]);
    if (!condition) TFLOWER_CHECK(CheckResult(v, *FromView(loop.initial[i]), i));
    else if (v == nullptr || v->dtype != DType::kBool || !v->dims.empty()) return Error(Code::kInternal, "the condition of the plugin's loop is no bool");
    graph.outputs.push_back({"", v});
    ++v->graph_outputs;
  }
  return Ok();
}

Status LowerContext::EmitLoop(const tflower_loop& loop, const tflower_value** outputs) {
  if (services_ == nullptr) return Error(Code::kInternal, "a pattern rule makes a loop");
  auto op = std::make_unique<ir::Operator>();
  for (uint32_t i = 0; i < loop.num_variables; ++i) {
    ir::Value* const initial = FromView(loop.initial[i]);
    if (initial == nullptr || !initial->is_tensor() || initial->state) return Error(Code::kInternal, "the plugin's loop has a variable that is no tensor");
    op->inputs.push_back(initial);
    op->outputs.push_back(graph_->NewLike(*initial));
  }
  for (const bool condition : {true, false}) {
    const std::string name = fmt::format("{}/{}", site_.node, condition ? "cond" : "body");
    TFLOWER_TRY(ir::Subgraph * graph, services_->InSubgraph(name, [&](ir::Subgraph& g) { return FillLoopGraph(g, loop, condition); }));
    op->bodies.push_back(graph);
  }
  const tfl::While options{};
  op->code = static_cast<int32_t>(tfl::Builtin::WHILE);
  op->options = ir::Options::Copy(op->code, {&options, sizeof options});
  op->effect = std::max(op->bodies[0]->effect(), op->bodies[1]->effect());
  op->order = site_.order;
  op->node = site_.node;
  op->plugin = site_.plugin;
  op->rule = site_.rule;
  const ir::Operator* const made = graph_->Append(std::move(op));
  for (uint32_t i = 0; i < loop.num_variables; ++i) outputs[i] = ViewOf(made->outputs[i]);
  return Ok();
}

}  // namespace tflower::lower
