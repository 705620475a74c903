// SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND: spatial blocks to and from the batch dimension.
#pragma once

#include "common/check.h"
#include "common/copy.h"

namespace tflower::kernels {

// Both operators see one picture: a wide tensor [n, wide..., rest...] and its blocks [blocks * n, narrow..., rest...], where block element
// (offset, k) of dimension i is the wide index k * block[i] + offset - lead[i]. Indices outside the wide tensor are padding (or cropped).
struct Blocks {
  Shape block, lead, trail;
  int64_t count = 1;  // product of block

  // Operands 1 (block_shape [m]) and 2 (paddings or crops [m, 2]); m <= rank - 1 was checked.
  static Result<Blocks> Read(const Op& op, std::string_view edges_name) {
    Blocks b;
    const Tensor block = op.Input(1), edges = op.Input(2);
    for (int i = 0; i < block.dim(0); ++i) {
      b.block.push_back(IntAt(block, i));
      b.lead.push_back(IntAt(edges, 2 * i));
      b.trail.push_back(IntAt(edges, 2 * i + 1));
      if (b.block[i] < 1) return OperandError(Code::kInvalidOperand, 1, "block_shape", Text(b.block, ": a block size must be at least 1"));
      if (b.lead[i] < 0 || b.trail[i] < 0)
        return OperandError(Code::kInvalidOperand, 2, edges_name, Text("[", b.lead[i], ", ", b.trail[i], "] for dimension ", i + 1, " must be at least 0"));
      if (__builtin_mul_overflow(b.count, b.block[i], &b.count))
        return OperandError(Code::kLimit, 1, "block_shape", Text(b.block, " is too large"));
    }
    return b;
  }
  static Status Check(const Op& op, std::string_view edges_name) {
    const int64_t m = op.Input(1).dim(0);
    if (m + 1 > op.Input(0).rank()) {
      return OperandError(Code::kUnsupportedShape, 1, "block_shape",
                          Text(m, " entries need an input of rank ", m + 1, " or more, seen ", op.Input(0).dims()));
    }
    const Tensor edges = op.Input(2);
    if (edges.rank() == 2 && edges.dim(0) == m && edges.dim(1) == 2) return Ok();
    return OperandError(Code::kUnsupportedShape, 2, edges_name, Text("shape ", edges.dims(), " must be [", m, ", 2]"));
  }

  // Whether both tensors have the same elements: no padding, nothing cropped.
  bool IsWhole(std::span<const int64_t> wide, std::span<const int64_t> narrow) const {
    bool whole = true;
    for (int i = 0; i < block.rank(); ++i) whole = whole && lead[i] == 0 && wide[static_cast<size_t>(i) + 1] == narrow[static_cast<size_t>(i) + 1] * block[i];
    return whole;
  }

  // All blocks at once, in the order of the destination.
  void CopyWhole(std::span<const int64_t> wide, const std::byte* wide_data, std::span<const int64_t> narrow, const std::byte* narrow_data, int64_t element, bool to_blocks,
                 const Parallel& parallel) const {
    const int m = block.rank(), rank = static_cast<int>(wide.size());
    const Shape wide_strides = StridesOf(wide), narrow_strides = StridesOf(narrow);
    StridedCopy copy{.element_bytes = element};
    const auto add = [&](int64_t n, int64_t wide_stride, int64_t narrow_stride) {
      copy.Add(n, (to_blocks ? narrow_stride : wide_stride) * element, (to_blocks ? wide_stride : narrow_stride) * element);
    };
    int64_t offset_stride = count * wide[0] * narrow_strides[0];  // of the first block dimension's offsets, in the narrow batch, times its size
    const auto add_offset = [&](int i) {
      offset_stride /= block[i];
      add(block[i], wide_strides[i + 1], offset_stride);
    };
    for (int i = 0; to_blocks && i < m; ++i) add_offset(i);
    add(wide[0], wide_strides[0], narrow_strides[0]);
    for (int i = 0; i < m; ++i) {
      add(narrow[static_cast<size_t>(i) + 1], wide_strides[i + 1] * block[i], narrow_strides[i + 1]);
      if (!to_blocks) add_offset(i);
    }
    for (int i = m + 1; i < rank; ++i) add(wide[static_cast<size_t>(i)], wide_strides[i], narrow_strides[i]);
    copy.Run(to_blocks ? wide_data : narrow_data, const_cast<std::byte*>(to_blocks ? narrow_data : wide_data), parallel);
  }

