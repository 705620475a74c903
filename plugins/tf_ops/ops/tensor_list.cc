// TensorList ops (TF2's TensorArray, and what while loops carry), on dense tensors; see lists.h.
#include "lists.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kElement[] = {Type("element_dtype")};
constexpr AttrDef kElementShape[] = {Type("element_dtype"), Type("shape_type", DType::kInt32)};
constexpr AttrDef kGetItem[] = {Type("element_dtype"), NoEffect("Tshape")};
constexpr AttrDef kShapeType[] = {Type("shape_type", DType::kInt32)};
constexpr AttrDef kSetItem[] = {Type("element_dtype"), Bool("resize_if_index_out_of_bounds", false)};
constexpr AttrDef kStack[] = {Type("element_dtype"), Int("num_elements", -1)};
constexpr AttrDef kConcat[] = {Type("element_dtype"), AnyShapeAttr("element_shape")};

constexpr Operand kScalar = Index(0, 0);
constexpr Operand kIndices = Index(1, 1);
constexpr Operand kShape = Index(0, 1);

Result<Value> NewFor(const Node& node, Builder& build, int shape_input, const Value& length) {
  TFLOWER_TRY(const ElementDims dims, DimsOperand(build, node.Input(shape_input), "element_shape"));
  return NewList(build, node.Type("element_dtype"), dims, length, false);
}

Status LowerEmpty(const Node& node, Builder& build) {  // max_num_elements is a bound, and no size
  TFLOWER_TRY(const Value zero, build.Scalar<int32_t>(0));
  return build.Bind(0, NewFor(node, build, 0, zero));
}
Status LowerReserve(const Node& node, Builder& build) { return build.Bind(0, NewFor(node, build, 0, node.Input(1))); }

Status LowerFromTensor(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value list, build.ListOf(node.Input(0)));
  TFLOWER_TRY(const ElementDims dims, DimsOperand(build, node.Input(1), "element_shape"));
  TFLOWER_TRY([[maybe_unused]] const Value checked, Items(build, list, dims));
  return build.Bind(0, list);
}

Status LowerSetItem(const Node& node, Builder& build) {
  return build.Bind(0, WriteItem(build, node.Input(0), node.Input(1), node.Input(2), node.Bool("resize_if_index_out_of_bounds")));
}

Status LowerGetItem(const Node& node, Builder& build) {
  TFLOWER_TRY(const ElementDims dims, DimsOperand(build, node.Input(2), "element_shape"));
  return build.Bind(0, ReadItem(build, node.Input(0), node.Input(1), dims));
}

Status LowerGather(const Node& node, Builder& build) {
  TFLOWER_TRY(const ElementDims dims, DimsOperand(build, node.Input(2), "element_shape"));
  return build.Bind(0, GatherItems(build, node.Input(0), node.Input(1), dims));
}

Status LowerStack(const Node& node, Builder& build) {
  TFLOWER_TRY(const ElementDims dims, DimsOperand(build, node.Input(1), "element_shape"));
  TFLOWER_TRY(const Value items, Items(build, node.Input(0), dims));
  const int64_t n = node.Int("num_elements");
  if (n >= 0 && items.dim(0) >= 0 && items.dim(0) != n)
    return Error(Code::kInvalidGraph, "is " + std::to_string(n) + ", but the list has " + std::to_string(items.dim(0)) + " elements").What("num_elements");
  return build.Bind(0, items);
}

Status LowerLength(const Node& node, Builder& build) { return build.Bind(0, Length(build, node.Input(0))); }
Status LowerResize(const Node& node, Builder& build) { return build.Bind(0, Resize(build, node.Input(0), node.Input(1))); }

Status LowerPushBack(const Node& node, Builder& build) {
  const int32_t front = 0;
  TFLOWER_TRY(const Value item, InsertDims(build, node.Input(1), std::span<const int32_t>(&front, 1)));
  return build.Bind(0, Append(build, node.Input(0), item));
}

