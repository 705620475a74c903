// Reductions over any set of axes: sum, mean, product, maximum, minimum, any, all.
//
// Any combination of axes is collapsed to alternating kept and reduced dimensions. When the innermost one is reduced, each output
// is a vector reduction of contiguous rows; when it is kept, rows are combined lane by lane. Inputs and outputs are contiguous,
// row-major, and must not overlap. Nothing allocates. [thread] any; outputs are split over `parallel`, and the result does not
// depend on the number of threads.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "common/dims.h"
#include "tflower/parallel.h"
#include "tflower/status.h"

namespace tflower::kernels {

enum class Reduction : uint8_t { kSum, kMean, kProd, kMax, kMin, kAny, kAll };

inline constexpr int kMaxReduceRank = kMaxRank;

// A collapsed reduction: dims[0 .. rank) alternate between kept and reduced and have no 1s.
struct ReducePlan {
  int rank = 0;
  bool inner_reduced = false;  // is dims[rank - 1] reduced; the others follow by alternation
  std::array<int64_t, kMaxReduceRank> dims{};
  int64_t outputs = 1;         // elements of the result
  int64_t count = 1;           // input elements behind each of them
};

// Axes may be negative (counted from the end) and repeated. kInvalidOperand for an axis outside [-rank, rank), kUnsupportedShape
// when a size does not fit int64_t. Rank at most 16, dimensions >= 0. Does not allocate unless it fails.
Result<ReducePlan> PlanReduce(std::span<const int64_t> shape, std::span<const int32_t> axes);

// kSum .. kMin. Sums are accumulated in blocks of 64 additions a lane, which are joined without further loss: the error is at
// most 80 * 6e-8 of the sum of absolute values, whatever the length. An empty reduction gives 0, NaN (mean), 1, -inf, inf. NaN anywhere gives NaN.
// kInternal for kAny and kAll.
Status ReduceF32(Reduction op, const ReducePlan& plan, const float* x, float* out, const Parallel& parallel = {});

// The specification: plain loops, sums and products in double.
void ReduceF32Ref(Reduction op, const ReducePlan& plan, const float* x, float* out);

// kSum .. kMin of int8_t, int16_t, int32_t, int64_t, uint8_t, uint32_t. Overflow wraps; kMean sums in 64 bits and truncates
// towards zero (TFLite); an empty mean is kInvalidOperand, an empty maximum the type's lowest value. kInternal for kAny and kAll.
template <class T>
Status ReduceInt(Reduction op, const ReducePlan& plan, const T* x, T* out, const Parallel& parallel = {});

// kAny and kAll only, false (true) for an empty reduction.
void ReduceBool(Reduction op, const ReducePlan& plan, const bool* x, bool* out, const Parallel& parallel = {});

}  // namespace tflower::kernels
