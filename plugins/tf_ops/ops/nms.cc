// NonMaxSuppression, V2, V3, V4 -> NON_MAX_SUPPRESSION_V4, V5 -> NON_MAX_SUPPRESSION_V5. Those pad to the number of boxes asked for; a SLICE
// takes the padding away where TF gives none.  Source: tf.image.non_max_suppression.
#include <limits>

#include "index.h"
#include "working.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kV1Attrs[] = {Float("iou_threshold", 0.5)};
constexpr AttrDef kV3Attrs[] = {Type("T", DType::kFloat32), Type("T_threshold", DType::kFloat32)};
constexpr AttrDef kV4Attrs[] = {Type("T", DType::kFloat32), Type("T_threshold", DType::kFloat32), Bool("pad_to_max_output_size", false)};
constexpr AttrDef kV5Attrs[] = {Type("T", DType::kFloat32), Bool("pad_to_max_output_size", false)};

struct Selected {
  Value boxes, count;
};

Result<Selected> Select(const Node& node, Builder& build, const Value& iou, const Value& score) {
  const Value in[] = {node.Input(0), node.Input(1), node.Input(2), iou, score};
  TFLOWER_TRY(const std::vector<Value> out, build.EmitAll(tfl::NonMaxSuppressionV4{}, in, 2));
  return Selected{out[0], out[1]};
}

// The first `count` elements.
Result<Value> Cut(Builder& build, const Value& list, const Value& count) {
  const int64_t one = 1;
  TFLOWER_TRY(const Value begin, build.Vector({0}));
  TFLOWER_TRY(const Value size, ReshapeTo(build, count, std::span<const int64_t>(&one, 1)));
  return build.Emit(tfl::Slice{}, {list, begin, size});
}

// Scores of any size count.
Result<Value> SelectAnyScore(const Node& node, Builder& build, const Value& iou) {
  TFLOWER_TRY(const Value none, build.Scalar(std::numeric_limits<float>::lowest()));
  TFLOWER_TRY(const Selected s, Select(node, build, iou, none));
  return Cut(build, s.boxes, s.count);
}
Result<Value> LowerV1(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value iou, build.Scalar(node.Float("iou_threshold")));
  return SelectAnyScore(node, build, iou);
}
Result<Value> LowerV2(const Node& node, Builder& build) { return SelectAnyScore(node, build, node.Input(3)); }
Result<Value> LowerV3(const Node& node, Builder& build) {
  TFLOWER_TRY(const Selected s, Select(node, build, node.Input(3), node.Input(4)));
  return Cut(build, s.boxes, s.count);
}

Result<std::vector<Value>> LowerV4(const Node& node, Builder& build) {
  TFLOWER_TRY(Selected s, Select(node, build, node.Input(3), node.Input(4)));
  if (!node.Bool("pad_to_max_output_size")) {
    TFLOWER_TRY(s.boxes, Cut(build, s.boxes, s.count));
  }
  return std::vector<Value>{s.boxes, s.count};
}

Result<std::vector<Value>> LowerV5(const Node& node, Builder& build) {
  const std::vector<Value> in = node.Inputs();
  TFLOWER_TRY(std::vector<Value> out, build.EmitAll(tfl::NonMaxSuppressionV5{}, std::span<const Value>(in), 3));
  if (node.Bool("pad_to_max_output_size")) return out;
  for (size_t i : {0, 1}) {
    TFLOWER_TRY(out[i], Cut(build, out[i], out[2]));
  }
  return out;
}

constexpr Operand kBoxes = Float(2), kScores = Float(1), kCount = Of(kI32, 0, 0), kNumber = Float(0);

constexpr OpDef kOps[] = {
    {"NonMaxSuppression", {kBoxes, kScores, kCount}, kV1Attrs, InFloat32<LowerV1>, "CAST NON_MAX_SUPPRESSION_V4 RESHAPE SLICE"},
    {"NonMaxSuppressionV2", {kBoxes, kScores, kCount, kNumber}, kV3Attrs, InFloat32<LowerV2>, "CAST NON_MAX_SUPPRESSION_V4 RESHAPE SLICE"},
    {"NonMaxSuppressionV3", {kBoxes, kScores, kCount, kNumber, kNumber}, kV3Attrs, InFloat32<LowerV3>, "CAST NON_MAX_SUPPRESSION_V4 RESHAPE SLICE"},
    {"NonMaxSuppressionV4", {kBoxes, kScores, kCount, kNumber, kNumber}, kV4Attrs, InFloat32<LowerV4>, "CAST NON_MAX_SUPPRESSION_V4 RESHAPE SLICE"},
    {"NonMaxSuppressionV5", {kBoxes, kScores, kCount, kNumber, kNumber, kNumber}, kV5Attrs, InFloat32<LowerV5>, "CAST NON_MAX_SUPPRESSION_V5 RESHAPE SLICE"},
};
}  // namespace
TFLOWER_OP_FAMILY(nms, kOps);
}  // namespace tflower::tf_ops
