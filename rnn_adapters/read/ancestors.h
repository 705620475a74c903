// What a value is computed from.
#pragma once

#include <functional>
#include <span>

#include <tflower/builder.h>

namespace tflower::rnn {

// Shows `enough` each operator that the values come from, once, until it answers true; not beyond `stop`, unless that is null.
// Returns whether it has seen all: false where it answered true, or there are more than `most` values.
bool VisitAncestors(Builder& build, std::span<const Value> values, const Value& stop, size_t most, const std::function<bool(const Operator&)>& enough);

}  // namespace tflower::rnn
