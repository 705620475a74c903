// Going through the dimensions of a strided copy, for the files that carry it out and for others that take tensors piece by piece.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "common/copy.h"

namespace tflower::kernels {

using Dim = StridedCopy::Dim;

inline constexpr int kMaxWalk = StridedCopy::kMaxDims + 2;

// A place in the cartesian product of some dims, outermost first, and its offsets.
class Walk {
 public:
  Walk(std::span<const Dim> dims, int64_t at) : dims_(dims) {
    for (size_t i = dims.size(); i-- > 0;) {
      index_[i] = at % dims[i].size;
      at /= dims[i].size;
      dst += index_[i] * dims[i].dst_stride;
      src += index_[i] * dims[i].src_stride;
    }
  }
  void Next() {
    for (size_t i = dims_.size(); i-- > 0;) {
      const Dim& d = dims_[i];
      dst += d.dst_stride;
      src += d.src_stride;
      if (++index_[i] < d.size) return;
      dst -= d.size * d.dst_stride;
      src -= d.size * d.src_stride;
      index_[i] = 0;
    }
  }
  // At the end of dimension i.
  bool IsLast(int i) const { return index_[i] == dims_[static_cast<size_t>(i)].size - 1; }

  int64_t dst = 0, src = 0;

 private:
  std::span<const Dim> dims_;
  int64_t index_[kMaxWalk];
};

// Whether elements of so many bytes are moved in registers; others are runs.
inline bool IsFastElement(int64_t bytes) { return bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8 || bytes == 16; }

inline int64_t Count(std::span<const Dim> dims) {
  int64_t count = 1;
  for (const Dim& d : dims) count *= d.size;
  return count;
}

inline int64_t BytesOf(const StridedCopy& copy) { return copy.element_bytes * Count({copy.dims, static_cast<size_t>(copy.rank)}); }

inline int64_t Grain(int64_t bytes_per_unit) { return std::max<int64_t>(1, kParallelBytes / std::max<int64_t>(1, bytes_per_unit)); }

// Visits the cartesian product of `dims` x [0, cut_size) in pieces of at most `piece` of the latter, on parallel's threads:
// body(dst_offset, src_offset, cut_begin, cut_end) where the offsets are those of the dims only.
template <class Body>
void ForPieces(std::span<const Dim> dims, int64_t cut_size, int64_t piece, int64_t bytes_per_cut, const Parallel& parallel,
               const Body& body) {
  const int64_t pieces = (cut_size + piece - 1) / piece;
  parallel.For(Count(dims) * pieces, Grain(bytes_per_cut * std::min(piece, cut_size)), [&](int64_t begin, int64_t end) {
    Walk at(dims, begin / pieces);
    int64_t p = begin % pieces;
    for (int64_t unit = begin; unit < end; ++unit) {
      body(at.dst, at.src, p * piece, std::min(cut_size, (p + 1) * piece));
      if (++p < pieces) continue;
      p = 0;
      at.Next();
    }
  });
}

// A stable sort of few values, without the buffer that the library's has.
template <class T, class Before>
void InOrder(T* values, int count, const Before& before) {
  for (int i = 1; i < count; ++i) {
    for (int k = i; k > 0 && before(values[k], values[k - 1]); --k) std::swap(values[k], values[k - 1]);
  }
}

}  // namespace tflower::kernels
