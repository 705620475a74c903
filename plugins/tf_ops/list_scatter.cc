// Scattering into lists: a table of what there is and what comes, and for each place the row of the table that it takes. Of several rows for
// one place the last counts, as in TF; indices that are computed at run time are compared with all places for that, unless each occurs once.
#include "list_parts.h"

namespace tflower::tf_ops {
namespace {

constexpr DTypeSet kScattered = Types({DType::kFloat32, DType::kInt8, DType::kUInt8, DType::kInt32, DType::kInt64, DType::kBool});
constexpr int64_t kMaxPlanned = 1 << 20;  // places that are laid out when converting

struct Scatter {
  TensorList list;
  Value indices, tensor;
  bool written() const { return static_cast<bool>(list.items); }
};

// What a place takes that no index names, in front of `tensor`: its own row, or zeros.
Result<Value> Table(Builder& build, const Scatter& s) {
  Value own = s.list.items;
  if (!s.written()) {
    TFLOWER_TRY(own, ZeroRows(build, s.tensor, 1));
  }
  return build.Emit(tfl::Concatenation{.axis = 0}, {own, s.tensor});
}

// Indices and length known.
Result<Value> Planned(Builder& build, const Scatter& s, std::span<const int64_t> indices, int64_t length) {
  std::vector<int32_t> rows(static_cast<size_t>(length), -1);
  for (size_t i = 0; i < indices.size(); ++i) {
    if (indices[i] < 0 || indices[i] >= length)
      return Error(Code::kInvalidGraph, "index " + std::to_string(indices[i]) + " is out of range for a list of " + std::to_string(length)).What("indices");
    rows[static_cast<size_t>(indices[i])] = static_cast<int32_t>(i);
  }
  const bool all = std::find(rows.begin(), rows.end(), -1) == rows.end();
  Value table = s.tensor;
  if (!all) {
    TFLOWER_TRY(table, Table(build, s));
    for (size_t p = 0; p < rows.size(); ++p) {
      if (rows[p] >= 0) rows[p] += static_cast<int32_t>(s.written() ? length : 1);
      else rows[p] = s.written() ? static_cast<int32_t>(p) : 0;
    }
  }
  TFLOWER_TRY(const Value picks, build.Vector(std::span<const int32_t>(rows)));
  if (CountsUp(build, picks, table.dim(0))) return table;
  return build.Emit(tfl::Gather{}, {table, picks});
}

// Each index occurs once, and the rest is zeros.
Result<Value> ByOperator(Builder& build, const Scatter& s) {
  const int32_t inner = 1;
  TFLOWER_TRY(const Value indices, InsertDims(build, s.indices, std::span<const int32_t>(&inner, 1)));
  const int64_t one = 1;
  TFLOWER_TRY(const Value length, ReshapeTo(build, s.list.length, std::span<const int64_t>(&one, 1)));
  TFLOWER_TRY(const Value element, DimsFrom(build, s.tensor, 1));
  TFLOWER_TRY(const Value shape, build.Emit(tfl::Concatenation{.axis = 0}, {length, element}));
  return build.Emit(tfl::ScatterNd{}, {indices, s.tensor, shape});
}

// Each place compares its number with all indices, and takes the largest row of the table that is for it.
Result<Value> Compared(Builder& build, const Scatter& s) {
  const int32_t front = 0, inner = 1;
  TFLOWER_TRY(const Value places, NumbersUpTo(build, s.list.length));
  TFLOWER_TRY(const Value column, InsertDims(build, places, std::span<const int32_t>(&inner, 1)));
  TFLOWER_TRY(const Value row, InsertDims(build, s.indices, std::span<const int32_t>(&front, 1)));
  TFLOWER_TRY(const Value same, build.Emit(tfl::Equal{}, {column, row}));
  TFLOWER_TRY(const Value zero, build.Scalar<int32_t>(0));
  TFLOWER_TRY(const Value one, build.Scalar<int32_t>(1));
  TFLOWER_TRY(const Value numbers, Numbers(build, s.indices));
  TFLOWER_TRY(const Value rows, build.Emit(tfl::Add{}, {numbers, s.written() ? s.list.length : one}));
  TFLOWER_TRY(const Value candidates, build.Emit(tfl::SelectV2{}, {same, rows, s.written() ? column : zero}));
  TFLOWER_TRY(const Value axis, build.Vector({1}));
  TFLOWER_TRY(Value picks, build.Emit(tfl::ReduceMax{}, {candidates, axis}));
  if (s.indices.dim(0) < 1) {  // there may be none
    TFLOWER_TRY(picks, build.Emit(tfl::Maximum{}, {picks, s.written() ? places : zero}));
  }
  TFLOWER_TRY(const Value table, Table(build, s));
  return build.Emit(tfl::Gather{}, {table, picks});
}

// The list is made long enough for its indices.
Status Lengthen(Builder& build, Scatter& s) {
  TFLOWER_TRY(const Value axis, build.Vector({0}));
  TFLOWER_TRY(const Value largest, build.Emit(tfl::ReduceMax{}, {s.indices, axis}));
  TFLOWER_TRY(const Value one, build.Scalar<int32_t>(1));
  TFLOWER_TRY(const Value needed, build.Emit(tfl::Add{}, {largest, one}));
  TFLOWER_TRY(const Value length, build.Emit(tfl::Maximum{}, {needed, s.list.length}));
  if (s.written()) {
    TFLOWER_TRY(s.list.items, ResizedItems(build, s.list.items, s.list.length, length));
  }
  s.list.length = length;
  return Ok();
}

Result<Value> Scattered(Builder& build, const Scatter& s, Repeats repeats) {
  const std::optional<int64_t> length = Known(build, s.list.length);
  const Result<Elements> indices = build.ReadElements(s.indices);
  if (length && *length <= kMaxPlanned && indices.ok() && indices.value().all_known()) return Planned(build, s, indices.value().values, *length);
  if (s.indices.dim(0) == 0 && s.written()) return s.list.items;
  if (!s.written() && repeats == Repeats::kNone && s.list.length.has_elements() && Contains(kScattered, s.list.dtype)) return ByOperator(build, s);
  return Compared(build, s);
}

}  // namespace

Result<Value> ScatterItems(Builder& build, const Value& list, const Value& indices, const Value& tensor, Repeats repeats, bool grows) {
  TFLOWER_TRY(TensorList l, build.ReadList(list));
  Scatter s{l, indices, tensor};
  if (tensor.rank() < 1 || indices.rank() != 1) return Error(Code::kInvalidGraph, "needs a vector of indices, and a tensor with an element for each");
  if (tensor.dim(0) >= 0 && indices.dim(0) >= 0 && tensor.dim(0) != indices.dim(0))
    return Error(Code::kInvalidGraph, std::to_string(indices.dim(0)) + " indices for " + std::to_string(tensor.dim(0)) + " elements").What("indices");
  if (CountsUp(build, indices, Known(build, l.length).value_or(-1))) return build.MakeList({.dtype = l.dtype, .items = tensor, .grows = l.grows});
  TFLOWER_CHECK(CheckWrite(l, tensor));
  if (s.written()) TFLOWER_CHECK(CheckElement(l.items, tensor, 1));
  if ((grows || l.grows) && indices.dim(0) != 0) TFLOWER_CHECK(Lengthen(build, s));
  TFLOWER_TRY(const Value items, Scattered(build, s, repeats));
  return build.MakeList({.dtype = l.dtype, .items = items, .grows = l.grows});
}

}  // namespace tflower::tf_ops
