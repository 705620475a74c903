// Rows of ragged and sparse tensors, whose parts are ordinary tensors: row splits, row numbers, positions. Numbers are int32.
#pragma once

#include "formula.h"
#include "index.h"

namespace tflower::tf_ops {

inline Expr Int32s(Builder& build, std::initializer_list<int32_t> x) { return Expr(build, build.Vector(x)); }
inline Expr Flat(const Expr& x) { return x.ok() ? Emit(tfl::Reshape{}, {x, Int32s(x.build(), {-1})}) : x; }
inline Expr Column(const Expr& x) { return x.ok() ? Emit(tfl::Reshape{}, {x, Int32s(x.build(), {-1, 1})}) : x; }
// Element i of a vector, a scalar.
inline Expr At(const Expr& v, int32_t i) { return v.ok() ? Expr(v.build(), ElementOf(v.build(), v.result().value(), i)) : v; }
// 0, 1, 2, ... along the first dimension of x.
inline Expr CountOf(const Expr& x) { return x.ok() ? Expr(x.build(), CountAlong(x.build(), x.result().value(), 0)) : x; }
// The size of x's first dimension, a scalar.
Expr SizeOf(const Expr& x);
// x[rows] and x[:, column].
inline Expr Take(const Expr& x, const Expr& rows) { return Emit(tfl::Gather{}, {x, rows}); }
Expr TakeColumn(const Expr& x, int32_t column);
// All but the first, and all but the last, `count` elements of a vector.
Expr Behind(const Expr& v, int32_t count);
Expr Before(const Expr& v, int32_t count);
// Vectors one after the other, or scalars as a vector.
Expr Joined(std::initializer_list<Expr> vectors);
Expr Packed(std::initializer_list<Expr> scalars);
Expr Int32Of(const Expr& x);

// 0, counts[0], counts[0] + counts[1], ...
Expr SplitsOf(const Expr& counts);
// The row of each of the last split's values.
Expr RowsOf(const Expr& splits, const Expr& total);
// first[0], first[0] + step[0], ... (counts[0] of them), first[1], ... step: null for 1.
Expr RunsOf(const Expr& first, const Expr* step, const Expr& counts);

// Indices [n, rank] as positions in a dense tensor of `shape`, and back.
Expr PositionsOf(const Expr& indices, const Expr& shape, int rank);
Expr IndicesOf(const Expr& positions, const Expr& shape, int rank);
// Where the elements of `keys` stand when they are sorted, equal ones in their order.
Expr SortedOrder(const Expr& keys);

// The sum of x's rows with each id below `count`; ids of -1 belong nowhere. x: float32, int32 or int64 (a vector).
Expr SumByRow(const Expr& x, const Expr& ids, const Expr& count);

// What these functions emit.
#define TFLOWER_PARTITIONS_EMIT \
  "ADD CAST CONCATENATION CUMSUM FILL FLOOR_DIV FLOOR_MOD GATHER LESS MUL NEG PACK RANGE REDUCE_PROD RESHAPE SCATTER_ND SELECT SELECT_V2 SHAPE SLICE STRIDED_SLICE " \
  "SUB TOPK_V2 UNSORTED_SEGMENT_SUM "

}  // namespace tflower::tf_ops
