// The paddings operand that PAD, PADV2 and MIRROR_PAD share, and the walk over output rows.
#pragma once

#include "common/check.h"
#include "common/copy.h"

namespace tflower::kernels {

// Elements before and after each dimension; output = before + input + after.
struct Padding {
  Shape before, after, output;
  // The last padded axis; -1 when there is no padding at all.
  int LastAxis() const {
    for (int i = output.rank() - 1; i >= 0; --i) {
      if (before[i] != 0 || after[i] != 0) return i;
    }
    return -1;
  }
};

inline Status CheckPaddings(const Op& op) {
  const Tensor input = op.Input(0), paddings = op.Input(1);
  if (paddings.rank() == 2 && paddings.dim(0) == input.rank() && paddings.dim(1) == 2) return Ok();
  return OperandError(Code::kUnsupportedShape, 1, "paddings",
                      Text("shape ", paddings.dims(), " must be [", input.rank(), ", 2] for input ", input.dims()));
}

inline Result<Padding> ReadPaddings(const Op& op) {
  const Tensor input = op.Input(0), paddings = op.Input(1);
  Padding padding;
  for (int i = 0; i < input.rank(); ++i) {
    const int64_t before = IntAt(paddings, 2 * i), after = IntAt(paddings, 2 * i + 1);
    int64_t size = 0;
    if (before < 0 || after < 0) {
      return OperandError(Code::kInvalidOperand, 1, "paddings",
                          Text("[", before, ", ", after, "] for dimension ", i, " must be at least 0"));
    }
    if (__builtin_add_overflow(before, after, &size) || __builtin_add_overflow(size, input.dim(i), &size)) {
      return OperandError(Code::kLimit, 1, "paddings", Text("[", before, ", ", after, "] make dimension ", i, " too large"));
    }
    padding.before.push_back(before);
    padding.after.push_back(after);
    padding.output.push_back(size);
  }
  TFLOWER_TRY([[maybe_unused]] const int64_t count, ForInput(1, "paddings", CountElements(padding.output, input.dtype())));
  return padding;
}

// Infer of all three, after their own checks of the known paddings.
inline Status InferPadded(const Op& op, OpTypes& out) {
  TFLOWER_CHECK(CheckPaddings(op));
  if (!Known(op.Input(1))) return out.Unknown(0, op.Input(0).dtype(), op.Input(0).rank());
  TFLOWER_TRY(const Padding padding, ReadPaddings(op));
  return out.Set(0, op.Input(0).dtype(), padding.output);
}

// For each output row (all indices before `axis` fixed), on parallel's threads: body(row, source_row) where source(i, k) maps output index
// k of dimension i to the input's, or -1 when the row lies in the padding; then source_row is -1.
template <class Source, class Body>
void ForRows(const Shape& output, std::span<const int64_t> input, int axis, int64_t row_bytes, const Parallel& parallel,
             const Source& source, const Body& body) {
  const int64_t grain = std::max<int64_t>(1, kParallelBytes / std::max<int64_t>(1, row_bytes));
  parallel.For(Product(output, 0, axis), grain, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      int64_t rest = row, from = 0, stride = 1;
      for (int i = axis - 1; i >= 0 && from >= 0; --i) {
        const int64_t k = source(i, rest % output[i]);
        rest /= output[i];
        from = k < 0 ? -1 : from + k * stride;
        stride *= input[static_cast<size_t>(i)];
      }
      body(row, from);
    }
  });
}

}  // namespace tflower::kernels
