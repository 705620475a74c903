// Matcher: finds where a rule's pattern stands in the target graph. Patterns come from plugins, as data; they are checked once, when compiled.
#pragma once

#include <array>
#include <string_view>
#include <cstdint>
#include <string_view>
#include <vector>

#include "ir/graph.h"
#include "registry/registry.h"

namespace tflower::rules {

inline constexpr uint32_t kMaxPatternNodes = 32;

// What pattern node i stands for; ops[i] is null for plain values.
struct Bindings {
  std::array<ir::Value*, kMaxPatternNodes> values{};
  std::array<ir::Operator*, kMaxPatternNodes> ops{};
};

class CompiledRule {
 public:
  // kParity when the pattern is not well-formed (unknown operator, index out of range, a cycle): the plugin's fault.
  static Result<CompiledRule> Compile(const RuleRef& rule);

  const RuleRef& rule() const { return rule_; }
  std::string_view id() const { return rule_.row->id; }
  uint32_t num_nodes() const { return static_cast<uint32_t>(nodes_.size()); }
  // Operators that the root may be.
  std::vector<int32_t> root_codes() const;
  // True when the pattern stands at `op`; bindings are then complete.
  bool Matches(ir::Operator* op, Bindings& bindings) const;

 private:
  struct OpName {
    int32_t code = 0;
    std::string_view custom_code;  // CUSTOM only
    bool Is(const ir::Operator& op) const { return op.code == code && op.custom_code == custom_code; }
  };
  struct Node {
    std::vector<OpName> ops;     // empty: any value
    uint32_t flags = 0;
    uint32_t num_inputs = 0;
    std::array<int32_t, 6> inputs{};
    int32_t same_as = -1;        // an earlier node of the same name
  };
  static Result<std::vector<OpName>> ParseOps(std::string_view names);
  bool MatchValue(uint32_t node, ir::Value* v, Bindings& b) const;
  bool MatchInputs(uint32_t node, ir::Operator* op, Bindings& b, bool swapped) const;

  RuleRef rule_;
  std::vector<Node> nodes_;
};

}  // namespace tflower::rules
