// ONE_HOT: a new axis that holds on_value at each index and off_value elsewhere. Source: TFLite OneHotOptions.
#pragma once

#include <numeric>

#include "gather/rows.h"

namespace tflower::kernels {

// Operands: indices, depth, on_value, off_value. Indices outside [0, depth) give off_value only.
struct OneHot {
  static Result<int64_t> ReadDepth(const Op& op) {
    const int64_t depth = IntAt(op.Input(1), 0);
    if (depth >= 0) return depth;
    return OperandError(Code::kInvalidOperand, 1, "depth", Text(depth, " must be at least 0"));
  }
  static Result<Shape> OutputShape(const Op& op, int64_t depth) {
    const Tensor indices = op.Input(0);
    TFLOWER_TRY(const int axis, ForOption("axis", NormalizeAxis(op.Options<tfl::OneHotOptions>().axis, indices.rank() + 1)));
    Shape dims;
    for (int i = 0; i <= indices.rank(); ++i) {
      if (i == axis) dims.push_back(depth);
      if (i < indices.rank()) dims.push_back(indices.dim(i));
    }
    return dims;
  }
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckRank(op, 0, "indices", 0, kMaxRank - 1));
    int64_t depth = -1;
    if (Known(op.Input(1))) { TFLOWER_TRY(depth, ReadDepth(op)); }
    TFLOWER_TRY(const Shape dims, OutputShape(op, depth));
    return depth < 0 ? out.Set(0, op.Input(2).dtype(), dims) : SetOutput(out, 0, op.Input(2).dtype(), dims);
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    TFLOWER_TRY(const int64_t depth, ReadDepth(op));
    TFLOWER_TRY(const Shape dims, OutputShape(op, depth));
    TFLOWER_ENSURE_OUTPUT(op, eval, 0, dims);
    const Tensor indices = op.Input(0), on = op.Input(2);
    TFLOWER_TRY(const int axis, NormalizeAxis(op.Options<tfl::OneHotOptions>().axis, dims.rank()));
    const int64_t element = ElementBytes(on.dtype()), suffix = Product(dims, axis + 1, dims.rank());
    const int64_t slice = depth * suffix, slices = slice == 0 ? 0 : Product(dims) / slice;
    // Slices [depth, suffix], each of which has `suffix` indices: filled and written to while they are in a cache.
    const std::byte* const value = on.data<std::byte>();
    const bool stream = suffix == 1 && slice * element <= kShortRow && slices * slice * element >= kStreamBytes;
    VisitIndices(indices, [&](const auto* chosen) {
      eval.parallel().For(slices, std::max<int64_t>(1, kParallelBytes / std::max<int64_t>(1, slice * element)), [&](int64_t begin, int64_t end) {
        std::byte* at = op.Output(0).mutable_data<std::byte>() + begin * slice * element;
        if (stream) {
          const Rows rows{end - begin, depth, value, op.Input(3).data<std::byte>(), at};
          switch (element) {
            case 1: return StreamRows<1>(chosen + begin, rows, element);
            case 4: return StreamRows<4>(chosen + begin, rows, element);
            case 8: return StreamRows<8>(chosen + begin, rows, element);
            default: return StreamRows<0>(chosen + begin, rows, element);
          }
        }
        FillElements(op.Input(3).raw(), element, at, (end - begin) * slice);
        const int64_t size = depth, width = suffix, bytes = element, step = slice * element;  // copies: bytes written could change what references refer to
        const auto* index = chosen + begin * width;
        for (int64_t s = begin; s < end; ++s, at += step) {
          for (int64_t i = 0; i < width; ++i, ++index) {
            if (*index >= 0 && *index < size) CopyRun(at + (*index * width + i) * bytes, value, bytes);
          }
        }
      });
    });
    return Ok();
  }

 private:
  static constexpr int64_t kShortRow = 256, kPart = 64 * kShortRow;  // bytes

  struct Rows {
    int64_t count, depth;
    const std::byte *on, *off;
    std::byte* y;
  };

  // Short rows of a large result, a part at a time past the caches. Between parts only what was on goes off. kElement: their bytes, or 0 for any.
  template <int64_t kElement, class Index>
  static void StreamRows(const Index* index, const Rows rows, int64_t element_bytes) {
    alignas(64) std::byte part[kPart];
    const int64_t element = kElement > 0 ? kElement : element_bytes, row = rows.depth * element, whole = 64 / std::gcd(int64_t{64}, row), at_once = kPart / row / whole * whole;  // parts end with lines
    FillElements(rows.off, element, part, at_once * rows.depth);
    for (int64_t done = 0; done < rows.count; done += at_once) {
      const int64_t n = std::min(at_once, rows.count - done);
      const auto set = [&](const std::byte* value) {
        for (int64_t i = 0; i < n; ++i) {
          const auto at = static_cast<int64_t>(index[done + i]);
          if (at >= 0 && at < rows.depth) CopyRun(part + i * row + at * element, value, element);
        }
      };
      set(rows.on);
      CopyRuns({.dst = rows.y + done * row, .src = part, .bytes = n * row, .lines = {1, 0, 0}, .runs = {1, 0, 0}, .stream = true});
      set(rows.off);
    }
    FinishStreams();
  }
};

}  // namespace tflower::kernels
