// Pad, PadV2, MirrorPad -> PAD, PADV2, MIRROR_PAD. Paddings: [rank, 2], before and after each dimension; all zero leaves nothing.
#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kPadAttrs[] = {Type("T"), Type("Tpaddings", DType::kInt32)};
constexpr AttrDef kMirrorPadAttrs[] = {Type("T"), Type("Tpaddings", DType::kInt32), String("mode", OneOf("REFLECT", "SYMMETRIC"))};

// A constant of zero bits is what PAD pads with.
Result<bool> IsZero(Builder& build, const Value& v) {
  if (!v.is_constant()) return false;
  TFLOWER_TRY(const std::span<const std::byte> bytes, build.Data(v));
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

Status LowerPad(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  if (HoldsOnly(build, node.Input(1), 0)) return build.Bind(0, x);
  TFLOWER_TRY(const Value paddings, AsInt32(build, node.Input(1)));
  return build.Bind(0, build.Emit(tfl::Pad{}, {x, paddings}));
}

Status LowerPadV2(const Node& node, Builder& build) {
  TFLOWER_TRY(const bool zero, IsZero(build, node.Input(2)));
  if (zero || HoldsOnly(build, node.Input(1), 0)) return LowerPad(node, build);
  TFLOWER_TRY(const Value paddings, AsInt32(build, node.Input(1)));
  return build.Bind(0, build.Emit(tfl::PadV2{}, {node.Input(0), paddings, node.Input(2)}));
}

Status LowerMirrorPad(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  if (HoldsOnly(build, node.Input(1), 0)) return build.Bind(0, x);
  const tfl::MirrorPadMode mode = node.String("mode") == "REFLECT" ? tfl::MirrorPadMode::REFLECT : tfl::MirrorPadMode::SYMMETRIC;
  TFLOWER_TRY(const Value paddings, AsInt32(build, node.Input(1)));
  return build.Bind(0, build.Emit(tfl::MirrorPad{.mode = mode}, {x, paddings}));
}

constexpr OpDef kOps[] = {
    {"Pad", {Any(), Index(2, 2)}, kPadAttrs, LowerPad, "CAST PAD"},
    {"PadV2", {Any(), Index(2, 2), Ranked(0, 0)}, kPadAttrs, LowerPadV2, "CAST PAD PADV2"},
    {"MirrorPad", {Any(), Index(2, 2)}, kMirrorPadAttrs, LowerMirrorPad, "CAST MIRROR_PAD"},
};
}  // namespace
TFLOWER_OP_FAMILY(pad, kOps);
}  // namespace tflower::tf_ops
