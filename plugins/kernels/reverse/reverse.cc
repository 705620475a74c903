// REVERSE_V2 and REVERSE_SEQUENCE. Source: TFLite ReverseSequenceOptions.
#include "common/check.h"
#include "common/copy.h"

namespace tflower::kernels {
namespace {

// Reverses along any set of axes. Operands: input, axes (a vector).
struct ReverseV2 {
  struct AxisSet {
    bool has[kMaxRank] = {};
  };
  static Result<AxisSet> ReadAxes(const Op& op) {
    AxisSet axes;
    for (int64_t i = 0; i < op.Input(1).num_elements(); ++i) {
      TFLOWER_TRY(const int axis, ForInput(1, "axes", NormalizeAxis(IntAt(op.Input(1), i), op.Input(0).rank())));
      if (axes.has[axis]) return OperandError(Code::kInvalidOperand, 1, "axes", Text("axis ", axis, " occurs twice"));
      axes.has[axis] = true;
    }
    return axes;
  }
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckShapeOperand(op, 1, "axes"));
    if (Known(op.Input(1))) { TFLOWER_TRY([[maybe_unused]] const AxisSet axes, ReadAxes(op)); }
    return out.SameAs(0, op.Input(0));
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const Tensor input = op.Input(0);
    TFLOWER_TRY(const AxisSet axes, ReadAxes(op));
    const Shape strides = StridesOf(input.dims());
    StridedCopy copy{.element_bytes = ElementBytes(input.dtype())};
    int64_t last = 0;
    for (int i = 0; i < input.rank(); ++i) {
      const int64_t stride = strides[i] * copy.element_bytes;
      copy.Add(input.dim(i), stride, axes.has[i] ? -stride : stride);
      if (axes.has[i]) last += (input.dim(i) - 1) * stride;
    }
    copy.Run(input.data<std::byte>() + last, op.Output(0).mutable_raw(), eval.parallel());
    return Ok();
  }
};

// Reverses the first seq_lengths[b] elements along seq_dim of each entry b of batch_dim; the others stay.
struct ReverseSequence {
  struct Axes {
    int sequence, batch;
  };
  static Axes ReadAxes(const Op& op) {
    const auto options = op.Options<tfl::ReverseSequenceOptions>();
    return {options.seq_dim, options.batch_dim};
  }
  static Status Infer(const Op& op, OpTypes& out) { return out.SameAs(0, op.Input(0)); }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const Tensor input = op.Input(0), lengths = op.Input(1);
    const Axes axes = ReadAxes(op);
    const int64_t size = input.dim(axes.sequence);
    for (int64_t b = 0; b < lengths.num_elements(); ++b) {
      const int64_t length = IntAt(lengths, b);
      if (length < 0 || length > size) {
        return OperandError(Code::kInvalidOperand, 1, "seq_lengths",
                            Text("length ", length, " of entry ", b, " must lie in [0, ", size, "]"));
      }
    }
    for (int64_t b = 0; b < lengths.num_elements(); ++b) {
      const int64_t length = IntAt(lengths, b);
      CopyPart(op, eval, axes, b, 0, length, true);
      CopyPart(op, eval, axes, b, length, size - length, false);
    }
    return Ok();
  }

 private:
  // Elements [begin, begin + count) along the sequence of batch entry b.
  static void CopyPart(const Op& op, const EvalContext& eval, const Axes& axes, int64_t b, int64_t begin, int64_t count, bool reversed) {
    const Tensor input = op.Input(0);
    if (count == 0) return;
    const int64_t element = ElementBytes(input.dtype());
    const Shape strides = StridesOf(input.dims());
    StridedCopy copy{.element_bytes = element};
    for (int i = 0; i < input.rank(); ++i) {
      const int64_t stride = strides[i] * element;
      if (i != axes.batch) copy.Add(i == axes.sequence ? count : input.dim(i), stride, i == axes.sequence && reversed ? -stride : stride);
    }
    const int64_t at = (b * strides[axes.batch] + begin * strides[axes.sequence]) * element;
    const int64_t from = at + (reversed ? (count - 1) * strides[axes.sequence] * element : 0);
    copy.Run(input.data<std::byte>() + from, op.Output(0).mutable_data<std::byte>() + at, eval.parallel());
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<ReverseV2>(tfl::Builtin::REVERSE_V2, {.inputs = {kPlain, kI32}}),
    Kernel<ReverseSequence>(tfl::Builtin::REVERSE_SEQUENCE, {.inputs = {kPlain, kIndex}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(reverse, kRows);
}  // namespace tflower::kernels
