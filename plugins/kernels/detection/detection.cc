// TFLite_Detection_PostProcess: the boxes that an SSD detector found, decoded from its anchors, without those that overlap better ones.
// Source: options and operands as TFLite's converters write them; Liu et al., SSD (2016).
#include <algorithm>
#include <cmath>
#include <limits>

#include "common/check.h"
#include "common/quantized.h"
#include "nms/overlap.h"
#include "tflower/flex_map.h"

namespace tflower::kernels {
namespace {

struct Settings {
  int64_t max_detections, per_detection, per_class, classes;
  float score, iou, y_scale, x_scale, h_scale, w_scale;
  bool regular;  // suppression for each class by itself; else once, with every box's best score
  int64_t results() const { return max_detections * per_detection; }
};

struct Found {
  int32_t box, label;
  float score;
  // The best first; of equal ones the first class, then the first box.
  bool operator<(const Found& o) const { return score != o.score ? score > o.score : label != o.label ? label < o.label : box < o.box; }
};

// What Eval works with, in the scratch memory.
struct Workspace {
  const float* operands[3];     // encodings, scores, anchors: where they lie, or dequantised
  float* boxes;                 // [n, 4], decoded
  int32_t *selected, *labels;   // [n]; [classes]
  Found *candidates, *kept;     // [n]; [max_detections + per_class]
};

// Operands: encodings [1, n, 4 or more] (y, x, h, w), scores [1, n, background? + classes], anchors [n, 4] (y, x, h, w); each float32 or quantised bytes.
// Results: boxes [1, m, 4], classes [1, m], scores [1, m], how many there are [1]; zeros behind the last.
struct DetectionPostProcess {
  Settings settings;

