// Philox (shared/philox.h) in operators, for seeds that come at run time: about 200 of them a state, and again for its
// words, however many.
#pragma once

#include <array>

#include "formula.h"

namespace tflower::tf_ops {

// Key and counter, whose values are words of 32 bits: uint32 [1] each.
struct PhiloxState {
  Expr key[2];
  Expr counter[4];
};

// From two seeds, [2] of int32 or int64: what one call with a fixed key makes of them.
Result<PhiloxState> StateOfSeeds(Builder& build, const Value& seeds);
// From tensors as tf.raw_ops.StatelessRandomGetKeyCounter gives them: uint64 [1] and [2]; and into such.
Result<PhiloxState> StateOfTensors(Builder& build, const Value& key, const Value& counter);
Expr KeyTensor(const PhiloxState& state);
Expr CounterTensor(const PhiloxState& state);

// The words of `calls` calls in a row, uint32 [calls, 4]. A counter whose lower half would overflow, which takes 2^64 calls, is not carried on.
Result<Value> RandomWords(Builder& build, const PhiloxState& state, int64_t calls);

}  // namespace tflower::tf_ops