  // Copies all elements that both tensors have. to_blocks: from wide to narrow, else back.
  void Copy(std::span<const int64_t> wide, const std::byte* wide_data, std::span<const int64_t> narrow, const std::byte* narrow_data,
            int64_t element, bool to_blocks, const Parallel& parallel) const {
    if (IsWhole(wide, narrow)) return CopyWhole(wide, wide_data, narrow, narrow_data, element, to_blocks, parallel);
    const int m = block.rank(), rank = static_cast<int>(wide.size());
    const Shape wide_strides = StridesOf(wide), narrow_strides = StridesOf(narrow);
    for (int64_t b = 0; b < count; ++b) {
      int64_t rest = b, wide_at = 0, narrow_at = b * wide[0] * narrow_strides[0];
      int64_t size[kMaxRank];
      for (int i = m - 1; i >= 0; --i) {
        const auto dim = static_cast<size_t>(i) + 1;
        const int64_t shift = rest % block[i] - lead[i];  // wide index = k * block + shift
        rest /= block[i];
        const int64_t first = shift >= 0 ? 0 : (-shift + block[i] - 1) / block[i];
        const int64_t end = wide[dim] <= shift ? 0 : std::min(narrow[dim], (wide[dim] - shift + block[i] - 1) / block[i]);
        size[i] = std::max<int64_t>(0, end - first);
        if (size[i] == 0) continue;
        wide_at += (first * block[i] + shift) * wide_strides[i + 1];
        narrow_at += first * narrow_strides[i + 1];
      }
      StridedCopy copy{.element_bytes = element};
      const auto add = [&](int64_t n, int64_t wide_stride, int64_t narrow_stride) {
        copy.Add(n, (to_blocks ? narrow_stride : wide_stride) * element, (to_blocks ? wide_stride : narrow_stride) * element);
      };
      add(wide[0], wide_strides[0], narrow_strides[0]);
      for (int i = 0; i < m; ++i) add(size[i], wide_strides[i + 1] * block[i], narrow_strides[i + 1]);
      for (int i = m + 1; i < rank; ++i) add(wide[static_cast<size_t>(i)], wide_strides[i], narrow_strides[i]);
      bool nothing = false;
      for (int i = 0; i < copy.rank; ++i) nothing = nothing || copy.dims[i].size == 0;
      if (nothing) continue;
      const std::byte* const from = to_blocks ? wide_data + wide_at * element : narrow_data + narrow_at * element;
      const std::byte* const to = to_blocks ? narrow_data + narrow_at * element : wide_data + wide_at * element;
      copy.Run(from, const_cast<std::byte*>(to), parallel);
    }
  }
};

// Pads the spatial dimensions with zeros (a quantised tensor with its zero point), then moves blocks into the batch.
struct SpaceToBatchNd {
  static Result<Shape> OutputShape(const Op& op, const Blocks& b) {
    Shape dims(op.Input(0).dims());
    for (int i = 0; i < b.block.rank(); ++i) {
      int64_t padded = 0;
      if (__builtin_add_overflow(b.lead[i], b.trail[i], &padded) || __builtin_add_overflow(padded, dims[i + 1], &padded))
        return OperandError(Code::kLimit, 2, "paddings", "too large");
      if (padded % b.block[i] != 0) {
        return OperandError(Code::kInvalidOperand, 2, "paddings",
                            Text("dimension ", i + 1, " with its padding, ", padded, ", must be a multiple of block size ", b.block[i]));
      }
      dims[i + 1] = padded / b.block[i];
    }
    if (__builtin_mul_overflow(dims[0], b.count, &dims[0]))
      return OperandError(Code::kLimit, 1, "block_shape", Text(b.block, " is too large"));
    TFLOWER_TRY([[maybe_unused]] const int64_t count, CountElements(dims, op.Input(0).dtype()));
    return dims;
  }
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(Blocks::Check(op, "paddings"));
    if (!Known(op.Input(1)) || !Known(op.Input(2))) return out.Unknown(0, op.Input(0).dtype(), op.Input(0).rank());
    TFLOWER_TRY(const Blocks blocks, Blocks::Read(op, "paddings"));
    TFLOWER_TRY(const Shape dims, OutputShape(op, blocks));
    return out.Set(0, op.Input(0).dtype(), dims);
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    TFLOWER_TRY(const Blocks blocks, Blocks::Read(op, "paddings"));
    TFLOWER_TRY(const Shape dims, OutputShape(op, blocks));
    TFLOWER_ENSURE_OUTPUT(op, eval, 0, dims);
    const Tensor input = op.Input(0), output = op.Output(0);
    const int64_t element = ElementBytes(input.dtype());
    if (Product(dims) != input.num_elements()) {
      alignas(16) std::byte zero[16] = {};
      const auto zero_points = output.zero_points();
      if (!zero_points.empty()) std::memcpy(zero, &zero_points[0], static_cast<size_t>(std::min<int64_t>(8, element)));
      Fill(zero, element, output.mutable_raw(), Product(dims), eval.parallel());
    }
    if (input.num_elements() == 0) return Ok();
    blocks.Copy(input.dims(), input.data<std::byte>(), dims, output.data<std::byte>(), element, true, eval.parallel());
    return Ok();
  }
};

