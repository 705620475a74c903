// What a value is computed from.
#pragma once

#include <functional>
#include <span>

#include <tflower/builder.h>

namespace tflower::rnn {

// Calls visit for each operator that the values come from, each once, until it says that it has seen enough; not beyond `stop`, unless that is null.
// Returns whether that was all: false where visit stopped it, or there are more than `most` values.
bool VisitAncestors(Builder& build, std::span<const Value> values, const Value& stop, size_t most, const std::function<bool(const Operator&)>& enough);

}  // namespace tflower::rnn
