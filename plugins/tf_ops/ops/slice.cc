// Slice -> SLICE. A slice of everything leaves nothing.
#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kSliceAttrs[] = {Type("T"), Type("Index")};

// Sizes that say "all that remains" as -1. Empty when some size or begin stays unknown.
Result<std::vector<int64_t>> ConstantSizes(Builder& build, const Value& x, const Value& begin, const Value& size) {
  const Result<Elements> first = build.ReadElements(begin), count = build.ReadElements(size);
  const std::vector<int64_t> unknown;
  if (!first.ok() || !count.ok() || !first.value().all_known()) return unknown;
  const std::vector<int64_t> all(static_cast<size_t>(x.rank()), -1);
  TFLOWER_TRY(const Value to_end, build.Vector(std::span<const int64_t>(all)));
  TFLOWER_TRY(const Value start, AsInt32(build, begin));
  TFLOWER_TRY(const Value rest, build.Emit(tfl::Slice{}, {x, start, to_end}));
  std::vector<int64_t> sizes;
  for (int i = 0; i < x.rank(); ++i) {
    const size_t s = static_cast<size_t>(i);
    if (count.value().keys[s] == rest.dim_key(i)) sizes.push_back(rest.dim(i) >= 0 ? rest.dim(i) : -1);
    else if (count.value().known[s] != 0) sizes.push_back(count.value().values[s]);
    else return unknown;
  }
  return sizes;
}

Status CheckSliceOperand(const Value& v, int rank, std::string_view what) {
  if (v.dim(0) == rank) return Ok();
  return Error(Code::kInvalidGraph, "must have one entry for each of the input's " + std::to_string(rank) + " dimensions").What(what);
}

// LiteRT's SLICE cannot be resized once it has sliced strings.
Status SliceStrings(const Node& node, Builder& build, const std::vector<int64_t>& sizes) {
  const Value x = node.Input(0);
  TFLOWER_TRY(const std::vector<int64_t> begin, build.Ints(node.Input(1), "input 1"));
  std::vector<int64_t> end;
  int32_t to_end = 0;
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] < 0) to_end |= 1 << i;
    end.push_back(begin[i] + std::max<int64_t>(sizes[i], 0));
  }
  TFLOWER_TRY(const Value first, build.Vector(std::span<const int64_t>(begin)));
  TFLOWER_TRY(const Value last, build.Vector(std::span<const int64_t>(end)));
  TFLOWER_TRY(const Value ones, build.Vector(std::span<const int64_t>(std::vector<int64_t>(sizes.size(), 1))));
  return build.Bind(0, build.Emit(tfl::StridedSlice{.end_mask = to_end}, {x, first, last, ones}));
}

Status LowerSlice(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  if (x.rank() == 0) return build.Bind(0, x);
  TFLOWER_CHECK(CheckSliceOperand(node.Input(1), x.rank(), "input 1"));
  TFLOWER_CHECK(CheckSliceOperand(node.Input(2), x.rank(), "input 2"));
  TFLOWER_TRY(const std::vector<int64_t> sizes, ConstantSizes(build, x, node.Input(1), node.Input(2)));
  if (x.dtype() == DType::kString && !x.is_static() && !sizes.empty()) return SliceStrings(node, build, sizes);
  TFLOWER_TRY(const Value begin, AsInt32(build, node.Input(1)));
  TFLOWER_TRY(Value size, AsInt32(build, node.Input(2)));
  if (!sizes.empty()) {
    TFLOWER_TRY(size, build.Vector(std::span<const int64_t>(sizes)));
  }
  TFLOWER_TRY(const Value y, build.Emit(tfl::Slice{}, {x, begin, size}));
  return build.Bind(0, y.SameShape(x) ? x : y);
}

constexpr OpDef kOps[] = {
    {"Slice", {Any(), Index(1, 1), Index(1, 1)}, kSliceAttrs, LowerSlice, "CAST SLICE STRIDED_SLICE"},
};
}  // namespace
TFLOWER_OP_FAMILY(slice, kOps);
}  // namespace tflower::tf_ops
