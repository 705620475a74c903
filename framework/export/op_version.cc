// Operator versions: rows (operator, operand, dtypes) -> version, and conditions on options and shapes in code; the highest that holds counts.
#include "export/op_version.h"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace tflower::exporter {
namespace {

using enum DType;
using tfl::Builtin;

constexpr int kOut = -1;  // the first output
constexpr int kAnyInput = -2;

struct TypeRule {
  Builtin op;
  int operand;
  DTypeSet types;
  int32_t version;
};
constexpr DTypeSet kI8 = Types({kInt8});
constexpr DTypeSet kI16 = Types({kInt16});
constexpr DTypeSet kF16 = Types({kFloat16});
constexpr DTypeSet kU32 = Types({kUInt32});
constexpr DTypeSet kI4 = Types({kInt4});
constexpr DTypeSet kStr = Types({kString});
constexpr DTypeSet kF8 = Types({kFloat8E4M3FN, kFloat8E5M2});

constexpr TypeRule kTypeRules[] = {
    {Builtin::ADD, 0, kI8, 2}, {Builtin::ADD, 0, kI64, 4}, {Builtin::ADD, 0, kF16, 6},
    {Builtin::AVERAGE_POOL_2D, 0, kI8, 2}, {Builtin::AVERAGE_POOL_2D, 0, kI16, 3},
    {Builtin::MAX_POOL_2D, 0, kI8, 2}, {Builtin::MAX_POOL_2D, 0, kI16, 3},
    {Builtin::CONCATENATION, 0, kI8, 2}, {Builtin::CONCATENATION, 0, kI16, 3}, {Builtin::CONCATENATION, 0, kU32, 4}, {Builtin::CONCATENATION, 0, kI4, 5},
    {Builtin::CONCATENATION, 0, kF16, 6}, {Builtin::CONCATENATION, 0, kF8, 7},
    {Builtin::DEPTH_TO_SPACE, 0, kI8, 2}, {Builtin::SPACE_TO_DEPTH, 0, kI8, 2},
    {Builtin::DEQUANTIZE, 0, kI8, 2}, {Builtin::DEQUANTIZE, 0, Types({kInt16, kFloat16}), 3}, {Builtin::DEQUANTIZE, 0, kI4, 6},
    {Builtin::LOGISTIC, 0, kI8, 2}, {Builtin::LOGISTIC, 0, kI16, 3}, {Builtin::TANH, 0, kI8, 2}, {Builtin::TANH, 0, kI16, 3},
    {Builtin::L2_NORMALIZATION, kOut, kI8, 2},
    {Builtin::MUL, 0, kI8, 2}, {Builtin::MUL, 0, kI64, 5}, {Builtin::MUL, 0, Types({kComplex64}), 6}, {Builtin::MUL, 0, kU32, 7}, {Builtin::MUL, 0, kF16, 8},
    {Builtin::RELU, 0, Types({kInt8, kUInt8}), 2}, {Builtin::RELU, 0, kI16, 3}, {Builtin::RELU6, 0, kI8, 2}, {Builtin::RELU6, 0, kI16, 3},
    {Builtin::RESIZE_BILINEAR, 0, kI8, 2}, {Builtin::RESIZE_BILINEAR, 0, kI16, 4},
    {Builtin::RESIZE_NEAREST_NEIGHBOR, 0, kI8, 2}, {Builtin::RESIZE_NEAREST_NEIGHBOR, 0, kI16, 4},
    {Builtin::SOFTMAX, 0, kI8, 2}, {Builtin::SOFTMAX, 0, kI16, 3}, {Builtin::SOFTMAX, 0, kF16, 4}, {Builtin::LOG_SOFTMAX, 0, kI8, 2},
    {Builtin::PAD, 0, kI8, 2}, {Builtin::PAD, 0, kI16, 3}, {Builtin::PAD, 0, kBoolean, 5}, {Builtin::PAD, 0, kF8, 6},
    {Builtin::PADV2, 0, kI8, 2}, {Builtin::PADV2, 0, kI16, 3}, {Builtin::PADV2, 0, kBoolean, 5}, {Builtin::PADV2, 0, kF8, 6},
    {Builtin::GATHER, 0, kI8, 2}, {Builtin::GATHER, 0, kBoolean, 3}, {Builtin::GATHER, 0, kI16, 4}, {Builtin::GATHER, 1, kI16, 6}, {Builtin::GATHER, 0, kI4, 7},
    {Builtin::GATHER, 0, kF8, 8},
    {Builtin::BATCH_TO_SPACE_ND, 0, kI8, 2}, {Builtin::BATCH_TO_SPACE_ND, 0, kI16, 4},
    {Builtin::SPACE_TO_BATCH_ND, 0, kI8, 2}, {Builtin::SPACE_TO_BATCH_ND, 0, kI16, 4},
    {Builtin::TRANSPOSE, 0, kI8, 2}, {Builtin::TRANSPOSE, 0, kBoolean, 3}, {Builtin::TRANSPOSE, 0, kI16, 5}, {Builtin::TRANSPOSE, 0, kI4, 7},
    {Builtin::TRANSPOSE, 0, Types({kBFloat16}), 8}, {Builtin::TRANSPOSE, 0, kF16, 9},
    {Builtin::MEAN, 0, kI8, 2}, {Builtin::MEAN, 0, kI16, 3}, {Builtin::SUM, 0, kI8, 2}, {Builtin::REDUCE_PROD, 0, Types({kInt8, kInt16}), 2},
    {Builtin::REDUCE_MAX, 0, kI8, 2}, {Builtin::REDUCE_MAX, 0, kI16, 3}, {Builtin::REDUCE_MIN, 0, kI8, 2}, {Builtin::REDUCE_MIN, 0, kI16, 3},
    {Builtin::SUB, 0, kI8, 2}, {Builtin::SUB, 0, kI64, 4}, {Builtin::SQUEEZE, 0, kStr, 2},
    {Builtin::STRIDED_SLICE, 0, kI8, 2}, {Builtin::STRIDED_SLICE, 0, kBoolean, 3}, {Builtin::STRIDED_SLICE, 0, kStr, 5}, {Builtin::STRIDED_SLICE, 0, kU32, 7},
    {Builtin::EXP, 0, Types({kInt8, kInt16}), 2}, {Builtin::LOG, 0, Types({kInt8, kInt16}), 2}, {Builtin::SQRT, 0, Types({kInt8, kInt16}), 2},
    {Builtin::RSQRT, 0, kI8, 2}, {Builtin::RSQRT, 0, kI16, 3},
    {Builtin::TOPK_V2, 0, kI8, 2}, {Builtin::TOPK_V2, 0, kI16, 3}, {Builtin::TOPK_V2, 1, kI16, 3},
    {Builtin::SPLIT, 1, kI8, 2}, {Builtin::SPLIT, 1, kI32, 3}, {Builtin::SPLIT, 1, kI16, 4}, {Builtin::SPLIT, 1, kF8, 5},
    {Builtin::SPLIT_V, 0, kI8, 2}, {Builtin::SPLIT_V, 0, kF8, 3},
    {Builtin::MAXIMUM, 0, kI8, 2}, {Builtin::MAXIMUM, 0, kI16, 4}, {Builtin::MINIMUM, 0, kI8, 2}, {Builtin::MINIMUM, 0, kI16, 4},
    {Builtin::ARG_MAX, 0, kI8, 2}, {Builtin::ARG_MAX, 0, kBoolean, 3}, {Builtin::ARG_MIN, 0, kI8, 2}, {Builtin::ARG_MIN, 0, kBoolean, 3},
    {Builtin::LESS, 0, kI8, 2}, {Builtin::LESS, 0, kI16, 3}, {Builtin::LESS_EQUAL, 0, kI8, 2}, {Builtin::GREATER, 0, kI8, 2},
    {Builtin::GREATER_EQUAL, 0, kI8, 2}, {Builtin::GREATER_EQUAL, 0, kI16, 3},
    {Builtin::EQUAL, 0, kI8, 2}, {Builtin::EQUAL, 0, kStr, 3}, {Builtin::EQUAL, 0, kI16, 5},
    {Builtin::NOT_EQUAL, 0, kI8, 2}, {Builtin::NOT_EQUAL, 0, kStr, 3}, {Builtin::NOT_EQUAL, 0, kI16, 4},
    {Builtin::SELECT, 0, kI8, 2}, {Builtin::SELECT, 1, kU32, 4}, {Builtin::SELECT_V2, 1, kU32, 2},
    {Builtin::SLICE, 0, kI8, 2}, {Builtin::SLICE, 0, kStr, 3}, {Builtin::SLICE, 0, kI16, 4}, {Builtin::SLICE, 0, kU32, 6}, {Builtin::SLICE, 0, kI4, 7}, {Builtin::SLICE, 0, kF16, 8},
    {Builtin::SIN, 0, kF16, 2}, {Builtin::COS, 0, kF16, 2},
    {Builtin::SPARSE_TO_DENSE, 2, kI64, 2}, {Builtin::SPARSE_TO_DENSE, 2, Types({kInt8, kUInt8}), 3},
    {Builtin::TILE, 0, kStr, 2}, {Builtin::TILE, 0, kI8, 3},
    {Builtin::PACK, 0, kI8, 2}, {Builtin::PACK, 0, kI16, 3}, {Builtin::PACK, 0, kU32, 4}, {Builtin::PACK, 0, kF8, 5},
    {Builtin::UNPACK, 0, Types({kInt8, kUInt8}), 2}, {Builtin::UNPACK, 0, kBoolean, 3}, {Builtin::UNPACK, 0, kI16, 4}, {Builtin::UNPACK, 0, Types({kFloat16, kBFloat16}), 5},
    {Builtin::FLOOR_DIV, 0, kF32, 2}, {Builtin::FLOOR_DIV, 0, Types({kInt16, kInt8}), 3}, {Builtin::FLOOR_MOD, 0, Types({kInt16, kInt8}), 2},
    {Builtin::FILL, 1, Types({kBool, kString}), 2}, {Builtin::FILL, 1, Types({kInt8, kInt16}), 3}, {Builtin::FILL, 1, kF16, 4}, {Builtin::FILL, 1, kF8, 5},
    {Builtin::RANGE, 0, kI64, 2}, {Builtin::LEAKY_RELU, 0, kI16, 2}, {Builtin::SQUARED_DIFFERENCE, 0, kI8, 2},
    {Builtin::MIRROR_PAD, 0, kI8, 2}, {Builtin::MIRROR_PAD, 0, kI16, 3},
    {Builtin::ABS, 0, Types({kInt8, kUInt8}), 2}, {Builtin::ABS, 0, kI32, 5},
    {Builtin::REVERSE_V2, 0, kBoolean, 2}, {Builtin::REVERSE_V2, 0, kI8, 3}, {Builtin::REVERSE_V2, 0, kF8, 4},
    {Builtin::GATHER_ND, 0, kStr, 2}, {Builtin::GATHER_ND, 0, kI16, 3}, {Builtin::GATHER_ND, 1, kI16, 4}, {Builtin::GATHER_ND, 0, kBoolean, 5}, {Builtin::GATHER_ND, 0, kF8, 6},
    {Builtin::QUANTIZE, kOut, kI16, 2}, {Builtin::QUANTIZE, kOut, kI4, 4},
    {Builtin::BATCH_MATMUL, 0, kI8, 2}, {Builtin::BATCH_MATMUL, 0, kI16, 3},
    {Builtin::BROADCAST_TO, 0, Types({kInt8, kInt16}), 3}, {Builtin::BROADCAST_TO, 0, kF8, 4},
    {Builtin::GELU, 0, Types({kInt8, kUInt8}), 2}, {Builtin::GELU, 0, kF16, 3},
    {Builtin::DYNAMIC_UPDATE_SLICE, 2, kI64, 2}, {Builtin::DYNAMIC_UPDATE_SLICE, 0, kF16, 3}, {Builtin::DYNAMIC_UPDATE_SLICE, 0, kI16, 4}, {Builtin::DYNAMIC_UPDATE_SLICE, 0, Types({kBFloat16}), 6},
    {Builtin::SIGN, 0, kI32, 2},
    {Builtin::CAST, kAnyInput, kU32, 2}, {Builtin::CAST, kOut, kU32, 2}, {Builtin::CAST, kAnyInput, kI8, 3}, {Builtin::CAST, kOut, kI8, 3},
    {Builtin::CAST, kAnyInput, Types({kUInt16}), 4}, {Builtin::CAST, kOut, Types({kUInt16}), 4},
    {Builtin::CAST, kAnyInput, Types({kFloat64, kFloat16}), 5}, {Builtin::CAST, kOut, Types({kFloat64, kFloat16}), 5},
    {Builtin::CAST, kAnyInput, kI4, 6}, {Builtin::CAST, kAnyInput, Types({kBFloat16}), 7}, {Builtin::CAST, kOut, Types({kBFloat16}), 7},
    {Builtin::CAST, kAnyInput, Types({kInt2, kUInt4}), 8}, {Builtin::CAST, kOut, Types({kInt2, kUInt4}), 8},
    {Builtin::CAST, kAnyInput, kF8, 9}, {Builtin::CAST, kOut, kF8, 9},
};

template <class T>
T OptionsOf(const OperatorTypes& op) {
  T options;
  std::memcpy(static_cast<void*>(&options), op.options.data, std::min(sizeof(T), op.options.size));
  return options;
}

const OperandType* Input(const OperatorTypes& op, size_t i) {
  return i < op.inputs.size() && op.inputs[i].dtype != kNone ? &op.inputs[i] : nullptr;
}
DType TypeOf(const OperatorTypes& op, size_t i) { return Input(op, i) != nullptr ? op.inputs[i].dtype : kNone; }
int RankOf(const OperatorTypes& op, size_t i) { return Input(op, i) != nullptr ? op.inputs[i].rank : 0; }
int MaxRank(const OperatorTypes& op) {
  int rank = 0;
  for (const OperandType& in : op.inputs) rank = std::max(rank, in.rank);
  return rank;
}

// Dynamic-range: float activations, int8 weights.
bool IsHybrid(const OperatorTypes& op) { return TypeOf(op, 0) == kFloat32 && TypeOf(op, 1) == kInt8; }

bool NeedsBroadcast(const OperatorTypes& op) { return op.inputs.size() == 2 && (op.inputs[0].rank != op.inputs[1].rank || op.inputs[0].dims != op.inputs[1].dims); }

int32_t ConvVersion(const OperatorTypes& op) {
  const DType x = TypeOf(op, 0), w = TypeOf(op, 1);
  if (x == kInt16) return 4;
  if (x == kInt8 && w == kInt4) return 7;
  if (x == kInt8) return 3;
  const OperandType *in = Input(op, 0), *filter = Input(op, 1);
  if (in != nullptr && filter != nullptr && in->rank == 4 && filter->rank == 4 && in->dims[3] > 0 && filter->dims[3] > 0 && in->dims[3] != filter->dims[3]) return 6;
  if (IsHybrid(op)) return op.inputs[1].per_axis ? 5 : 2;
  return 1;
}

int32_t DepthwiseVersion(const OperatorTypes& op) {
  const DType x = TypeOf(op, 0), w = TypeOf(op, 1);
  if (x == kInt16) return 5;
  if (x == kInt8 && w == kInt4) return 7;
  if (x == kInt8) return 3;
  if (IsHybrid(op)) return op.inputs[1].per_axis ? 6 : 4;
  const auto o = OptionsOf<tfl::DepthwiseConv2D>(op);
  return o.dilation_w_factor != 1 || o.dilation_h_factor != 1 ? 2 : 1;
}

int32_t FullyConnectedVersion(const OperatorTypes& op) {
  const auto o = OptionsOf<tfl::FullyConnected>(op);
  const DType x = TypeOf(op, 0), w = TypeOf(op, 1);
  if (w == kInt2) return 14;
  if (x == kInt16) return w == kInt4 ? 13 : w == kInt8 && o.quantized_bias_type != tfl::TensorType{} ? 11 : 7;
  if (IsHybrid(op)) return op.inputs[1].per_axis ? 12 : o.asymmetric_quantize_inputs ? 9 : 3;
  if (x == kInt8 && op.inputs[1].per_axis) return 10;
  if (op.inputs.size() == 2) return 6;  // an absent bias that is written as -1 counts as an operand
  if (o.keep_num_dims) return 5;
  if (x == kInt8) return 4;
  return o.weights_format == tfl::FullyConnectedOptionsWeightsFormat::SHUFFLED4x16INT8 ? 2 : 1;
}

int32_t TransposeConvVersion(const OperatorTypes& op) {
  const auto o = OptionsOf<tfl::TransposeConv>(op);
  if (o.fused_activation_function != tfl::ActivationFunctionType::NONE) return 4;
  if (Input(op, 3) != nullptr) return 3;
  return TypeOf(op, 1) == kInt8 ? 2 : 1;
}

// What depends on more than dtypes.
int32_t SpecialVersion(const OperatorTypes& op) {
  switch (static_cast<Builtin>(op.code)) {
    case Builtin::CONV_2D: return ConvVersion(op);
    case Builtin::DEPTHWISE_CONV_2D: return DepthwiseVersion(op);
    case Builtin::FULLY_CONNECTED: return FullyConnectedVersion(op);
    case Builtin::TRANSPOSE_CONV: return TransposeConvVersion(op);
    case Builtin::ADD: return TypeOf(op, 0) == kInt16 ? (op.inputs[0].quantized ? 3 : 5) : 1;
    case Builtin::SUB: return TypeOf(op, 0) == kInt16 ? 5 : NeedsBroadcast(op) && MaxRank(op) > 4 ? 3 : 1;
    case Builtin::MUL: return TypeOf(op, 0) == kInt16 ? (op.inputs[0].quantized ? 4 : 7) : 1;
    case Builtin::DIV: return NeedsBroadcast(op) && MaxRank(op) > 4 ? 2 : 1;
    case Builtin::MAXIMUM: case Builtin::MINIMUM: return NeedsBroadcast(op) && MaxRank(op) > 4 ? 3 : 1;
    case Builtin::RESIZE_BILINEAR: return OptionsOf<tfl::ResizeBilinear>(op).half_pixel_centers ? 3 : 1;
    case Builtin::RESIZE_NEAREST_NEIGHBOR: {
      const auto o = OptionsOf<tfl::ResizeNearestNeighbor>(op);
      return o.half_pixel_centers || o.align_corners ? 3 : 1;
    }
    case Builtin::PAD: case Builtin::PADV2: return RankOf(op, 0) > 4 ? 4 : 1;
    case Builtin::GATHER: return OptionsOf<tfl::Gather>(op).batch_dims != 0 ? 5 : 1;
    case Builtin::BATCH_TO_SPACE_ND: case Builtin::SPACE_TO_BATCH_ND: return RankOf(op, 0) != 4 ? 3 : 1;
    case Builtin::TRANSPOSE: return RankOf(op, 0) > 6 ? 8 : RankOf(op, 0) == 6 ? 6 : RankOf(op, 0) == 5 ? 4 : 1;
    case Builtin::STRIDED_SLICE: {
      const auto o = OptionsOf<tfl::StridedSlice>(op);
      return o.offset ? 8 : o.ellipsis_mask != 0 || o.new_axis_mask != 0 ? 6 : RankOf(op, 0) > 4 ? 4 : 1;
    }
    case Builtin::SLICE: return RankOf(op, 0) > 4 ? 5 : 1;
    case Builtin::SELECT: return MaxRank(op) == 5 ? 3 : 1;
    case Builtin::ABS: return TypeOf(op, 0) == kInt16 ? (op.inputs[0].quantized ? 3 : 4) : 1;
    case Builtin::WHERE: return TypeOf(op, 0) == kBool ? 1 : 2;
    case Builtin::BROADCAST_TO: return 2;
    case Builtin::BATCH_MATMUL: return IsHybrid(op) && OptionsOf<tfl::BatchMatMul>(op).asymmetric_quantize_inputs ? 4 : 1;
    case Builtin::FAKE_QUANT: return OptionsOf<tfl::FakeQuant>(op).narrow_range ? 2 : 1;
    case Builtin::DEQUANTIZE: return TypeOf(op, 0) == kInt8 && op.inputs[0].per_axis ? 5 : 1;
    case Builtin::QUANTIZE: return !op.outputs.empty() && op.outputs[0].per_axis ? 3 : 1;
    case Builtin::EMBEDDING_LOOKUP: return TypeOf(op, 1) == kInt2 ? 5 : TypeOf(op, 1) == kInt4 || (Input(op, 1) != nullptr && op.inputs[1].per_axis) ? 4 : 1;
    default: return 1;
  }
}

bool Holds(const TypeRule& rule, const OperatorTypes& op) {
  if (rule.operand == kOut) return !op.outputs.empty() && Contains(rule.types, op.outputs[0].dtype);
  if (rule.operand != kAnyInput) return TypeOf(op, static_cast<size_t>(rule.operand)) != kNone && Contains(rule.types, TypeOf(op, static_cast<size_t>(rule.operand)));
  return std::any_of(op.inputs.begin(), op.inputs.end(), [&](const OperandType& t) { return t.dtype != kNone && Contains(rule.types, t.dtype); });
}

OperandType TypeOfValue(const ir::Value* v) {
  if (v == nullptr) return {};
  return {v->dtype, static_cast<int>(v->dims.size()), v->Shape(), !v->scale.empty(), v->scale.size() > 1, v->is_constant()};
}

}  // namespace

OperatorTypes DescribeEmit(int32_t code, tflower_bytes options, const std::vector<ir::Value*>& inputs) {
  OperatorTypes op{code, options, {}, {}};
  for (const ir::Value* v : inputs) op.inputs.push_back(TypeOfValue(v));
  if (static_cast<Builtin>(code) == Builtin::CAST && options.size != 0) op.outputs.push_back({static_cast<DType>(OptionsOf<tfl::Cast>(op).out_data_type), 0, {}, false, false, false});
  return op;
}

OperatorTypes Describe(const ir::Operator& op) {
  OperatorTypes out{op.code, op.options->bytes(), {}, {}};
  for (const ir::Value* v : op.inputs) out.inputs.push_back(TypeOfValue(v));
  for (const ir::Value* v : op.outputs) out.outputs.push_back(TypeOfValue(v));
  return out;
}

int32_t OperatorVersion(const OperatorTypes& op) {
  int32_t version = SpecialVersion(op);
  const Builtin code = static_cast<Builtin>(op.code);
  for (const TypeRule& rule : kTypeRules)
    if (rule.op == code && Holds(rule, op)) version = std::max(version, rule.version);
  return version;
}

}  // namespace tflower::exporter
