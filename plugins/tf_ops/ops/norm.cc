// Batch normalisation: FusedBatchNorm(V2, V3) -> MUL + ADD, y = x * s + (offset - mean * s), s = scale / sqrt(variance + epsilon).
// On constant statistics s and the shift fold, and rules take both into a neighbouring convolution. With is_training the statistics are those
// of the batch itself, which is how tf_keras writes layer normalisation. Outputs 3 and 4, for the gradient, are what was used; 5 holds nothing.
#include "index.h"
#include "scalars.h"
#include "working.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kAttrs[] = {
    Type("T", DType::kFloat32), Type("U", DType::kFloat32), Float("epsilon", 1e-4), Float("exponential_avg_factor", 1),
    String("data_format", OneOf("NHWC", "NCHW", "NDHWC", "NCDHW"), "NHWC"), Bool("is_training", true),
};

constexpr AttrDef kGlobalAttrs[] = {Type("T"), Float("variance_epsilon", 0), Bool("scale_after_normalization", false)};

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

// The statistics as they are after this step: `share` of them are the batch's, whose variance is that of a sample.
Result<Value> Updated(const Node& node, Builder& build, const Value& old, const Value& of_batch) {
  const float share = node.Float("exponential_avg_factor");
  if (share == 1.0f) return of_batch;
  TFLOWER_TRY(const Value fresh, With<tfl::Mul>(build, of_batch, share));
  TFLOWER_TRY(const Value kept, With<tfl::Mul>(build, old, 1 - share));
  return build.Emit(tfl::Add{}, {fresh, kept});
}
// What the node says of its batch; the variance is null where nothing says of how many elements it is, which matters to those only who read it.
Result<Statistics> ReportedStatistics(const Node& node, Builder& build, const Statistics& s) {
  if (!node.Bool("is_training")) return s;
  const Value x = node.Input(0);
  Statistics out;
  TFLOWER_TRY(out.mean, Updated(node, build, node.Input(3), s.mean));
  if (x.num_elements() < 0 || s.mean.num_elements() < 1) return out;
  const double count = static_cast<double>(x.num_elements() / s.mean.num_elements());
  TFLOWER_TRY(const Value of_sample, With<tfl::Mul>(build, s.variance, count / std::max(count - 1, 1.0)));
  TFLOWER_TRY(out.variance, Updated(node, build, node.Input(4), of_sample));
  return out;
}

Result<std::vector<Value>> LowerFusedBatchNorm(const Node& node, Builder& build) {
  const Value scale = node.Input(1), offset = node.Input(2);
  Statistics statistics{node.Input(3), node.Input(4)};
  if (node.Bool("is_training")) {
    TFLOWER_TRY(statistics, OfBatch(node, build));
  }
  TFLOWER_TRY(const Statistics reported, ReportedStatistics(node, build, statistics));
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
  TFLOWER_TRY(const Value y, build.Emit(tfl::Add{}, {scaled, shift_c}));
  std::vector<Value> results{y, reported.mean, reported.variance, mean, variance};
  if (node.num_outputs() <= 5) return results;
  TFLOWER_TRY(const Value nothing, build.Scalar(0.0f));
  results.push_back(nothing);
  return results;
}

// y = (x - mean) / sqrt(variance + epsilon) * gamma + beta, where gamma may be left out.
Result<Value> LowerGlobalNorm(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value shifted, With<tfl::Add>(build, node.Input(2), node.Float("variance_epsilon")));
  TFLOWER_TRY(Value s, build.Emit(tfl::Rsqrt{}, {shifted}));
  if (node.Bool("scale_after_normalization")) {
    TFLOWER_TRY(s, build.Emit(tfl::Mul{}, {s, node.Input(4)}));
  }
  TFLOWER_TRY(const Value moved, build.Emit(tfl::Mul{}, {node.Input(1), s}));
  TFLOWER_TRY(const Value shift, build.Emit(tfl::Sub{}, {node.Input(3), moved}));
  TFLOWER_TRY(const Value scaled, build.Emit(tfl::Mul{}, {node.Input(0), s}));
  return build.Emit(tfl::Add{}, {scaled, shift});
}

constexpr Operand kVector = Of(kF32, 1, 1);  // [channels]; statistics are empty with is_training
constexpr Operand kImage = Of(kFloats, 4, 5);

constexpr OpDef kOps[] = {
    {"FusedBatchNorm", {kImage, kVector, kVector, kVector, kVector}, kAttrs, InFloat32<LowerFusedBatchNorm, 1>, "CAST MUL ADD SUB RSQRT RESHAPE MEAN SQUARED_DIFFERENCE"},
    {"FusedBatchNormV2", {kImage, kVector, kVector, kVector, kVector}, kAttrs, InFloat32<LowerFusedBatchNorm, 1>, "CAST MUL ADD SUB RSQRT RESHAPE MEAN SQUARED_DIFFERENCE"},
    {"FusedBatchNormV3", {kImage, kVector, kVector, kVector, kVector}, kAttrs, InFloat32<LowerFusedBatchNorm, 1>, "CAST MUL ADD SUB RSQRT RESHAPE MEAN SQUARED_DIFFERENCE"},
    {"BatchNormWithGlobalNormalization", {Float(4), Float(1), Float(1), Float(1), Float(1)}, kGlobalAttrs, InFloat32<LowerGlobalNorm>, "ADD CAST MUL RSQRT SUB"},
};
}  // namespace
TFLOWER_OP_FAMILY(norm, kOps);
}  // namespace tflower::tf_ops
