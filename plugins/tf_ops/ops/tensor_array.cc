// TensorArrayV3 ops (TF1's loops), on dense tensors; see lists.h. The contents go along the flow; the handle is an unwritten list that nobody
// reads. Elements are written once, so a scatter has no index twice. (Since TF 1.0 models have V3 only.)
#include "lists.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kArray[] = {Type("dtype"), AnyShapeAttr("element_shape"), Bool("dynamic_size", false), NoEffect("clear_after_read"), NoEffect("identical_element_shapes"),
                              NoEffect("tensor_array_name")};
constexpr AttrDef kWrite[] = {Type("T")};
constexpr AttrDef kRead[] = {Type("dtype")};
constexpr AttrDef kGather[] = {Type("dtype"), AnyShapeAttr("element_shape")};
constexpr AttrDef kConcat[] = {Type("dtype"), AnyShapeAttr("element_shape_except0")};

constexpr Operand kScalar = Index(0, 0);
constexpr Operand kIndices = Index(1, 1);

Status LowerArray(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value list, NewList(build, node.Type("dtype"), DimsAttr(node, "element_shape"), node.Input(0), node.Bool("dynamic_size")));
  TFLOWER_CHECK(build.Bind(0, list));
  return build.Bind(1, list);
}

Status LowerWrite(const Node& node, Builder& build) { return build.Bind(0, WriteItem(build, node.Input(3), node.Input(1), node.Input(2), false)); }
Status LowerRead(const Node& node, Builder& build) { return build.Bind(0, ReadItem(build, node.Input(2), node.Input(1), ElementDims())); }
Status LowerGather(const Node& node, Builder& build) {
  return build.Bind(0, GatherItems(build, node.Input(2), node.Input(1), DimsAttr(node, "element_shape")));
}
Status LowerScatter(const Node& node, Builder& build) {
  return build.Bind(0, ScatterItems(build, node.Input(3), node.Input(1), node.Input(2), Repeats::kNone, false));
}
Status LowerSize(const Node& node, Builder& build) { return build.Bind(0, Length(build, node.Input(1))); }

Status LowerConcat(const Node& node, Builder& build) {
  ElementDims dims = DimsAttr(node, "element_shape_except0");
  if (dims) dims->insert(dims->begin(), -1);
  TFLOWER_TRY(const auto out, Concatenated(build, node.Input(1), dims));
  TFLOWER_CHECK(build.Bind(0, out[0]));
  return build.Bind(1, out[1]);
}

// The pieces are all elements that the array then has.
Status LowerSplit(const Node& node, Builder& build) {
  TFLOWER_TRY(const TensorList list, build.ReadList(node.Input(3)));
  TFLOWER_TRY(const Value items, SplitItems(build, node.Input(1), node.Input(2)));
  return build.Bind(0, build.MakeList({.dtype = list.dtype, .items = items, .grows = list.grows}));
}

constexpr OpDef kOps[] = {
    {"TensorArrayV3", {kScalar}, kArray, LowerArray, ""},
    {"TensorArrayWriteV3", {List(), kScalar, Any(), List()}, kWrite, LowerWrite, kListEmits},
    {"TensorArrayReadV3", {List(), kScalar, List()}, kRead, LowerRead, "FILL GATHER"},
    {"TensorArrayGatherV3", {List(), kIndices, List()}, kGather, LowerGather, "FILL GATHER"},
    {"TensorArrayScatterV3", {List(), kIndices, Ranked(1, TFLOWER_MAX_RANK), List()}, kWrite, LowerScatter, kListEmits},
    {"TensorArraySizeV3", {List(), List()}, {}, LowerSize, "SHAPE STRIDED_SLICE"},
    {"TensorArrayConcatV3", {List(), List()}, kConcat, LowerConcat, kListEmits},
    {"TensorArraySplitV3", {List(), Ranked(1, TFLOWER_MAX_RANK), kIndices, List()}, kWrite, LowerSplit, "RESHAPE"},
    HostOp("TensorArrayCloseV3", {List()}, {}, Role::kNoEffect),
};
}  // namespace
TFLOWER_OP_FAMILY(tensor_array, kOps);
}  // namespace tflower::tf_ops
