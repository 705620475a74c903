// Cast -> CAST; Bitcast -> BITCAST. LiteRT casts neither uint64 nor complex128: BITCAST makes the first an int64, the second a pair of float64.
#include "complex_parts.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kCastAttrs[] = {Type("SrcT"), Type("DstT"), Bool("Truncate", false)};
constexpr AttrDef kBitcastAttrs[] = {Type("T"), Type("type")};

// Truncate asks to cut off mantissa bits where TFLite rounds: it means something between floats only.
bool MayRound(DType from, DType to) { return Contains(kFloats, from) && Contains(kFloats, to) && BitsOf(to) < BitsOf(from); }

// As int64, values from 2^63 on are negative: 2^64 is added to those. Rounded twice where they do not fit.
Expr FloatFromLong(const Expr& x, DType to) {
  const Expr value = Cast(Bitcast(x, DType::kInt64), DType::kFloat32);
  return Cast(Where(value < 0, value + 0x1p64, value), to);
}
// Values from 2^63 on lose 2^63 on the way, which the sign bit gives back.
Expr LongFromFloat(const Expr& x) {
  const Expr value = Cast(x, DType::kFloat32);
  const Expr is_large = value >= 0x1p63;
  const Expr low = Cast(Where(is_large, value - 0x1p63, value), DType::kInt64);
  return Bitcast(Where(is_large, low + -0x1p63, low), DType::kUInt64);
}

Status LowerCast(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  const DType from = x.dtype(), to = node.Type("DstT");
  if (to == DType::kNone) return Error(Code::kUnsupportedType, "TFLite has no such type").What("DstT");
  if (to == from) return build.Bind(0, x);
  if (node.Bool("Truncate") && MayRound(from, to))
    return Error(Code::kUnsupportedAttribute, "TFLite rounds when it narrows a float").What("Truncate");
  if (from == DType::kUInt64 && to == DType::kBool) {
    return build.Bind(0, (Bitcast(Expr(build, x), DType::kInt64) != 0).result());
  }
  if (from == DType::kUInt64 && Contains(kFloats | kComplexes, to)) {
    TFLOWER_TRY(const Value value, FloatFromLong(Expr(build, x), Contains(kFloats, to) ? to : DType::kFloat32).result());
    return build.Bind(0, Convert(build, value, to));
  }
  if (to == DType::kUInt64 && Contains(kFloats, from)) return build.Bind(0, LongFromFloat(Expr(build, x)).result());
  return build.Bind(0, Convert(build, x, to));
}

Status LowerBitcast(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  const DType to = node.Type("type");
  if (to == DType::kNone || BitsOf(to) < 8 || BitsOf(x.dtype()) < 8) return Error(Code::kUnsupportedType, "only types of whole bytes can be cast").What("type");
  return build.Bind(0, Bitcast(Expr(build, x), to).result());
}

constexpr OpDef kOps[] = {
    {"Cast", {Any()}, kCastAttrs, LowerCast, "ADD BITCAST CAST GREATER_EQUAL LESS NOT_EQUAL SELECT SUB"},
    {"Bitcast", {Any()}, kBitcastAttrs, LowerBitcast, "BITCAST"},
};
}  // namespace
TFLOWER_OP_FAMILY(cast, kOps);
}  // namespace tflower::tf_ops
