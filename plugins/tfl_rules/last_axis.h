// Reductions over the last dimension, as normalisations spell them.
#pragma once

#include <tflower/pattern.h>

namespace tflower::tfl_rules {

// The matched reduction of "x" goes over the last dimension only and keeps it. `reduce` and `axes` are its captures.
template <class TflOp>
bool ReducesLast(const MatchView& m, Builder& build, const char* reduce, const char* axes) {
  if (!m.Op(reduce).As<TflOp>().keep_dims) return false;
  const Result<std::vector<int64_t>> a = build.Ints(m[axes], "axes");
  const int rank = m["x"].rank();
  return a.ok() && a.value().size() == 1 && (a.value()[0] == -1 || a.value()[0] == rank - 1);
}

}  // namespace tflower::tfl_rules
