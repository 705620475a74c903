// Integer matrix product with packed weights: sums[m, n] = start[n] + sum over k of a[m, k] * b[k, n], in 32 bits (wrapping) or in 64, handed
// to a sink tile by tile.
//
// A holds int8, uint8 or int16. Where the machine multiplies bytes four at a time (VNNI), int8 and uint8 go through it as they are, int8 with 128
// added; everything else is multiplied as pairs of 16-bit words. Zero points are no part of the product: the caller puts them into `start`, with the
// sums of B's columns, which packing leaves beside B.
//
// Nothing here allocates or fails. Every function may run on any thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include <tflower/parallel.h>

namespace tflower::kernels {

enum class IntegerType : uint8_t { kInt8, kUInt8, kInt16 };

// B as it comes: element (k, n) is data[k * k_stride + n * n_stride] - zero. One of the strides is 1.
struct IntegerWeights {
  const void* data = nullptr;
  bool is_unsigned = false;  // uint8, else int8
  int32_t zero = 0;
  size_t k_stride = 1, n_stride = 1;
  size_t depth = 0, columns = 0;
};

// Whether the product runs on bytes. a: the type of A; w_zero: B's zero point, which bytes have no room for (128 of uint8 they have).
bool MultipliesBytes(IntegerType a, bool unsigned_weights, int32_t w_zero);

// Packed memory, 64-byte aligned: int64 sums of the columns, then panels. The layout depends on the SIMD target in use.
size_t IntegerPackedBytes(bool bytes, size_t depth, size_t columns);
void PackIntegerWeights(const IntegerWeights& weights, bool bytes, void* packed);
inline const int64_t* ColumnSums(const void* packed) { return static_cast<const int64_t*>(packed); }

// What the product of bytes has added to each element of A.
inline int32_t AddedToInput(IntegerType a, bool bytes) { return bytes && a == IntegerType::kInt8 ? 128 : 0; }

// Whether sums of `depth` products of A's values (as multiplied) and weights of 9 bits, with offsets up to `largest`, are below 2^30.
inline bool SmallSums(IntegerType a, size_t depth, int64_t largest) {
  const int64_t most = a == IntegerType::kInt16 ? 32768 : 255;
  return largest < 1 << 29 && static_cast<int64_t>(depth) <= (1 << 29) / (most * 255);
}

// Where rows of A come from when they do not lie in memory one behind the other: rows(source, first, count, to, stride) writes them to `to`,
// `stride` bytes apart, in order; up to 15 bytes behind each may be written, too. group: which of the products that share the source.
struct RowSource {
  const void* self = nullptr;
  void (*rows)(const RowSource& source, size_t first, size_t count, void* to, size_t stride) = nullptr;
  size_t group = 0;
};

// A tile of sums: `rows` x `columns` from (row, column) of the product, `stride` sums apart. Memory behind `columns` is readable up to the next
// multiple of 64 sums. `narrow` takes those of 32 bits, `wide` those of 64.
struct SumTile {
  const int32_t* narrow = nullptr;
  const int64_t* wide = nullptr;
  size_t stride = 0;
  size_t row = 0, rows = 0, column = 0, columns = 0;
};
struct SumSink {
  const void* self = nullptr;
  void (*take)(const void* self, const SumTile& tile) = nullptr;
};

struct IntegerProduct {
  size_t rows = 0, columns = 0, depth = 0;
  IntegerType type = IntegerType::kInt8;
  bool bytes = false;
  bool wide = false;          // sums of 64 bits; `start` is not added to them
  const void* a = nullptr;    // row m at a + m * a_stride elements, unless `source` is set
  size_t a_stride = 0;
  RowSource source;
  const void* packed = nullptr;
  const int32_t* start = nullptr;  // [columns]
  SumSink sink;
};

// Bytes of scratch memory, 64-byte aligned, for RunIntegerProduct of this size on so many threads.
size_t IntegerScratchBytes(const IntegerProduct& product, int threads);

// The sink may be called by several threads at once, once for each tile.
void RunIntegerProduct(const IntegerProduct& product, void* scratch, int threads, const Parallel& parallel);

// The specification: plain loops over B as it comes; `packed` and scratch are not used.
void IntegerProductRef(const IntegerProduct& product, const IntegerWeights& weights);

}  // namespace tflower::kernels
