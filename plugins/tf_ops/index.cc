// Index operands and reshapes.
#include "index.h"

namespace tflower::tf_ops {
namespace {

// RESHAPE can find out one dimension by itself, unless the others leave nothing to divide by.
bool CanInfer(std::span<const int64_t> dims) {
  const auto unknown = std::count_if(dims.begin(), dims.end(), [](int64_t d) { return d < 0; });
  return unknown == 0 || (unknown == 1 && std::find(dims.begin(), dims.end(), 0) == dims.end());
}

}  // namespace

Result<Value> CastTo(Builder& build, const Value& x, DType type) {
  if (x.dtype() == type) return x;
  return build.Emit(tfl::Cast{.in_data_type = ToTfl(x.dtype()), .out_data_type = ToTfl(type)}, {x});
}

Result<Value> AsInt32(Builder& build, const Value& v) {
  if (v.dtype() == DType::kInt32) return v;
  if (v.dtype() == DType::kInt64 && v.is_constant()) {
    TFLOWER_TRY(const std::span<const int64_t> wide, build.DataAs<int64_t>(v));
    std::vector<int32_t> narrow;
    for (int64_t x : wide) narrow.push_back(static_cast<int32_t>(std::clamp<int64_t>(x, INT32_MIN, INT32_MAX)));
    return build.Constant<int32_t>(v.dims(), narrow);
  }
  return CastTo(build, v, DType::kInt32);
}

Result<int32_t> NormalAxis(int64_t axis, int rank, std::string_view what) {
  if (axis < -rank || axis >= rank)
    return Error(Code::kInvalidGraph, "axis " + std::to_string(axis) + " is out of range for rank " + std::to_string(rank)).What(what);
  return static_cast<int32_t>(axis < 0 ? axis + rank : axis);
}

Result<int32_t> AxisOperand(Builder& build, const Value& v, int rank, std::string_view what) {
  TFLOWER_TRY(const int64_t axis, build.Int(v, what));
  return NormalAxis(axis, rank, what);
}

Result<Value> AxisOrValue(Builder& build, const Value& v, int rank, std::string_view what) {
  if (!build.ReadElements(v).ok()) return AsInt32(build, v);
  TFLOWER_TRY(const int32_t axis, AxisOperand(build, v, rank, what));
  return build.Scalar(axis);
}

Result<std::vector<int32_t>> AxesOperand(Builder& build, const Value& v, int rank, std::string_view what) {
  TFLOWER_TRY(const std::vector<int64_t> given, build.Ints(v, what));
  std::vector<int32_t> axes;
  for (int64_t a : given) {
    TFLOWER_TRY(const int32_t axis, NormalAxis(a, rank, what));
    if (std::find(axes.begin(), axes.end(), axis) != axes.end())
      return Error(Code::kInvalidGraph, "names axis " + std::to_string(axis) + " twice").What(what);
    axes.push_back(axis);
  }
  return axes;
}

Result<Value> ReshapeBy(Builder& build, const Value& x, const Value& shape) {
  TFLOWER_TRY(const Value target, AsInt32(build, shape));
  TFLOWER_TRY(const Value y, build.Emit(tfl::Reshape{}, {x, target}));
  if (y.SameShape(x)) return x;
  if (target.is_constant() || !CanInfer(y.dims())) return y;
  return ReshapeTo(build, x, y.dims());
}

Result<Value> ReshapeTo(Builder& build, const Value& x, std::span<const int64_t> dims) {
  TFLOWER_TRY(const Value target, build.Vector(dims));
  TFLOWER_TRY(const Value y, build.Emit(tfl::Reshape{}, {x, target}));
  return y.SameShape(x) ? x : y;
}

Result<Value> DropDims(Builder& build, const Value& x, std::span<const int32_t> axes) {
  if (axes.empty()) return x;
  std::vector<int64_t> dims;
  for (int i = 0; i < x.rank(); ++i)
    if (!std::binary_search(axes.begin(), axes.end(), i)) dims.push_back(x.dim(i));
  if (CanInfer(dims)) return ReshapeTo(build, x, dims);
  return build.Emit(tfl::Squeeze{.squeeze_dims = {axes.data(), axes.size()}}, {x});
}

Result<Value> InsertDims(Builder& build, const Value& x, std::span<const int32_t> axes) {
  if (axes.empty()) return x;
  std::vector<int64_t> dims(x.dims().begin(), x.dims().end());
  for (int32_t a : axes) dims.insert(dims.begin() + a, 1);
  if (CanInfer(dims)) return ReshapeTo(build, x, dims);
  Value y = x;
  for (int32_t a : axes) {
    TFLOWER_TRY(const Value axis, build.Scalar<int32_t>(a));
    TFLOWER_TRY(y, build.Emit(tfl::ExpandDims{}, {y, axis}));
  }
  return y;
}

Result<Value> ShapeOf(Builder& build, const Value& x) {
  return build.Emit(tfl::Shape{.out_type = tfl::TensorType::INT32}, {x});
}

Result<Value> ElementOf(Builder& build, const Value& v, int32_t i) {
  TFLOWER_TRY(const Value at, build.Scalar(i));
  return build.Emit(tfl::Gather{}, {v, at});
}

namespace {
// Element i, negative: from the end. In that form it does not depend on how many there are.
Result<Value> FromEnd(Builder& build, const Value& v, int32_t i) {
  if (i >= 0) return ElementOf(build, v, i);
  TFLOWER_TRY(const Value begin, build.Vector({i}));
  TFLOWER_TRY(const Value end, build.Vector({i + 1}));
  TFLOWER_TRY(const Value step, build.Vector({1}));
  return build.Emit(tfl::StridedSlice{.shrink_axis_mask = 1}, {v, begin, end, step});
}
}  // namespace

Result<Value> CountAlong(Builder& build, const Value& x, int axis) {
  TFLOWER_TRY(const Value shape, ShapeOf(build, x));
  TFLOWER_TRY(const Value size, FromEnd(build, shape, axis));
  TFLOWER_TRY(const Value zero, build.Scalar<int32_t>(0));
  TFLOWER_TRY(const Value one, build.Scalar<int32_t>(1));
  return build.Emit(tfl::Range{}, {zero, size, one});
}

bool HoldsOnly(Builder& build, const Value& v, int64_t x) {
  const Result<Elements> e = build.ReadElements(v);
  return e.ok() && e.value().all_known() && std::all_of(e.value().values.begin(), e.value().values.end(), [x](int64_t i) { return i == x; });
}

}  // namespace tflower::tf_ops
