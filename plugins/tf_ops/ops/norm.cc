// Batch normalisation: FusedBatchNorm(V2, V3) -> MUL + ADD, y = x * s + (offset - mean * s), s = scale / sqrt(variance + epsilon).
// On constant statistics s and the shift fold, and rules take both into a neighbouring convolution. With is_training the statistics are those
// of the batch itself, which is how tf_keras writes layer normalisation. Outputs 1.. (statistics for training) are not made.
#include <tflower/op_def.h>

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kAttrs[] = {
    Type("T", DType::kFloat32), Type("U", DType::kFloat32), Float("epsilon", 1e-4), NoEffect("exponential_avg_factor"),
    String("data_format", OneOf("NHWC", "NCHW", "NDHWC", "NCDHW"), "NHWC"), Bool("is_training", true),
};

// A vector per channel with trailing dimensions of 1, for formats where channels stand second.
Result<Value> AlongChannels(const Node& node, Builder& build, const Value& v) {
  if (node.String("data_format")[1] != 'C') return v;
  std::vector<int32_t> dims(static_cast<size_t>(node.Input(0).rank()) - 1, 1);
  dims[0] = static_cast<int32_t>(v.dim(0));
  TFLOWER_TRY(const Value shape, build.Vector(std::span<const int32_t>(dims)));
  return build.Emit(tfl::Reshape{}, {v, shape});
}

struct Statistics {
  Value mean, variance;  // [channels]
};

// Mean and variance of x over everything but its channels.
Result<Statistics> OfBatch(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  const int channels = node.String("data_format")[1] == 'C' ? 1 : x.rank() - 1;
  std::vector<int32_t> axes;
  for (int i = 0; i < x.rank(); ++i) if (i != channels) axes.push_back(i);
  TFLOWER_TRY(const Value axis, build.Vector(std::span<const int32_t>(axes)));
  TFLOWER_TRY(const Value kept, build.Emit(tfl::Mean{.keep_dims = true}, {x, axis}));
  TFLOWER_TRY(const Value square, build.Emit(tfl::SquaredDifference{}, {x, kept}));
  TFLOWER_TRY(const Value variance, build.Emit(tfl::Mean{.keep_dims = false}, {square, axis}));
  TFLOWER_TRY(const Value shape, build.Vector({-1}));
  TFLOWER_TRY(const Value mean, build.Emit(tfl::Reshape{}, {kept, shape}));
  return Statistics{mean, variance};
}

Status LowerFusedBatchNorm(const Node& node, Builder& build) {
  const Value scale = node.Input(1), offset = node.Input(2);
  Statistics statistics{node.Input(3), node.Input(4)};
  if (node.Bool("is_training")) {
    TFLOWER_TRY(statistics, OfBatch(node, build));
  }
  const Value mean = statistics.mean, variance = statistics.variance;
  TFLOWER_TRY(const Value epsilon, build.Scalar(node.Float("epsilon")));
  TFLOWER_TRY(const Value shifted, build.Emit(tfl::Add{}, {variance, epsilon}));
  TFLOWER_TRY(const Value inverse, build.Emit(tfl::Rsqrt{}, {shifted}));
  TFLOWER_TRY(const Value s, build.Emit(tfl::Mul{}, {scale, inverse}));
  TFLOWER_TRY(const Value moved, build.Emit(tfl::Mul{}, {mean, s}));
  TFLOWER_TRY(const Value shift, build.Emit(tfl::Sub{}, {offset, moved}));
  TFLOWER_TRY(const Value s_c, AlongChannels(node, build, s));
  TFLOWER_TRY(const Value shift_c, AlongChannels(node, build, shift));
  TFLOWER_TRY(const Value scaled, build.Emit(tfl::Mul{}, {node.Input(0), s_c}));
  return build.Bind(0, build.Emit(tfl::Add{}, {scaled, shift_c}));
}

constexpr Operand kVector = Of(kF32, 1, 1);  // [channels]; statistics are empty with is_training
constexpr Operand kImage = Of(kF32, 4, 5);

constexpr OpDef kOps[] = {
    {"FusedBatchNorm", {kImage, kVector, kVector, kVector, kVector}, kAttrs, LowerFusedBatchNorm, "MUL ADD SUB RSQRT RESHAPE MEAN SQUARED_DIFFERENCE"},
    {"FusedBatchNormV2", {kImage, kVector, kVector, kVector, kVector}, kAttrs, LowerFusedBatchNorm, "MUL ADD SUB RSQRT RESHAPE MEAN SQUARED_DIFFERENCE"},
    {"FusedBatchNormV3", {kImage, kVector, kVector, kVector, kVector}, kAttrs, LowerFusedBatchNorm, "MUL ADD SUB RSQRT RESHAPE MEAN SQUARED_DIFFERENCE"},
};
}  // namespace
TFLOWER_OP_FAMILY(norm, kOps);
}  // namespace tflower::tf_ops
