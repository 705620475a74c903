// Split, SplitV -> SPLIT, SPLIT_V. A split into one part leaves nothing.
#include "by_numbers.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kSplitAttrs[] = {Int("num_split"), Type("T")};
constexpr AttrDef kSplitVAttrs[] = {Int("num_split"), Type("T"), Type("Tlen", DType::kInt64)};

Result<int> NumSplit(const Node& node) {
  const int64_t n = node.Int("num_split");
  if (n < 1 || n > 65536) return Error(Code::kInvalidGraph, std::to_string(n) + " parts are not possible").What("num_split");
  return static_cast<int>(n);
}

template <class TflOp>
Result<std::vector<Value>> EmitSplit(Builder& build, const TflOp& op, std::initializer_list<Value> inputs, int n) {
  return build.EmitAll(op, std::span<const Value>(inputs.begin(), inputs.size()), n);
}

Result<std::vector<Value>> LowerSplit(const Node& node, Builder& build) {
  const Value x = node.Input(1);
  TFLOWER_TRY(const int n, NumSplit(node));
  if (!build.ReadElements(node.Input(0)).ok()) {
    TFLOWER_TRY(const Value computed, AsInt32(build, node.Input(0)));
    return EmitSplit(build, tfl::Split{.num_splits = n}, {computed, x}, n);
  }
  TFLOWER_TRY(const int32_t axis, AxisOperand(build, node.Input(0), x.rank(), "input 0"));
  if (x.dim(axis) >= 0 && x.dim(axis) % n != 0)
    return Error(Code::kInvalidGraph, "dimension " + std::to_string(axis) + " of size " + std::to_string(x.dim(axis)) + " does not split into " + std::to_string(n))
        .What("num_split");
  if (n == 1) return std::vector<Value>{x};
  TFLOWER_TRY(const Value dim, build.Scalar<int32_t>(axis));
  return EmitSplit(build, tfl::Split{.num_splits = n}, {dim, x}, n);
}

Result<std::vector<Value>> LowerSplitV(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  TFLOWER_TRY(const int n, NumSplit(node));
  TFLOWER_TRY(const Value axis, AxisOrValue(build, node.Input(2), x.rank(), "input 2"));
  if (node.Input(1).dim(0) != n)
    return Error(Code::kInvalidGraph, "must have one entry for each of the " + std::to_string(n) + " parts").What("input 1");
  if (n == 1) return std::vector<Value>{x};
  TFLOWER_TRY(const Value sizes, AsInt32(build, node.Input(1)));
  return EmitSplit(build, tfl::SplitV{.num_splits = n}, {x, sizes, axis}, n);
}

constexpr OpDef kOps[] = {
    {"Split", {Index(0, 1), Ranked(1, TFLOWER_MAX_RANK)}, kSplitAttrs, ByNumbers<LowerSplit, 1>, "CAST GATHER RANGE REDUCE_PROD RESHAPE SHAPE SPLIT"},
    {"SplitV", {Ranked(1, TFLOWER_MAX_RANK), Index(1, 1), Index(0, 1)}, kSplitVAttrs, ByNumbers<LowerSplitV>, "CAST GATHER RANGE REDUCE_PROD RESHAPE SHAPE SPLIT_V"},
};
}  // namespace
TFLOWER_OP_FAMILY(split, kOps);
}  // namespace tflower::tf_ops
