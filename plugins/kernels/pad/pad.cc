// PAD, PADV2, MIRROR_PAD. Source: TFLite MirrorPadOptions.
#include "pad/padding.h"

#include <cstring>

namespace tflower::kernels {
namespace {

// Constant padding with the element at `value`.
Status PadWith(const Op& op, const EvalContext& eval, const void* value) {
  TFLOWER_TRY(const Padding padding, ReadPaddings(op));
  TFLOWER_ENSURE_OUTPUT(op, eval, 0, padding.output);
  const Tensor input = op.Input(0), output = op.Output(0);
  const int axis = padding.LastAxis();
  if (axis < 0) {
    CopyBytes(input.raw(), output.mutable_raw(), static_cast<int64_t>(input.size_bytes()), eval.parallel());
    return Ok();
  }
  const int64_t element = ElementBytes(input.dtype()), inner = Product(input.dims(), axis + 1, input.rank());
  const int64_t left = padding.before[axis] * inner, middle = input.dim(axis) * inner, right = padding.after[axis] * inner;
  const int64_t row_elements = left + middle + right;
  const auto* const from = input.data<std::byte>();
  auto* const to = output.mutable_data<std::byte>();
  ForRows(
      padding.output, input.dims(), axis, row_elements * element, eval.parallel(),
      [&](int i, int64_t k) { return k < padding.before[i] || k - padding.before[i] >= input.dim(i) ? -1 : k - padding.before[i]; },
      [&](int64_t row, int64_t source) {
        std::byte* const at = to + row * row_elements * element;
        if (source < 0) return FillElements(value, element, at, row_elements);
        FillElements(value, element, at, left);
        if (middle > 0) std::memcpy(at + left * element, from + source * middle * element, static_cast<size_t>(middle * element));
        FillElements(value, element, at + (left + middle) * element, right);
      });
  return Ok();
}

// Pads with zero: for a quantised tensor, with the zero point of the output.
struct Pad {
  static Status Infer(const Op& op, OpTypes& out) {
    return InferPadded(op, out);
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    alignas(16) std::byte zero[16] = {};
    const auto zero_points = op.Output(0).zero_points();
    if (!zero_points.empty())
      std::memcpy(zero, &zero_points[0], static_cast<size_t>(std::min<int64_t>(8, ElementBytes(op.Input(0).dtype()))));
    return PadWith(op, eval, zero);
  }
};

struct PadV2 {
  static Status Infer(const Op& op, OpTypes& out) {
    if (!SameQuantization(op.Input(2), op.Input(0)))
      return OperandError(Code::kUnsupportedType, 2, "constant_value",
                          "scale or zero point differ from those of input 0: they must be equal");
    return InferPadded(op, out);
  }
  static Status Eval(const Op& op, const EvalContext& eval) { return PadWith(op, eval, op.Input(2).raw()); }
};

// Pads with the tensor mirrored at its borders: without the border element (REFLECT) or with it (SYMMETRIC).
struct MirrorPad {
  static Result<Padding> Read(const Op& op) {
    TFLOWER_TRY(const Padding padding, ReadPaddings(op));
    for (int i = 0; i < padding.output.rank(); ++i) {
      const int64_t most = op.Input(0).dim(i) - Skipped(op);
      if (padding.before[i] <= std::max<int64_t>(0, most) && padding.after[i] <= std::max<int64_t>(0, most)) continue;
      return OperandError(Code::kInvalidOperand, 1, "paddings",
                          Text("[", padding.before[i], ", ", padding.after[i], "] for dimension ", i, " of ", op.Input(0).dims(),
                               " must be at most ", std::max<int64_t>(0, most)));
    }
    return padding;
  }
  // Border elements that are not repeated.
  static int64_t Skipped(const Op& op) { return op.Options<tfl::MirrorPadOptions>().mode == tfl::MirrorPadMode::REFLECT ? 1 : 0; }

  static Status Infer(const Op& op, OpTypes& out) {
    const auto mode = op.Options<tfl::MirrorPadOptions>().mode;
    if (mode != tfl::MirrorPadMode::REFLECT && mode != tfl::MirrorPadMode::SYMMETRIC)
      return OptionError("mode", Text("value ", static_cast<int>(mode), " must be REFLECT (0) or SYMMETRIC (1)"));
    TFLOWER_CHECK(InferPadded(op, out));
    if (!Known(op.Input(1))) return Ok();
    TFLOWER_TRY([[maybe_unused]] const Padding padding, Read(op));
    return Ok();
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    TFLOWER_TRY(const Padding padding, Read(op));
    TFLOWER_ENSURE_OUTPUT(op, eval, 0, padding.output);
    const Tensor input = op.Input(0), output = op.Output(0);
    const int axis = std::max(padding.LastAxis(), 0);
    if (padding.output.rank() == 0) {
      CopyBytes(input.raw(), output.mutable_raw(), static_cast<int64_t>(input.size_bytes()), eval.parallel());
      return Ok();
    }
    const int64_t skipped = Skipped(op), step = Product(input.dims(), axis + 1, input.rank()) * ElementBytes(input.dtype());
    const int64_t size = input.dim(axis), left = padding.before[axis], row = padding.output[axis];
    const auto mirror = [&](int i, int64_t k) {
      const int64_t n = input.dim(i), x = k - padding.before[i];
      return x < 0 ? -x - 1 + skipped : x >= n ? 2 * n - 1 - x - skipped : x;
    };
    const auto* const from = input.data<std::byte>();
    auto* const to = output.mutable_data<std::byte>();
    ForRows(padding.output, input.dims(), axis, row * step, eval.parallel(), mirror, [&](int64_t r, int64_t source) {
      const std::byte* const in = from + source * size * step;
      std::byte* const at = to + r * row * step;
      for (int64_t k = 0; k < left; ++k) std::memcpy(at + k * step, in + mirror(axis, k) * step, static_cast<size_t>(step));
      std::memcpy(at + left * step, in, static_cast<size_t>(size * step));
      for (int64_t k = left + size; k < row; ++k) std::memcpy(at + k * step, in + mirror(axis, k) * step, static_cast<size_t>(step));
    });
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<Pad>(tfl::Builtin::PAD, {.inputs = {kPlain, kIndex}}),
    Kernel<PadV2>(tfl::Builtin::PADV2, {.inputs = {kPlain, kIndex, kPlain}}),
    Kernel<MirrorPad>(tfl::Builtin::MIRROR_PAD, {.inputs = {kPlain, kIndex}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(pad, kRows);
}  // namespace tflower::kernels
