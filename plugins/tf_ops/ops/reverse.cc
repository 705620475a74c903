// ReverseV2, Reverse -> REVERSE_V2, one for each run of neighbouring axes, since the operator reverses runs only; ReverseSequence ->
// REVERSE_SEQUENCE. Reversing nothing leaves nothing.
#include "by_numbers.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kReverseAttrs[] = {Type("T")};
constexpr AttrDef kReverseV2Attrs[] = {Type("Tidx", DType::kInt32), Type("T")};
constexpr AttrDef kSequenceAttrs[] = {Int("seq_dim"), Int("batch_dim", 0), Type("T"), Type("Tlen", DType::kInt64)};

Result<Value> ReverseAxes(Builder& build, Value x, std::vector<int32_t> axes) {
  std::sort(axes.begin(), axes.end());
  for (size_t first = 0, last; first < axes.size(); first = last) {
    for (last = first + 1; last < axes.size() && axes[last] == axes[last - 1] + 1;) ++last;
    TFLOWER_TRY(const Value run, build.Vector(std::span<const int32_t>(axes).subspan(first, last - first)));
    TFLOWER_TRY(x, build.Emit(tfl::ReverseV2{}, {x, run}));
  }
  return x;
}

// Axes that are computed at run time, one after the other.
Result<Value> ReverseComputed(Builder& build, Value x, const Value& axes) {
  if (axes.dim(0) < 0) return Error(Code::kUnsupportedShape, "the number of axes must be known").What("input 1").Hint("give the shape with --input-shape");
  TFLOWER_TRY(const Value narrow, AsInt32(build, axes));
  if (axes.dim(0) == 1) return build.Emit(tfl::ReverseV2{}, {x, narrow});
  for (int32_t i = 0; i < axes.dim(0); ++i) {
    TFLOWER_TRY(const Value from, build.Vector({i}));
    TFLOWER_TRY(const Value axis, build.Emit(tfl::Gather{}, {narrow, from}));
    TFLOWER_TRY(x, build.Emit(tfl::ReverseV2{}, {x, axis}));
  }
  return x;
}

Result<Value> LowerReverseV2(const Node& node, Builder& build) {
  if (!build.ReadElements(node.Input(1)).ok()) return ReverseComputed(build, node.Input(0), node.Input(1));
  TFLOWER_TRY(std::vector<int32_t> axes, AxesOperand(build, node.Input(1), node.Input(0).rank(), "input 1"));
  return ReverseAxes(build, node.Input(0), std::move(axes));
}

// One flag for each dimension.
Result<Value> LowerReverse(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  TFLOWER_TRY(const std::vector<int64_t> flags, build.Ints(node.Input(1), "input 1"));
  if (flags.size() != static_cast<size_t>(x.rank())) return Error(Code::kInvalidGraph, "must have one entry for each dimension").What("input 1");
  std::vector<int32_t> axes;
  for (int32_t i = 0; i < x.rank(); ++i) if (flags[static_cast<size_t>(i)] != 0) axes.push_back(i);
  return ReverseAxes(build, x, std::move(axes));
}

Result<Value> LowerReverseSequence(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  TFLOWER_TRY(const int32_t seq, NormalAxis(node.Int("seq_dim"), x.rank(), "seq_dim"));
  TFLOWER_TRY(const int32_t batch, NormalAxis(node.Int("batch_dim"), x.rank(), "batch_dim"));
  if (seq == batch) return Error(Code::kInvalidGraph, "must differ from batch_dim").What("seq_dim");
  return build.Emit(tfl::ReverseSequence{.seq_dim = seq, .batch_dim = batch}, {x, node.Input(1)});
}

constexpr OpDef kOps[] = {
    {"ReverseV2", {Any(), Index(1, 1)}, kReverseV2Attrs, ByNumbers<LowerReverseV2>, "CAST GATHER RANGE REDUCE_PROD RESHAPE REVERSE_V2 SHAPE"},
    {"Reverse", {Any(), Of(kBoolean, 1, 1)}, kReverseAttrs, ByNumbers<LowerReverse>, "GATHER RANGE REDUCE_PROD RESHAPE REVERSE_V2 SHAPE"},
    {"ReverseSequence", {Ranked(2, TFLOWER_MAX_RANK), Index(1, 1)}, kSequenceAttrs, ByNumbers<LowerReverseSequence>, "GATHER RANGE REDUCE_PROD RESHAPE REVERSE_SEQUENCE SHAPE"},
};
}  // namespace
TFLOWER_OP_FAMILY(reverse, kOps);
}  // namespace tflower::tf_ops
