// Comparisons of bytes of two quantisations by ranks: what the specification's scaled numbers say about two stored values, two bytes say.
#pragma once

#include "byte_table/byte_table.h"
#include "quantized_binary/arithmetic.h"

namespace tflower::kernels {

// (a[x] < b[y]) != negated, or (b[y] < a[x]) != negated if swapped, or (a[x] == b[y]) != negated if `equal`, for stored values x of the left and y of the right operand.
struct RankedComparison {
  ByteTable a, b;
  bool equal = false, swapped = false, negated = false;
};

// False where bytes do not suffice: for equality of more than 256 different numbers, and for scales so large that numbers wrap.
bool RankComparison(const QuantizedArithmetic& q, DType type, RankedComparison& ranks);

void RunRankedComparison(const RankedComparison& ranks, const BroadcastPlan& plan, const void* const* bases, const Parallel& parallel, bool* to);

}  // namespace tflower::kernels
