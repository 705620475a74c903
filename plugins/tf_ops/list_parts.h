// Parts of the functions on lists: small questions, and tensors of items.
#pragma once

#include "lists.h"

namespace tflower::tf_ops {

// The number in an integer scalar, if it is known.
std::optional<int64_t> Known(Builder& build, const Value& v);
// True when v is known to be 0, 1, ... n - 1 (n >= 0).
bool CountsUp(Builder& build, const Value& v, int64_t n);

// Whether `value` (an element, or several) may be written to the list.
Status CheckWrite(const TensorList& list, const Value& value);
// Whether an element of `items` has the shape of `value` without its first `skip` dims.
Status CheckElement(const Value& items, const Value& value, int skip);

// 0, 1, ... for each of the items: an int32 vector.
Result<Value> Numbers(Builder& build, const Value& items);
// 0, 1, ... n - 1 for an int32 scalar n.
Result<Value> NumbersUpTo(Builder& build, const Value& n);
// The first n items, of which there are at least as many.
Result<Value> FirstItems(Builder& build, const Value& items, int64_t n);
// The items cut to `size` (an int32 scalar), or with zeros behind them; `length` is their number.
Result<Value> ResizedItems(Builder& build, const Value& items, const Value& length, const Value& size);
// n elements of zeros like those of items.
Result<Value> ZeroRows(Builder& build, const Value& items, int64_t n);
// x with `front` (of which one may be -1) in the place of its first `skip` dims.
Result<Value> ReshapeFront(Builder& build, const Value& x, std::span<const int64_t> front, int skip);
// The dims of x from `first` on, as an int32 vector.
Result<Value> DimsFrom(Builder& build, const Value& x, int first);

}  // namespace tflower::tf_ops
