// Apply: a worklist over operators.
#include "rules/driver.h"

#include <deque>
#include <unordered_set>

#include <fmt/format.h>

#include "ir/prune_calls.h"
#include "lower/host.h"
#include "rules/common_subexpressions.h"
#include "rules/loop_results.h"
#include "rules/matcher.h"

namespace tflower::rules {
namespace {

constexpr int kMaxPasses = 64;

// Rules by the operators that they begin with; made once, as a model may have thousands of subgraphs.
using RulesByCode = std::unordered_map<int32_t, std::vector<const CompiledRule*>>;

// Rules of benefit below 0 take part only when `legalize` is set.
RulesByCode ByCode(const std::vector<CompiledRule>& rules, bool legalize) {
  RulesByCode by_code;
  for (const CompiledRule& rule : rules)
    if (legalize || rule.rule().row->benefit >= 0)
      for (int32_t code : rule.root_codes()) by_code[code].push_back(&rule);
  return by_code;
}

class Driver {
 public:
  Driver(ir::Subgraph& graph, lower::Typer& typer, const RulesByCode& by_code, Applied& applied, std::vector<std::string>& notes)
      : graph_(graph), typer_(typer), applied_(applied), notes_(notes), by_code_(by_code) {}

  // Only neighbours of a change are looked at again, but patterns are deeper: so all over again, until nothing changes. A graph made to
  // change once in every pass stays as it is after kMaxPasses.
  Status Run() {
    budget_ = 64 * graph_.operators().size() + 4096;
    bool changed = true;
    for (int pass = 0; changed && pass < kMaxPasses; ++pass) {
      for (const auto& op : graph_.operators()) Push(op.get());
      TFLOWER_TRY(changed, Drain());
    }
    return Ok();
  }

 private:
  // Works until the list is empty; did anything change?
  Result<bool> Drain() {
    bool any = false;
    while (!work_.empty()) {
      ir::Operator* op = work_.front();
      work_.pop_front();
      queued_.erase(op);
      const auto rules = by_code_.find(op->code);
      if (op->dead || rules == by_code_.end()) continue;
      for (const CompiledRule* rule : rules->second) {
        TFLOWER_TRY(const bool changed, Try(*rule, op));
        if (!changed) continue;
        any = true;
        if (--budget_ == 0) return Error(Code::kInternal, fmt::format("rewriting does not come to an end; last rule '{}'", rule->id())).Node(op->node);
        break;
      }
    }
    return any;
  }

  void Push(ir::Operator* op) {
    if (op != nullptr && !op->dead && queued_.insert(op).second) work_.push_back(op);
  }
  void PushNeighbours(ir::Operator* op) {
    Push(op);
    for (const ir::Value* v : op->inputs) if (v != nullptr) Push(v->producer);
    for (const ir::Value* v : op->outputs) for (const ir::Use& use : v->users) Push(use.op);
  }

  Result<bool> Try(const CompiledRule& rule, ir::Operator* op) {
    Bindings bindings;
    if (!rule.Matches(op, bindings)) return false;
    const size_t mark = graph_.operators().size();
    lower::LowerContext context(typer_, graph_, {rule.id(), op->node, rule.rule().provider.plugin_id, rule.id(), op->order}, &notes_);
    std::array<const tflower_operator*, kMaxPatternNodes> ops{};
    std::array<const tflower_value*, kMaxPatternNodes> values{};
    for (uint32_t i = 0; i < rule.num_nodes(); ++i) {
      if (bindings.ops[i] != nullptr) ops[i] = context.ViewOf(bindings.ops[i]);
      values[i] = context.ViewOf(bindings.values[i]);
    }
    const tflower_match match = {sizeof match, rule.num_nodes(), ops.data(), values.data()};
    const tflower_status status = rule.rule().row->rewrite(rule.rule().row, &context, &match);
    if (status == TFLOWER_OK && CanApply(context)) {
      ApplyPatch(rule, context, mark);
      return true;
    }
    graph_.Truncate(mark);
    if (status < 0) {
      Error e = context.TakeError(status);
      if (e.code != Code::kDeclined) return e;
    }
    return false;
  }

  // An output of the graph must stay the result of an operator, and of one that is not an output already.
  bool CanApply(const lower::LowerContext& context) const {
    for (const auto& [old, value] : context.replacements) {
      if (old == value) return false;
      if (old->graph_outputs != 0 && (value->producer == nullptr || value->graph_outputs != 0)) return false;
    }
    return !context.replacements.empty();
  }

  void ApplyPatch(const CompiledRule& rule, const lower::LowerContext& context, size_t mark) {
    ++applied_.count[std::string(rule.id())];
    for (const auto& [old, value] : context.replacements) {
      if (old->graph_outputs != 0) value->name = old->name;
      ir::Operator* producer = old->producer;
      for (const ir::Use& use : old->users) Push(use.op);
      if (producer != nullptr) for (const ir::Value* v : producer->inputs) if (v != nullptr) Push(v->producer);
      graph_.ReplaceAllUses(old, value);
      if (producer != nullptr) graph_.RemoveIfDead(producer);
      if (value->producer != nullptr) PushNeighbours(value->producer);
    }
    for (size_t i = mark; i < graph_.operators().size(); ++i) PushNeighbours(graph_.operators()[i].get());
  }

  ir::Subgraph& graph_;
  lower::Typer& typer_;
  Applied& applied_;
  std::vector<std::string>& notes_;
  const RulesByCode& by_code_;
  std::deque<ir::Operator*> work_;
  std::unordered_set<ir::Operator*> queued_;
  uint64_t budget_ = 0;  // rewrites until the rules count as chasing each other
};

}  // namespace

Result<Applied> Apply(ir::Model& model, const Registry& registry, lower::Typer& typer) {
  TFLOWER_TRY(const std::vector<RuleRef> refs, registry.PatternRules());
  std::vector<CompiledRule> rules;
  for (const RuleRef& ref : refs) {
    TFLOWER_TRY(CompiledRule rule, CompiledRule::Compile(ref));
    rules.push_back(std::move(rule));
  }
  const RulesByCode fusions = ByCode(rules, false), all = ByCode(rules, true);
  Applied applied;
  ir::PruneCalls(model);
  for (const auto& graph : model.subgraphs) {
    // Fusions first, to a fixed point; then, with them, the rules that expand what no fusion took.
    for (const bool legalize : {false, true}) {
      if (const uint64_t merged = MergeCommonSubexpressions(*graph); merged != 0) applied.count["common-subexpressions"] += merged;
      TFLOWER_CHECK(Driver(*graph, typer, legalize ? all : fusions, applied, model.notes).Run());
      graph->RemoveDead();
    }
  }
  ir::PruneCalls(model);
  TFLOWER_CHECK(SeparateLoopResults(model, typer));
  return applied;
}

}  // namespace tflower::rules
