// Row numbers come from splits in one pass: a one where each row ends, summed up.
#include "partitions.h"

namespace tflower::tf_ops {

Expr Int32Of(const Expr& x) { return x.ok() ? Expr(x.build(), AsInt32(x.build(), x.result().value())) : x; }

Expr SizeOf(const Expr& x) {
  if (!x.ok()) return x;
  return At(Expr(x.build(), ShapeOf(x.build(), x.result().value())), 0);
}

Expr TakeColumn(const Expr& x, int32_t column) {
  if (!x.ok()) return x;
  return Emit(tfl::Gather{.axis = 1}, {x, Expr(x.build(), x.build().Scalar(column))});
}

Expr Behind(const Expr& v, int32_t count) {
  if (!v.ok()) return v;
  return Emit(tfl::Slice{}, {v, Int32s(v.build(), {count}), Int32s(v.build(), {-1})});
}

Expr Before(const Expr& v, int32_t count) {
  if (!v.ok()) return v;
  Builder& b = v.build();
  return Emit(tfl::StridedSlice{}, {v, Int32s(b, {0}), Int32s(b, {-count}), Int32s(b, {1})});
}

Expr Joined(std::initializer_list<Expr> vectors) { return Emit(tfl::Concatenation{.axis = 0}, vectors); }
Expr Packed(std::initializer_list<Expr> scalars) { return Emit(tfl::Pack{.values_count = static_cast<int32_t>(scalars.size()), .axis = 0}, scalars); }

Expr SplitsOf(const Expr& counts) {
  if (!counts.ok()) return counts;
  Builder& b = counts.build();
  return Joined({Int32s(b, {0}), Emit(tfl::Cumsum{}, {counts, Expr(b, b.Scalar<int32_t>(0))})});
}

// As many rows end before or at a value as its number says. The last one ends behind all values.
Expr RowsOf(const Expr& splits, const Expr& total) {
  if (!splits.ok() || !total.ok()) return splits.ok() ? total : splits;
  Builder& b = splits.build();
  const Expr ends = Behind(splits, 1);
  const Expr ones = Emit(tfl::Fill{}, {Expr(b, ShapeOf(b, splits.result().value())) - 1, Expr(b, b.Scalar<int32_t>(1))});
  const Expr marks = Emit(tfl::ScatterNd{}, {Column(ends), ones, Packed({total + 1})});
  const Expr rows = Emit(tfl::Cumsum{}, {marks, Expr(b, b.Scalar<int32_t>(0))});
  return Emit(tfl::Slice{}, {rows, Int32s(b, {0}), Packed({total})});
}

Expr RunsOf(const Expr& first, const Expr* step, const Expr& counts) {
  const Expr splits = SplitsOf(counts);
  if (!splits.ok()) return splits;
  Builder& b = splits.build();
  const Expr total = Emit(tfl::Sum{.keep_dims = false}, {counts, Int32s(b, {0})});
  const Expr rows = RowsOf(splits, total);
  const Expr within = CountOf(rows) - Take(splits, rows);
  const auto of_row = [&](const Expr& x) { return x.ok() && x.result().value().rank() == 0 ? x : Take(x, rows); };
  const Expr offset = Cast(within, first.dtype());
  return of_row(first) + (step == nullptr ? offset : offset * of_row(*step));
}

Expr PositionsOf(const Expr& indices, const Expr& shape, int rank) {
  Expr at = TakeColumn(indices, 0);
  for (int32_t i = 1; i < rank; ++i) at = at * At(shape, i) + TakeColumn(indices, i);
  return at;
}

Expr IndicesOf(const Expr& positions, const Expr& shape, int rank) {
  std::vector<Value> columns(static_cast<size_t>(rank));
  Expr rest = positions;
  for (int32_t i = rank; i-- > 0;) {
    const Expr size = At(shape, i);
    const Expr column = i == 0 ? rest : FloorMod(rest, size);
    if (!column.ok()) return column;
    columns[static_cast<size_t>(i)] = column.result().value();
    if (i > 0) rest = Emit(tfl::FloorDiv{}, {rest, size});
  }
  Builder& b = positions.build();
  return Expr(b, b.Emit(tfl::Pack{.values_count = rank, .axis = 1}, columns));
}

Expr SortedOrder(const Expr& keys) {
  const Expr turned = -keys;
  const Expr size = SizeOf(keys);
  if (!turned.ok() || !size.ok()) return turned.ok() ? size : turned;
  Builder& b = keys.build();
  const Value in[] = {turned.result().value(), size.result().value()};
  Result<std::vector<Value>> out = b.EmitAll(tfl::TopKV2{}, in, 2);
  if (!out.ok()) return Expr(b, Result<Value>(std::move(out.error())));
  return Expr(b, out.value()[1]);
}

// SCATTER_ND adds what comes to one place, and has int64; it has no place for -1, so there is one more, which is cut off.
Expr SumByRow(const Expr& x, const Expr& ids, const Expr& count) {
  if (x.dtype() != DType::kInt64) return Emit(tfl::UnsortedSegmentSum{}, {x, ids, count});
  if (!ids.ok() || !count.ok()) return ids.ok() ? count : ids;
  Builder& b = x.build();
  const Expr places = Where(ids < 0, count, ids);
  const Expr sums = Emit(tfl::ScatterNd{}, {Column(places), x, Packed({count + 1})});
  return Emit(tfl::Slice{}, {sums, Int32s(b, {0}), Packed({count})});
}

}  // namespace tflower::tf_ops