  static Result<int64_t> Positive(const FlexMap& options, const char* name, int64_t missing) {
    TFLOWER_TRY(const int64_t value, options.Int(name, missing));
    if (value >= 1 && value <= 1 << 20) return value;
    return OptionError(name, Text(value, " must be from 1 to ", 1 << 20));
  }
  static Result<float> Scale(const FlexMap& options, const char* name) {
    TFLOWER_TRY(const float value, options.Float(name, 0));
    if (value > 0) return value;
    return OptionError(name, Text(value, " must be positive"));
  }
  static Result<Settings> Read(const Op& op) {
    const FlexMap options(op.custom_options());
    Settings s{};
    TFLOWER_TRY(s.max_detections, Positive(options, "max_detections", 0));
    TFLOWER_TRY(s.per_detection, Positive(options, "max_classes_per_detection", 0));
    TFLOWER_TRY(s.per_class, Positive(options, "detections_per_class", 100));
    TFLOWER_TRY(s.classes, Positive(options, "num_classes", 0));
    TFLOWER_TRY(s.score, options.Float("nms_score_threshold", 0));
    TFLOWER_TRY(s.iou, options.Float("nms_iou_threshold", 0));
    if (!(s.iou > 0 && s.iou <= 1)) return OptionError("nms_iou_threshold", Text(s.iou, " must be above 0 and at most 1"));
    TFLOWER_TRY(s.y_scale, Scale(options, "y_scale"));
    TFLOWER_TRY(s.x_scale, Scale(options, "x_scale"));
    TFLOWER_TRY(s.h_scale, Scale(options, "h_scale"));
    TFLOWER_TRY(s.w_scale, Scale(options, "w_scale"));
    TFLOWER_TRY(s.regular, options.Bool("use_regular_nms", false));
    return s;
  }
  static Status CheckOperands(const Op& op, const Settings& s) {
    const Tensor encodings = op.Input(0), scores = op.Input(1), anchors = op.Input(2);
    TFLOWER_CHECK(CheckRank(op, 0, "box_encodings", 3, 3));
    TFLOWER_CHECK(CheckRank(op, 1, "class_predictions", 3, 3));
    TFLOWER_CHECK(CheckRank(op, 2, "anchors", 2, 2));
    const int64_t n = anchors.dim(0);
    if (anchors.dim(1) != 4 || n > 1 << 24) return OperandError(Code::kUnsupportedShape, 2, "anchors", Text("shape ", anchors.dims(), " must be [n, 4], n at most ", 1 << 24));
    if (encodings.dim(0) != 1 || encodings.dim(1) != n || encodings.dim(2) < 4) {
      return OperandError(Code::kUnsupportedShape, 0, "box_encodings", Text("shape ", encodings.dims(), " must be [1, ", n, ", at least 4]"));
    }
    const int64_t background = scores.dim(2) - s.classes;
    if (scores.dim(0) != 1 || scores.dim(1) != n || background < 0 || background > 1) {
      return OperandError(Code::kUnsupportedShape, 1, "class_predictions", Text("shape ", scores.dims(), " must be [1, ", n, ", ", s.classes, " or one more]"));
    }
    return Ok();
  }
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckArity(op, 3, 3, 4));
    TFLOWER_TRY(const Settings s, Read(op));
    TFLOWER_CHECK(CheckOperands(op, s));
    for (int i = 0; i < 3; ++i) {
      if (IsFloat(op, i)) continue;
      TFLOWER_TRY([[maybe_unused]] const Affine affine, InputAffine(op, i));
    }
    TFLOWER_CHECK(SetOutput(out, 0, DType::kFloat32, Shape{1, s.results(), 4}));
    TFLOWER_CHECK(SetOutput(out, 1, DType::kFloat32, Shape{1, s.results()}));
    TFLOWER_CHECK(SetOutput(out, 2, DType::kFloat32, Shape{1, s.results()}));
    return out.Set(3, DType::kFloat32, {1});
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(settings, Read(op));
    const auto n = static_cast<uint64_t>(op.Input(2).dim(0));
    uint64_t dequantised = 0;
    for (int i = 0; i < 3; ++i) dequantised += IsFloat(op, i) ? 0 : static_cast<uint64_t>(op.Input(i).num_elements());
    want.Scratch(dequantised * sizeof(float) + n * (4 * sizeof(float) + sizeof(int32_t) + sizeof(Found)) + static_cast<uint64_t>(settings.classes) * sizeof(int32_t) +
                 static_cast<uint64_t>(settings.max_detections + settings.per_class) * sizeof(Found));
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    const int64_t n = op.Input(2).dim(0);
    float* memory = eval.scratch<float>();
    const float* operands[3];
    for (int i = 0; i < 3; ++i) {
      TFLOWER_TRY(operands[i], Floats(op, i, memory));
    }
    auto* const ints = reinterpret_cast<int32_t*>(memory + 4 * n);
    auto* const found = reinterpret_cast<Found*>(ints + n + settings.classes);
    const Workspace work{{operands[0], operands[1], operands[2]}, memory, ints, ints + n, found, found + n};
    for (int i = 0; i < 3; ++i) std::fill_n(op.Output(i).mutable_data<float>(), op.Output(i).num_elements(), 0.0f);
    Decode(op, work);
    op.Output(3).mutable_data<float>()[0] = static_cast<float>(settings.regular ? EachClass(op, work) : BestClasses(op, work));
    return Ok();
  }

