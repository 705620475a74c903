// Apply: a worklist over operators.
#include "rules/driver.h"

#include <algorithm>
#include <deque>
#include <unordered_set>

#include <fmt/format.h>

#include "ir/hoist.h"
#include "ir/prune_calls.h"
#include "lower/host.h"
#include "rules/common_subexpressions.h"
#include "rules/loop_results.h"
#include "rules/matcher.h"

namespace tflower::rules {
namespace {

constexpr int kMaxPasses = 64;
// Other users of a value are looked at again only where they are few: a rule that fires for thousands of users of one value stays linear.
constexpr size_t kManyUsers = 16;
// Rules, then what branches and loops carry, which may be work for rules again.
constexpr int kMaxRounds = 4;

// The rewrite asks for what the graph or TFLite does not allow: as good as declined. Other errors are the plugin's fault, or limits.
bool IsRefusal(Code code) { return code == Code::kInvalidGraph || ExitCode(code) == 1; }

// Rules by the operators that they begin with; made once, as a model may have thousands of subgraphs. Rules of benefit below 0 take part
// only when `legalize` is set.
struct RuleIndex {
  RuleIndex(const std::vector<CompiledRule>& rules, bool legalize) {
    for (const CompiledRule& rule : rules) {
      const bool late = rule.rule().row->benefit < 0;
      if (late && !legalize) continue;
      for (int32_t code : rule.root_codes()) {
        by_code[code].push_back(&rule);
        if (late) late_codes.insert(code);
      }
    }
  }
  std::unordered_map<int32_t, std::vector<const CompiledRule*>> by_code;
  std::unordered_set<int32_t> late_codes;  // roots of rules of benefit below 0
};

class Driver {
 public:
  Driver(ir::Subgraph& graph, lower::Typer& typer, const RuleIndex& index, Applied& applied, std::vector<std::string>& notes)
      : graph_(graph), typer_(typer), applied_(applied), notes_(notes), by_code_(index.by_code), late_codes_(index.late_codes) {}

  // Only neighbours of a change are looked at again, but patterns are deeper: so all over again, until nothing changes. A graph made to
  // change once in every pass stays as it is after kMaxPasses. late_first: the first pass looks at what late rules may match.
  Status Run(bool late_first) {
    budget_ = 64 * graph_.operators().size() + 4096;
    bool changed = true;
    for (int pass = 0; changed && pass < kMaxPasses; ++pass) {
      for (const auto& op : graph_.operators())
        if (!late_first || pass > 0 || late_codes_.contains(op->code)) Push(op.get());
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
      if (op->dead) continue;
      TFLOWER_TRY(const bool folded, Fold(op));
      any |= folded;
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
    for (const ir::Value* v : op->outputs) if (v->users.size() <= kManyUsers) PushUsers(*v);
  }
  void PushUsers(const ir::Value& v) {
    for (const ir::Use& use : v.users) Push(use.op);
  }

  static bool IsKnown(const ir::Value* v) { return v == nullptr || v->is_constant() || v->symbolic; }

  // An operator whose operands became known only through a rule is computed now, where that is possible. Outputs of the graph stay results.
  Result<bool> Fold(ir::Operator* op) {
    if (op->effect != ir::Effect::kNone || ir::FillsState(*op) || !op->bodies.empty() || op->inputs.empty() || !std::ranges::all_of(op->inputs, IsKnown)) return false;
    for (const ir::Value* v : op->outputs) if (v->symbolic || v->graph_outputs != 0) return false;
    if (!tried_.insert(op).second) return false;
    const size_t mark = graph_.operators().size();
    std::vector<int32_t> dtypes;
    for (const ir::Value* v : op->outputs) dtypes.push_back(static_cast<int32_t>(v->dtype));
    const lower::EmitRequest request{.code = op->code, .custom_code = op->custom_code, .options = op->options->bytes(), .inputs = op->inputs,
                                     .num_outputs = static_cast<uint32_t>(op->outputs.size()), .output_dtypes = std::move(dtypes), .node = op->node,
                                     .plugin = op->plugin, .rule = op->rule, .order = op->order};
    const Result<std::vector<ir::Value*>> emitted = typer_.Emit(graph_, request);
    if (!emitted.ok()) {
      graph_.Truncate(mark);
      if (!IsRefusal(emitted.error().code)) return emitted.error();
      return false;  // the operator's own error, when it runs
    }
    const std::vector<ir::Value*>& values = emitted.value();
    bool any = false;
    for (size_t i = 0; i < values.size(); ++i) {
      ir::Value *old = op->outputs[i], *value = values[i];
      if (!(value->is_constant() || value->symbolic) || value->dtype != old->dtype || value->dims != old->dims) continue;
      PushUsers(*old);
      graph_.ReplaceAllUses(old, value);
      any = true;
    }
    if (any) {
      for (const ir::Value* v : op->inputs) if (v != nullptr) Push(v->producer);
      graph_.RemoveIfDead(op);
      ++applied_.count["constant-folding"];
    }
    graph_.Truncate(mark);
    return any;
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
      if (!IsRefusal(e.code)) return e;
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
      PushUsers(*old);
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
  const std::unordered_map<int32_t, std::vector<const CompiledRule*>>& by_code_;
  const std::unordered_set<int32_t>& late_codes_;
  std::deque<ir::Operator*> work_;
  std::unordered_set<ir::Operator*> queued_;
  std::unordered_set<const ir::Operator*> tried_;  // by Fold
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
  const RuleIndex fusions(rules, false), all(rules, true);
  Applied applied;
  const auto count = [&](const char* what, uint64_t n) { if (n != 0) applied.count[what] += n; };
  for (int round = 0; round < kMaxRounds; ++round) {
    uint64_t moved = 0;
    if (round > 0) count("loop-invariants", moved = ir::HoistInvariants(model));
    const uint64_t pruned = ir::PruneCalls(model);
    count("unused-operands", pruned);
    if (round > 0 && moved + pruned == 0) break;
    for (const auto& graph : model.subgraphs) {
      // Fusions first, to a fixed point; then, with them, the rules that expand what no fusion took.
      for (const bool legalize : {false, true}) {
        const uint64_t merged = MergeCommonSubexpressions(*graph);
        count("common-subexpressions", merged);
        // Where nothing was merged, the other rules have nothing to do before the late ones do something.
        TFLOWER_CHECK(Driver(*graph, typer, legalize ? all : fusions, applied, model.notes).Run(legalize && merged == 0));
        graph->RemoveDead();
      }
    }
  }
  TFLOWER_CHECK(SeparateLoopResults(model, typer));
  return applied;
}

}  // namespace tflower::rules
