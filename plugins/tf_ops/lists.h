// Lists of tensors as dense tensors [length, element dims...]: what the TensorList and TensorArray ops have in common.
//
// Elements have one type and one shape. An element that nothing was written to is zeros, as TF reads it. Writes are DYNAMIC_UPDATE_SLICE,
// reads are GATHER. An index out of range is an error in TF; at run time, writes to one go to the nearest element.
#pragma once

#include <optional>

#include "index.h"

namespace tflower::tf_ops {

// What a node says of the shape of elements: nothing (not even the rank), or dims with -1 where unknown.
using ElementDims = std::optional<std::vector<int64_t>>;

// A shape attribute that may be missing: then nothing is known of it.
constexpr AttrDef AnyShapeAttr(const char* name) {
  AttrDef d = internal::Def(name, TFLOWER_ATTR_SHAPE, kAnyValue, false);
  d.ints_default_count = UINT32_MAX;
  return d;
}
// From an operand: a vector of dims, or a scalar -1 for an unknown rank. `what` names it in errors.
Result<ElementDims> DimsOperand(Builder& build, const Value& v, std::string_view what);
// From an attribute defined as AnyShapeAttr.
ElementDims DimsAttr(const Node& node, const char* name);

// A list of `length` (an int32 scalar) elements, of which none was written.
Result<Value> NewList(Builder& build, DType dtype, const ElementDims& dims, const Value& length, bool grows);

// All items. Dims that the list's own element shape leaves open may come from `dims`.
Result<Value> Items(Builder& build, const Value& list, const ElementDims& dims);
Result<Value> Length(Builder& build, const Value& list);
Result<Value> ReadItem(Builder& build, const Value& list, const Value& index, const ElementDims& dims);
Result<Value> GatherItems(Builder& build, const Value& list, const Value& indices, const ElementDims& dims);
// The list with `item` at `index`; longer, if `grows` (or the list does by itself) and the index lies behind its end.
Result<Value> WriteItem(Builder& build, const Value& list, const Value& index, const Value& item, bool grows);
// The list with n more elements `items` [n, element dims...] behind its own.
Result<Value> Append(Builder& build, const Value& list, const Value& items);
// The list cut, or made longer by zeros.
Result<Value> Resize(Builder& build, const Value& list, const Value& size);
// Elements [d0, ...] one after the other, in out[0], and the int64 vector of their d0, in out[1].
Result<std::array<Value, 2>> Concatenated(Builder& build, const Value& list, const ElementDims& dims);
// `tensor` in pieces of `lengths` elements; they must be known, and the same.
Result<Value> SplitItems(Builder& build, const Value& tensor, const Value& lengths);

// What scattering knows of indices that are computed at run time: that each occurs once, or nothing.
enum class Repeats : bool { kNone, kLastCounts };
// The list with tensor[i] at indices[i].
Result<Value> ScatterItems(Builder& build, const Value& list, const Value& indices, const Value& tensor, Repeats repeats, bool grows);

// What these functions emit, for the rows.
inline constexpr const char* kListEmits =
    "ADD CAST CONCATENATION DYNAMIC_UPDATE_SLICE EQUAL EXPAND_DIMS FILL GATHER MAXIMUM MINIMUM PACK RANGE REDUCE_MAX RESHAPE SCATTER_ND SELECT_V2 SHAPE SLICE "
    "SQUEEZE STRIDED_SLICE SUB";

}  // namespace tflower::tf_ops
