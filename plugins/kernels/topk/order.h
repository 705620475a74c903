// TOPK_V2, ARG_MAX, ARG_MIN: positions of large and small elements.
#pragma once

#include <algorithm>
#include <limits>
#include <type_traits>

#include "common/check.h"
#include "common/copy_walk.h"
#include "topk/arg.h"

namespace tflower::kernels {

template <class T>
bool IsNaN(T x) {
  return x != x;
}

// The k largest of each row (last dimension), largest first; equal ones by position; a NaN counts as less than everything. Index: type of
// the positions.
template <class Index>
struct TopK {
  static Result<int64_t> ReadK(const Op& op) {
    const int64_t k = IntAt(op.Input(1), 0), n = op.Input(0).dim(-1);
    if (k >= 0 && k <= n) return k;
    return OperandError(Code::kInvalidOperand, 1, "k", Text(k, " must lie in [0, ", n, "], the last dimension of the input"));
  }
  static Status Infer(const Op& op, OpTypes& out) {
    const Tensor input = op.Input(0);
    if (input.dim(-1) - 1 > std::numeric_limits<Index>::max()) {
      return OperandError(Code::kUnsupportedShape, 0, "input",
                          Text("the last dimension of ", input.dims(), " is too large for the type of the indices"));
    }
    Shape dims(input.dims());
    dims[dims.rank() - 1] = -1;
    if (Known(op.Input(1))) { TFLOWER_TRY(dims[dims.rank() - 1], ReadK(op)); }
    TFLOWER_CHECK(out.Set(0, input.dtype(), dims));
    return out.Set(1, DTypeOf<Index>::value, dims);
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    TFLOWER_TRY(const int64_t k, ReadK(op));
    const Tensor input = op.Input(0);
    Shape dims(input.dims());
    dims[dims.rank() - 1] = k;
    TFLOWER_ENSURE_OUTPUT(op, eval, 0, dims);
    TFLOWER_ENSURE_OUTPUT(op, eval, 1, dims);
    const int64_t rows = Product(dims, 0, dims.rank() - 1), n = input.dim(-1);
    VisitNumeric(input.dtype(), [&]<class T>(T) {
      eval.parallel().For(rows, std::max<int64_t>(1, kParallelBytes / 16 / n), [&](int64_t begin, int64_t end) {
        for (int64_t r = begin; r < end; ++r) {
          const T* const x = input.data<T>() + r * n;
          Index* const indices = op.Output(1).template mutable_data<Index>() + r * k;
          SelectRow(x, n, k, indices);
          T* const values = op.Output(0).template mutable_data<T>() + r * k;
          for (int64_t i = 0; i < k; ++i) values[i] = x[indices[i]];
        }
      });
    });
    return Ok();
  }

 private:
  // A heap of the best k so far lives in the output, the worst of them on top.
  template <class T>
  static void SelectRow(const T* x, int64_t n, int64_t k, Index* best) {
    const auto before = [x](Index a, Index b) {
      if (x[a] > x[b]) return true;
      if (x[a] < x[b]) return false;
      const bool a_nan = IsNaN(x[a]), b_nan = IsNaN(x[b]);
      return a_nan != b_nan ? b_nan : a < b;
    };
    for (int64_t i = 0; i < k; ++i) best[i] = static_cast<Index>(i);
    std::make_heap(best, best + k, before);
    for (int64_t i = k; i < n; ++i) {
      if (!before(static_cast<Index>(i), best[0])) continue;
      std::pop_heap(best, best + k, before);
      best[k - 1] = static_cast<Index>(i);
      std::push_heap(best, best + k, before);
    }
    std::sort_heap(best, best + k, before);
  }
};

// Position of the first largest (or smallest) element along an axis, which disappears. NaNs are passed over; 0 where all are NaN.
template <bool kMax, class Options>
struct ArgExtreme {
  static Result<int> ReadAxis(const Op& op) {
    const Tensor input = op.Input(0);
    return ForInput(1, "axis", NormalizeAxis(IntAt(op.Input(1), 0), input.rank()));
  }
  static Shape Without(const Tensor& input, int axis) {
    Shape dims;
    for (int i = 0; i < input.rank(); ++i) {
      if (i != axis) dims.push_back(input.dim(i));
    }
    return dims;
  }
  static Status Infer(const Op& op, OpTypes& out) {
    const auto type = static_cast<DType>(op.Options<Options>().output_type);
    if (type != DType::kInt32 && type != DType::kInt64) return OptionError("output_type", Text(NameOf(type), " must be int32 or int64"));
    if (!Known(op.Input(1))) return out.Unknown(0, type, op.Input(0).rank() - 1);
    TFLOWER_TRY(const int axis, ReadAxis(op));
    return out.Set(0, type, Without(op.Input(0), axis));
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    TFLOWER_TRY(const int axis, ReadAxis(op));
    const Tensor input = op.Input(0);
    const Shape dims = Without(input, axis);
    TFLOWER_ENSURE_OUTPUT(op, eval, 0, dims);
    const Tensor output = op.Output(0);
    const int64_t outer = Product(input.dims(), 0, axis), n = input.dim(axis), inner = Product(input.dims(), axis + 1, input.rank());
    if (n == 0)
      return OperandError(Code::kInvalidOperand, 0, "input",
                          Text("dimension ", axis, " of ", input.dims(), " is empty: there is no largest or smallest element"));
    if (n > INT32_MAX && inner > 1) return OperandError(Code::kUnsupportedShape, 0, "input", Text("dimension ", axis, " of ", input.dims(), " is above 2147483647"));
    if (inner == 1 && input.dtype() == DType::kFloat32) {
      eval.parallel().For(outer, std::max<int64_t>(1, kParallelBytes / (n * static_cast<int64_t>(sizeof(float)))), [&](int64_t begin, int64_t end) { RowsF32(input, n, begin, end, output); });
    } else {
      const int64_t size = ElementBytes(input.dtype()), index_size = ElementBytes(output.dtype());
      const Dim blocks = {outer, inner * index_size, n * inner * size};
      ForPieces({&blocks, 1}, inner, kArgColumns, n * size, eval.parallel(), [&](int64_t to, int64_t from, int64_t first, int64_t last) {
        ArgColumns({.largest = kMax, .type = input.dtype(), .x = input.data<std::byte>() + from + first * size, .n = n, .inner = inner, .columns = last - first, .index = output.dtype(),
                    .positions = output.mutable_data<std::byte>() + to + first * index_size});
      });
    }
    return Ok();
  }

 private:
  static void RowsF32(const Tensor& input, int64_t n, int64_t begin, int64_t end, const Tensor& output) {
    constexpr int64_t kRows = 64;
    int64_t places[kRows];
    for (int64_t first = begin; first < end; first += kRows) {
      const int64_t count = std::min(kRows, end - first);
      ArgRowsF32(kMax, input.data<float>() + first * n, count, n, places);
      if (output.dtype() == DType::kInt64) std::copy_n(places, count, output.mutable_data<int64_t>() + first);
      else std::transform(places, places + count, output.mutable_data<int32_t>() + first, [](int64_t p) { return static_cast<int32_t>(p); });
    }
  }
};

}  // namespace tflower::kernels
