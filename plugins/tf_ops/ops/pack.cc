// Pack, Unpack -> PACK, UNPACK; of a single tensor -> RESHAPE.
#include "by_numbers.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kPackAttrs[] = {Int("N"), Type("T"), Int("axis", 0)};
constexpr AttrDef kUnpackAttrs[] = {Int("num"), Type("T"), Int("axis", 0)};

Status LowerPack(const Node& node, Builder& build) {
  const std::vector<Value> values = node.Inputs();
  if (values.empty()) return Error(Code::kInvalidGraph, "there is nothing to pack");
  TFLOWER_TRY(const int32_t axis, NormalAxis(node.Int("axis"), values[0].rank() + 1, "axis"));
  if (values.size() == 1) return build.Bind(0, InsertDims(build, values[0], std::span<const int32_t>(&axis, 1)));
  return build.Bind(0, build.Emit(tfl::Pack{.values_count = static_cast<int32_t>(values.size()), .axis = axis}, values));
}

Result<std::vector<Value>> LowerUnpack(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  TFLOWER_TRY(const int32_t axis, NormalAxis(node.Int("axis"), x.rank(), "axis"));
  const int64_t num = node.Int("num");
  if (num < 0 || num > 65536) return Error(Code::kInvalidGraph, std::to_string(num) + " outputs are not possible").What("num");
  if (x.dim(axis) >= 0 && x.dim(axis) != num)
    return Error(Code::kInvalidGraph, "dimension " + std::to_string(axis) + " of the input has size " + std::to_string(x.dim(axis)) + ", not " + std::to_string(num))
        .What("num");
  if (num == 0) return std::vector<Value>();
  if (num == 1) {
    TFLOWER_TRY(const Value only, DropDims(build, x, std::span<const int32_t>(&axis, 1)));
    return std::vector<Value>{only};
  }
  const int n = static_cast<int>(num);
  return build.EmitAll(tfl::Unpack{.num = n, .axis = axis}, std::span<const Value>(&x, 1), n);
}

constexpr OpDef kOps[] = {
    {"Pack", {Variadic()}, kPackAttrs, LowerPack, "EXPAND_DIMS PACK RESHAPE"},
    {"Unpack", {Ranked(1, TFLOWER_MAX_RANK)}, kUnpackAttrs, ByNumbers<LowerUnpack>, "GATHER RANGE REDUCE_PROD RESHAPE SHAPE SQUEEZE UNPACK"},
};
}  // namespace
TFLOWER_OP_FAMILY(pack, kOps);
}  // namespace tflower::tf_ops
