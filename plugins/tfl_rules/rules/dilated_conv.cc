// SPACE_TO_BATCH_ND, convolution, BATCH_TO_SPACE_ND -> the dilated convolution that they spell. 2-D, and 1-D with its reshapes.
//
// Output o reads inputs o + crop - pad + j * block: a convolution dilated by block with pad - crop zeros before.
#include "weights.h"

namespace tflower::tfl_rules {
namespace {

struct Axis {
  int64_t in, out, kernel, dilation, before;  // before: zeros in front of the input
  int64_t reach() const { return (kernel - 1) * dilation; }
  int64_t after() const { return out + reach() - in - before; }
  bool is_valid() const { return before == 0 && after() == 0; }
  bool is_same() const { return in == out && before == reach() / 2; }
};

struct Dilated {
  Value x;  // [batch, height, width, channels]
  Axis h, w;
};

// The convolution with dilation, with a PAD where neither SAME nor VALID says it.
template <class TflConv>
Result<Value> EmitDilated(Builder& build, const Operator& conv, const Dilated& d) {
  TflConv options = conv.As<TflConv>();
  options.dilation_h_factor = static_cast<int32_t>(d.h.dilation);
  options.dilation_w_factor = static_cast<int32_t>(d.w.dilation);
  options.padding = tfl::Padding::VALID;
  Value x = d.x;
  if (d.h.is_same() && d.w.is_same()) {
    options.padding = tfl::Padding::SAME;
  } else if (!d.h.is_valid() || !d.w.is_valid()) {
    const int32_t paddings[] = {0, 0, static_cast<int32_t>(d.h.before), static_cast<int32_t>(d.h.after()), static_cast<int32_t>(d.w.before), static_cast<int32_t>(d.w.after()), 0, 0};
    const int64_t dims[] = {4, 2};
    TFLOWER_TRY(const Value pad, build.Constant<int32_t>(dims, paddings));
    TFLOWER_TRY(x, build.Emit(tfl::Pad{}, {x, pad}));
  }
  return build.Emit(options, {x, conv.Input(1), conv.Input(2)});
}

template <class TflConv>
bool IsPlain(const Operator& conv) {
  const auto o = conv.As<TflConv>();
  return o.padding == tfl::Padding::VALID && o.stride_h == 1 && o.stride_w == 1 && o.dilation_h_factor == 1 && o.dilation_w_factor == 1;
}

struct Blocks {
  std::vector<int64_t> block, pads, crops;
};
Result<Blocks> ReadBlocks(const MatchView& m, Builder& build, size_t axes) {
  Blocks b;
  TFLOWER_TRY(b.block, build.Ints(m["block"], "block"));
  TFLOWER_TRY(const std::vector<int64_t> back, build.Ints(m["block_back"], "block"));
  TFLOWER_TRY(b.pads, build.Ints(m["pads"], "paddings"));
  TFLOWER_TRY(b.crops, build.Ints(m["crops"], "crops"));
  if (b.block != back || b.block.size() != axes || b.pads.size() != 2 * axes || b.crops.size() != 2 * axes) return Declined();
  return b;
}

bool IsPossible(const Axis& a) { return a.in > 0 && a.out > 0 && a.before >= 0 && a.after() >= 0; }

template <class TflConv>
Status Fuse2D(const MatchView& m, Builder& build) {
  const Operator conv = m.Op("conv");
  if (!IsPlain<TflConv>(conv) || m["x"].rank() != 4) return Declined();
  TFLOWER_TRY(const Blocks b, ReadBlocks(m, build, 2));
  const Value weights = conv.Input(1);
  const Dilated d{m["x"], {m["x"].dim(1), m.root().dim(1), weights.dim(1), b.block[0], b.pads[0] - b.crops[0]},
                  {m["x"].dim(2), m.root().dim(2), weights.dim(2), b.block[1], b.pads[2] - b.crops[2]}};
  if (!IsPossible(d.h) || !IsPossible(d.w)) return Declined();
  return build.Substitute(m.root(), EmitDilated<TflConv>(build, conv, d));
}

// x [batch, length, channels] goes through [.., 1, length, ..] or [.., length, 1, ..].
template <class TflConv>
Status Fuse1D(const MatchView& m, Builder& build) {
  const Operator conv = m.Op("conv");
  const Value x = m["x"], weights = conv.Input(1), inside = conv.Input(0);
  if (!IsPlain<TflConv>(conv) || x.rank() != 3 || inside.rank() != 4 || x.dim(1) < 0 || x.dim(2) < 0) return Declined();
  TFLOWER_TRY(const Blocks b, ReadBlocks(m, build, 1));
  const bool along_w = inside.dim(1) == 1 && weights.dim(1) == 1;
  if (!along_w && (inside.dim(2) != 1 || weights.dim(2) != 1)) return Declined();
  const Axis axis{x.dim(1), m.root().dim(1), weights.dim(along_w ? 2 : 1), b.block[0], b.pads[0] - b.crops[0]};
  const Axis unit{1, 1, 1, 1, 0};
  if (!IsPossible(axis)) return Declined();
  const int32_t length = static_cast<int32_t>(x.dim(1)), batch = static_cast<int32_t>(x.dim(0)), channels = static_cast<int32_t>(x.dim(2));
  TFLOWER_TRY(const Value image, Reshaped(build, x, along_w ? std::vector<int32_t>{batch, 1, length, channels} : std::vector<int32_t>{batch, length, 1, channels}));
  TFLOWER_TRY(const Value y, EmitDilated<TflConv>(build, conv, along_w ? Dilated{image, unit, axis} : Dilated{image, axis, unit}));
  return build.Substitute(m.root(), Reshaped(build, y, {batch, static_cast<int32_t>(m.root().dim(1)), static_cast<int32_t>(m.root().dim(2))}));
}

constexpr Pattern kBlocks = Match("SPACE_TO_BATCH_ND", {Any("x"), Const("block"), Const("pads")}, nullptr, kSingleUse);
constexpr Pattern TwoD(const char* conv) { return Match("BATCH_TO_SPACE_ND", {Match(conv, {kBlocks}, "conv", kSingleUse), Const("block_back"), Const("crops")}); }
constexpr Pattern OneD(const char* conv) {
  return Match("BATCH_TO_SPACE_ND", {Match("RESHAPE", {Match(conv, {Match("RESHAPE", {kBlocks}, nullptr, kSingleUse)}, "conv", kSingleUse)}, nullptr, kSingleUse),
                                     Const("block_back"), Const("crops")});
}

constexpr RuleDef kRules[] = {
    {"dilated-conv", 260, TwoD("CONV_2D"), Fuse2D<tfl::Conv2D>, "CONV_2D PAD"},
    {"dilated-depthwise-conv", 260, TwoD("DEPTHWISE_CONV_2D"), Fuse2D<tfl::DepthwiseConv2D>, "DEPTHWISE_CONV_2D PAD"},
    {"dilated-conv-1d", 260, OneD("CONV_2D"), Fuse1D<tfl::Conv2D>, "CONV_2D PAD RESHAPE"},
    {"dilated-depthwise-conv-1d", 260, OneD("DEPTHWISE_CONV_2D"), Fuse1D<tfl::DepthwiseConv2D>, "DEPTHWISE_CONV_2D PAD RESHAPE"},
};
}  // namespace
TFLOWER_RULE_FAMILY(dilated_conv, kRules);
}  // namespace tflower::tfl_rules
