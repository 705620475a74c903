// Detection: non_max_suppression_padded_v2 (what tf.image.non_max_suppression_padded calls) -> NON_MAX_SUPPRESSION_V4, and the post-processing of
// SSD detectors as the custom operator TFLite_Detection_PostProcess, which TFLite's runtimes have built in.
#include <tflower/flex_map.h>

#include "call.h"

namespace tflower::composites {
namespace {

// The result in the shape that the function gives it: TensorFlow's has one batch in front.
Status BindReshaped(const Node& call, Builder& build, int i, const Value& v, int64_t elements) {
  const tflower_type type = call.OutputType(i);
  if (type.rank < 0) return Declined("the function does not say the ranks of its results");
  if (type.rank == v.rank()) return build.Bind(i, v);
  if (type.rank != v.rank() + 1) return Declined("the function's results have other ranks than one image's");
  const std::vector<int32_t> dims = v.rank() == 0 ? std::vector<int32_t>{1} : std::vector<int32_t>{1, static_cast<int32_t>(elements)};
  TFLOWER_TRY(const Value shape, build.Vector(std::span<const int32_t>(dims)));
  return build.Bind(i, build.Emit(tfl::Reshape{}, {v, shape}));
}

// Arguments: boxes, scores, number of boxes, IOU threshold, score threshold; what follows only tunes TensorFlow's own loop.
Status LowerSuppression(const Node& call, Builder& build) {
  if (call.num_inputs() < 5 || call.num_outputs() != 2) return Declined("takes boxes, scores, a number and two thresholds, and gives indices and their number");
  std::vector<Value> in;
  for (int i = 0; i < 5; ++i) {
    TFLOWER_TRY(const Value v, Tensor(call, build, i));
    in.push_back(v);
  }
  if (in[0].rank() != 2 || in[1].rank() != 1) return Declined("NON_MAX_SUPPRESSION_V4 takes one image's boxes [n, 4] and scores [n]");
  TFLOWER_TRY(const std::vector<Value> out, build.EmitAll(tfl::NonMaxSuppressionV4{}, std::span<const Value>(in), 2));
  TFLOWER_CHECK(BindReshaped(call, build, 0, out[0], -1));
  return BindReshaped(call, build, 1, out[1], 1);
}

constexpr int64_t kDetectionsPerClass = 100;  // the kernel's own default

constexpr AttrDef kPostProcessAttrs[] = {Int("max_detections"), Int("max_classes_per_detection"), Int("num_classes"), Float("nms_score_threshold", 0), Float("nms_iou_threshold", 0.6),
                                         Float("y_scale", 1), Float("x_scale", 1), Float("h_scale", 1), Float("w_scale", 1), Bool("use_regular_nms", false),
                                         Int("detections_per_class", kDetectionsPerClass)};

Status LowerPostProcess(const Node& call, Builder& build) {
  TFLOWER_CHECK(CheckArity(call, 3, 4));
  FlexMapWriter options;
  if (const int64_t n = call.Int("detections_per_class"); n != kDetectionsPerClass) options.Int("detections_per_class", n);
  options.Float("h_scale", call.Float("h_scale"));
  options.Int("max_classes_per_detection", call.Int("max_classes_per_detection"));
  options.Int("max_detections", call.Int("max_detections"));
  options.Float("nms_iou_threshold", call.Float("nms_iou_threshold"));
  options.Float("nms_score_threshold", call.Float("nms_score_threshold"));
  options.Int("num_classes", call.Int("num_classes"));
  options.Bool("use_regular_nms", call.Bool("use_regular_nms"));
  options.Float("w_scale", call.Float("w_scale"));
  options.Float("x_scale", call.Float("x_scale"));
  options.Float("y_scale", call.Float("y_scale"));
  return ReplaceByCustom(call, build, "TFLite_Detection_PostProcess", options.Finish());
}

constexpr RuleDef kRules[] = {
    Composite("non_max_suppression_padded_v2", LowerSuppression, "NON_MAX_SUPPRESSION_V4 RESHAPE"),
    Composite("TFLite_Detection_PostProcess", LowerPostProcess, "TFLite_Detection_PostProcess", kPostProcessAttrs),
};

}  // namespace
TFLOWER_RULE_FAMILY(detection, kRules);
}  // namespace tflower::composites
