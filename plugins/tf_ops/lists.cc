// Lists of tensors: shapes of elements, reading and writing, lengths. Scattering is in list_scatter.cc.
#include "lists.h"

#include "list_parts.h"

namespace tflower::tf_ops {
namespace {

// What an operator of stock runtimes writes in place; other types are written by a SELECT_V2.
constexpr DTypeSet kUpdated = Types({DType::kFloat32, DType::kFloat16, DType::kBool, DType::kInt8, DType::kInt16, DType::kInt32, DType::kInt64});

Result<ElementDims> Merge(const ElementDims& a, const ElementDims& b) {
  if (!a || !b) return a ? a : b;
  ElementDims out = a;
  bool fits = a->size() == b->size();
  for (size_t i = 0; fits && i < a->size(); ++i) {
    if ((*out)[i] < 0) (*out)[i] = (*b)[i];
    fits = (*b)[i] < 0 || (*out)[i] == (*b)[i];
  }
  if (!fits) return Error(Code::kInvalidGraph, "its element shape contradicts that of the list");
  return out;
}

Status CheckDType(DType dtype) {
  if (dtype == DType::kString || BitsOf(dtype) >= 8) return Ok();
  return Error(Code::kUnsupportedType, "lists of " + std::string(NameOf(dtype)) + " are not supported").Hint("lists of lists have no counterpart in TFLite");
}

Status CheckIndex(const std::optional<int64_t>& index, const std::optional<int64_t>& length) {
  if (!index || (*index >= 0 && (!length || *index < *length))) return Ok();
  return Error(Code::kInvalidGraph, "index " + std::to_string(*index) + " is out of range for a list of " + (length ? std::to_string(*length) : "unknown length"));
}

// `item` in the place of items[index], for types that DYNAMIC_UPDATE_SLICE lacks: an element is item where its number is the index.
Result<Value> Selected(Builder& build, const Value& items, const Value& index, const Value& item) {
  TFLOWER_TRY(Value numbers, Numbers(build, items));
  std::vector<int32_t> axes;
  for (int i = 1; i < items.rank(); ++i) axes.push_back(i);
  TFLOWER_TRY(numbers, InsertDims(build, numbers, axes));
  TFLOWER_TRY(const Value here, build.Emit(tfl::Equal{}, {numbers, index}));
  return build.Emit(tfl::SelectV2{}, {here, item, items});
}

// The item as [1, ...]: by a PACK, which a rule joins with its neighbours in unrolled loops, and else makes a RESHAPE.
Result<Value> AsRow(Builder& build, const Value& item) {
  const int32_t front = 0;
  if (item.dtype() == DType::kBool || item.dtype() == DType::kFloat16 || item.dtype() == DType::kString) return InsertDims(build, item, std::span<const int32_t>(&front, 1));
  return build.Emit(tfl::Pack{.values_count = 1, .axis = 0}, {item});
}

Result<Value> Updated(Builder& build, const Value& items, const Value& index, const Value& item) {
  if (!Contains(kUpdated, items.dtype()) && items.dim(0) != 1) return Selected(build, items, index, item);
  TFLOWER_TRY(const Value update, AsRow(build, item));
  if (items.dim(0) == 1) return update;
  TFLOWER_TRY(const Value zero, build.Scalar<int32_t>(0));
  std::vector<Value> starts(static_cast<size_t>(items.rank()), zero);
  starts[0] = index;
  TFLOWER_TRY(const Value start, build.Emit(tfl::Pack{.values_count = items.rank(), .axis = 0}, starts));
  return build.Emit(tfl::DynamicUpdateSlice{}, {items, update, start});
}

// items, with zeros behind them so that there is an items[index].
Result<Value> Grown(Builder& build, const TensorList& list, const Value& items, const Value& index) {
  const std::optional<int64_t> at = Known(build, index), length = Known(build, list.length);
  if (at && length && *at < *length) return items;
  TFLOWER_TRY(const Value one, build.Scalar<int32_t>(1));
  TFLOWER_TRY(Value needed, build.Emit(tfl::Add{}, {index, one}));
  if (items.dim(0) != 0) {
    TFLOWER_TRY(needed, build.Emit(tfl::Maximum{}, {needed, list.length}));
  }
  return ResizedItems(build, items, list.length, needed);
}

}  // namespace

Result<ElementDims> DimsOperand(Builder& build, const Value& v, std::string_view what) {
  const Result<Elements> e = build.ReadElements(v);
  if (v.rank() == 0) {
    if (e.ok() && e.value().all_known() && e.value().values[0] == -1) return ElementDims();
    return Error(Code::kInvalidGraph, "a shape must be a vector, or the scalar -1 for an unknown rank").What(what);
  }
  if (!e.ok()) return v.dim(0) < 0 || v.dim(0) > TFLOWER_MAX_RANK ? ElementDims() : ElementDims(std::in_place, static_cast<size_t>(v.dim(0)), -1);
  ElementDims dims(std::in_place);
  for (size_t i = 0; i < e.value().values.size(); ++i) dims->push_back(e.value().known[i] != 0 ? e.value().values[i] : -1);
  const bool sound = dims->size() <= TFLOWER_MAX_RANK - 1 && std::all_of(dims->begin(), dims->end(), [](int64_t d) { return d >= -1 && d <= INT32_MAX; });
  if (!sound) return Error(Code::kInvalidGraph, "is no shape of at most " + std::to_string(TFLOWER_MAX_RANK - 1) + " dimensions").What(what);
  return dims;
}

ElementDims DimsAttr(const Node& node, const char* name) {
  const tflower_attr& attr = node.Attr(name);
  if (attr.count == UINT32_MAX) return ElementDims();
  return ElementDims(std::in_place, attr.ints, attr.ints + attr.count);
}

Result<Value> NewList(Builder& build, DType dtype, const ElementDims& dims, const Value& length, bool grows) {
  TFLOWER_CHECK(CheckDType(dtype));
  const std::optional<int64_t> n = Known(build, length);
  if (n && *n < 0) return Error(Code::kInvalidGraph, std::to_string(*n) + " elements are not possible");
  return build.MakeList({.dtype = dtype, .element_dims = dims, .length = length, .grows = grows});
}

Result<Value> Items(Builder& build, const Value& list, const ElementDims& dims) {
  TFLOWER_TRY(TensorList l, build.ReadList(list));
  TFLOWER_TRY(l.element_dims, Merge(l.element_dims, dims));
  if (l.items) return l.items;
  TFLOWER_TRY(const Value refined, build.MakeList(l));
  return build.ListItems(refined);
}

Result<Value> Length(Builder& build, const Value& list) {
  TFLOWER_TRY(const TensorList l, build.ReadList(list));
  return l.length;
}

Result<Value> ReadItem(Builder& build, const Value& list, const Value& index, const ElementDims& dims) {
  TFLOWER_TRY(const Value length, Length(build, list));
  TFLOWER_CHECK(CheckIndex(Known(build, index), Known(build, length)));
  return GatherItems(build, list, index, dims);
}

Result<Value> GatherItems(Builder& build, const Value& list, const Value& indices, const ElementDims& dims) {
  TFLOWER_TRY(const Value items, Items(build, list, dims));
  if (CountsUp(build, indices, items.dim(0))) return items;
  return build.Emit(tfl::Gather{}, {items, indices});
}

Result<Value> WriteItem(Builder& build, const Value& list, const Value& index, const Value& item, bool grows) {
  TFLOWER_TRY(const TensorList l, build.ReadList(list));
  TFLOWER_CHECK(CheckWrite(l, item));
  const bool longer = grows || l.grows;
  TFLOWER_CHECK(CheckIndex(Known(build, index), longer ? std::nullopt : Known(build, l.length)));
  TFLOWER_TRY(Value items, build.ListItems(list, item));
  TFLOWER_CHECK(CheckElement(items, item, 0));
  if (longer) {
    TFLOWER_TRY(items, Grown(build, l, items, index));
  }
  TFLOWER_TRY(items, Updated(build, items, index, item));
  return build.MakeList({.dtype = l.dtype, .items = items, .grows = l.grows});
}

Result<Value> Append(Builder& build, const Value& list, const Value& more) {
  TFLOWER_TRY(TensorList l, build.ReadList(list));
  TFLOWER_CHECK(CheckWrite(l, more));
  Value items = more;
  if (Known(build, l.length) != 0) {
    if (!l.items) l.element_dims.emplace(more.dims().begin() + 1, more.dims().end());
    TFLOWER_TRY(const Value refined, build.MakeList(l));
    TFLOWER_TRY(const Value own, build.ListItems(refined));
    TFLOWER_CHECK(CheckElement(own, more, 1));
    TFLOWER_TRY(items, build.Emit(tfl::Concatenation{.axis = 0}, {own, more}));
  }
  return build.MakeList({.dtype = l.dtype, .items = items, .grows = l.grows});
}

Result<Value> Resize(Builder& build, const Value& list, const Value& size) {
  TFLOWER_TRY(const TensorList l, build.ReadList(list));
  if (!l.items) return NewList(build, l.dtype, l.element_dims, size, l.grows);
  TFLOWER_TRY(const Value items, ResizedItems(build, l.items, l.length, size));
  return build.MakeList({.dtype = l.dtype, .items = items, .grows = l.grows});
}

Result<std::array<Value, 2>> Concatenated(Builder& build, const Value& list, const ElementDims& dims) {
  TFLOWER_TRY(const Value items, Items(build, list, dims));
  if (items.rank() < 2) return Error(Code::kInvalidGraph, "elements without dimensions cannot be concatenated").Hint("stack them");
  const int64_t n = items.dim(0), each = items.dim(1);
  const std::vector<int64_t> front{n >= 0 && each >= 0 ? n * each : -1};
  TFLOWER_TRY(const Value values, ReshapeFront(build, items, front, 2));
  TFLOWER_TRY(const Value shape, ShapeOf(build, items));
  TFLOWER_TRY(const Value begin, build.Vector({0}));
  TFLOWER_TRY(const Value middle, build.Vector({1}));
  TFLOWER_TRY(const Value end, build.Vector({2}));
  TFLOWER_TRY(const Value count, build.Emit(tfl::StridedSlice{}, {shape, begin, middle, middle}));
  TFLOWER_TRY(const Value size, build.Emit(tfl::StridedSlice{.shrink_axis_mask = 1}, {shape, middle, end, middle}));
  TFLOWER_TRY(const Value wide, build.Emit(tfl::Cast{.in_data_type = tfl::TensorType::INT32, .out_data_type = tfl::TensorType::INT64}, {size}));
  TFLOWER_TRY(const Value lengths, build.Emit(tfl::Fill{}, {count, wide}));
  return std::array<Value, 2>{values, lengths};
}

Result<Value> SplitItems(Builder& build, const Value& tensor, const Value& lengths) {
  TFLOWER_TRY(const std::vector<int64_t> pieces, build.Ints(lengths, "lengths"));
  if (tensor.rank() < 1) return Error(Code::kInvalidGraph, "a scalar cannot be split").What("tensor");
  if (pieces.empty() || std::any_of(pieces.begin(), pieces.end(), [&](int64_t n) { return n < 0 || n != pieces[0]; }))
    return Error(Code::kUnsupportedShape, "pieces of different lengths are not supported, as a list becomes one dense tensor").What("lengths");
  const std::vector<int64_t> front{static_cast<int64_t>(pieces.size()), pieces[0]};
  return ReshapeFront(build, tensor, front, 1);
}

}  // namespace tflower::tf_ops
