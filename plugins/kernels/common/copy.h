// Moving elements: one strided n-dimensional copy serves transpose, slice, pad, tile, broadcast, concat, reverse and space/depth.
//
//   StridedCopy copy{.element_bytes = 4};
//   copy.Add(rows, /*dst_stride=*/4, /*src_stride=*/cols * 4);   // outermost dimension first; strides in bytes, may be 0 (src) or < 0
//   copy.Add(cols, rows * 4, 4);
//   copy.Run(src, dst, eval.parallel());
//
// Nothing here allocates or fails; the caller has checked that every address lies inside its tensor. src and dst must not overlap.
// Thread-safety: any thread; work of at least kParallelBytes is split over parallel's threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "common/dims.h"
#include "tflower/parallel.h"

namespace tflower::kernels {

// Smallest piece of copying worth a thread.
inline constexpr int64_t kParallelBytes = 64 * 1024;

// Results of this size are not expected in a cache when they are read: they are written past the caches.
inline constexpr int64_t kStreamBytes = 8 << 20;

// dst[sum i_k * dst_stride_k] = src[sum i_k * src_stride_k] for all i_k < size_k, element by element of element_bytes (1, 2, 4, 8, 16 are
// fast). No two elements may go to the same place. A size of 0 copies nothing.
struct StridedCopy {
  static constexpr int kMaxDims = 2 * kMaxRank;
  struct Dim {
    int64_t size, dst_stride, src_stride;
  };

  int64_t element_bytes = 1;
  int rank = 0;
  Dim dims[kMaxDims] = {};
  int64_t stream_bytes = kStreamBytes;

  void Add(int64_t size, int64_t dst_stride, int64_t src_stride) { dims[rank++] = {size, dst_stride, src_stride}; }
  void Run(const void* src, void* dst, const Parallel& parallel) const;
};

struct Bytes16 {
  uint64_t low, high;
};

// memcpy with lengths up to 128 inline: two loads that overlap cover n in [k, 2k].
inline void CopyRun(std::byte* dst, const std::byte* src, int64_t n) {
  struct Bytes32 { Bytes16 parts[2]; };
  struct Bytes64 { Bytes16 parts[4]; };
  const auto two = [&]<class T>(T) {
    T head, tail;
    std::memcpy(&head, src, sizeof(T));
    std::memcpy(&tail, src + n - static_cast<int64_t>(sizeof(T)), sizeof(T));
    std::memcpy(dst, &head, sizeof(T));
    std::memcpy(dst + n - static_cast<int64_t>(sizeof(T)), &tail, sizeof(T));
  };
  if (n > 128) std::memcpy(dst, src, static_cast<size_t>(n));
  else if (n >= 64) two(Bytes64{});
  else if (n >= 32) two(Bytes32{});
  else if (n >= 16) two(Bytes16{});
  else if (n >= 8) two(uint64_t{});
  else if (n >= 4) two(uint32_t{});
  else
    for (int64_t i = 0; i < n; ++i) dst[i] = src[i];
}

// Runs from here on may be written past the caches: only whole lines can.
inline constexpr int64_t kStreamedRun = 256;

// Runs of `bytes`: lines.size lines of runs.size runs. On the calling thread; stream: past the caches, until FinishStreams for this thread alone to see.
struct RunBlock {
  std::byte* dst;
  const std::byte* src;
  int64_t bytes;
  StridedCopy::Dim lines, runs;
  bool stream = false;
};
void CopyRuns(const RunBlock& block);
void FinishStreams();
// Runs from src + offsets[i] to places one behind the other. There are kOffsetsAhead offsets behind the last one: of what is copied next, which is fetched meanwhile, or any. stream: as above.
inline constexpr int64_t kOffsetsAhead = 64;
void CopyRunsAt(std::byte* dst, const std::byte* src, const int64_t* offsets, int64_t bytes, int64_t count, bool stream);

// dst[0, bytes) = src[0, bytes); the same address is allowed and copies nothing.
void CopyBytes(const void* src, void* dst, int64_t bytes, const Parallel& parallel);

// dst[0, count) = the element of element_bytes (1, 2, 4, 8 or 16) at `element`; FillElements on the calling thread only.
void FillElements(const void* element, int64_t element_bytes, void* dst, int64_t count);
void Fill(const void* element, int64_t element_bytes, void* dst, int64_t count, const Parallel& parallel);

}  // namespace tflower::kernels
