// Walk: functions that say what they implement, as one by the rule of that name, and whether their bodies compute the same.
#include <algorithm>

#include <fmt/format.h>

#include "lower/custom_op.h"
#include "lower/walk.h"

namespace tflower::lower {
namespace {

// Above it, two ways to compute one thing in float32 are taken for two things.
constexpr double kSameUpTo = 1e-3;

// The world whose sizes the probe takes: in the first one, all batches are 1.
constexpr int kProbedWorld = 1;

}  // namespace

// kNotFound: nobody takes the call as a whole.
Result<Walk::Values> Walk::TryComposites(const tf::Node& node, const tf::Function& function, const Values& inputs, int depth) {
  const auto known = [](const ir::Value* v) { return !v->is_poison() && v->rank != ir::Rank::kUnknown; };
  if (!std::ranges::all_of(inputs, known)) return Error(Code::kNotFound, "an input is missing");
  const std::vector<tflower_type> outputs = HintedTypes(tf::ResultTypes(function));
  for (const char* key : {"_implements", "api_implements"}) {
    const tf::Attr* attr = function.Find(key);
    if (attr == nullptr) continue;
    if (tf::KindOf(*attr) != tf::AttrKind::kFunc) {
      TFLOWER_TRY(const std::string_view name, tf::AttrString(*attr));
      Result<Values> out = TryRules({name, function.attrs, true, outputs}, node, function, inputs, depth);
      if (out.ok() || out.error().code != Code::kNotFound) return out;
      continue;
    }
    TFLOWER_TRY(const tf::FuncRef op, tf::AttrFunc(*attr));
    Result<Values> out = TryRules({op.name, op.attrs, false, outputs}, node, function, inputs, depth);
    if (out.ok() || out.error().code != Code::kNotFound) return out;
    const auto fusable = std::ranges::find(op.attrs, kFusableOp, &tf::Attr::name);
    if (fusable == op.attrs.end()) continue;
    TFLOWER_TRY(const bool is_fusable, tf::AttrBool(*fusable));
    if (is_fusable) return LowerFusable(op, node, function, inputs, depth);
  }
  return Error(Code::kNotFound, "no composite rule");
}

// kNotFound: no rule takes the call; the report says why.
Result<Walk::Values> Walk::TryRules(const CompositeCall& call, const tf::Node& node, const tf::Function& function, const Values& inputs, int depth) {
  for (uint32_t skip = 0;; ++skip) {
    Result<RuleRef> rule = registry_.FindComposite(call.name, skip);
    if (!rule.ok()) {
      if (rule.error().code == Code::kNotFound || rule.error().code == Code::kDeclined) return Error(Code::kNotFound, "no rule takes it");
      return rule.error();
    }
    Result<Values> out = LowerCallBy(rule.value(), call, node, inputs, target());
    if (out.ok()) ProbeBody(rule.value(), call, node, function, inputs, depth);
    if (out.ok() || out.error().code != Code::kDeclined) return out;
    notes_.push_back(fmt::format("{} '{}' is converted by its own ops: {}{}", call.name, node.name, out.error().what.empty() ? "" : out.error().what + ": ", out.error().message));
  }
}

// ---- the probe

// The arguments in a subgraph of their own: constants and handles as they are, tensors as inputs of known size.
Result<Walk::Values> Walk::ProbeArguments(ir::Subgraph& graph, const Values& inputs) {
  Values out;
  for (ir::Value* v : inputs) {
    LoopVariable variable(v);
    variable.known = false;
    for (ir::Dim& d : variable.dims) d = ir::Dim(d.samples[kProbedWorld]);
    TFLOWER_TRY(ir::Value* const inside, Argument(graph, variable));
    out.push_back(inside);
  }
  for (size_t i = 0; i < graph.inputs.size(); ++i) graph.inputs[i].key = fmt::format("in{}", i);
  return out;
}

// Both ways as signatures of a small model; null where one of them cannot be made.
Result<ir::Model> Walk::ProbePair(const RuleRef& rule, const CompositeCall& call, const tf::Node& node, const tf::Function& function, const Values& inputs, int depth) {
  const size_t before = bodies_.size();
  const auto make = [&](const char* key, Values& results, auto&& lower) {
    return InSubgraph(key, [&](ir::Subgraph& graph) -> Status {
      graph.signature_key = key;
      TFLOWER_TRY(const Values args, ProbeArguments(graph, inputs));
      TFLOWER_TRY(results, lower(args));
      return Ok();
    });
  };
  Values fused, own;
  TFLOWER_TRY(ir::Subgraph* const a, make("rule", fused, [&](const Values& args) { return LowerCallBy(rule, call, node, args, target()); }));
  TFLOWER_TRY(ir::Subgraph* const b, make("body", own, [&](const Values& args) { return Call(function, args, depth + 1); }));
  const auto comparable = [](const ir::Value* v) { return v != nullptr && v->is_tensor(); };
  for (size_t i = 0; i < std::min(fused.size(), own.size()); ++i) {
    if (own[i] != nullptr && own[i]->is_poison()) return Error(Code::kUnsupportedGraph, "the body cannot be converted");
    if (!comparable(fused[i]) || !comparable(own[i])) continue;
    AddOutput(*a, fused[i]);
    AddOutput(*b, own[i]);
    a->outputs.back().key = b->outputs.back().key = fmt::format("out{}", i);
  }
  if (a->outputs.empty()) return Error(Code::kUnsupportedGraph, "no output can be compared");
  ir::Model pair;
  std::stable_partition(bodies_.begin() + static_cast<std::ptrdiff_t>(before), bodies_.end(), [&](const auto& g) { return g.get() == a || g.get() == b; });
  std::move(bodies_.begin() + static_cast<std::ptrdiff_t>(before), bodies_.end(), std::back_inserter(pair.subgraphs));
  for (const auto& graph : pair.subgraphs) graph->RemoveDead();
  return pair;
}

// A body that computes something else than the rule goes to the report; one that cannot be run alone does not. What the walk notes and makes
// meanwhile is taken back.
void Walk::ProbeBody(const RuleRef& rule, const CompositeCall& call, const tf::Node& node, const tf::Function& function, const Values& inputs, int depth) {
  if (!options_.probe || KeepsOrder() || (rule.row->flags & TFLOWER_RULE_UNPROBED) != 0 || !probed_.insert(&function).second) return;
  const size_t bodies = bodies_.size(), notes = notes_.size(), failures = failures_.size(), poison = poison_.size(), required = required_.size();
  const int64_t budget = std::exchange(unroll_budget_, -1);
  const Result<probe::Difference> d = [&]() -> Result<probe::Difference> {
    TFLOWER_TRY(const ir::Model pair, ProbePair(rule, call, node, function, inputs, depth));
    return options_.probe(pair);
  }();
  unroll_budget_ = budget;
  bodies_.resize(bodies);
  notes_.resize(notes);
  required_.resize(required);
  failures_.resize(failures);
  poison_.resize(poison);
  if (!d.ok() || d.value().relative <= kSameUpTo) return;
  notes_.push_back(fmt::format("{} '{}': the function's body computes something else{}. It is converted as what its name says; --trust-implements leaves out this check", call.name, node.name,
                               d.value().mismatch.empty() ? fmt::format(", random inputs give results that differ by {:.2g}", d.value().absolute) : ": " + d.value().mismatch));
}

}  // namespace tflower::lower
