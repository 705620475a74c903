// Long innermost rows are handed out in place, short ones are gathered into blocks on the stack.
#include "elementwise/broadcast_walk.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace tflower::kernels {
namespace {

// Innermost rows of fewer bytes are handed out in blocks of whole rows, because a call per row would cost more than its work; of fewer elements those where an
// operand repeats, which in blocks has to be spread.
constexpr int64_t kShortRowBytes = 1024, kShortRow = 256;
constexpr size_t kBlockBytes = 4096;  // of one operand that has to be spread out; two or three stay in L1

struct Cursor {
  std::array<int64_t, kMaxBroadcastRank> index{};
  std::array<int64_t, kMaxOperands> offset{};  // of each operand, in elements, at innermost index 0
};

Cursor Seek(const BroadcastPlan& plan, int64_t position) {
  Cursor at;
  for (int axis = plan.rank - 1; axis >= 0; --axis) {
    at.index[axis] = position % plan.dims[axis];
    position /= plan.dims[axis];
    if (axis == plan.rank - 1) continue;
    for (int k = 0; k < plan.operands; ++k) at.offset[k] += at.index[axis] * plan.strides[k][axis];
  }
  return at;
}

// To the start of the innermost row that is `rows` further on, at most the next one after the end of the second innermost dimension.
void SkipRows(const BroadcastPlan& plan, int64_t rows, Cursor& at) {
  at.index[plan.rank - 1] = 0;
  for (int axis = plan.rank - 2; axis >= 0; --axis, rows = 1) {
    for (int k = 0; k < plan.operands; ++k) at.offset[k] += rows * plan.strides[k][axis];
    at.index[axis] += rows;
    if (at.index[axis] < plan.dims[axis]) return;
    at.index[axis] = 0;
    for (int k = 0; k < plan.operands; ++k) at.offset[k] -= plan.dims[axis] * plan.strides[k][axis];
  }
}

const std::byte* At(const void* base, int64_t index, size_t bytes) {
  return static_cast<const std::byte*>(base) + index * static_cast<int64_t>(bytes);
}

template <size_t kBytes>
void Repeat(std::byte* to, const std::byte* value, int64_t count) {
  for (int64_t i = 0; i < count; ++i) std::memcpy(to + i * static_cast<int64_t>(kBytes), value, kBytes);
}

void Repeat(std::byte* to, const std::byte* value, int64_t count, size_t bytes) {
  switch (bytes) {
    case 1: return Repeat<1>(to, value, count);
    case 2: return Repeat<2>(to, value, count);
    case 4: return Repeat<4>(to, value, count);
    case 8: return Repeat<8>(to, value, count);
    default: return Repeat<16>(to, value, count);
  }
}

// One operand over a block of rows: [rows, columns] with these strides.
struct Tile {
  int64_t rows, columns;
  int64_t row_stride, column_stride;
};

// Writes the tile's values one after another.
void Spread(std::byte* to, const std::byte* from, const Tile& tile, size_t bytes) {
  const size_t row_bytes = static_cast<size_t>(tile.columns) * bytes;
  for (int64_t r = 0; r < tile.rows; ++r, to += row_bytes, from += tile.row_stride * static_cast<int64_t>(bytes)) {
    if (tile.column_stride == 0) Repeat(to, from, tile.columns, bytes);
    else std::memcpy(to, from, row_bytes);
  }
}

// Spread operands of one thread. A row that repeats is spread once and used by every block until its base changes.
struct Blocks {
  alignas(64) std::byte values[kMaxOperands][kBlockBytes];
  const std::byte* base[kMaxOperands] = {};
  int64_t rows[kMaxOperands] = {};

  Piece Get(int k, const std::byte* from, const Tile& tile, size_t bytes) {
    if (tile.column_stride == 1 && tile.row_stride == tile.columns) return {from, false};
    if (tile.column_stride == 0 && tile.row_stride == 0) return {from, true};
    if (base[k] != from || rows[k] < tile.rows || tile.row_stride != 0) {
      Spread(values[k], from, tile, bytes);
      base[k] = from;
      rows[k] = tile.rows;
    }
    return {values[k], false};
  }
};

struct Callback {
  PieceFn fn;
  void* user;
  void operator()(const Piece* pieces, int64_t begin, int64_t n) const { fn(user, pieces, begin, static_cast<size_t>(n)); }
};

bool IsShort(const BroadcastPlan& plan, const size_t* bytes) {
  const int inner = plan.rank - 1;
  bool repeats = false;
  for (int k = 0; k < plan.operands; ++k) repeats |= plan.strides[k][inner] == 0;
  return repeats ? plan.dims[inner] < kShortRow : plan.dims[inner] < kShortRowBytes / static_cast<int64_t>(*std::max_element(bytes, bytes + plan.operands));
}

void WalkLongRows(const BroadcastPlan& plan, const void* const* bases, const size_t* bytes, int64_t first, int64_t last,
                  const Callback& f) {
  Cursor at = Seek(plan, first);
  const int inner = plan.rank - 1;
  while (first < last) {
    const int64_t start = at.index[inner];
    const int64_t n = std::min(plan.dims[inner] - start, last - first);
    Piece pieces[kMaxOperands];
    for (int k = 0; k < plan.operands; ++k) {
      const int64_t stride = plan.strides[k][inner];
      pieces[k] = {At(bases[k], at.offset[k] + start * stride, bytes[k]), stride == 0};
    }
    f(pieces, first, n);
    first += n;
    SkipRows(plan, 1, at);
  }
}

// Output rows [first, last) when the innermost rows are short: blocks of whole rows inside the second innermost dimension.
void WalkShortRows(const BroadcastPlan& plan, const void* const* bases, const size_t* bytes, int64_t first, int64_t last,
                   const Callback& f) {
  Blocks blocks;
  const int inner = plan.rank - 1;
  const int64_t columns = plan.dims[inner];
  const size_t widest = *std::max_element(bytes, bytes + plan.operands);
  const int64_t most_rows = std::max<int64_t>(1, static_cast<int64_t>(kBlockBytes / widest) / columns);
  Cursor at = Seek(plan, first * columns);
  while (first < last) {
    const int64_t rows = std::min({most_rows, plan.dims[inner - 1] - at.index[inner - 1], last - first});
    Piece pieces[kMaxOperands];
    for (int k = 0; k < plan.operands; ++k) {
      const Tile tile = {rows, columns, plan.strides[k][inner - 1], plan.strides[k][inner]};
      pieces[k] = blocks.Get(k, At(bases[k], at.offset[k], bytes[k]), tile, bytes[k]);
    }
    f(pieces, first * columns, rows * columns);
    first += rows;
    SkipRows(plan, rows, at);
  }
}

}  // namespace

void WalkPieces(const BroadcastPlan& plan, const void* const* bases, const size_t* bytes, int64_t grain, const Parallel& parallel,
                PieceFn fn, void* user) {
  const Callback f = {fn, user};
  const int64_t columns = plan.dims[plan.rank - 1];
  if (plan.rank == 1 || !IsShort(plan, bytes)) {
    parallel.For(plan.size, grain, [&](int64_t begin, int64_t end) { WalkLongRows(plan, bases, bytes, begin, end, f); });
  } else {
    parallel.For(plan.size / columns, grain / columns, [&](int64_t begin, int64_t end) { WalkShortRows(plan, bases, bytes, begin, end, f); });
  }
}

}  // namespace tflower::kernels
