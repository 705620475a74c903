// Copying many equally long rows from computed places: the core of GATHER, GATHER_ND and EMBEDDING_LOOKUP.
#pragma once

#include <algorithm>
#include <cstring>

#include "common/check.h"
#include "common/copy.h"

namespace tflower::kernels {

// Elements from places of a table beyond the caches are asked for long before they are read; a nearby one would not be there in time.
template <class T, class Offset>
void CopyElements(const std::byte* from, T* to, int64_t begin, int64_t end, bool far, const Offset& offset) {
  constexpr int64_t kAhead = 256;
  int64_t i = begin;
  for (; far && i + kAhead < end; ++i) {
    __builtin_prefetch(from + offset(i + kAhead), 0, 2);
    std::memcpy(to + i, from + offset(i), sizeof(T));
  }
  for (; i < end; ++i) std::memcpy(to + i, from + offset(i), sizeof(T));
}

// output row i (row_bytes long) = the bytes at input + offset(i), for i in [0, rows); input_bytes: of all that offsets lead to. Offsets were checked by the caller. `offset` had
// better hold values than references.
template <class Offset>
void CopyRows(const void* input, int64_t input_bytes, void* output, int64_t rows, int64_t row_bytes, const Parallel& parallel, const Offset& offsets_of) {
  constexpr int64_t kFarBytes = 1 << 20;
  if (row_bytes == 0) return;
  const auto* from = static_cast<const std::byte*>(input);
  auto* to = static_cast<std::byte*>(output);
  const bool stream = rows * row_bytes >= kStreamBytes, far = input_bytes >= kFarBytes;
  parallel.For(rows, std::max<int64_t>(1, kParallelBytes / row_bytes), [from, to, row_bytes, stream, far, &offsets_of](int64_t begin, int64_t end) {
    const Offset offset = offsets_of;  // a copy: bytes written could change what references refer to
    switch (row_bytes) {  // single elements: a copy of known length is one load and one store
      case 1: return CopyElements(from, reinterpret_cast<uint8_t*>(to), begin, end, far, offset);
      case 2: return CopyElements(from, reinterpret_cast<uint16_t*>(to), begin, end, far, offset);
      case 4: return CopyElements(from, reinterpret_cast<uint32_t*>(to), begin, end, far, offset);
      case 8: return CopyElements(from, reinterpret_cast<uint64_t*>(to), begin, end, far, offset);
      default: {
        int64_t offsets[256 + kOffsetsAhead];
        for (int64_t i = begin, n; i < end; i += n) {
          n = std::min<int64_t>(256, end - i);
          for (int64_t k = 0; k < n + kOffsetsAhead; ++k) offsets[k] = offset(std::min(i + k, end - 1));
          CopyRunsAt(to + i * row_bytes, from, offsets, row_bytes, n, stream);
        }
        if (stream) FinishStreams();
        return;
      }
    }
  });
}

// Calls f(const T*) with the elements of an int16, int32 or int64 tensor.
template <class F>
auto VisitIndices(const Tensor& t, F&& f) {
  switch (t.dtype()) {
    case DType::kInt64: return f(t.data<int64_t>());
    case DType::kInt16: return f(t.data<int16_t>());
    default: return f(t.data<int32_t>());
  }
}

// All elements must lie in [0, size). The scan takes the largest as unsigned, so negative ones count as too large.
template <class T>
Status CheckIndices(const T* indices, int64_t count, int64_t size, int input, std::string_view name) {
  uint64_t largest = 0;
  for (int64_t i = 0; i < count; ++i) largest = std::max(largest, static_cast<uint64_t>(static_cast<int64_t>(indices[i])));
  if (count == 0 || largest < static_cast<uint64_t>(size)) return Ok();
  const T* const bad = std::find_if(indices, indices + count, [&](T x) { return x < 0 || static_cast<int64_t>(x) >= size; });
  return OperandError(Code::kInvalidOperand, input, name,
                      Text("index ", *bad, " at position ", bad - indices, " is outside [0, ", size, ")"));
}

}  // namespace tflower::kernels
