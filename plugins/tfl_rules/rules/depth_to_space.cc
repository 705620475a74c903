// Per-channel arithmetic and activations behind DEPTH_TO_SPACE, moved before it, where a convolution can take them: the constant of a channel
// is that of each of its block_size^2 phases.
#include "weights.h"

namespace tflower::tfl_rules {
namespace {

using Activation = tfl::ActivationFunctionType;

template <class TflOp>
Status MoveArithmetic(const MatchView& m, Builder& build) {
  const auto spread = m.Op("spread").As<tfl::DepthToSpace>();
  const int64_t channels = m["spread"].dim(-1);
  if (m.root().dtype() != DType::kFloat32 || !m["spread"].SameShape(m.root())) return Declined();
  TFLOWER_TRY(const std::optional<Value> c, ChannelVector(build, m["c"], channels));
  if (!c) return Declined("varies over more than the channels");
  TFLOWER_TRY(const Value times, build.Vector({spread.block_size * spread.block_size}));
  TFLOWER_TRY(const Value tiled, build.Emit(tfl::Tile{}, {*c, times}));
  TFLOWER_TRY(const Value y, build.Emit(m.root_op().As<TflOp>(), {m["x"], tiled}));
  return build.Substitute(m.root(), build.Emit(spread, {y}));
}

template <class TflOp>
Status MoveActivation(const MatchView& m, Builder& build) {
  TFLOWER_TRY(const Value y, build.Emit(TflOp{}, {m["x"]}));
  return build.Substitute(m.root(), build.Emit(m.Op("spread").As<tfl::DepthToSpace>(), {y}));
}

constexpr Pattern kSpread = Match("DEPTH_TO_SPACE", {Any("x")}, "spread", kSingleUse);
constexpr Pattern Behind(const char* op, uint32_t flags) { return Match(op, {kSpread, Const("c")}, nullptr, flags); }

constexpr RuleDef kRules[] = {
    {"add-before-depth-to-space", 170, Behind("ADD", kCommutative), MoveArithmetic<tfl::Add>, "ADD DEPTH_TO_SPACE"},
    {"sub-before-depth-to-space", 170, Behind("SUB", 0), MoveArithmetic<tfl::Sub>, "SUB DEPTH_TO_SPACE"},
    {"mul-before-depth-to-space", 170, Behind("MUL", kCommutative), MoveArithmetic<tfl::Mul>, "MUL DEPTH_TO_SPACE"},
    {"relu-before-depth-to-space", 170, Match("RELU", {kSpread}), MoveActivation<tfl::Relu>, "RELU DEPTH_TO_SPACE"},
    {"relu6-before-depth-to-space", 170, Match("RELU6", {kSpread}), MoveActivation<tfl::Relu6>, "RELU6 DEPTH_TO_SPACE"},
};
}  // namespace
TFLOWER_RULE_FAMILY(depth_to_space, kRules);
}  // namespace tflower::tfl_rules
