// PAD into the convolution behind it: zeros around the input of a VALID convolution, when they are those that SAME would read.
#include "weights.h"

namespace tflower::tfl_rules {
namespace {

struct Window {
  int64_t size, stride, dilation;
};

// Zeros that SAME puts before and behind: out = ceil(in / stride), total = max((out - 1) * stride + (size - 1) * dilation + 1 - in, 0).
bool IsSame(int64_t in, const Window& w, int64_t before, int64_t behind) {
  if (in < 0) return false;
  const int64_t out = (in + w.stride - 1) / w.stride;
  const int64_t total = std::max<int64_t>((out - 1) * w.stride + (w.size - 1) * w.dilation + 1 - in, 0);
  return before == total / 2 && behind == total - total / 2;
}

template <class TflConv>
Status PadToSame(const MatchView& m, Builder& build) {
  TflConv options = m.root_op().As<TflConv>();
  const Value x = m["x"], weights = m.root_op().Input(1);
  if (options.padding != tfl::Padding::VALID || x.rank() != 4) return Declined();
  TFLOWER_TRY(const std::vector<int64_t> p, build.Ints(m["paddings"], "paddings"));
  if (p.size() != 8 || p[0] != 0 || p[1] != 0 || p[6] != 0 || p[7] != 0) return Declined();
  const Window h{weights.dim(1), options.stride_h, options.dilation_h_factor}, w{weights.dim(2), options.stride_w, options.dilation_w_factor};
  if (!IsSame(x.dim(1), h, p[2], p[3]) || !IsSame(x.dim(2), w, p[4], p[5])) return Declined("is not what SAME pads");
  options.padding = tfl::Padding::SAME;
  return build.Substitute(m.root(), build.Emit(options, {x, weights, m.root_op().Input(2)}));
}

constexpr Pattern Padded(const char* conv) { return Match(conv, {Match("PAD", {Any("x"), Const("paddings")})}, "root"); }

constexpr RuleDef kRules[] = {
    {"pad-into-conv", 80, Padded("CONV_2D"), PadToSame<tfl::Conv2D>, "CONV_2D"},
    {"pad-into-depthwise-conv", 80, Padded("DEPTHWISE_CONV_2D"), PadToSame<tfl::DepthwiseConv2D>, "DEPTHWISE_CONV_2D"},
};
}  // namespace
TFLOWER_RULE_FAMILY(pad, kRules);
}  // namespace tflower::tfl_rules
