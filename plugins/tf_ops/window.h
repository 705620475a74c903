// Sliding windows of convolutions and pools: strides, dilations and paddings as TFLite's options want them.
#pragma once

#include <tflower/op_def.h>

namespace tflower::tf_ops {

struct HW {
  int32_t h = 1, w = 1;
};

// data_format of a 4-D op: where height, width and channels stand.
struct Layout {
  bool channels_first = false;  // NCHW
  int h() const { return channels_first ? 2 : 1; }
  int w() const { return channels_first ? 3 : 2; }
  int c() const { return channels_first ? 1 : 3; }
};
inline Layout LayoutOf(const Node& node) { return {node.String("data_format") == "NCHW"}; }

// Entries of a 4-element list attribute (strides, dilations, ksize) for height and width; batch and channel entries must be 1.
Result<HW> WindowAttr(const Node& node, std::string_view name);
// The same for a constant operand, `what`.
Result<HW> WindowOperand(const Node& node, Builder& build, const Value& v, std::string_view what);

struct Padding {
  tfl::Padding kind = tfl::Padding::VALID;
  bool is_explicit = false;
  int32_t top = 0, bottom = 0, left = 0, right = 0;  // explicit only
};
// padding SAME, VALID or EXPLICIT (with explicit_paddings).
Result<Padding> PaddingAttr(const Node& node);

// x in NHWC: as it is, or through a TRANSPOSE, which rules cancel against its counterpart.
Result<Value> ToNhwc(const Node& node, Builder& build, const Value& x);
// The way back: y (NHWC) in the node's data_format.
Result<Value> FromNhwc(const Node& node, Builder& build, const Value& y);

// x (NHWC) with explicit padding made real by a PAD; x itself for other kinds. Convolutions then run VALID.
Result<Value> PadExplicit(Builder& build, const Value& x, const Padding& padding);

}  // namespace tflower::tf_ops
