// PAD into the convolution behind it: zeros around the input of a VALID convolution, when they are those that SAME would read. Pads behind each
// other.
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

Status PadToSame3D(const MatchView& m, Builder& build) {
  auto options = m.root_op().As<tfl::Conv3D>();
  const Value x = m["x"], weights = m.root_op().Input(1);
  if (options.padding != tfl::Padding::VALID || x.rank() != 5) return Declined();
  TFLOWER_TRY(const std::vector<int64_t> p, build.Ints(m["paddings"], "paddings"));
  if (p.size() != 10 || p[0] != 0 || p[1] != 0 || p[8] != 0 || p[9] != 0) return Declined();
  const Window windows[] = {{weights.dim(0), options.stride_d, options.dilation_d_factor}, {weights.dim(1), options.stride_h, options.dilation_h_factor},
                            {weights.dim(2), options.stride_w, options.dilation_w_factor}};
  for (int i = 0; i < 3; ++i) if (!IsSame(x.dim(i + 1), windows[i], p[static_cast<size_t>(2 * i + 2)], p[static_cast<size_t>(2 * i + 3)])) return Declined("is not what SAME pads");
  options.padding = tfl::Padding::SAME;
  return build.Substitute(m.root(), build.Emit(options, {x, weights, m.root_op().Input(2)}));
}

// ---- pads among themselves

Result<Value> Sum(Builder& build, const MatchView& m) {
  TFLOWER_TRY(std::vector<int64_t> sum, build.Ints(m["inner"], "paddings"));
  TFLOWER_TRY(const std::vector<int64_t> outer, build.Ints(m["outer"], "paddings"));
  std::vector<int32_t> narrow;
  for (size_t i = 0; i < outer.size(); ++i) narrow.push_back(static_cast<int32_t>(std::clamp<int64_t>(sum[i] + outer[i], 0, INT32_MAX)));
  const int64_t dims[] = {static_cast<int64_t>(narrow.size()) / 2, 2};
  return build.Constant<int32_t>(dims, narrow);
}
Status MergePads(const MatchView& m, Builder& build) {
  TFLOWER_TRY(const Value paddings, Sum(build, m));
  return build.Substitute(m.root(), build.Emit(tfl::Pad{}, {m["x"], paddings}));
}
Status MergePadsV2(const MatchView& m, Builder& build) {
  if (m["v1"].num_elements() != 1 || m["v2"].num_elements() != 1 || m["v1"].dtype() != m["v2"].dtype()) return Declined();
  TFLOWER_TRY(const std::span<const std::byte> a, build.Data(m["v1"]));
  TFLOWER_TRY(const std::span<const std::byte> b, build.Data(m["v2"]));
  if (!std::equal(a.begin(), a.end(), b.begin(), b.end())) return Declined("with different numbers");
  TFLOWER_TRY(const Value paddings, Sum(build, m));
  return build.Substitute(m.root(), build.Emit(tfl::PadV2{}, {m["x"], paddings, m["v1"]}));
}
constexpr Pattern Padded(const char* conv) { return Match(conv, {Match("PAD", {Any("x"), Const("paddings")})}, "root"); }

constexpr RuleDef kRules[] = {
    {"pad-into-conv", 80, Padded("CONV_2D"), PadToSame<tfl::Conv2D>, "CONV_2D"},
    {"pad-into-depthwise-conv", 80, Padded("DEPTHWISE_CONV_2D"), PadToSame<tfl::DepthwiseConv2D>, "DEPTHWISE_CONV_2D"},
    {"pad-into-conv-3d", 80, Padded("CONV_3D"), PadToSame3D, "CONV_3D"},
    {"merge-pads", 210, Match("PAD", {Match("PAD", {Any("x"), Const("inner")}, nullptr, kSingleUse), Const("outer")}), MergePads, "PAD"},
    {"merge-pads-v2", 210, Match("PADV2", {Match("PADV2", {Any("x"), Const("inner"), Const("v1")}, nullptr, kSingleUse), Const("outer"), Const("v2")}), MergePadsV2, "PADV2"},
};
}  // namespace
TFLOWER_RULE_FAMILY(pad, kRules);
}  // namespace tflower::tfl_rules
