// Concatenations, packs and splits: of nothing, within each other, and those that undo each other.
#include <algorithm>

#include <tflower/pattern.h>

#include "join.h"

namespace tflower::tfl_rules {
namespace {

int64_t AxisIn(int64_t axis, int rank) { return axis < 0 ? axis + rank : axis; }
int64_t ConcatAxis(const Operator& concat) { return AxisIn(concat.As<tfl::Concatenation>().axis, concat.Output().rank()); }
bool IsPlainConcat(const Operator& concat) { return concat.As<tfl::Concatenation>().fused_activation_function == tfl::ActivationFunctionType::NONE; }

Result<Value> ReshapedTo(Builder& build, const Value& x, const Value& like) {
  if (std::ranges::count(like.dims(), -1) > 1) return Declined("more than one dimension is unknown");
  TFLOWER_TRY(const Value shape, build.Vector(like.dims()));
  return build.Emit(tfl::Reshape{}, {x, shape});
}

// Every operand is the result of the same operator, in order, and none is left out.
bool AreResultsOf(const Operator& join, const Operator& split) {
  if (join.num_inputs() != split.num_outputs()) return false;
  for (int i = 0; i < join.num_inputs(); ++i) if (!(join.Input(i) == split.Output(i))) return false;
  return true;
}

// ---- operands without elements

Status DropEmpty(const MatchView& m, Builder& build) {
  const Operator concat = m.root_op();
  if (!IsPlainConcat(concat)) return Declined();
  const int axis = static_cast<int>(ConcatAxis(concat));
  std::vector<Value> parts;
  for (const Value& part : concat.Inputs()) if (part.dim(axis) != 0) parts.push_back(part);
  if (parts.size() == 1 && parts[0].SameShape(m.root())) return build.Substitute(m.root(), parts[0]);
  if (parts.size() < 2 || static_cast<int>(parts.size()) == concat.num_inputs()) return Declined();
  return build.Substitute(m.root(), build.Emit(concat.As<tfl::Concatenation>(), parts));
}

// ---- a concatenation as operand i of another one along the same dimension

template <int kOperand>
Status Flatten(const MatchView& m, Builder& build) {
  const Operator outer = m.root_op(), inner = m.Op("inner");
  if (ConcatAxis(outer) != ConcatAxis(inner) || !IsPlainConcat(inner) || !MayJoin(outer.num_inputs(), inner.num_inputs())) return Declined();
  std::vector<Value> parts = outer.Inputs();
  const std::vector<Value> nested = inner.Inputs();
  parts.erase(parts.begin() + kOperand);
  parts.insert(parts.begin() + kOperand, nested.begin(), nested.end());
  return build.Substitute(m.root(), build.Emit(outer.As<tfl::Concatenation>(), parts));
}

// ---- pairs that undo each other

Status PackOfUnpack(const MatchView& m, Builder& build) {
  const Operator unpack = m.Op("unpack");
  if (!AreResultsOf(m.root_op(), unpack) || !m["x"].SameShape(m.root())) return Declined();
  const int rank = m["x"].rank();
  if (AxisIn(m.root_op().As<tfl::Pack>().axis, rank) != AxisIn(unpack.As<tfl::Unpack>().axis, rank)) return Declined();
  return build.Substitute(m.root(), m["x"]);
}
Status UnpackOfPack(const MatchView& m, Builder& build) {
  const Operator unpack = m.root_op(), pack = m.Op("pack");
  const int rank = m["pack"].rank();
  if (AxisIn(pack.As<tfl::Pack>().axis, rank) != AxisIn(unpack.As<tfl::Unpack>().axis, rank) || pack.num_inputs() != unpack.num_outputs()) return Declined();
  for (int i = 0; i < unpack.num_outputs(); ++i) TFLOWER_CHECK(build.Substitute(unpack.Output(i), pack.Input(i)));
  return Ok();
}
// What was unpacked along the dimension behind which it is joined: the bytes are in order.
Status ConcatOfUnpack(const MatchView& m, Builder& build) {
  const Operator concat = m.root_op(), unpack = m.Op("unpack");
  if (!AreResultsOf(concat, unpack) || !IsPlainConcat(concat) || ConcatAxis(concat) != AxisIn(unpack.As<tfl::Unpack>().axis, m["x"].rank())) return Declined();
  return build.Substitute(m.root(), ReshapedTo(build, m["x"], m.root()));
}
Status ConcatOfSplit(const MatchView& m, Builder& build) {
  const Operator concat = m.root_op(), split = m.Op("split");
  if (!AreResultsOf(concat, split) || !IsPlainConcat(concat) || !m["x"].SameShape(m.root())) return Declined();
  TFLOWER_TRY(const int64_t axis, build.Int(m["axis"], "axis"));
  return AxisIn(axis, m["x"].rank()) == ConcatAxis(concat) ? build.Substitute(m.root(), m["x"]) : Declined();
}
// A split into just what was joined.
Status SplitOfConcat(const MatchView& m, Builder& build) {
  const Operator split = m.root_op(), concat = m.Op("concat");
  TFLOWER_TRY(const int64_t axis, build.Int(m["axis"], "axis"));
  if (split.num_outputs() != concat.num_inputs() || !IsPlainConcat(concat) || AxisIn(axis, m["concat"].rank()) != ConcatAxis(concat)) return Declined();
  for (int i = 0; i < split.num_outputs(); ++i) if (!split.Output(i).SameShape(concat.Input(i))) return Declined();
  for (int i = 0; i < split.num_outputs(); ++i) TFLOWER_CHECK(build.Substitute(split.Output(i), concat.Input(i)));
  return Ok();
}

constexpr Pattern kInner = Match("CONCATENATION", {}, "inner", kSingleUse);
constexpr Pattern kUnpack = Match("UNPACK", {Any("x")}, "unpack");
constexpr Pattern kConcat = Match("CONCATENATION", {}, "concat");

constexpr RuleDef kRules[] = {
    {"concat-of-nothing", 250, Match("CONCATENATION", {}), DropEmpty, "CONCATENATION"},
    {"nested-concat-0", 200, Match("CONCATENATION", {kInner}), Flatten<0>, "CONCATENATION"},
    {"nested-concat-1", 200, Match("CONCATENATION", {Any("a"), kInner}), Flatten<1>, "CONCATENATION"},
    {"nested-concat-2", 200, Match("CONCATENATION", {Any("a"), Any("b"), kInner}), Flatten<2>, "CONCATENATION"},
    {"nested-concat-3", 200, Match("CONCATENATION", {Any("a"), Any("b"), Any("c"), kInner}), Flatten<3>, "CONCATENATION"},
    {"pack-of-unpack", 250, Match("PACK", {kUnpack}), PackOfUnpack, ""},
    {"unpack-of-pack", 250, Match("UNPACK", {Match("PACK", {}, "pack")}), UnpackOfPack, ""},
    {"concat-of-unpack", 240, Match("CONCATENATION", {kUnpack}), ConcatOfUnpack, "RESHAPE"},
    {"concat-of-split", 250, Match("CONCATENATION", {Match("SPLIT", {Const("axis"), Any("x")}, "split")}), ConcatOfSplit, ""},
    {"concat-of-split-v", 250, Match("CONCATENATION", {Match("SPLIT_V", {Any("x"), Any("sizes"), Const("axis")}, "split")}), ConcatOfSplit, ""},
    {"split-of-concat", 250, Match("SPLIT", {Const("axis"), kConcat}), SplitOfConcat, ""},
    {"split-v-of-concat", 250, Match("SPLIT_V", {kConcat, Any("sizes"), Const("axis")}), SplitOfConcat, ""},
};
}  // namespace
TFLOWER_RULE_FAMILY(joins, kRules);
}  // namespace tflower::tfl_rules