// All but the last of the items, or the last one.
Result<Value> CutLast(Builder& build, const Value& items, bool last) {
  std::vector<int32_t> begin(static_cast<size_t>(items.rank()), 0), end(begin), step(begin.size(), 1);
  (last ? begin : end)[0] = -1;
  const int32_t rest = (1 << items.rank()) - 2;
  const tfl::StridedSlice options{.begin_mask = rest, .end_mask = last ? rest | 1 : rest, .shrink_axis_mask = last ? 1 : 0};
  TFLOWER_TRY(const Value from, build.Vector(std::span<const int32_t>(begin)));
  TFLOWER_TRY(const Value to, build.Vector(std::span<const int32_t>(end)));
  TFLOWER_TRY(const Value by, build.Vector(std::span<const int32_t>(step)));
  return build.Emit(options, {items, from, to, by});
}

// The list without its last element, and that element.
Status LowerPopBack(const Node& node, Builder& build) {
  TFLOWER_TRY(const TensorList list, build.ReadList(node.Input(0)));
  TFLOWER_TRY(const ElementDims dims, DimsOperand(build, node.Input(1), "element_shape"));
  TFLOWER_TRY(const Value items, Items(build, node.Input(0), dims));
  if (items.dim(0) == 0) return Error(Code::kInvalidGraph, "the list is empty").What("input_handle");
  if (items.rank() > 5) return Error(Code::kUnsupportedShape, "elements have more than 4 dimensions, which STRIDED_SLICE does not take");
  TFLOWER_TRY(const Value rest, CutLast(build, items, false));
  TFLOWER_CHECK(build.Bind(0, build.MakeList({.dtype = list.dtype, .items = rest, .grows = list.grows})));
  return build.Bind(1, CutLast(build, items, true));
}

// Of the items; of a list without any, what its node said, as far as known.
Status LowerElementShape(const Node& node, Builder& build) {
  TFLOWER_TRY(const TensorList list, build.ReadList(node.Input(0)));
  if (!list.items && !list.element_dims)
    return Error(Code::kUnsupportedShape, "the shape of the list's elements is not known before one is written").Hint("give the list's element_shape");
  Value shape;
  if (list.items) {
    TFLOWER_TRY(const Value whole, build.Emit(tfl::Shape{.out_type = tfl::TensorType::INT32}, {list.items}));
    TFLOWER_TRY(const Value begin, build.Vector({1}));
    TFLOWER_TRY(const Value end, build.Vector({list.items.rank()}));
    TFLOWER_TRY(shape, build.Emit(tfl::StridedSlice{}, {whole, begin, end, begin}));
  } else {
    TFLOWER_TRY(shape, build.Vector(std::span<const int64_t>(*list.element_dims)));
  }
  if (node.Type("shape_type") == DType::kInt32) return build.Bind(0, shape);
  return build.Bind(0, build.Emit(tfl::Cast{.in_data_type = tfl::TensorType::INT32, .out_data_type = tfl::TensorType::INT64}, {shape}));
}

Status BindConcatenated(const Node& node, Builder& build, const ElementDims& dims) {
  TFLOWER_TRY(const auto out, Concatenated(build, node.Input(0), dims));
  TFLOWER_CHECK(build.Bind(0, out[0]));
  return build.Bind(1, out[1]);
}
Status LowerConcat(const Node& node, Builder& build) { return BindConcatenated(node, build, DimsAttr(node, "element_shape")); }
// leading_dims are those of elements that were never written, which a dense list does not distinguish.
Status LowerConcatV2(const Node& node, Builder& build) {
  TFLOWER_TRY(const ElementDims dims, DimsOperand(build, node.Input(1), "element_shape"));
  return BindConcatenated(node, build, dims);
}

Status LowerConcatLists(const Node& node, Builder& build) {
  TFLOWER_TRY(const TensorList first, build.ReadList(node.Input(0)));
  TFLOWER_TRY(const TensorList second, build.ReadList(node.Input(1)));
  if (first.items || second.items) {
    const ElementDims dims = first.items ? first.element_dims : second.element_dims;
    TFLOWER_TRY(const Value more, Items(build, node.Input(1), dims));
    return build.Bind(0, Append(build, node.Input(0), more));
  }
  TFLOWER_TRY(const Value length, build.Emit(tfl::Add{}, {first.length, second.length}));
  return build.Bind(0, NewList(build, first.dtype, first.element_dims ? first.element_dims : second.element_dims, length, false));
}

