// Reductions over constant axes: Sum, Mean, Max, Min, Prod, Any, All.
#include <algorithm>

#include <tflower/op_def.h>

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kAttrs[] = {Bool("keep_dims", false), Type("T"), Type("Tidx", DType::kInt32)};
constexpr AttrDef kBoolAttrs[] = {Bool("keep_dims", false), Type("Tidx", DType::kInt32)};

template <class TflOp>
Status LowerReduce(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  TFLOWER_TRY(std::vector<int64_t> axes, build.Ints(node.Input(1), "input 1 (axes)"));
  for (int64_t& a : axes) {
    if (a < -x.rank() || a >= x.rank()) return Error(Code::kInvalidGraph, "axis " + std::to_string(a) + " is outside of rank " + std::to_string(x.rank())).What("input 1 (axes)");
    if (a < 0) a += x.rank();
  }
  std::sort(axes.begin(), axes.end());
  axes.erase(std::unique(axes.begin(), axes.end()), axes.end());
  if (axes.empty()) return build.Bind(0, x);
  TFLOWER_TRY(const Value axis, build.Vector(axes));
  return build.Replace(node, TflOp{.keep_dims = node.Bool("keep_dims")}, {x, axis});
}

constexpr OpDef kOps[] = {
    {"Sum", {Any(), Index(0, 1)}, kAttrs, LowerReduce<tfl::Sum>, "SUM"},
    {"Mean", {Any(), Index(0, 1)}, kAttrs, LowerReduce<tfl::Mean>, "MEAN"},
    {"Max", {Any(), Index(0, 1)}, kAttrs, LowerReduce<tfl::ReduceMax>, "REDUCE_MAX"},
    {"Min", {Any(), Index(0, 1)}, kAttrs, LowerReduce<tfl::ReduceMin>, "REDUCE_MIN"},
    {"Prod", {Any(), Index(0, 1)}, kAttrs, LowerReduce<tfl::ReduceProd>, "REDUCE_PROD"},
    {"Any", {Boolean(), Index(0, 1)}, kBoolAttrs, LowerReduce<tfl::ReduceAny>, "REDUCE_ANY"},
    {"All", {Boolean(), Index(0, 1)}, kBoolAttrs, LowerReduce<tfl::ReduceAll>, "REDUCE_ALL"},
};
}  // namespace
TFLOWER_OP_FAMILY(reduce, kOps);
}  // namespace tflower::tf_ops
