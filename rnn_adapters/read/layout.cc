// Rows and columns of tensors.
#include "read/layout.h"

namespace tflower::rnn {
namespace {

std::vector<uint64_t> Rows(const Value& v) {
  std::vector<uint64_t> keys;
  for (int d = 0; d + 1 < v.rank(); ++d) if (v.dim(d) != 1) keys.push_back(v.dim_key(d));
  return keys;
}

}  // namespace

bool SameRows(const Value& a, const Value& b) { return Rows(a) == Rows(b); }

bool IsOfRows(const Value& v, uint64_t batch_key) {
  for (int d = 0; d < v.rank(); ++d) if (v.dim(d) != 1 && (d > 0 || v.dim_key(d) != batch_key)) return false;
  return true;
}

std::optional<int64_t> FirstColumn(Builder& build, const Operator& op, const Value& v) {
  const Value x = op.Input(0);
  if (v.rank() != x.rank()) return std::nullopt;
  for (int d = 0; d + 1 < v.rank(); ++d) if (v.dim_key(d) != x.dim_key(d)) return std::nullopt;
  const Result<Elements> begin = build.ReadElements(op.Input(1));
  const size_t last = static_cast<size_t>(x.rank() - 1);
  if (!begin.ok() || begin.value().values.size() != last + 1 || begin.value().known[last] == 0) return std::nullopt;
  int64_t first = begin.value().values[last];
  if (op.code() == tfl::Builtin::STRIDED_SLICE) {
    const auto options = op.As<tfl::StridedSlice>();
    const Result<Elements> step = build.ReadElements(op.Input(3));
    if (!step.ok() || step.value().values.size() != last + 1) return std::nullopt;
    for (size_t d = 0; d <= last; ++d) if (step.value().known[d] == 0 || step.value().values[d] != 1) return std::nullopt;
    if (options.ellipsis_mask != 0 || options.new_axis_mask != 0 || options.shrink_axis_mask != 0 || options.offset) return std::nullopt;
    if ((options.begin_mask >> last & 1) != 0) first = 0;
  }
  if (first < 0) first += x.dim(-1);
  if (first < 0 || first + v.dim(-1) > x.dim(-1)) return std::nullopt;
  return first;
}

}  // namespace tflower::rnn
