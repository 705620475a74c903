// CombinedNonMaxSuppression -> NON_MAX_SUPPRESSION_V4 for each image and class, whose selections are ranked together by TOPK_V2.
// Source: tf.image.combined_non_max_suppression.
#include <limits>

#include "index.h"
#include "scalars.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kAttrs[] = {Bool("pad_per_class", false), Bool("clip_boxes", true)};

constexpr int64_t kMaxRuns = 256;  // images times classes, about 12 operators each

constexpr int64_t kMaxSelected = 1 << 18;

struct Limits {
  Value per_class, iou, score;
  int32_t per_class_count = 0, total = 0;
};

// What one image, or one class of it, has selected: boxes [n, 4], scores [n], classes [n], count [].
struct Selection {
  Value boxes, scores, classes, count;
};

constexpr float kNone = std::numeric_limits<float>::lowest();

// A box of v in the shape `dims`.
Result<Value> Part(Builder& build, const Value& v, std::initializer_list<int64_t> begin, std::initializer_list<int64_t> size, std::initializer_list<int64_t> dims) {
  TFLOWER_TRY(const Value b, build.Vector(std::span<const int64_t>(begin.begin(), begin.size())));
  TFLOWER_TRY(const Value s, build.Vector(std::span<const int64_t>(size.begin(), size.size())));
  TFLOWER_TRY(const Value part, build.Emit(tfl::Slice{}, {v, b, s}));
  return ReshapeTo(build, part, std::span<const int64_t>(dims.begin(), dims.size()));
}

// Positions 0 .. n - 1 that are below count.
Result<Value> IsCounted(Builder& build, int32_t n, const Value& count) {
  std::vector<int32_t> positions;
  for (int32_t i = 0; i < n; ++i) positions.push_back(i);
  TFLOWER_TRY(const Value at, build.Vector(std::span<const int32_t>(positions)));
  return build.Emit(tfl::Less{}, {at, count});
}

Result<Selection> SelectClass(Builder& build, const Value& boxes, const Value& scores, const Limits& limits, int64_t c) {
  const Value in[] = {boxes, scores, limits.per_class, limits.iou, limits.score};
  TFLOWER_TRY(const std::vector<Value> out, build.EmitAll(tfl::NonMaxSuppressionV4{}, in, 2));
  Selection s{.count = out[1]};
  TFLOWER_TRY(s.boxes, build.Emit(tfl::Gather{}, {boxes, out[0]}));
  TFLOWER_TRY(const Value given, build.Emit(tfl::Gather{}, {scores, out[0]}));
  TFLOWER_TRY(const Value counted, IsCounted(build, limits.per_class_count, s.count));
  TFLOWER_TRY(const Value none, build.Scalar(kNone));
  TFLOWER_TRY(s.scores, build.Emit(tfl::SelectV2{}, {counted, given, none}));
  const int64_t n = limits.per_class_count;
  const std::vector<float> classes(static_cast<size_t>(n), static_cast<float>(c));
  TFLOWER_TRY(s.classes, build.Constant<float>(std::span<const int64_t>(&n, 1), classes));
  return s;
}

Result<Value> Join(Builder& build, const std::vector<Selection>& parts, Value Selection::*member) {
  std::vector<Value> values;
  for (const Selection& s : parts) values.push_back(s.*member);
  return values.size() == 1 ? Result<Value>(values[0]) : build.Emit(tfl::Concatenation{.axis = 0}, values);
}

// The `total` best of all classes; the rest, if there are fewer, is 0.
Result<Selection> Rank(Builder& build, const std::vector<Selection>& classes, const Limits& limits, bool clip) {
  TFLOWER_TRY(const Value boxes, Join(build, classes, &Selection::boxes));
  TFLOWER_TRY(const Value scores, Join(build, classes, &Selection::scores));
  TFLOWER_TRY(const Value of_class, Join(build, classes, &Selection::classes));
  const int32_t k = static_cast<int32_t>(std::min<int64_t>(limits.total, scores.dim(0)));
  TFLOWER_TRY(const Value top, build.Scalar(k));
  const Value in[] = {scores, top};
  TFLOWER_TRY(const std::vector<Value> best, build.EmitAll(tfl::TopKV2{}, in, 2));
  Value count = classes[0].count;
  for (size_t c = 1; c < classes.size(); ++c) {
    TFLOWER_TRY(count, build.Emit(tfl::Add{}, {count, classes[c].count}));
  }
  Selection s;
  TFLOWER_TRY(s.count, build.Emit(tfl::Minimum{}, {count, top}));
  TFLOWER_TRY(const Value counted, IsCounted(build, k, s.count));
  TFLOWER_TRY(const Value zero, build.Scalar(0.0f));
  TFLOWER_TRY(s.scores, build.Emit(tfl::SelectV2{}, {counted, best[0], zero}));
  TFLOWER_TRY(const Value named, build.Emit(tfl::Gather{}, {of_class, best[1]}));
  TFLOWER_TRY(s.classes, build.Emit(tfl::SelectV2{}, {counted, named, zero}));
  TFLOWER_TRY(Value best_boxes, build.Emit(tfl::Gather{}, {boxes, best[1]}));
  if (clip) {
    TFLOWER_TRY(const Value below, With<tfl::Minimum>(build, best_boxes, 1));
    TFLOWER_TRY(best_boxes, With<tfl::Maximum>(build, below, 0));
  }
  const int32_t column = 1;
  TFLOWER_TRY(const Value rows, InsertDims(build, counted, std::span<const int32_t>(&column, 1)));
  TFLOWER_TRY(s.boxes, build.Emit(tfl::SelectV2{}, {rows, best_boxes, zero}));
  return s;
}