// Moves blocks out of the batch, then crops the spatial dimensions.
struct BatchToSpaceNd {
  static Result<Shape> OutputShape(const Op& op, const Blocks& b) {
    Shape dims(op.Input(0).dims());
    if (dims[0] % b.count != 0)
      return OperandError(Code::kInvalidOperand, 1, "block_shape", Text("the batch, ", dims[0], ", must be a multiple of ", b.count));
    dims[0] /= b.count;
    for (int i = 0; i < b.block.rank(); ++i) {
      int64_t size = 0, crop = 0;
      if (__builtin_mul_overflow(dims[i + 1], b.block[i], &size) || __builtin_add_overflow(b.lead[i], b.trail[i], &crop))
        return OperandError(Code::kLimit, 1, "block_shape", Text(b.block, " is too large"));
      if (crop > size) {
        return OperandError(Code::kInvalidOperand, 2, "crops",
                            Text("[", b.lead[i], ", ", b.trail[i], "] for dimension ", i + 1, " must be at most ", size, " together"));
      }
      dims[i + 1] = size - crop;
    }
    TFLOWER_TRY([[maybe_unused]] const int64_t count, CountElements(dims, op.Input(0).dtype()));
    return dims;
  }
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(Blocks::Check(op, "crops"));
    if (!Known(op.Input(1)) || !Known(op.Input(2))) return out.Unknown(0, op.Input(0).dtype(), op.Input(0).rank());
    TFLOWER_TRY(const Blocks blocks, Blocks::Read(op, "crops"));
    TFLOWER_TRY(const Shape dims, OutputShape(op, blocks));
    return out.Set(0, op.Input(0).dtype(), dims);
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    TFLOWER_TRY(const Blocks blocks, Blocks::Read(op, "crops"));
    TFLOWER_TRY(const Shape dims, OutputShape(op, blocks));
    TFLOWER_ENSURE_OUTPUT(op, eval, 0, dims);
    const Tensor input = op.Input(0), output = op.Output(0);
    blocks.Copy(dims, output.data<std::byte>(), input.dims(), input.data<std::byte>(), ElementBytes(input.dtype()), false, eval.parallel());
    return Ok();
  }
};

}  // namespace tflower::kernels
