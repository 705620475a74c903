// Ops that rank or search elements: TopK(V2), ArgMax, ArgMin, Where, Unique.
#include "elementwise.h"
#include "index.h"

namespace tflower::tf_ops {
namespace {

// sorted=false allows any order, so the sorted one is right.
constexpr AttrDef kTopKAttrs[] = {Int("k"), NoEffect("sorted"), Type("T")};
constexpr AttrDef kTopKV2Attrs[] = {NoEffect("sorted"), Type("T"), Type("Tk", DType::kInt32), Type("index_type", DType::kInt32)};
constexpr AttrDef kApproxAttrs[] = {Int("k"), Int("reduction_dimension", -1), NoEffect("recall_target"), Bool("is_max_k", true),
                                    NoEffect("reduction_input_size_override"), Bool("aggregate_to_topk", true), Type("T")};
constexpr AttrDef kArgAttrs[] = {Type("T"), Type("Tidx", DType::kInt32), Type("output_type", DType::kInt64)};
constexpr AttrDef kWhereAttrs[] = {Type("T", DType::kBool)};
constexpr AttrDef kUniqueAttrs[] = {Type("T"), Type("out_idx", DType::kInt32)};
constexpr AttrDef kUniqueV2Attrs[] = {Type("T"), Type("Taxis", DType::kInt64), Type("out_idx", DType::kInt32)};

Result<tfl::TensorType> IndexType(const Node& node, std::string_view attr, DTypeSet allowed = kIndex) {
  const DType type = node.Type(attr);
  if (Contains(allowed, type)) return ToTfl(type);
  return Error(Code::kUnsupportedType, "type " + std::string(NameOf(type)) + " is not possible").What(attr);
}

Status EmitTopK(const Node& node, Builder& build, const Value& k, tfl::TensorType index_type) {
  const Value in[] = {node.Input(0), k};
  TFLOWER_TRY(const std::vector<Value> out, build.EmitAll(tfl::TopKV2{}, in, 2));
  TFLOWER_CHECK(build.Bind(0, out[0]));
  if (index_type == tfl::TensorType::INT32) return build.Bind(1, out[1]);
  return build.Bind(1, build.Emit(tfl::Cast{.in_data_type = tfl::TensorType::INT32, .out_data_type = index_type}, {out[1]}));
}

Status LowerTopK(const Node& node, Builder& build) {
  const int64_t k = node.Int("k");
  if (k < 0 || k > INT32_MAX) return Error(Code::kInvalidGraph, std::to_string(k) + " is not possible").What("k");
  TFLOWER_TRY(const Value operand, build.Scalar(static_cast<int32_t>(k)));
  return EmitTopK(node, build, operand, tfl::TensorType::INT32);
}

Status LowerTopKV2(const Node& node, Builder& build) {
  TFLOWER_TRY(const tfl::TensorType type, IndexType(node, "index_type", kIndex | Types({DType::kInt16})));
  TFLOWER_TRY(const Value k, node.Input(1).dtype() == DType::kInt16 ? Result<Value>(node.Input(1)) : AsInt32(build, node.Input(1)));
  return EmitTopK(node, build, k, type);
}

// All of the largest, or smallest, are found: a recall of 1.
Status LowerApproxTopK(const Node& node, Builder& build) {
  const int64_t k = node.Int("k"), axis = node.Int("reduction_dimension");
  const Value x = node.Input(0);
  if (k < 0 || k > INT32_MAX) return Error(Code::kInvalidGraph, std::to_string(k) + " is not possible").What("k");
  if (axis != -1 && axis != x.rank() - 1)
    return Error(Code::kUnsupportedAttribute, "must be the last dimension").What("reduction_dimension").Hint("transpose the operand, and the results");
  if (!node.Bool("aggregate_to_topk")) return Error(Code::kUnsupportedAttribute, "must be true: how many are left else depends on the device").What("aggregate_to_topk");
  const bool largest = node.Bool("is_max_k");
  TFLOWER_TRY(const Working working, Working::Of(build, x.dtype(), kF32));
  TFLOWER_TRY(const Value numbers, working.Enter(build, x));
  TFLOWER_TRY(const Value keys, largest ? Result<Value>(numbers) : build.Emit(tfl::Neg{}, {numbers}));
  TFLOWER_TRY(const Value count, build.Scalar(static_cast<int32_t>(k)));
  const Value in[] = {keys, count};
  TFLOWER_TRY(const std::vector<Value> out, build.EmitAll(tfl::TopKV2{}, in, 2));
  TFLOWER_TRY(const Value values, largest ? Result<Value>(out[0]) : build.Emit(tfl::Neg{}, {out[0]}));
  TFLOWER_CHECK(build.Bind(0, working.Leave(build, values)));
  return build.Bind(1, out[1]);
}

template <class TflOp>
Status LowerArg(const Node& node, Builder& build) {
  TFLOWER_TRY(const tfl::TensorType type, IndexType(node, "output_type"));
  TFLOWER_TRY(const Value axis, AxisOrValue(build, node.Input(1), node.Input(0).rank(), "input 1"));
  return build.Bind(0, build.Emit(TflOp{.output_type = type}, {node.Input(0), axis}));
}

Status EmitUnique(const Node& node, Builder& build) {
  TFLOWER_TRY(const tfl::TensorType type, IndexType(node, "out_idx"));
  const Value x = node.Input(0);
  TFLOWER_TRY(const std::vector<Value> out, build.EmitAll(tfl::Unique{.idx_out_type = type}, std::span<const Value>(&x, 1), 2));
  TFLOWER_CHECK(build.Bind(0, out[0]));
  return build.Bind(1, out[1]);
}

// Of a vector, whether or not the axis is named.
Status LowerUniqueV2(const Node& node, Builder& build) {
  TFLOWER_TRY(const std::vector<int32_t> axes, AxesOperand(build, node.Input(1), 1, "input 1"));
  return EmitUnique(node, build);
}

constexpr Operand kVector = Ranked(1, 1);
constexpr Operand kList = Ranked(1, TFLOWER_MAX_RANK);

constexpr OpDef kOps[] = {
    {"TopK", {kList}, kTopKAttrs, LowerTopK, "TOPK_V2"},
    {"TopKV2", {kList, Of(kIndex | Types({DType::kInt16}), 0, 0)}, kTopKV2Attrs, LowerTopKV2, "CAST TOPK_V2"},
    {"ApproxTopK", {Of(kFloats, 1, TFLOWER_MAX_RANK)}, kApproxAttrs, LowerApproxTopK, "CAST NEG TOPK_V2"},
    {"ArgMax", {kList, Index(0, 0)}, kArgAttrs, LowerArg<tfl::ArgMax>, "ARG_MAX CAST"},
    {"ArgMin", {kList, Index(0, 0)}, kArgAttrs, LowerArg<tfl::ArgMin>, "ARG_MIN CAST"},
    {"Where", {Any()}, kWhereAttrs, Rename<tfl::Where>, "WHERE"},
    {"Unique", {kVector}, kUniqueAttrs, EmitUnique, "UNIQUE"},
    {"UniqueV2", {kVector, Index(1, 1)}, kUniqueV2Attrs, LowerUniqueV2, "UNIQUE"},
};
}  // namespace
TFLOWER_OP_FAMILY(topk, kOps);
}  // namespace tflower::tf_ops