 private:
  static bool IsFloat(const Op& op, int i) { return op.Input(i).dtype() == DType::kFloat32; }
  // The elements of operand i; those of a quantised one at `memory`, which then begins behind them.
  static Result<const float*> Floats(const Op& op, int i, float*& memory) {
    const Tensor x = op.Input(i);
    if (IsFloat(op, i)) return x.data<float>();
    TFLOWER_TRY(const Affine affine, InputAffine(op, i));
    float* const to = memory;
    memory += x.num_elements();
    const auto real = [&](int32_t stored) { return affine.scale * static_cast<float>(stored - affine.zero); };
    if (x.dtype() == DType::kUInt8) std::transform(x.data<uint8_t>(), x.data<uint8_t>() + x.num_elements(), to, real);
    else std::transform(x.data<int8_t>(), x.data<int8_t>() + x.num_elements(), to, real);
    return to;
  }
  // Where the scores of a box's classes, without the background, begin.
  const float* ScoresOf(const Op& op, const Workspace& work, int64_t box) const {
    const int64_t columns = op.Input(1).dim(2);
    return work.operands[1] + box * columns + columns - settings.classes;
  }
  // To [y1, x1, y2, x2].
  void Decode(const Op& op, const Workspace& work) const {
    for (int64_t i = 0; i < op.Input(2).dim(0); ++i) {
      const float* const e = work.operands[0] + i * op.Input(0).dim(2);
      const float* const a = work.operands[2] + i * 4;
      const float y = e[0] / settings.y_scale * a[2] + a[0], x = e[1] / settings.x_scale * a[3] + a[1];
      const float h = 0.5f * std::exp(e[2] / settings.h_scale) * a[2], w = 0.5f * std::exp(e[3] / settings.w_scale) * a[3];
      const float corners[] = {y - h, x - w, y + h, x + w};
      std::copy_n(corners, 4, work.boxes + i * 4);
    }
  }
  // At most `most` boxes into work.selected, best first: candidates that overlap no selected one too much.
  int64_t Suppress(const Workspace& work, int64_t candidates, int64_t most) const {
    std::sort(work.candidates, work.candidates + candidates);
    int64_t count = 0;
    for (int64_t i = 0; i < candidates && count < most; ++i) {
      const float* const box = work.boxes + 4 * int64_t{work.candidates[i].box};
      const bool overlaps = std::any_of(work.selected, work.selected + count,
                                        [&](int32_t other) { return IntersectionOverUnion(work.boxes + 4 * int64_t{other}, box) > settings.iou; });
      if (!overlaps) work.selected[count++] = work.candidates[i].box;
    }
    return count;
  }
  // The best labels of a box into work.labels; NaN is the worst score.
  void BestLabels(const float* scores, const Workspace& work, int64_t count) const {
    const auto key = [&](int32_t label) { return std::isnan(scores[label]) ? -std::numeric_limits<float>::infinity() : scores[label]; };
    for (int32_t i = 0; i < settings.classes; ++i) work.labels[i] = i;
    std::partial_sort(work.labels, work.labels + count, work.labels + settings.classes,
                      [&](int32_t a, int32_t b) { return key(a) != key(b) ? key(a) > key(b) : a < b; });
  }
  static void Write(const Op& op, int64_t at, const float* box, int32_t label, float score) {
    std::copy_n(box, 4, op.Output(0).mutable_data<float>() + at * 4);
    op.Output(1).mutable_data<float>()[at] = static_cast<float>(label);
    op.Output(2).mutable_data<float>()[at] = score;
  }
  int64_t BestClasses(const Op& op, const Workspace& work) const {
    const int64_t labels = std::min(settings.per_detection, settings.classes);
    int64_t candidates = 0;
    for (int32_t i = 0; i < op.Input(2).dim(0); ++i) {
      const float* const scores = ScoresOf(op, work, i);
      BestLabels(scores, work, 1);
      const float best = scores[work.labels[0]];
      if (best >= settings.score) work.candidates[candidates++] = {i, 0, best};
    }
    const int64_t count = Suppress(work, candidates, settings.max_detections);
    for (int64_t i = 0; i < count; ++i) {
      const int32_t box = work.selected[i];
      BestLabels(ScoresOf(op, work, box), work, labels);
      for (int64_t k = 0; k < labels; ++k) {
        Write(op, i * labels + k, work.boxes + 4 * int64_t{box}, work.labels[k], ScoresOf(op, work, box)[work.labels[k]]);
      }
    }
    return count;
  }
  int64_t EachClass(const Op& op, const Workspace& work) const {
    int64_t kept = 0;
    for (int32_t label = 0; label < settings.classes; ++label) {
      int64_t candidates = 0;
      for (int32_t i = 0; i < op.Input(2).dim(0); ++i) {
        const float score = ScoresOf(op, work, i)[label];
        if (score >= settings.score) work.candidates[candidates++] = {i, label, score};
      }
      const int64_t count = Suppress(work, candidates, settings.per_class);
      for (int64_t i = 0; i < count; ++i) work.kept[kept++] = {work.selected[i], label, ScoresOf(op, work, work.selected[i])[label]};
      std::sort(work.kept, work.kept + kept);
      kept = std::min(kept, settings.max_detections);
    }
    for (int64_t i = 0; i < kept; ++i) Write(op, i, work.boxes + 4 * int64_t{work.kept[i].box}, work.kept[i].label, work.kept[i].score);
    return kept;
  }
};

constexpr DTypeSet kOperand = kF32 | kBytes;
constexpr tflower_kernel kRows[] = {
    Kernel<DetectionPostProcess>(tfl::Builtin::CUSTOM, {.inputs = {kOperand, kOperand, kOperand}, .outputs = {kF32}, .custom_code = "TFLite_Detection_PostProcess"}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(detection, kRows);
}  // namespace tflower::kernels
