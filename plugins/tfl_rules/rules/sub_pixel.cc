// Per-channel arithmetic and activations behind the phases of a transposed convolution, moved before them, where the convolution can take
// them. Phases are channels that DEPTH_TO_SPACE or a RESHAPE spreads over the image, so the constant of a channel is that of each of its
// phases; a SLICE may crop the image.
#include "weights.h"

namespace tflower::tfl_rules {
namespace {

// c, a number for each of the `channels` of the spread image, for all phases.
Result<Value> ForAllPhases(Builder& build, const Value& c, int64_t channels, int64_t phases) {
  TFLOWER_TRY(const std::optional<Value> vector, ChannelVector(build, c, channels));
  if (!vector) return Declined("varies over more than the channels");
  TFLOWER_TRY(const Value times, build.Vector({static_cast<int32_t>(phases)}));
  return build.Emit(tfl::Tile{}, {*vector, times});
}

// Channels of "x" that one of the spread image's becomes; nullopt where they are not in order behind each other.
std::optional<int64_t> Phases(const MatchView& m) {
  const int64_t in = m["x"].dim(-1), out = m["spread"].dim(-1);
  if (in < 1 || out < 1 || in % out != 0 || in == out) return std::nullopt;
  return in / out;
}

Result<Value> SpreadAgain(const MatchView& m, Builder& build, const Value& y) {
  const Operator spread = m.Op("spread");
  if (spread.code() == tfl::Builtin::DEPTH_TO_SPACE) return build.Emit(spread.As<tfl::DepthToSpace>(), {y});
  return build.Emit(tfl::Reshape{}, {y, spread.Input(1)});
}

template <class TflOp>
Status MoveArithmetic(const MatchView& m, Builder& build) {
  const std::optional<int64_t> phases = Phases(m);
  if (!phases || m.root().dtype() != DType::kFloat32 || !m["spread"].SameShape(m.root())) return Declined();
  TFLOWER_TRY(const Value c, ForAllPhases(build, m["c"], m["spread"].dim(-1), *phases));
  TFLOWER_TRY(const Value y, build.Emit(m.root_op().As<TflOp>(), {m["x"], c}));
  return build.Substitute(m.root(), SpreadAgain(m, build, y));
}

template <class TflOp>
Status MoveActivation(const MatchView& m, Builder& build) {
  TFLOWER_TRY(const Value y, build.Emit(TflOp{}, {m["x"]}));
  return build.Substitute(m.root(), SpreadAgain(m, build, y));
}

// ---- before the SLICE that crops: it must keep the channels, and at least half of every side, since what it drops is computed, too

bool IsCrop(const Value& from, const Value& to) {
  for (int i = 0; i < to.rank(); ++i) {
    const bool same = from.dim_key(i) == to.dim_key(i);
    if (!same && (i == to.rank() - 1 || from.dim(i) < 0 || to.dim(i) < 0 || to.dim(i) < from.dim(i) / 2)) return false;
  }
  return to.rank() > 0;
}
Result<Value> CropAgain(const MatchView& m, Builder& build, const Value& y) { return build.Emit(tfl::Slice{}, {y, m["begin"], m["size"]}); }

template <class TflOp>
Status MoveArithmeticBeforeCrop(const MatchView& m, Builder& build) {
  if (!m["crop"].SameShape(m.root()) || !IsCrop(m["spread"], m["crop"])) return Declined();
  TFLOWER_TRY(const std::optional<Value> c, ChannelVector(build, m["c"], m.root().dim(-1)));
  if (!c) return Declined("varies over more than the channels");
  TFLOWER_TRY(const Value y, build.Emit(m.root_op().As<TflOp>(), {m["spread"], *c}));
  return build.Substitute(m.root(), CropAgain(m, build, y));
}

template <class TflOp>
Status MoveActivationBeforeCrop(const MatchView& m, Builder& build) {
  if (!IsCrop(m["spread"], m["crop"])) return Declined();
  TFLOWER_TRY(const Value y, build.Emit(TflOp{}, {m["spread"]}));
  return build.Substitute(m.root(), CropAgain(m, build, y));
}

constexpr Pattern kSpread = Match("DEPTH_TO_SPACE", {Any("x")}, "spread", kSingleUse);
constexpr Pattern kReshape = Match("RESHAPE", {Match(kWeighted, {}, "x", kSingleUse), Any("shape")}, "spread", kSingleUse);
// The second step where the strides differ and both are above 1: RESHAPE, TRANSPOSE, RESHAPE.
constexpr Pattern kTransposed = Match("TRANSPOSE", {Match("RESHAPE", {Match("CONV_2D", {}, nullptr, kSingleUse)}, nullptr, kSingleUse)}, "x", kSingleUse);
constexpr Pattern kSecondReshape = Match("RESHAPE", {kTransposed, Any("shape")}, "spread", kSingleUse);
constexpr Pattern kAnySpread = Match("DEPTH_TO_SPACE|RESHAPE", {Match("CONV_2D|TRANSPOSE", {}, nullptr, kSingleUse)}, "spread", kSingleUse);
constexpr Pattern kCrop = Match("SLICE", {kAnySpread, Const("begin"), Const("size")}, "crop", kSingleUse);
constexpr Pattern With(const char* op, const Pattern& x, uint32_t flags) { return Match(op, {x, Const("c")}, nullptr, flags); }

constexpr RuleDef kRules[] = {
    {"add-before-depth-to-space", 170, With("ADD", kSpread, kCommutative), MoveArithmetic<tfl::Add>, "ADD DEPTH_TO_SPACE"},
    {"sub-before-depth-to-space", 170, With("SUB", kSpread, 0), MoveArithmetic<tfl::Sub>, "SUB DEPTH_TO_SPACE"},
    {"mul-before-depth-to-space", 170, With("MUL", kSpread, kCommutative), MoveArithmetic<tfl::Mul>, "MUL DEPTH_TO_SPACE"},
    {"relu-before-depth-to-space", 170, Match("RELU", {kSpread}), MoveActivation<tfl::Relu>, "RELU DEPTH_TO_SPACE"},
    {"relu6-before-depth-to-space", 170, Match("RELU6", {kSpread}), MoveActivation<tfl::Relu6>, "RELU6 DEPTH_TO_SPACE"},
    {"add-before-phases", 170, With("ADD", kReshape, kCommutative), MoveArithmetic<tfl::Add>, "ADD RESHAPE"},
    {"sub-before-phases", 170, With("SUB", kReshape, 0), MoveArithmetic<tfl::Sub>, "SUB RESHAPE"},
    {"mul-before-phases", 170, With("MUL", kReshape, kCommutative), MoveArithmetic<tfl::Mul>, "MUL RESHAPE"},
    {"add-before-transposed-phases", 170, With("ADD", kSecondReshape, kCommutative), MoveArithmetic<tfl::Add>, "ADD RESHAPE"},
    {"sub-before-transposed-phases", 170, With("SUB", kSecondReshape, 0), MoveArithmetic<tfl::Sub>, "SUB RESHAPE"},
    {"mul-before-transposed-phases", 170, With("MUL", kSecondReshape, kCommutative), MoveArithmetic<tfl::Mul>, "MUL RESHAPE"},
    {"add-before-crop", 170, With("ADD", kCrop, kCommutative), MoveArithmeticBeforeCrop<tfl::Add>, "ADD SLICE"},
    {"sub-before-crop", 170, With("SUB", kCrop, 0), MoveArithmeticBeforeCrop<tfl::Sub>, "SUB SLICE"},
    {"mul-before-crop", 170, With("MUL", kCrop, kCommutative), MoveArithmeticBeforeCrop<tfl::Mul>, "MUL SLICE"},
    {"relu-before-crop", 170, Match("RELU", {kCrop}), MoveActivationBeforeCrop<tfl::Relu>, "RELU SLICE"},
    {"relu6-before-crop", 170, Match("RELU6", {kCrop}), MoveActivationBeforeCrop<tfl::Relu6>, "RELU6 SLICE"},
};
}  // namespace
TFLOWER_RULE_FAMILY(sub_pixel, kRules);
}  // namespace tflower::tfl_rules
