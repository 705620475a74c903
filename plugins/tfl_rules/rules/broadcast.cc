// BROADCAST_TO, TILE and reshapes before an operator that broadcasts by itself: with them goes the shape arithmetic behind them. The result's
// shape stays, or the rewrite is not applied. Those that repeat nothing, and those behind each other.
#include "binary.h"

namespace tflower::tfl_rules {
namespace {

constexpr Pattern kBroadcast = Match("BROADCAST_TO", {Any("small"), Any("shape")}, "broadcast");

Status Right(const MatchView& m, Builder& build) { return build.Substitute(m.root(), BinaryOn(build, m.root_op(), m["x"], m["small"])); }
Status Left(const MatchView& m, Builder& build) { return build.Substitute(m.root(), BinaryOn(build, m.root_op(), m["small"], m["x"])); }

// SELECT reads a vector as condition in its own way; one of the result's shape means the same in both.
Status Select(const MatchView& m, Builder& build, const char* condition, std::initializer_list<Value> operands) {
  if (m.root_op().code() == tfl::Builtin::SELECT && !m[condition].SameShape(m.root())) return Declined();
  return build.Substitute(m.root(), build.Emit(tfl::SelectV2{}, operands));
}
Status SelectCondition(const MatchView& m, Builder& build) { return Select(m, build, "broadcast", {m["small"], m["x"], m["y"]}); }
Status SelectFirst(const MatchView& m, Builder& build) { return Select(m, build, "c", {m["c"], m["small"], m["y"]}); }
Status SelectSecond(const MatchView& m, Builder& build) { return Select(m, build, "c", {m["c"], m["x"], m["small"]}); }

// ---- TILE: of dimensions of size 1 it is a broadcast

bool IsBroadcast(const Value& small, const Value& tiled) {
  for (int i = 0; i < tiled.rank(); ++i) if (small.dim(i) != 1 && small.dim_key(i) != tiled.dim_key(i)) return false;
  return small.rank() == tiled.rank();
}
Status TileRight(const MatchView& m, Builder& build) { return IsBroadcast(m["small"], m["tile"]) ? Right(m, build) : Declined(); }
Status TileLeft(const MatchView& m, Builder& build) { return IsBroadcast(m["small"], m["tile"]) ? Left(m, build) : Declined(); }
constexpr Pattern kTile = Match("TILE", {Any("small"), Any("multiples")}, "tile");

Status TileOfTile(const MatchView& m, Builder& build) {
  TFLOWER_TRY(const Value multiples, build.Emit(tfl::Mul{}, {m["inner"], m["outer"]}));
  return build.Substitute(m.root(), build.Emit(tfl::Tile{}, {m["x"], multiples}));
}

// ---- reshapes that only put dimensions of size 1 in front

bool OnlyLeads(const Value& small, const Value& reshaped) {
  const int more = reshaped.rank() - small.rank();
  for (int i = 0; i < reshaped.rank(); ++i)
    if (i < more ? reshaped.dim(i) != 1 : reshaped.dim_key(i) != small.dim_key(i - more)) return false;
  return more > 0;
}
Status ReshapeRight(const MatchView& m, Builder& build) { return OnlyLeads(m["small"], m["reshape"]) && m["x"].SameShape(m.root()) ? Right(m, build) : Declined(); }
Status ReshapeLeft(const MatchView& m, Builder& build) { return OnlyLeads(m["small"], m["reshape"]) && m["x"].SameShape(m.root()) ? Left(m, build) : Declined(); }
constexpr Pattern kReshape = Match("RESHAPE|EXPAND_DIMS", {Any("small")}, "reshape");

// ---- BATCH_MATMUL broadcasts the dimensions in front of the matrices

template <bool kLeft>
Status InProduct(const MatchView& m, Builder& build) {
  const Value small = m["small"], large = m["broadcast"];
  if (small.rank() < 2 || small.dim_key(-1) != large.dim_key(-1) || small.dim_key(-2) != large.dim_key(-2)) return Declined();
  const Value x = kLeft ? small : m["x"], y = kLeft ? m["x"] : small;
  return build.Substitute(m.root(), build.Emit(m.root_op().As<tfl::BatchMatMul>(), {x, y}));
}

// ---- what repeats nothing

Status BroadcastToReshape(const MatchView& m, Builder& build) {
  if (m["x"].num_elements() < 0 || m["x"].num_elements() != m.root().num_elements()) return Declined();
  TFLOWER_TRY(const Value shape, build.Vector(m.root().dims()));
  return build.Substitute(m.root(), build.Emit(tfl::Reshape{}, {m["x"], shape}));
}
Status BroadcastOfBroadcast(const MatchView& m, Builder& build) { return build.Substitute(m.root(), build.Emit(tfl::BroadcastTo{}, {m["x"], m["shape"]})); }

constexpr const char* kSelects = "SELECT|SELECT_V2";

constexpr RuleDef kRules[] = {
    {"broadcast-in-binary", 100, Match(kBinary, {Any("x"), kBroadcast}), Right, kBinaryNames.data()},
    {"broadcast-before-binary", 100, Match(kBinary, {kBroadcast, Any("x")}), Left, kBinaryNames.data()},
    {"tile-in-binary", 100, Match(kBinary, {Any("x"), kTile}), TileRight, kBinaryNames.data()},
    {"tile-before-binary", 100, Match(kBinary, {kTile, Any("x")}), TileLeft, kBinaryNames.data()},
    {"tile-of-tile", 210, Match("TILE", {Match("TILE", {Any("x"), Const("inner")}, nullptr, kSingleUse), Const("outer")}), TileOfTile, "TILE"},
    {"reshape-in-binary", 100, Match(kBinary, {Any("x"), kReshape}), ReshapeRight, kBinaryNames.data()},
    {"reshape-before-binary", 100, Match(kBinary, {kReshape, Any("x")}), ReshapeLeft, kBinaryNames.data()},
    {"broadcast-before-batch-matmul", 100, Match("BATCH_MATMUL", {kBroadcast, Any("x")}), InProduct<true>, "BATCH_MATMUL"},
    {"broadcast-in-batch-matmul", 100, Match("BATCH_MATMUL", {Any("x"), kBroadcast}), InProduct<false>, "BATCH_MATMUL"},
    {"broadcast-to-reshape", 240, Match("BROADCAST_TO|TILE", {Any("x")}), BroadcastToReshape, "RESHAPE"},
    {"broadcast-of-broadcast", 210, Match("BROADCAST_TO", {Match("BROADCAST_TO", {Any("x")}), Any("shape")}), BroadcastOfBroadcast, "BROADCAST_TO"},
    {"broadcast-in-select-condition", 100, Match(kSelects, {kBroadcast, Any("x"), Any("y")}), SelectCondition, "SELECT_V2"},
    {"broadcast-in-select-x", 100, Match(kSelects, {Any("c"), kBroadcast, Any("y")}), SelectFirst, "SELECT_V2"},
    {"broadcast-in-select-y", 100, Match(kSelects, {Any("c"), Any("x"), kBroadcast}), SelectSecond, "SELECT_V2"},
};
}  // namespace
TFLOWER_RULE_FAMILY(broadcast, kRules);
}  // namespace tflower::tfl_rules
