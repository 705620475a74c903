// NON_MAX_SUPPRESSION_V4 and V5: of overlapping boxes the one with the best score. V5 may lower the scores of overlapping boxes instead of
// dropping them (soft suppression, sigma > 0). Sources: schema; tf.image.non_max_suppression_with_scores; Bodla et al., Soft-NMS (2017).
#include <algorithm>
#include <cmath>

#include "common/check.h"
#include "nms/overlap.h"

namespace tflower::kernels {
namespace {

struct Candidate {
  int32_t box;
  int32_t compared;  // selected boxes that have lowered its score already
  float score;
  // Heap order: the best score on top, of equal ones the first box.
  bool operator<(const Candidate& other) const { return score != other.score ? score < other.score : box > other.box; }
};

struct Limits {
  float iou, score, sigma;
};

class Suppression {
 public:
  // `candidates` has room for `count`; `selected` for `wanted` boxes, `scores` too, if not null.
  Suppression(const float* boxes, Candidate* candidates, const Limits& limits, int32_t* selected, float* scores)
      : boxes_(boxes), candidates_(candidates), limits_(limits), selected_(selected), scores_(scores) {}

  // The number of boxes that were selected.
  int32_t Run(const float* scores, int32_t count, int32_t wanted) {
    for (int32_t i = 0; i < count; ++i)
      if (scores[i] > limits_.score) candidates_[size_++] = {i, 0, scores[i]};
    std::make_heap(candidates_, candidates_ + size_);
    while (chosen_ < wanted && size_ > 0) {
      std::pop_heap(candidates_, candidates_ + size_);
      Candidate best = candidates_[--size_];
      const float before = best.score;
      if (!Lower(best)) continue;
      if (best.score == before) Select(best);
      else if (best.score > limits_.score) Return(best);
    }
    return chosen_;
  }

 private:
  // Compares with the boxes that were selected since the last time; false: suppressed.
  bool Lower(Candidate& c) const {
    for (int32_t i = chosen_; i-- > c.compared;) {
      const float overlap = IntersectionOverUnion(boxes_ + 4 * int64_t{c.box}, boxes_ + 4 * int64_t{selected_[i]});
      if (overlap > limits_.iou) return false;
      if (limits_.sigma > 0) c.score *= std::exp(-0.5f / limits_.sigma * overlap * overlap);
      if (c.score <= limits_.score) return false;
    }
    c.compared = chosen_;
    return true;
  }
  void Select(const Candidate& c) {
    selected_[chosen_] = c.box;
    if (scores_ != nullptr) scores_[chosen_] = c.score;
    ++chosen_;
  }
  void Return(const Candidate& c) {
    candidates_[size_++] = c;
    std::push_heap(candidates_, candidates_ + size_);
  }

  const float* boxes_;
  Candidate* candidates_;
  Limits limits_;
  int32_t* selected_;
  float* scores_;
  int32_t size_ = 0, chosen_ = 0;
};

// Operands: boxes [n, 4], scores [n], how many to select, IOU threshold, score threshold, for V5 sigma. Results: boxes' indices (0 behind the
// last), for V5 their scores (0 behind the last), how many there are.
template <bool kSoft>
struct NonMaxSuppression {
  static constexpr int kInputs = kSoft ? 6 : 5, kOutputs = kSoft ? 3 : 2;

  static Result<int64_t> ReadWanted(const Op& op) {
    const int64_t wanted = IntAt(op.Input(2), 0);
    if (wanted >= 0) return wanted;
    return OperandError(Code::kInvalidOperand, 2, "max_output_size", Text(wanted, " must not be negative"));
  }
  static Status Infer(const Op& op, OpTypes& out) {
    if (op.Input(0).dim(0) > INT32_MAX) return OperandError(Code::kUnsupportedShape, 0, "boxes", "more than 2^31 boxes");
    TFLOWER_CHECK(out.Set(kOutputs - 1, DType::kInt32, {}));
    Shape dims{-1};
    if (Known(op.Input(2))) {
      TFLOWER_TRY(dims[0], ReadWanted(op));
    }
    if (kSoft) TFLOWER_CHECK(out.Set(1, DType::kFloat32, dims));
    return out.Set(0, DType::kInt32, dims);
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    want.Scratch(static_cast<uint64_t>(op.Input(0).dim(0)) * sizeof(Candidate));
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    TFLOWER_TRY(const int64_t wanted, ReadWanted(op));
    for (int i = 0; i + 1 < kOutputs; ++i) TFLOWER_ENSURE_OUTPUT(op, eval, i, Shape{wanted});
    const Limits limits{op.Input(3).data<float>()[0], op.Input(4).data<float>()[0], kSoft ? op.Input(kInputs - 1).data<float>()[0] : 0};
    if (!(limits.iou >= 0 && limits.iou <= 1)) return OperandError(Code::kInvalidOperand, 3, "iou_threshold", Text(limits.iou, " must lie in [0, 1]"));
    if (!(limits.sigma >= 0)) return OperandError(Code::kInvalidOperand, 5, "sigma", Text(limits.sigma, " must not be negative"));
    int32_t* const selected = op.Output(0).mutable_data<int32_t>();
    float* const scores = kSoft ? op.Output(1).mutable_data<float>() : nullptr;
    Suppression run(op.Input(0).data<float>(), eval.scratch<Candidate>(), limits, selected, scores);
    const int32_t chosen = run.Run(op.Input(1).data<float>(), static_cast<int32_t>(op.Input(0).dim(0)), static_cast<int32_t>(wanted));
    std::fill(selected + chosen, selected + wanted, 0);
    if (kSoft) std::fill(scores + chosen, scores + wanted, 0.0f);
    op.Output(kOutputs - 1).mutable_data<int32_t>()[0] = chosen;
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<NonMaxSuppression<false>>(tfl::Builtin::NON_MAX_SUPPRESSION_V4, {.inputs = {kF32, kF32, kI32, kF32, kF32}}),
    Kernel<NonMaxSuppression<true>>(tfl::Builtin::NON_MAX_SUPPRESSION_V5, {.inputs = {kF32, kF32, kI32, kF32, kF32, kF32}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(nms, kRows);
}  // namespace tflower::kernels
