// Reshape, Squeeze, ExpandDims -> RESHAPE with a constant shape wherever at most one dimension is unknown; else with a computed shape,
// SQUEEZE and EXPAND_DIMS. A reshape to the shape that the input has leaves nothing.
#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kReshapeAttrs[] = {Type("T"), Type("Tshape", DType::kInt32)};
constexpr AttrDef kSqueezeAttrs[] = {Type("T"), IntsOrEmpty("squeeze_dims")};
constexpr AttrDef kExpandAttrs[] = {Type("T"), Type("Tdim", DType::kInt32)};

Status LowerReshape(const Node& node, Builder& build) { return build.Bind(0, ReshapeBy(build, node.Input(0), node.Input(1))); }

// Which dimensions Squeeze drops: those it names, or all of size 1. Unknown ones stay, unless their being 1 is likely enough to change the
// rank: then the operator itself, whose kernel looks, refuses; as it does when a dimension that is named has another size.
Result<std::vector<int32_t>> SqueezedAxes(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  std::vector<int32_t> axes;
  if (node.Ints("squeeze_dims").empty()) {
    if (!x.is_static() && !build.Emit(tfl::Squeeze{}, {x}).ok())
      return Error(Code::kUnsupportedShape, "which dimensions have size 1 is not known before run time").What("squeeze_dims")
          .Hint("name the dimensions (axis=...), or give the shape with --input-shape");
    for (int i = 0; i < x.rank(); ++i) if (x.dim(i) == 1) axes.push_back(i);
    return axes;
  }
  for (int64_t a : node.Ints("squeeze_dims")) {
    TFLOWER_TRY(const int32_t axis, NormalAxis(a, x.rank(), "squeeze_dims"));
    if (x.dim(axis) >= 0 && x.dim(axis) != 1)
      return Error(Code::kInvalidGraph, "dimension " + std::to_string(axis) + " has size " + std::to_string(x.dim(axis)) + ", not 1").What("squeeze_dims");
    axes.push_back(axis);
  }
  std::sort(axes.begin(), axes.end());
  axes.erase(std::unique(axes.begin(), axes.end()), axes.end());
  return axes;
}

Status LowerSqueeze(const Node& node, Builder& build) {
  TFLOWER_TRY(const std::vector<int32_t> axes, SqueezedAxes(node, build));
  const Value x = node.Input(0);
  if (std::all_of(axes.begin(), axes.end(), [&](int32_t a) { return x.dim(a) == 1; })) return build.Bind(0, DropDims(build, x, axes));
  return build.Bind(0, build.Emit(tfl::Squeeze{.squeeze_dims = {axes.data(), axes.size()}}, {x}));
}

Status LowerExpandDims(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  if (!build.ReadElements(node.Input(1)).ok()) return build.Bind(0, build.Emit(tfl::ExpandDims{}, {x, node.Input(1)}));
  TFLOWER_TRY(const int32_t axis, AxisOperand(build, node.Input(1), x.rank() + 1, "input 1"));
  return build.Bind(0, InsertDims(build, x, std::span<const int32_t>(&axis, 1)));
}

constexpr OpDef kOps[] = {
    {"Reshape", {Any(), Index(1, 1)}, kReshapeAttrs, LowerReshape, "CAST RESHAPE"},
    {"Squeeze", {Any()}, kSqueezeAttrs, LowerSqueeze, "RESHAPE SQUEEZE"},
    {"ExpandDims", {Any(), Index(0, 1)}, kExpandAttrs, LowerExpandDims, "EXPAND_DIMS RESHAPE"},
};
}  // namespace
TFLOWER_OP_FAMILY(reshape, kOps);
}  // namespace tflower::tf_ops
