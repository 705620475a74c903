// Ops that rank or search elements: TopK(V2), ArgMax, ArgMin, Where, Unique.
#include "elementwise.h"

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

Result<std::vector<Value>> EmitTopK(const Node& node, Builder& build, const Value& k, DType index_type) {
  const Value in[] = {node.Input(0), k};
  TFLOWER_TRY(std::vector<Value> out, build.EmitAll(tfl::TopKV2{}, in, 2));
  TFLOWER_TRY(out[1], CastTo(build, out[1], index_type));
  return out;
}

Result<std::vector<Value>> LowerTopK(const Node& node, Builder& build) {
  const int64_t k = node.Int("k");
  if (k < 0 || k > INT32_MAX) return Error(Code::kInvalidGraph, std::to_string(k) + " is not possible").What("k");
  TFLOWER_TRY(const Value operand, build.Scalar(static_cast<int32_t>(k)));
  return EmitTopK(node, build, operand, DType::kInt32);
}

Result<std::vector<Value>> LowerTopKV2(const Node& node, Builder& build) {
  TFLOWER_TRY(const tfl::TensorType type, IndexType(node, "index_type", kIndex | Types({DType::kInt16})));
  TFLOWER_TRY(const Value k, node.Input(1).dtype() == DType::kInt16 ? Result<Value>(node.Input(1)) : AsInt32(build, node.Input(1)));
  return EmitTopK(node, build, k, static_cast<DType>(type));
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

// Where the largest or smallest element is; of an int64, which the operator does not take, the first that equals it.
template <class TflArg, class TflReduce>
Result<Value> LowerArg(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  TFLOWER_TRY(const tfl::TensorType type, IndexType(node, "output_type"));
  TFLOWER_TRY(const Value axis, AxisOrValue(build, node.Input(1), x.rank(), "input 1"));
  if (x.dtype() != DType::kInt64) return build.Emit(TflArg{.output_type = type}, {x, axis});
  TFLOWER_TRY(const Value extreme, build.Emit(TflReduce{.keep_dims = true}, {x, axis}));
  TFLOWER_TRY(const Value found, build.Emit(tfl::Equal{}, {x, extreme}));
  return build.Emit(tfl::ArgMax{.output_type = type}, {found, axis});
}

Result<std::vector<Value>> EmitUnique(const Node& node, Builder& build) {
  TFLOWER_TRY(const tfl::TensorType type, IndexType(node, "out_idx"));
  const Value x = node.Input(0);
  return build.EmitAll(tfl::Unique{.idx_out_type = type}, std::span<const Value>(&x, 1), 2);
}

// Of a vector, whether or not the axis is named.
Result<std::vector<Value>> LowerUniqueV2(const Node& node, Builder& build) {
  TFLOWER_TRY(const std::vector<int32_t> axes, AxesOperand(build, node.Input(1), 1, "input 1"));
  return EmitUnique(node, build);
}

// Where x is not zero. Of float64, whose small numbers float32 has not: where a bit besides the sign is set.
Result<Value> LowerWhere(const Node& node, Builder& build) {
  Expr x(build, node.Input(0));
  if (x.dtype() == DType::kComplex64) {
    const Expr re = Emit(tfl::Real{}, {x}), im = Emit(tfl::Imag{}, {x});
    x = Or(re != 0, im != 0);
  } else if (x.dtype() == DType::kFloat64) {
    const Expr bits = Bitcast(x, DType::kInt64);
    x = bits + bits;
  }
  return Emit(tfl::Where{}, {x}).result();
}

constexpr DTypeSet kNarrow = Types({DType::kInt8, DType::kUInt8});
constexpr TypeRule kSorted{.native = kF32 | kIndex | kNarrow | Types({DType::kInt16}), .bits = Bits::kOrder, .operands = 1, .results = 1};
constexpr TypeRule kExtremes{.native = kF32 | kIndex | kNarrow | kBoolean, .bits = Bits::kOrder, .operands = 1, .results = 0};
constexpr TypeRule kCompared{.native = kSorted.native, .bits = Bits::kLow, .operands = 1, .results = 1};
constexpr TypeRule kTested{.native = kF32 | kIndex | kNarrow | kBoolean | Types({DType::kUInt32, DType::kFloat64, DType::kComplex64}), .bits = Bits::kLow, .operands = 1, .results = 0};

constexpr Operand kVector = Ranked(1, 1);
constexpr Operand kList = Ranked(1, TFLOWER_MAX_RANK);

constexpr OpDef kOps[] = {
    {"TopK", {kList}, kTopKAttrs, Typed<LowerTopK, kSorted>, "BITCAST BITWISE_XOR CAST TOPK_V2"},
    {"TopKV2", {kList, Of(kIndex | Types({DType::kInt16}), 0, 0)}, kTopKV2Attrs, Typed<LowerTopKV2, kSorted>, "BITCAST BITWISE_XOR CAST TOPK_V2"},
    {"ApproxTopK", {Of(kFloats, 1, TFLOWER_MAX_RANK)}, kApproxAttrs, LowerApproxTopK, "CAST NEG TOPK_V2"},
    {"ArgMax", {kList, Index(0, 0)}, kArgAttrs, Typed<LowerArg<tfl::ArgMax, tfl::ReduceMax>, kExtremes>, "ARG_MAX BITCAST BITWISE_XOR CAST EQUAL REDUCE_MAX"},
    {"ArgMin", {kList, Index(0, 0)}, kArgAttrs, Typed<LowerArg<tfl::ArgMin, tfl::ReduceMin>, kExtremes>, "ARG_MAX ARG_MIN BITCAST BITWISE_XOR CAST EQUAL REDUCE_MIN"},
    {"Where", {Any()}, kWhereAttrs, Typed<LowerWhere, kTested>, "ADD BITCAST CAST IMAG LOGICAL_OR NOT_EQUAL REAL WHERE"},
    {"Unique", {kVector}, kUniqueAttrs, Typed<EmitUnique, kCompared>, "BITCAST CAST UNIQUE"},
    {"UniqueV2", {kVector, Index(1, 1)}, kUniqueV2Attrs, Typed<LowerUniqueV2, kCompared>, "BITCAST CAST UNIQUE"},
};
}  // namespace
TFLOWER_OP_FAMILY(topk, kOps);
}  // namespace tflower::tf_ops
