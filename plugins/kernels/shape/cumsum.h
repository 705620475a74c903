// CUMSUM: running sums along one axis. Source: TFLite CumsumOptions.
#pragma once

#include "common/check.h"
#include "common/copy_walk.h"

namespace tflower::kernels {

// Running sums along rows of n values of 4 bytes, several rows at once; returns how many rows are done. x == y is not allowed. stream: past the caches.
int64_t CumsumRows(DType type, const void* x, int64_t rows, int64_t n, bool exclusive, bool reverse, bool stream, void* y);

// Past the caches: running sums down `columns` of [n, step], values of 4 bytes. Lines of y begin with cache lines. A negative step leads to the line before.
void CumsumLines(DType type, const void* x, int64_t n, int64_t step, int64_t columns, bool exclusive, void* y);

// exclusive: element i is not part of its own sum. reverse: sums run from the end. Integers wrap around.
template <class T>
struct Cumsum {
  // Unsigned for integers, where overflow is defined.
  using Sum = typename std::conditional_t<std::is_integral_v<T>, std::make_unsigned<T>, std::type_identity<T>>::type;

  static Status Infer(const Op& op, OpTypes& out) {
    if (Known(op.Input(1))) {
      TFLOWER_TRY([[maybe_unused]] const int axis, ForInput(1, "axis", NormalizeAxis(IntAt(op.Input(1), 0), op.Input(0).rank())));
    }
    return out.SameAs(0, op.Input(0));
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const Tensor input = op.Input(0);
    TFLOWER_TRY(const int axis, ForInput(1, "axis", NormalizeAxis(IntAt(op.Input(1), 0), input.rank())));
    if (input.num_elements() == 0) return Ok();
    const auto options = op.Options<tfl::CumsumOptions>();
    const int64_t outer = Product(input.dims(), 0, axis), n = input.dim(axis), inner = Product(input.dims(), axis + 1, input.rank());
    const T* const x = input.data<T>();
    T* const y = op.Output(0).mutable_data<T>();
    const bool whole_lines = (reinterpret_cast<uintptr_t>(y) | static_cast<uintptr_t>((inner > 1 ? inner : n) * int64_t{sizeof(T)})) % 64 == 0;
    const bool stream = sizeof(T) == 4 && whole_lines && input.num_elements() * int64_t{sizeof(T)} >= kStreamBytes;
    if (inner > 1) {
      const Dim blocks = {outer, n * inner, n * inner};
      ForPieces({&blocks, 1}, inner, kLine, n * int64_t{sizeof(T)}, eval.parallel(), [&](int64_t to, int64_t from, int64_t first, int64_t last) {
        if (stream) {
          const int64_t start = options.reverse ? (n - 1) * inner : 0, step = options.reverse ? -inner : inner;
          return CumsumLines(DTypeOf<T>::value, x + from + first + start, n, step, last - first, options.exclusive, y + to + first + start);
        }
        Lines(x + from + first, y + to + first, n, inner, last - first, options);
      });
      return Ok();
    }
    const int64_t grain = std::max<int64_t>(1, kParallelBytes / (n * static_cast<int64_t>(sizeof(T))));
    eval.parallel().For(outer, grain, [&](int64_t begin, int64_t end) {
      int64_t o = begin;
      if constexpr (sizeof(T) == 4) o += CumsumRows(DTypeOf<T>::value, x + o * n, end - o, n, options.exclusive, options.reverse, stream, y + o * n);
      for (; o + kRows <= end; o += kRows) Rows<kRows>(x + o * n, y + o * n, n, options);
      for (; o < end; ++o) Rows<1>(x + o * n, y + o * n, n, options);
    });
    return Ok();
  }

 private:
  static constexpr int kRows = 8;
  static constexpr int64_t kLine = 16384;  // of this one and the one before are in a cache, and long enough for memory

  // kCount rows [n] at once: each sum waits for the one before it, so several in flight hide the latency of an addition.
  template <int kCount>
  static void Rows(const T* x, T* y, int64_t n, const tfl::CumsumOptions& options) {
    T sums[kCount] = {};
    for (int64_t i = 0; i < n; ++i) {
      const int64_t at = options.reverse ? n - 1 - i : i;
      for (int r = 0; r < kCount; ++r) {
        const T before = sums[r];
        sums[r] = i == 0 ? x[r * n + at] : static_cast<T>(static_cast<Sum>(before) + static_cast<Sum>(x[r * n + at]));  // -0 stays
        y[r * n + at] = options.exclusive ? before : sums[r];
      }
    }
  }

  // `columns` of [n, inner]: line i of y is line i - 1 of y (or 0) plus a line of x; x == y is not allowed.
  static void Lines(const T* x, T* y, int64_t n, int64_t inner, int64_t columns, const tfl::CumsumOptions& options) {
    const int64_t step = options.reverse ? -inner : inner;
    const int64_t first = options.reverse ? (n - 1) * inner : 0;
    for (int64_t i = 0; i < n; ++i) {
      T* const to = y + first + i * step;
      if (i == 0) {
        for (int64_t k = 0; k < columns; ++k) to[k] = options.exclusive ? T{0} : x[first + k];
        continue;
      }
      const T* const before = to - step;
      const T* const from = x + first + (options.exclusive ? i - 1 : i) * step;
      for (int64_t k = 0; k < columns; ++k) to[k] = static_cast<T>(static_cast<Sum>(before[k]) + static_cast<Sum>(from[k]));
    }
  }
};

}  // namespace tflower::kernels
