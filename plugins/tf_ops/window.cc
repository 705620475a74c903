// Sliding windows: attributes, explicit padding, data formats.
#include "window.h"

namespace tflower::tf_ops {

namespace {

Result<HW> WindowOf(Layout layout, std::span<const int64_t> v, std::string_view name) {
  if (v.size() != 4) return Error(Code::kInvalidGraph, "must have 4 entries, has " + std::to_string(v.size())).What(name);
  if (v[0] != 1 || v[static_cast<size_t>(layout.c())] != 1)
    return Error(Code::kUnsupportedAttribute, "must be 1 for batch and channels").What(name).Hint("TFLite has no windows over batch or channels");
  const int64_t h = v[static_cast<size_t>(layout.h())], w = v[static_cast<size_t>(layout.w())];
  if (h < 1 || w < 1 || h > INT32_MAX || w > INT32_MAX) return Error(Code::kInvalidGraph, "must be positive").What(name);
  return HW{static_cast<int32_t>(h), static_cast<int32_t>(w)};
}

}  // namespace

Result<HW> WindowAttr(const Node& node, std::string_view name) { return WindowOf(LayoutOf(node), node.Ints(name), name); }
Result<HW> WindowOperand(const Node& node, Builder& build, const Value& v, std::string_view what) {
  TFLOWER_TRY(const std::vector<int64_t> entries, build.Ints(v, what));
  return WindowOf(LayoutOf(node), entries, what);
}

Result<Padding> PaddingAttr(const Node& node) {
  const std::string_view kind = node.String("padding");
  if (kind == "SAME") return Padding{.kind = tfl::Padding::SAME};
  if (kind == "VALID") return Padding{.kind = tfl::Padding::VALID};
  const std::span<const int64_t> p = node.Ints("explicit_paddings");
  const Layout layout = LayoutOf(node);
  if (p.size() != 8) return Error(Code::kInvalidGraph, "must have 8 entries when padding is EXPLICIT").What("explicit_paddings");
  const auto at = [&](int dim, int side) { return p[static_cast<size_t>(2 * dim + side)]; };
  for (int64_t v : p) if (v < 0 || v > INT32_MAX) return Error(Code::kInvalidGraph, "must not be negative").What("explicit_paddings");
  if (at(0, 0) != 0 || at(0, 1) != 0 || at(layout.c(), 0) != 0 || at(layout.c(), 1) != 0)
    return Error(Code::kUnsupportedAttribute, "must be 0 for batch and channels").What("explicit_paddings");
  Padding padding{.kind = tfl::Padding::VALID, .is_explicit = true};
  padding.top = static_cast<int32_t>(at(layout.h(), 0));
  padding.bottom = static_cast<int32_t>(at(layout.h(), 1));
  padding.left = static_cast<int32_t>(at(layout.w(), 0));
  padding.right = static_cast<int32_t>(at(layout.w(), 1));
  return padding;
}

Result<Value> ToNhwc(const Node& node, Builder& build, const Value& x) {
  if (!LayoutOf(node).channels_first) return x;
  TFLOWER_TRY(const Value perm, build.Vector({0, 2, 3, 1}));
  return build.Emit(tfl::Transpose{}, {x, perm});
}

Result<Value> FromNhwc(const Node& node, Builder& build, const Value& y) {
  if (!LayoutOf(node).channels_first) return y;
  TFLOWER_TRY(const Value perm, build.Vector({0, 3, 1, 2}));
  return build.Emit(tfl::Transpose{}, {y, perm});
}

Result<Value> PadExplicit(Builder& build, const Value& x, const Padding& p) {
  if (!p.is_explicit || (p.top | p.bottom | p.left | p.right) == 0) return x;
  const int32_t paddings[] = {0, 0, p.top, p.bottom, p.left, p.right, 0, 0};
  const int64_t dims[] = {4, 2};
  TFLOWER_TRY(const Value pad, build.Constant<int32_t>(dims, paddings));
  return build.Emit(tfl::Pad{}, {x, pad});
}

}  // namespace tflower::tf_ops
