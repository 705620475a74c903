// Depthwise convolution of int8, uint8 or int16, to the bit as integers: y = clamp(scaled(bias + sum of (x - x_zero) (w - w_zero)) + y_zero).
//
// A run of result pixels of one row and a block of channels at a time: the input columns behind them are interleaved once, so that a 32-bit lane
// holds the values of several kernel rows, and each is multiplied by all kernel columns that meet it.
#pragma once

#include <cstddef>
#include <cstdint>

#include <tflower/parallel.h>

#include "depthwise/depthwise.h"
#include "integer_gemm/requantize.h"

namespace tflower::kernels {

struct IntegerDepthwise {
  DepthwiseShape shape{};
  IntegerType type = IntegerType::kInt8;
  bool bytes = false;             // bytes four at a time, see MultipliesBytes
  bool unsigned_weights = false;
  bool wide = false;              // bias and sums of 64 bits
  int32_t x_zero = 0, w_zero = 0;
  Requantizer requantizer;        // of all channels; not set where a sink takes the sums
};

// Whether the machine has vectors, and sums of int16 that must not wrap fit in 32 bits: else IntegerDepthwiseRef is what runs.
bool VectorsTakeDepthwise(const IntegerDepthwise& d);

// Packed memory: depends on the filter's shape, the channels, the multipliers and the SIMD target in use.
size_t IntegerDepthwisePackedBytes(const IntegerDepthwise& d);
void PackIntegerDepthwise(const IntegerDepthwise& d, const void* weights, void* packed);

size_t IntegerDepthwiseScratchBytes(const IntegerDepthwise& d, int threads);

// bias: int64 for each channel, or null. sink: takes the sums, which are not wide, of one pixel (row) and some channels (columns) at a time; y is not
// used then. Rows of the result are split over so many threads. Cannot fail, does not allocate.
void RunIntegerDepthwise(const IntegerDepthwise& d, const void* x, const void* packed, const int64_t* bias, void* y, void* scratch, int threads, const Parallel& parallel,
                         const SumSink* sink = nullptr);

// The specification: plain loops over unpacked weights.
void IntegerDepthwiseRef(const IntegerDepthwise& d, const void* x, const void* weights, const int64_t* bias, void* y, const Parallel& parallel, const SumSink* sink = nullptr);

}  // namespace tflower::kernels
