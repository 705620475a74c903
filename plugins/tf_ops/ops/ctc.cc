// CTCGreedyDecoder: the best class of each step, without repeats and blanks; WHERE finds the steps that count.  Source: tf.nn.ctc_greedy_decoder.
#include "working.h"
#include "partitions.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kAttrs[] = {Bool("merge_repeated", false), Int("blank_index", -1), Type("T", DType::kFloat32)};

// Whether each step's class [batch, time] differs from that of the step before.
Expr Changes(const Expr& best) {
  if (!best.ok()) return best;
  Builder& b = best.build();
  const Expr left(b, b.Constant<int32_t>(std::array<int64_t, 2>{2, 2}, std::array<int32_t, 4>{0, 0, 1, 0}));
  const Expr padded = Emit(tfl::PadV2{}, {best, left, best.Number(-1)});
  return best != Emit(tfl::Slice{}, {padded, Int32s(b, {0, 0}), Expr(b, ShapeOf(b, best.result().value()))});
}

// Inputs: scores [time, batch, classes], the length of each sequence. A sparse tensor of labels, and minus the sum of the best scores.
Result<std::vector<Value>> LowerGreedy(const Node& node, Builder& build) {
  const Expr scores = Emit(tfl::Transpose{}, {Expr(build, node.Input(0)), Int32s(build, {1, 0, 2})});
  TFLOWER_TRY(const Value turned, scores.result());
  const Expr classes = At(Expr(build, ShapeOf(build, turned)), 2);
  const int64_t index = node.Int("blank_index");
  if (index < INT32_MIN || index > INT32_MAX) return Error(Code::kInvalidGraph, std::to_string(index) + " is not a class").What("blank_index");
  const Expr number(build, build.Scalar(static_cast<int32_t>(index)));
  const Expr blank = index < 0 ? classes + number : number;
  const Expr best = Emit(tfl::ArgMax{.output_type = tfl::TensorType::INT32}, {scores, Expr(build, build.Scalar<int32_t>(2))});
  const Expr steps(build, CountAlong(build, turned, 1));
  const Expr used = steps < Column(Expr(build, node.Input(1)));
  Expr kept = And(used, best != blank);
  if (node.Bool("merge_repeated")) kept = And(kept, Changes(best));
  const Expr places = Emit(tfl::Where{}, {kept});
  const Expr ones = Cast(kept, DType::kInt32);
  const Expr time = Expr(build, build.Scalar<int32_t>(1));
  const Expr number_in_row = Emit(tfl::Cumsum{.exclusive = true}, {ones, time});
  const Expr at = Cast(places, DType::kInt32);
  const Expr columns = Emit(tfl::GatherNd{}, {number_in_row, at});
  const Expr indices = Emit(tfl::Pack{.values_count = 2, .axis = 1}, {TakeColumn(at, 0), columns});
  const Expr labels = Emit(tfl::GatherNd{}, {best, at});
  const Expr counts = Emit(tfl::Sum{.keep_dims = false}, {ones, Int32s(build, {1})});
  const Expr longest = Emit(tfl::ReduceMax{.keep_dims = false}, {counts, Int32s(build, {0})});
  const Expr top = Emit(tfl::ReduceMax{.keep_dims = false}, {scores, Int32s(build, {2})});
  const Expr score = -Emit(tfl::Sum{.keep_dims = true}, {Where(used, top, 0.0), Int32s(build, {1})});
  return ValuesOf({Cast(indices, DType::kInt64), Cast(labels, DType::kInt64), Cast(Packed({SizeOf(scores), longest}), DType::kInt64), score});
}

constexpr OpDef kOps[] = {
    {"CTCGreedyDecoder", {Float(3), Of(kI32, 1, 1)}, kAttrs, InFloat32<LowerGreedy>,
     TFLOWER_PARTITIONS_EMIT "ARG_MAX EQUAL GATHER_ND LOGICAL_AND NOT_EQUAL PADV2 REDUCE_MAX SUM TRANSPOSE WHERE"},
};
}  // namespace
TFLOWER_OP_FAMILY(ctc, kOps);
}  // namespace tflower::tf_ops
