// Rules in C++: a pattern over operators of the target graph, and a rewrite that emits the replacement.
//
//   constexpr Pattern kBias = Match("ADD", {Match("CONV_2D", {Any("x"), Const("w"), Const("b")}, "conv", kSingleUse), Const("bias")}, "add", kCommutative);
//   constexpr RuleDef kRules[] = {{"conv-bias", 100, kBias, FoldBias, "CONV_2D"}};
//   TFLOWER_RULE_FAMILY(bias, kRules);
//
// A pattern's operands are listed in order; operands that it does not list are not looked at. One capture name used twice stands for one
// value. The rewrite returns ok (the patch is applied if types agree), Declined("why") (nothing happens), or an error.
//
// A loop rule sees each WHILE once, just built, before it could be unrolled, and looks around by itself (Builder::SubgraphOf, Producer). Why it
// declines gets into the report; Declined() without a reason says that the loop is nothing like what it looks for.
#pragma once

#include <initializer_list>
#include <span>
#include <string_view>

#include "tflower/op_def.h"

namespace tflower {

inline constexpr uint32_t kConstant = TFLOWER_PATTERN_CONSTANT;
inline constexpr uint32_t kCommutative = TFLOWER_PATTERN_COMMUTATIVE;
inline constexpr uint32_t kSingleUse = TFLOWER_PATTERN_SINGLE_USE;
inline constexpr uint32_t kWithState = TFLOWER_PATTERN_STATE;

struct Pattern {
  static constexpr int kMaxNodes = 24;
  tflower_pattern_node nodes[kMaxNodes] = {};
  uint32_t count = 0;
};

// An operator (names separated by '|') with the patterns of its first operands.
constexpr Pattern Match(const char* op, std::initializer_list<Pattern> inputs, const char* name = nullptr, uint32_t flags = 0) {
  Pattern p;
  p.nodes[0] = {op, name, flags, static_cast<uint32_t>(inputs.size()), {-1, -1, -1, -1, -1, -1}};
  p.count = 1;
  uint32_t operand = 0;
  for (const Pattern& in : inputs) {
    const int32_t base = static_cast<int32_t>(p.count);
    p.nodes[0].inputs[operand++] = base;
    for (uint32_t i = 0; i < in.count; ++i) {
      p.nodes[p.count] = in.nodes[i];
      for (int32_t& child : p.nodes[p.count].inputs) if (child >= 0) child += base;
      ++p.count;
    }
  }
  return p;
}
// Any value, captured under a name.
constexpr Pattern Any(const char* name, uint32_t flags = 0) {
  Pattern p;
  p.nodes[0] = {nullptr, name, flags, 0, {-1, -1, -1, -1, -1, -1}};
  p.count = 1;
  return p;
}
constexpr Pattern Const(const char* name) { return Any(name, kConstant); }

// What a pattern matched, by capture name. A name that the pattern has not is our mistake (asserts).
class MatchView {
 public:
  MatchView(const tflower_match* match, const tflower_pattern_node* nodes) : match_(match), nodes_(nodes) {}
  Operator Op(std::string_view name) const { return Operator(match_->ops[Find(name)]); }
  Value operator[](std::string_view name) const { return Value(match_->values[Find(name)]); }
  // The value that the rewrite must Substitute.
  Value root() const { return Value(match_->values[0]); }
  Operator root_op() const { return Operator(match_->ops[0]); }

 private:
  uint32_t Find(std::string_view name) const {
    for (uint32_t i = 0; i < match_->count; ++i)
      if (nodes_[i].name != nullptr && name == nodes_[i].name) return i;
    assert(false && "the pattern has no such capture");
    return 0;
  }
  const tflower_match* match_;
  const tflower_pattern_node* nodes_;
};

inline Error Declined(std::string why = "") { return Error(Code::kDeclined, std::move(why)); }

using RewriteFn = Status (*)(const MatchView&, Builder&);
using LowerCallFn = Status (*)(const Node& call, Builder&);
using FuseLoopFn = Status (*)(const Operator& loop, Builder&);

struct RuleDef {
  const char* id;
  int32_t benefit = 0;
  Pattern pattern = {};
  RewriteFn rewrite = nullptr;
  const char* emits = "";
  const char* implements = nullptr;  // composite rules: the function's implements-name, or how such names begin ("acme_*"); with lower_call
  LowerCallFn lower_call = nullptr;
  std::span<const AttrDef> attrs = {};  // composite rules: attributes that come with the name, or of the function; lower_call reads them from its Node
  FuseLoopFn fuse_loop = nullptr;        // loop rules: gets each WHILE; substitutes all of its results, or declines and says why
  bool probed = true;                    // composite rules: the report says where a function's body computes something else than this rule
};

struct RuleFamily {
  const char* name;
  std::span<const RuleDef> rules;
};

}  // namespace tflower

// Defines the family `name` (the source file's stem) from an array of RuleDef.
#define TFLOWER_RULE_FAMILY(name, rows)            \
  extern const ::tflower::RuleFamily family_##name; \
  constinit const ::tflower::RuleFamily family_##name{#name, rows}
