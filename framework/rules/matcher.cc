// Matcher: recursive descent from the root, with both orders tried at commutative operators.
#include "rules/matcher.h"

#include <algorithm>

#include <fmt/format.h>

#include "sdk/schema/op_table.h"

namespace tflower::rules {
namespace {
constexpr std::string_view kCustomPrefix = "CUSTOM:";
}

// "ADD|SUB|CUSTOM:acme.Foo"
Result<std::vector<CompiledRule::OpName>> CompiledRule::ParseOps(std::string_view names) {
  std::vector<OpName> ops;
  while (!names.empty()) {
    const size_t bar = std::min(names.find('|'), names.size());
    const std::string_view name = names.substr(0, bar);
    if (name.starts_with(kCustomPrefix)) {
      ops.push_back({static_cast<int32_t>(tfl::Builtin::CUSTOM), name.substr(kCustomPrefix.size())});
    } else {
      const tfl::OpInfo* info = tfl::FindOp(name);
      if (info == nullptr) return Error(Code::kParity, fmt::format("the pattern names operator '{}', which TFLite does not have", name));
      ops.push_back({static_cast<int32_t>(info->code), {}});
    }
    names.remove_prefix(std::min(bar + 1, names.size()));
  }
  return ops;
}

std::vector<int32_t> CompiledRule::root_codes() const {
  std::vector<int32_t> codes;
  for (const OpName& op : nodes_[0].ops) codes.push_back(op.code);
  std::sort(codes.begin(), codes.end());
  codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
  return codes;
}

Result<CompiledRule> CompiledRule::Compile(const RuleRef& rule) {
  const tflower_rule& row = *rule.row;
  const auto bad = [&](std::string why) { return Error(Code::kParity, fmt::format("rule '{}' of plugin {}: {}", row.id, rule.provider.plugin_id, why)); };
  if (row.num_nodes == 0 || row.num_nodes > kMaxPatternNodes || row.nodes == nullptr || row.rewrite == nullptr) return bad("has no usable pattern");
  CompiledRule out;
  out.rule_ = rule;
  std::vector<std::string_view> names;
  for (uint32_t i = 0; i < row.num_nodes; ++i) {
    const auto& from = *reinterpret_cast<const tflower_pattern_node*>(reinterpret_cast<const char*>(row.nodes) + size_t{i} * row.pattern_node_size);
    Node node;
    if (from.op != nullptr) {
      Result<std::vector<OpName>> ops = ParseOps(from.op);
      if (!ops.ok()) return bad(ops.error().message);
      node.ops = std::move(ops.value());
    }
    node.flags = from.flags;
    node.num_inputs = from.num_inputs;
    if (from.num_inputs > 6 || (from.op == nullptr && (i == 0 || from.num_inputs != 0))) return bad("a pattern node has impossible operands");
    for (uint32_t k = 0; k < from.num_inputs; ++k) {
      node.inputs[k] = from.inputs[k];
      // Operands stand behind their operator, so a pattern cannot contain itself.
      if (from.inputs[k] >= static_cast<int32_t>(row.num_nodes) || (from.inputs[k] >= 0 && from.inputs[k] <= static_cast<int32_t>(i))) return bad("an operand index is out of range");
    }
    names.push_back(from.name != nullptr ? from.name : "");
    if (!names.back().empty()) {
      const auto first = std::find(names.begin(), names.end() - 1, names.back());
      if (first != names.end() - 1) node.same_as = static_cast<int32_t>(first - names.begin());
    }
    out.nodes_.push_back(std::move(node));
  }
  return out;
}

bool CompiledRule::Matches(ir::Operator* op, Bindings& bindings) const {
  if (op->outputs.empty()) return false;
  std::fill_n(bindings.values.begin(), nodes_.size(), nullptr);
  std::fill_n(bindings.ops.begin(), nodes_.size(), nullptr);
  return MatchValue(0, op->outputs[0], bindings);
}

bool CompiledRule::MatchValue(uint32_t index, ir::Value* v, Bindings& b) const {
  const Node& node = nodes_[index];
  if (v == nullptr) return false;
  if ((node.flags & TFLOWER_PATTERN_CONSTANT) != 0 && !v->is_constant()) return false;
  if (node.same_as >= 0 && b.values[static_cast<size_t>(node.same_as)] != nullptr && b.values[static_cast<size_t>(node.same_as)] != v) return false;
  b.values[index] = v;
  if (node.ops.empty()) return true;
  ir::Operator* op = v->producer;
  if (op == nullptr || ir::FillsState(*op) || (ir::TakesState(*op) && (node.flags & TFLOWER_PATTERN_STATE) == 0) || op->outputs[0] != v || std::none_of(node.ops.begin(), node.ops.end(), [&](const OpName& name) { return name.Is(*op); })) return false;
  if (index != 0 && (node.flags & TFLOWER_PATTERN_SINGLE_USE) != 0 && v->users.size() + v->graph_outputs != 1) return false;
  b.ops[index] = op;
  if ((node.flags & TFLOWER_PATTERN_COMMUTATIVE) == 0) return MatchInputs(index, op, b, false);
  const Bindings before = b;
  if (MatchInputs(index, op, b, false)) return true;
  b = before;
  return MatchInputs(index, op, b, true);
}

bool CompiledRule::MatchInputs(uint32_t index, ir::Operator* op, Bindings& b, bool swapped) const {
  const Node& node = nodes_[index];
  if (op->inputs.size() < node.num_inputs) return false;
  for (uint32_t k = 0; k < node.num_inputs; ++k) {
    if (node.inputs[k] < 0) continue;
    const uint32_t operand = swapped && k < 2 ? 1 - k : k;
    if (!MatchValue(static_cast<uint32_t>(node.inputs[k]), op->inputs[operand], b)) return false;
  }
  return true;
}

}  // namespace tflower::rules
