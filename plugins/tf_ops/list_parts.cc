// Parts of the functions on lists.
#include "list_parts.h"

namespace tflower::tf_ops {
namespace {

Result<Value> Filled(Builder& build, DType dtype, const Value& dims) {
  const std::byte zero[16] = {};
  TFLOWER_TRY(const Value scalar, build.ConstantBytes(dtype, {}, zero, static_cast<size_t>(BitsOf(dtype) / 8)));
  return build.Emit(tfl::Fill{}, {dims, scalar});
}

}  // namespace

std::optional<int64_t> Known(Builder& build, const Value& v) {
  const Result<Elements> e = build.ReadElements(v);
  if (!e.ok() || e.value().values.size() != 1 || !e.value().all_known()) return std::nullopt;
  return e.value().values[0];
}

bool CountsUp(Builder& build, const Value& v, int64_t n) {
  if (n < 0 || v.rank() != 1 || v.dim(0) != n || !v.has_elements()) return false;
  const Result<Elements> e = build.ReadElements(v);
  if (!e.ok() || !e.value().all_known()) return false;
  for (size_t i = 0; i < e.value().values.size(); ++i) if (e.value().values[i] != static_cast<int64_t>(i)) return false;
  return true;
}

Status CheckWrite(const TensorList& list, const Value& value) {
  if (value.dtype() != list.dtype)
    return Error(Code::kInvalidGraph, "a " + std::string(NameOf(value.dtype())) + " is written to a list of " + std::string(NameOf(list.dtype)));
  if (list.dtype != DType::kString) return Ok();
  return Error(Code::kUnsupportedType, "strings cannot be written to a list, as no operator of TFLite joins them").Hint("lists of strings can be read");
}

Status CheckElement(const Value& items, const Value& value, int skip) {
  bool same = items.rank() - 1 == value.rank() - skip;
  for (int i = 1; same && i < items.rank(); ++i) same = items.dim_key(i) == value.dim_key(i - 1 + skip);
  if (same) return Ok();
  return Error(Code::kUnsupportedShape, "all elements of a list must have the same shape, as they become one dense tensor")
      .Hint("fix dynamic dimensions with --input-shape, or give the list's element_shape");
}

Result<Value> NumbersUpTo(Builder& build, const Value& n) {
  TFLOWER_TRY(const Value zero, build.Scalar<int32_t>(0));
  TFLOWER_TRY(const Value one, build.Scalar<int32_t>(1));
  return build.Emit(tfl::Range{}, {zero, n, one});
}

Result<Value> Numbers(Builder& build, const Value& items) {
  TFLOWER_TRY(const Value shape, ShapeOf(build, items));
  TFLOWER_TRY(const Value begin, build.Vector({0}));
  TFLOWER_TRY(const Value end, build.Vector({1}));
  TFLOWER_TRY(const Value n, build.Emit(tfl::StridedSlice{.shrink_axis_mask = 1}, {shape, begin, end, end}));
  return NumbersUpTo(build, n);
}

Result<Value> DimsFrom(Builder& build, const Value& x, int first) {
  TFLOWER_TRY(const Value shape, ShapeOf(build, x));
  TFLOWER_TRY(const Value begin, build.Vector({first}));
  TFLOWER_TRY(const Value end, build.Vector({x.rank()}));
  TFLOWER_TRY(const Value step, build.Vector({1}));
  return build.Emit(tfl::StridedSlice{}, {shape, begin, end, step});
}

Result<Value> ZeroRows(Builder& build, const Value& items, int64_t n) {
  TFLOWER_TRY(const Value count, build.Vector(std::span<const int64_t>(&n, 1)));
  TFLOWER_TRY(const Value element, DimsFrom(build, items, 1));
  TFLOWER_TRY(const Value dims, build.Emit(tfl::Concatenation{.axis = 0}, {count, element}));
  return Filled(build, items.dtype(), dims);
}

Result<Value> FirstItems(Builder& build, const Value& items, int64_t n) {
  const std::vector<int32_t> zeros(static_cast<size_t>(items.rank()), 0);
  std::vector<int64_t> sizes(zeros.size(), -1);
  sizes[0] = n;
  TFLOWER_TRY(const Value begin, build.Vector(std::span<const int32_t>(zeros)));
  TFLOWER_TRY(const Value size, build.Vector(std::span<const int64_t>(sizes)));
  return build.Emit(tfl::Slice{}, {items, begin, size});
}

// A row of zeros behind the items is what the numbers from `length` on pick.
Result<Value> ResizedItems(Builder& build, const Value& items, const Value& length, const Value& size) {
  const std::optional<int64_t> old_size = Known(build, length), new_size = Known(build, size);
  if (new_size && *new_size < 0) return Error(Code::kInvalidGraph, std::to_string(*new_size) + " elements are not possible");
  if (old_size && new_size && *old_size == *new_size) return items;
  if (old_size && new_size && *new_size < *old_size) return FirstItems(build, items, *new_size);
  if (old_size && new_size) {
    TFLOWER_TRY(const Value more, ZeroRows(build, items, *new_size - *old_size));
    if (*old_size == 0) return more;
    return build.Emit(tfl::Concatenation{.axis = 0}, {items, more});
  }
  TFLOWER_TRY(Value numbers, NumbersUpTo(build, size));
  TFLOWER_TRY(const Value zeros, ZeroRows(build, items, 1));
  TFLOWER_TRY(numbers, build.Emit(tfl::Minimum{}, {numbers, length}));
  if (items.dim(0) == 0) return build.Emit(tfl::Gather{}, {zeros, numbers});
  TFLOWER_TRY(const Value table, build.Emit(tfl::Concatenation{.axis = 0}, {items, zeros}));
  return build.Emit(tfl::Gather{}, {table, numbers});
}

Result<Value> ReshapeFront(Builder& build, const Value& x, std::span<const int64_t> front, int skip) {
  std::vector<int64_t> dims(front.begin(), front.end());
  dims.insert(dims.end(), x.dims().begin() + skip, x.dims().end());
  const auto open = std::count_if(dims.begin(), dims.end(), [](int64_t d) { return d < 0; });
  if (open <= 1) return ReshapeTo(build, x, dims);
  TFLOWER_TRY(const Value begin, build.Vector(front));
  TFLOWER_TRY(const Value end, DimsFrom(build, x, skip));
  TFLOWER_TRY(const Value shape, build.Emit(tfl::Concatenation{.axis = 0}, {begin, end}));
  return ReshapeBy(build, x, shape);
}

}  // namespace tflower::tf_ops
