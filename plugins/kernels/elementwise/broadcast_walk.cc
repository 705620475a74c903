// Long innermost rows are handed out in place, short ones are gathered into blocks on the stack.
#include "elementwise/broadcast_walk.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace tflower::kernels {
namespace {

// Inner dimensions shorter than this are gathered into blocks, because a call per piece would cost more than its work.
constexpr int64_t kShortInner = 32;
constexpr int64_t kBlock = 256;  // elements of a gathered block: 4 KiB at most, stays in L1
constexpr size_t kMaxElementBytes = 16;

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

// To the start of the next innermost row.
void NextRow(const BroadcastPlan& plan, Cursor& at) {
  at.index[plan.rank - 1] = 0;
  for (int axis = plan.rank - 2; axis >= 0; --axis) {
    for (int k = 0; k < plan.operands; ++k) at.offset[k] += plan.strides[k][axis];
    if (++at.index[axis] < plan.dims[axis]) return;
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

// Writes `count` values from innermost index `first` of one operand's row.
void GatherRow(std::byte* to, const std::byte* row, int64_t stride, int64_t first, int64_t count, size_t bytes) {
  if (stride != 0) {
    std::memcpy(to, row + first * static_cast<int64_t>(bytes), static_cast<size_t>(count) * bytes);
    return;
  }
  switch (bytes) {
    case 1: return Repeat<1>(to, row, count);
    case 2: return Repeat<2>(to, row, count);
    case 4: return Repeat<4>(to, row, count);
    case 8: return Repeat<8>(to, row, count);
    default: return Repeat<16>(to, row, count);
  }
}

struct Callback {
  PieceFn fn;
  void* user;
  void operator()(const Piece* pieces, int64_t begin, int64_t n) const { fn(user, pieces, begin, static_cast<size_t>(n)); }
};

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
    NextRow(plan, at);
  }
}

// The same for short innermost rows: operands are gathered into blocks on the stack.
void WalkShortRows(const BroadcastPlan& plan, const void* const* bases, const size_t* bytes, int64_t first, int64_t last,
                   const Callback& f) {
  alignas(64) std::byte blocks[kMaxOperands][kBlock * kMaxElementBytes];
  Cursor at = Seek(plan, first);
  const int inner = plan.rank - 1;
  while (first < last) {
    const int64_t block = std::min(kBlock, last - first);
    for (int64_t done = 0; done < block;) {
      const int64_t start = at.index[inner];
      const int64_t n = std::min(plan.dims[inner] - start, block - done);
      for (int k = 0; k < plan.operands; ++k) {
        GatherRow(blocks[k] + done * static_cast<int64_t>(bytes[k]), At(bases[k], at.offset[k], bytes[k]),
                        plan.strides[k][inner], start, n, bytes[k]);
      }
      done += n;
      if (start + n == plan.dims[inner]) NextRow(plan, at);
      else at.index[inner] = start + n;
    }
    Piece pieces[kMaxOperands];
    for (int k = 0; k < plan.operands; ++k) pieces[k] = {blocks[k], false};
    f(pieces, first, block);
    first += block;
  }
}

}  // namespace

void WalkPieces(const BroadcastPlan& plan, const void* const* bases, const size_t* bytes, int64_t grain, const Parallel& parallel,
                PieceFn fn, void* user) {
  const bool short_rows = plan.rank > 1 && plan.dims[plan.rank - 1] < kShortInner;
  parallel.For(plan.size, grain, [&](int64_t begin, int64_t end) {
    (short_rows ? WalkShortRows : WalkLongRows)(plan, bases, bytes, begin, end, Callback{fn, user});
  });
}

}  // namespace tflower::kernels
