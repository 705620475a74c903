// Cast -> CAST; Bitcast between equal types only, since BITCAST does not say what it casts to.
#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kCastAttrs[] = {Type("SrcT"), Type("DstT"), Bool("Truncate", false)};
constexpr AttrDef kBitcastAttrs[] = {Type("T"), Type("type")};

// Truncate asks to cut off mantissa bits where TFLite rounds: it means something between floats only.
bool MayRound(DType from, DType to) { return Contains(kFloats, from) && Contains(kFloats, to) && BitsOf(to) < BitsOf(from); }

Status LowerCast(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  const DType to = node.Type("DstT");
  if (to == DType::kNone) return Error(Code::kUnsupportedType, "TFLite has no such type").What("DstT");
  if (to == x.dtype()) return build.Bind(0, x);
  if (node.Bool("Truncate") && MayRound(x.dtype(), to))
    return Error(Code::kUnsupportedAttribute, "TFLite rounds when it narrows a float").What("Truncate");
  return build.Bind(0, build.Emit(tfl::Cast{.in_data_type = ToTfl(x.dtype()), .out_data_type = ToTfl(to)}, {x}));
}

// Bytes are the same; a wider source gains a last dimension, a narrower one loses it.
Status BitcastConstant(const Node& node, Builder& build, DType to) {
  const Value x = node.Input(0);
  std::vector<int64_t> dims(x.dims().begin(), x.dims().end());
  const int from_bits = BitsOf(x.dtype()), to_bits = BitsOf(to);
  if (from_bits > to_bits) dims.push_back(from_bits / to_bits);
  if (from_bits < to_bits) {
    if (dims.empty() || dims.back() != to_bits / from_bits)
      return Error(Code::kInvalidGraph, "the last dimension must be " + std::to_string(to_bits / from_bits)).What("input 0");
    dims.pop_back();
  }
  TFLOWER_TRY(const std::span<const std::byte> bytes, build.Data(x));
  return build.Bind(0, build.ConstantBytes(to, dims, bytes.data(), bytes.size()));
}

Status LowerBitcast(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  const DType to = node.Type("type");
  if (to == x.dtype()) return build.Bind(0, x);
  if (BitsOf(to) < 8 || BitsOf(x.dtype()) < 8) return Error(Code::kUnsupportedType, "only types of whole bytes can be cast").What("type");
  if (x.is_constant()) return BitcastConstant(node, build, to);
  return Error(Code::kUnsupportedType, "from " + std::string(NameOf(x.dtype())) + " to " + std::string(NameOf(to)) + " works for constants only")
      .What("type");
}

constexpr OpDef kOps[] = {
    {"Cast", {Any()}, kCastAttrs, LowerCast, "CAST"},
    {"Bitcast", {Any()}, kBitcastAttrs, LowerBitcast, ""},
};
}  // namespace
TFLOWER_OP_FAMILY(cast, kOps);
}  // namespace tflower::tf_ops
