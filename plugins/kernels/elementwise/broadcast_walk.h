// Walks a BroadcastPlan in contiguous pieces: the loop that binary, comparison and select operators share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "elementwise/broadcast.h"
#include "tflower/parallel.h"

namespace tflower::kernels {

// One operand in one piece: `data` is contiguous, or holds one value that repeats. Not all operands repeat, unless n is 1.
struct Piece {
  const void* data;
  bool repeats;
};
using PieceFn = void (*)(void* user, const Piece* pieces, int64_t begin, size_t n);

// fn(user, pieces, begin, n) for pieces that cover output elements [0, plan.size); begin is the first one's index. Parts of at
// least `grain` elements run on several threads. bases[k] and bytes[k] (1, 2, 4, 8 or 16) are operand k's data and element size.
void WalkPieces(const BroadcastPlan& plan, const void* const* bases, const size_t* bytes, int64_t grain, const Parallel& parallel,
                PieceFn fn, void* user);

// The same for a callable f(pieces, begin, n).
template <class F>
void Walk(const BroadcastPlan& plan, const void* const* bases, const size_t* bytes, int64_t grain, const Parallel& parallel, F f) {
  WalkPieces(plan, bases, bytes, grain, parallel,
             [](void* user, const Piece* pieces, int64_t begin, size_t n) { (*static_cast<F*>(user))(pieces, begin, n); }, &f);
}

}  // namespace tflower::kernels
