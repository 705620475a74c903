// Stacks of small matrices.
#include "matrices.h"

#include "index.h"

namespace tflower::tf_ops {

Result<Value> StackOf(Builder& build, const Value& x, int64_t max_rows, std::string_view what) {
  const int64_t n = x.dim(-2);
  if (n < 0 || x.dim(-1) < 0) return Error(Code::kUnsupportedShape, "the size of the matrices must be known").What(what).Hint("give the shape with --input-shape");
  if (n < 1 || n > max_rows)
    return Error(Code::kUnsupportedShape, "matrices of " + std::to_string(n) + " rows: each becomes operators, so 1 to " + std::to_string(max_rows) + " are possible").What(what);
  const int64_t dims[] = {-1, n, x.dim(-1)};
  return ReshapeTo(build, x, dims);
}

Result<Value> SquareStackOf(Builder& build, const Value& x, int64_t max_rows) {
  if (x.dim(-1) != x.dim(-2)) return Error(Code::kInvalidGraph, "the matrices must be square").What("input 0");
  return StackOf(build, x, max_rows, "input 0");
}

Result<Value> WithBatchOf(Builder& build, const Value& x, const Value& y) {
  std::vector<int64_t> dims(x.dims().begin(), x.dims().end() - 2);
  dims.insert(dims.end(), {y.dim(1), y.dim(2)});
  if (std::count(dims.begin(), dims.end(), -1) > 1)
    return Error(Code::kUnsupportedShape, "more than one dimension in front of the matrices is unknown").What("input 0").Hint("give the shape with --input-shape");
  return ReshapeTo(build, y, dims);
}

Result<Value> Join(Builder& build, const std::vector<Value>& parts, int32_t axis) {
  return parts.size() == 1 ? Result<Value>(parts[0]) : build.Emit(tfl::Concatenation{.axis = axis}, parts);
}

}  // namespace tflower::tf_ops