Result<Limits> ReadLimits(const Node& node, Builder& build, int64_t boxes, int64_t classes) {
  TFLOWER_TRY(const int64_t per_class, build.Int(node.Input(2), "input 2 (max_output_size_per_class)"));
  TFLOWER_TRY(const int64_t total, build.Int(node.Input(3), "input 3 (max_total_size)"));
  for (int64_t n : {per_class, total})
    if (n < 1 || n > (1 << 20)) return Error(Code::kUnsupportedAttribute, "sizes must be in [1, 1048576]").What("input 2");
  const int64_t selected = std::min(per_class, boxes);  // of more, the rest is padding
  if (selected > kMaxSelected / classes) return Error(Code::kUnsupportedShape, "more than " + std::to_string(kMaxSelected) + " boxes to be ranked").What("input 2");
  const int64_t most = node.Bool("pad_per_class") ? std::min(total, per_class * classes) : total;
  Limits limits{{}, node.Input(4), node.Input(5), static_cast<int32_t>(selected), static_cast<int32_t>(most)};
  TFLOWER_TRY(limits.per_class, build.Scalar(limits.per_class_count));
  return limits;
}

// v [k, ...] with rows of 0 up to `rows`.
Result<Value> Filled(Builder& build, const Value& v, int32_t rows) {
  if (v.dim(0) == rows) return v;
  std::vector<int32_t> paddings(static_cast<size_t>(2 * v.rank()), 0);
  paddings[1] = rows - static_cast<int32_t>(v.dim(0));
  const int64_t dims[] = {v.rank(), 2};
  TFLOWER_TRY(const Value p, build.Constant<int32_t>(dims, paddings));
  return build.Emit(tfl::Pad{}, {v, p});
}

Status LowerCombined(const Node& node, Builder& build) {
  const Value boxes = node.Input(0), scores = node.Input(1);
  const int64_t images = boxes.dim(0), count = boxes.dim(1), shared = boxes.dim(2), classes = scores.dim(2);
  if (!boxes.is_static() || !scores.is_static() || images < 1 || classes < 1 || count < 1)
    return Error(Code::kUnsupportedShape, "the numbers of images, boxes and classes must be known").What("input 0").Hint("give the shape with --input-shape or --batch");
  if (boxes.dim(3) != 4 || (shared != 1 && shared != classes) || scores.dim(1) != count || scores.dim(0) != images) return Error(Code::kInvalidGraph, "boxes and scores do not fit").What("input 0");
  if (classes > kMaxRuns / images) return Error(Code::kUnsupportedShape, "more than " + std::to_string(kMaxRuns) + " images times classes: each is a suppression of its own").What("input 1");
  TFLOWER_TRY(const Limits limits, ReadLimits(node, build, count, classes));
  std::vector<Value> parts[4];
  for (int64_t b = 0; b < images; ++b) {
    std::vector<Selection> selected;
    for (int64_t c = 0; c < classes; ++c) {
      TFLOWER_TRY(const Value box, Part(build, boxes, {b, 0, shared == 1 ? 0 : c, 0}, {1, -1, 1, -1}, {count, 4}));
      TFLOWER_TRY(const Value score, Part(build, scores, {b, 0, c}, {1, -1, 1}, {count}));
      TFLOWER_TRY(const Selection s, SelectClass(build, box, score, limits, c));
      selected.push_back(s);
    }
    TFLOWER_TRY(const Selection s, Rank(build, selected, limits, node.Bool("clip_boxes")));
    TFLOWER_TRY(const Value all_boxes, Filled(build, s.boxes, limits.total));
    TFLOWER_TRY(const Value all_scores, Filled(build, s.scores, limits.total));
    TFLOWER_TRY(const Value all_classes, Filled(build, s.classes, limits.total));
    const Value of_image[] = {all_boxes, all_scores, all_classes, s.count};
    for (size_t i = 0; i < 4; ++i) parts[i].push_back(of_image[i]);
  }
  for (int i = 0; i < 4; ++i)
    TFLOWER_CHECK(build.Bind(i, build.Emit(tfl::Pack{.values_count = static_cast<int32_t>(images), .axis = 0}, parts[i])));
  return Ok();
}

constexpr Operand kCount = Of(kI32, 0, 0), kNumber = Of(kF32, 0, 0);

constexpr OpDef kOps[] = {
    {"CombinedNonMaxSuppression", {Of(kF32, 4, 4), Of(kF32, 3, 3), kCount, kCount, kNumber, kNumber}, kAttrs, LowerCombined,
     "ADD CONCATENATION GATHER LESS MAXIMUM MINIMUM NON_MAX_SUPPRESSION_V4 PACK PAD RESHAPE SELECT_V2 SLICE TOPK_V2"},
};
}  // namespace
TFLOWER_OP_FAMILY(combined_nms, kOps);
}  // namespace tflower::tf_ops
