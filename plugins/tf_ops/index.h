// Index operands (axes, shapes, permutations, paddings), which TFLite wants as int32, and reshapes whose target is made at conversion.
#pragma once

#include <tflower/op_def.h>

namespace tflower::tf_ops {

// A required attribute of kind shape; read it with node.Attr(name): count is UINT32_MAX when not even the rank is given.
constexpr AttrDef ShapeAttr(const char* name) { return internal::Def(name, TFLOWER_ATTR_SHAPE, kAnyValue, true); }

// Types whose complex conjugate they are themselves.
inline constexpr DTypeSet kReal = ~Types({DType::kComplex64, DType::kComplex128, DType::kString, DType::kResource, DType::kVariant});

inline tfl::TensorType ToTfl(DType t) { return static_cast<tfl::TensorType>(static_cast<int32_t>(t)); }

// x as `type`: x itself, or a CAST of it.
Result<Value> CastTo(Builder& build, const Value& x, DType type);

// v (of an integer type) as int32. Constants are clamped, so that "up to INT64_MAX" stays "to the end"; values made at run time get a CAST.
Result<Value> AsInt32(Builder& build, const Value& v);

// TF's axis in [-rank, rank) as one in [0, rank); `what` names it in the error.
Result<int32_t> NormalAxis(int64_t axis, int rank, std::string_view what);
// The same for a scalar operand, which must be known.
Result<int32_t> AxisOperand(Builder& build, const Value& v, int rank, std::string_view what);
// A scalar axis as an int32 operand: in [0, rank) where it is known, else as it is computed at run time.
Result<Value> AxisOrValue(Builder& build, const Value& v, int rank, std::string_view what);
// Axes of a scalar or 1-D operand, in the order given; each must be known and occur once.
Result<std::vector<int32_t>> AxesOperand(Builder& build, const Value& v, int rank, std::string_view what);

// x in the shape that the integer vector `shape` holds, which may contain one -1. Where the shape is known but for one dimension, it
// becomes a constant with -1 there; where it is x's own, x itself is the result.
Result<Value> ReshapeBy(Builder& build, const Value& x, const Value& shape);
// x in the shape `dims`, of which at most one is -1.
Result<Value> ReshapeTo(Builder& build, const Value& x, std::span<const int64_t> dims);
// x without the dimensions `axes` (ascending, each of size 1).
Result<Value> DropDims(Builder& build, const Value& x, std::span<const int32_t> axes);
// x with dimensions of size 1 at `axes` of the result (ascending).
Result<Value> InsertDims(Builder& build, const Value& x, std::span<const int32_t> axes);

// The shape of x as an int32 vector; a constant when x's shape is known.
Result<Value> ShapeOf(Builder& build, const Value& x);

// Element i of a vector, a scalar.
Result<Value> ElementOf(Builder& build, const Value& v, int32_t i);
// 0, 1, 2, ... along dimension `axis` (negative: from the end) of x, int32.
Result<Value> CountAlong(Builder& build, const Value& x, int axis);

// True when v is known to hold nothing but `x`.
bool HoldsOnly(Builder& build, const Value& v, int64_t x);

}  // namespace tflower::tf_ops
