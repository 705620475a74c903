#include "import/control_flow_v1.h"

#include <algorithm>


namespace tflower::tf {
namespace {

bool HasFlow(const Scope& scope) {
  return std::any_of(scope.nodes().begin(), scope.nodes().end(), [](const Node& node) {
    const FlowOp flow = FlowOpOf(node.op);
    return flow != FlowOp::kNone && flow != FlowOp::kIdentity;
  });
}

}  // namespace

void MakeFunctional(Scope& main, std::span<const Input> roots, std::span<const int32_t> cuts, MadeUp& made_up) {
  if (!HasFlow(main)) return;
  Draft draft = Draft::Of(main);
  // A cut node is a source like a placeholder while the rest is rewritten.
  std::vector<std::pair<int32_t, DraftNode>> kept;
  for (const int32_t cut : cuts) {
    DraftNode& node = draft.nodes[static_cast<size_t>(cut)];
    if (node.inputs.empty() && node.controls.empty()) continue;
    kept.emplace_back(cut, node);
    node.inputs.clear();
    node.controls.clear();
    node.flow = FlowOp::kNone;
  }
  draft.is_main = true;
  draft.results.assign(roots.begin(), roots.end());
  ExtractLoops(draft, made_up);
  ExtractConditionals(draft, made_up);
  for (auto& [index, node] : kept) draft.nodes[static_cast<size_t>(index)] = std::move(node);
  std::move(draft).WriteTo(main);
}

void MakeFunctional(Function& function, MadeUp& made_up) {
  if (!HasFlow(function.body)) return;
  Draft draft = Draft::Of(function.body);
  draft.args = function.args;
  draft.results = function.results;
  draft.control_results = function.control_results;
  ExtractLoops(draft, made_up);
  ExtractConditionals(draft, made_up);
  function.results = draft.results;
  function.control_results = draft.control_results;
  std::move(draft).WriteTo(function.body);
}

void AddFunction(Draft draft, std::string_view name, MadeUp& made_up) {
  auto function = std::make_unique<Function>();
  function->name = name;
  function->args = draft.args;
  function->arg_attrs.resize(draft.args.size());
  for (size_t i = 0; i < draft.results.size(); ++i) function->outputs.push_back({made_up.Keep("out" + std::to_string(i)), DataType::kInvalid, {}, {}, {}});
  function->results = draft.results;
  function->control_results = draft.control_results;
  std::move(draft).WriteTo(function->body);
  made_up.AddFunction(std::move(function));
}

}  // namespace tflower::tf