Status LowerSplit(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value items, SplitItems(build, node.Input(0), node.Input(2)));
  return build.Bind(0, build.ListOf(items));
}

// A new list as long as its largest index says, or as long as num_elements if that is not -1.
Status LowerScatter(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value zero, build.Scalar<int32_t>(0));
  const bool v2 = node.num_inputs() > 3;
  bool open = !v2;
  if (v2) {
    const Result<Elements> n = build.ReadElements(node.Input(3));
    if (!n.ok()) return Error(Code::kUnsupportedShape, "must be known when converting").What("num_elements");
    open = n.value().all_known() && n.value().values[0] == -1;
  }
  TFLOWER_TRY(const Value list, NewFor(node, build, 2, open ? zero : node.Input(3)));
  return build.Bind(0, ScatterItems(build, list, node.Input(1), node.Input(0), Repeats::kLastCounts, open));
}
Status LowerScatterInto(const Node& node, Builder& build) {
  return build.Bind(0, ScatterItems(build, node.Input(0), node.Input(2), node.Input(1), Repeats::kLastCounts, true));
}

constexpr OpDef kOps[] = {
    {"EmptyTensorList", {kShape, kScalar}, kElementShape, LowerEmpty, ""},
    {"TensorListReserve", {kShape, kScalar}, kElementShape, LowerReserve, ""},
    {"TensorListFromTensor", {Ranked(1, TFLOWER_MAX_RANK), kShape}, kElementShape, LowerFromTensor, ""},
    {"TensorListSetItem", {List(), kScalar, Any()}, kSetItem, LowerSetItem, kListEmits},
    {"TensorListGetItem", {List(), kScalar, kShape}, kGetItem, LowerGetItem, "FILL GATHER"},
    {"TensorListGather", {List(), kIndices, kShape}, kElement, LowerGather, "FILL GATHER"},
    {"TensorListStack", {List(), kShape}, kStack, LowerStack, "FILL"},
    {"TensorListLength", {List()}, {}, LowerLength, "SHAPE STRIDED_SLICE"},
    {"TensorListResize", {List(), kScalar}, {}, LowerResize, kListEmits},
    {"TensorListPushBack", {List(), Any()}, kElement, LowerPushBack, "CONCATENATION EXPAND_DIMS RESHAPE"},
    {"TensorListPopBack", {List(), kShape}, kElement, LowerPopBack, "FILL STRIDED_SLICE"},
    {"TensorListElementShape", {List()}, kShapeType, LowerElementShape, "CAST SHAPE STRIDED_SLICE"},
    {"TensorListConcat", {List()}, kConcat, LowerConcat, kListEmits},
    {"TensorListConcatV2", {List(), kShape, kIndices}, kElementShape, LowerConcatV2, kListEmits},
    {"TensorListConcatLists", {List(), List()}, kElement, LowerConcatLists, "ADD CONCATENATION FILL"},
    {"TensorListSplit", {Ranked(1, TFLOWER_MAX_RANK), kShape, kIndices}, kElementShape, LowerSplit, "RESHAPE"},
    {"TensorListScatter", {Ranked(1, TFLOWER_MAX_RANK), kIndices, kShape}, kElementShape, LowerScatter, kListEmits},
    {"TensorListScatterV2", {Ranked(1, TFLOWER_MAX_RANK), kIndices, kShape, kScalar}, kElementShape, LowerScatter, kListEmits},
    {"TensorListScatterIntoExistingList", {List(), Ranked(1, TFLOWER_MAX_RANK), kIndices}, kElement, LowerScatterInto, kListEmits},
};
}  // namespace
TFLOWER_OP_FAMILY(tensor_list, kOps);
}  // namespace tflower::tf_ops
