// Updates of single elements or slices of a tensor, for the ops that do it to tensors and for those that do it to variables.
#pragma once

#include <tflower/op_def.h>

namespace tflower::tf_ops {

enum class Scattering { kUpdate, kAdd, kSub, kMul, kDiv, kMin, kMax };

// x with `updates` [..., rest of x] put at `indices` [..., K], each row the first K coordinates of an element or slice of x. Of several
// updates of one element, kUpdate takes the last; the others take all. x float32, int32 or (not kDiv) int64 for those that are not kUpdate.
Result<Value> ScatterInto(Builder& build, Scattering how, const Value& x, const Value& indices, const Value& updates);

// Operators that ScatterInto may emit.
inline constexpr const char* kScatterEmits =
    "ADD BITCAST BITWISE_XOR CAST CONCATENATION DIV EQUAL EXPAND_DIMS GATHER GATHER_ND IMAG MAXIMUM MINIMUM MUL PACK RANGE REAL REDUCE_MAX REDUCE_MIN REDUCE_PROD RESHAPE SCATTER_ND "
    "SELECT_V2 SHAPE SLICE SUB SUM UNSORTED_SEGMENT_MAX";

}  // namespace tflower::tf_ops
