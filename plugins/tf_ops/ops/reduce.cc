// Reductions: Sum, Mean, Max, Min, Prod, Any, All, EuclideanNorm; L2Loss over all. Axes that are computed at run time are handed on: the
// number of them says the result's rank.
#include <algorithm>

#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kAttrs[] = {Bool("keep_dims", false), Type("T"), Type("Tidx", DType::kInt32)};
constexpr AttrDef kBoolAttrs[] = {Bool("keep_dims", false), Type("Tidx", DType::kInt32)};

// The axes of input 1, ascending, each once.
Result<std::vector<int64_t>> ReadAxes(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  TFLOWER_TRY(std::vector<int64_t> axes, build.Ints(node.Input(1), "input 1 (axes)"));
  for (int64_t& a : axes) {
    if (a < -x.rank() || a >= x.rank()) return Error(Code::kInvalidGraph, "axis " + std::to_string(a) + " is outside of rank " + std::to_string(x.rank())).What("input 1 (axes)");
    if (a < 0) a += x.rank();
  }
  std::sort(axes.begin(), axes.end());
  axes.erase(std::unique(axes.begin(), axes.end()), axes.end());
  return axes;
}

// The axes as an operand. Null: there is nothing to reduce over.
Result<Value> AxesOf(const Node& node, Builder& build) {
  if (!build.ReadElements(node.Input(1)).ok() && node.Input(1).num_elements() != 0) return AsInt32(build, node.Input(1));
  TFLOWER_TRY(const std::vector<int64_t> axes, ReadAxes(node, build));
  return axes.empty() ? Result<Value>(Value()) : build.Vector(axes);
}

template <class TflOp>
Status LowerReduce(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value axes, AxesOf(node, build));
  if (!axes) return build.Bind(0, node.Input(0));
  return build.Replace(node, TflOp{.keep_dims = node.Bool("keep_dims")}, {node.Input(0), axes});
}

Result<Value> SumOfSquares(Builder& build, const Value& x, const Value& axes, bool keep_dims) {
  TFLOWER_TRY(const Value square, build.Emit(tfl::Square{}, {x}));
  return build.Emit(tfl::Sum{.keep_dims = keep_dims}, {square, axes});
}

Status LowerEuclideanNorm(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value axes, AxesOf(node, build));
  if (!axes) return build.Bind(0, build.Emit(tfl::Abs{}, {node.Input(0)}));
  TFLOWER_TRY(const Value sum, SumOfSquares(build, node.Input(0), axes, node.Bool("keep_dims")));
  return build.Bind(0, build.Emit(tfl::Sqrt{}, {sum}));
}

// Half the sum of all squares.
Status LowerL2Loss(const Node& node, Builder& build) {
  std::vector<int64_t> axes;
  for (int i = 0; i < node.Input(0).rank(); ++i) axes.push_back(i);
  TFLOWER_TRY(const Value operand, build.Vector(axes));
  TFLOWER_TRY(const Value sum, SumOfSquares(build, node.Input(0), operand, false));
  TFLOWER_TRY(const Value half, build.Scalar(0.5f));
  return build.Bind(0, build.Emit(tfl::Mul{}, {sum, half}));
}

constexpr AttrDef kT[] = {Type("T")};

constexpr OpDef kOps[] = {
    {"Sum", {Any(), Index(0, 1)}, kAttrs, LowerReduce<tfl::Sum>, "CAST SUM"},
    {"Mean", {Any(), Index(0, 1)}, kAttrs, LowerReduce<tfl::Mean>, "CAST MEAN"},
    {"Max", {Any(), Index(0, 1)}, kAttrs, LowerReduce<tfl::ReduceMax>, "CAST REDUCE_MAX"},
    {"Min", {Any(), Index(0, 1)}, kAttrs, LowerReduce<tfl::ReduceMin>, "CAST REDUCE_MIN"},
    {"Prod", {Any(), Index(0, 1)}, kAttrs, LowerReduce<tfl::ReduceProd>, "CAST REDUCE_PROD"},
    {"EuclideanNorm", {Of(kF32, 0, TFLOWER_MAX_RANK), Index(0, 1)}, kAttrs, LowerEuclideanNorm, "ABS CAST SQRT SQUARE SUM"},
    {"L2Loss", {Of(kF32, 0, TFLOWER_MAX_RANK)}, kT, LowerL2Loss, "MUL SQUARE SUM"},
    {"Any", {Boolean(), Index(0, 1)}, kBoolAttrs, LowerReduce<tfl::ReduceAny>, "CAST REDUCE_ANY"},
    {"All", {Boolean(), Index(0, 1)}, kBoolAttrs, LowerReduce<tfl::ReduceAll>, "CAST REDUCE_ALL"},
};
}  // namespace
TFLOWER_OP_FAMILY(reduce, kOps);
}  // namespace tflower::tf_ops
