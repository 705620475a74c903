// How rows lie in tensors.
#pragma once

#include <optional>

#include <tflower/builder.h>

namespace tflower::rnn {

// Two tensors [..., width] have the same rows: they differ in dimensions of 1 only.
bool SameRows(const Value& a, const Value& b);
// A tensor [batch] or [batch, 1], or a number for all rows.
bool IsOfRows(const Value& v, uint64_t batch_key);
// The column at which a SLICE or STRIDED_SLICE that gives v begins; nothing where it cuts more than columns.
std::optional<int64_t> FirstColumn(Builder& build, const Operator& op, const Value& v);

}  // namespace tflower::rnn
