// SLICE and STRIDED_SLICE: a box of a tensor, for the latter with steps, dropped and new dimensions.
#include "common/check.h"
#include "common/copy.h"
#include "common/on_int4.h"
#include "common/strings.h"
#include "slice/strided_slice.h"

namespace tflower::kernels {
namespace {

// Copies the elements at start + k * step of each dimension, k in [0, count), densely to output 0.
void CopyBox(const Op& op, const EvalContext& eval, const Shape& start, const Shape& step, const Shape& count) {
  const Tensor input = op.Input(0);
  const int64_t element = ElementBytes(input.dtype());
  const Shape from = StridesOf(input.dims()), to = StridesOf(count);
  StridedCopy copy{.element_bytes = element};
  int64_t offset = 0;
  for (int i = 0; i < count.rank(); ++i) {
    offset += start[i] * from[i] * element;
    // A lone element has no step; an outsized one must not be multiplied.
    copy.Add(count[i], to[i] * element, count[i] <= 1 ? 0 : step[i] * from[i] * element);
  }
  if (Product(count) == 0) return;
  copy.Run(input.data<std::byte>() + offset, op.Output(0).mutable_raw(), eval.parallel());
}

// input[begin[i] .. begin[i] + size[i]), where size -1 is all that follows.
struct Slice {
  static Result<Shape> ReadBegin(const Op& op) {
    const Tensor input = op.Input(0);
    const Shape begin = IntsOf(op.Input(1));
    for (int i = 0; i < input.rank(); ++i) {
      if (begin[i] < 0 || begin[i] > input.dim(i)) {
        return OperandError(Code::kInvalidOperand, 1, "begin", Text(begin, ": entry ", i, " must lie in [0, ", input.dim(i), "]"));
      }
    }
    return begin;
  }
  static Result<Shape> ReadSize(const Op& op, const Shape& begin) {
    const Tensor input = op.Input(0);
    Shape size = IntsOf(op.Input(2));
    for (int i = 0; i < input.rank(); ++i) {
      const int64_t rest = input.dim(i) - begin[i];
      if (size[i] < -1 || size[i] > rest) {
        return OperandError(Code::kInvalidOperand, 2, "size",
                            Text(size, ": entry ", i, " must lie in [0, ", rest, "], or be -1 for the rest"));
      }
      if (size[i] == -1) size[i] = rest;
    }
    return size;
  }
  // The box's size is known where it is a number, its place is not.
  static Status InferUnplaced(const Op& op, OpTypes& out) {
    TFLOWER_TRY(const Shape largest, ReadSize(op, Shape::Filled(op.Input(0).rank(), 0)));
    const Shape size = IntsOf(op.Input(2));
    Shape dims;
    for (int i = 0; i < size.rank(); ++i) dims.push_back(size[i] == -1 ? -1 : largest[i]);
    return out.Set(0, op.Input(0).dtype(), dims);
  }
  static Status Infer(const Op& op, OpTypes& out) {
    const Tensor input = op.Input(0);
    if (!Known(op.Input(2))) return out.Unknown(0, input.dtype(), input.rank());
    if (!Known(op.Input(1))) return InferUnplaced(op, out);
    TFLOWER_TRY(const Shape begin, ReadBegin(op));
    TFLOWER_TRY(const Shape size, ReadSize(op, begin));
    return out.Set(0, input.dtype(), size);
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    TFLOWER_TRY(const Shape begin, ReadBegin(op));
    TFLOWER_TRY(const Shape size, ReadSize(op, begin));
    TFLOWER_ENSURE_OUTPUT(op, eval, 0, size);
    CopyBox(op, eval, begin, Shape::Filled(size.rank(), 1), size);
    return Ok();
  }
};

struct StridedSlice {
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckShapeOperand(op, 1, "begin"));
    const int64_t entries = op.Input(1).dim(0);
    TFLOWER_TRY(const int rank,
                StridedSliceReader::OutputRank(op.Options<tfl::StridedSliceOptions>(), static_cast<int>(entries), op.Input(0).rank()));
    if (rank > kMaxRank) return OptionError("new_axis_mask", Text("the output has rank ", rank, ", must be at most ", kMaxRank));
    TFLOWER_TRY(const StridedSliceSpec spec, StridedSliceReader::Read(op));
    return out.Set(0, op.Input(0).dtype(), spec.output);
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    TFLOWER_TRY(const StridedSliceSpec spec, StridedSliceReader::Read(op));
    TFLOWER_ENSURE_OUTPUT(op, eval, 0, spec.output);
    CopyBox(op, eval, spec.start, spec.step, spec.count);
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<Slice>(tfl::Builtin::SLICE, {.inputs = {kPlain, kIndex, kIndex}}),
    Kernel<OnInt4<Slice>>(tfl::Builtin::SLICE, {.inputs = {kInt4, kIndex, kIndex}, .outputs = {kInt4}}),
    Kernel<OnStrings<Slice>>(tfl::Builtin::SLICE, {.inputs = {kStrings, kIndex, kIndex}, .outputs = {kStrings}}),
    Kernel<StridedSlice>(tfl::Builtin::STRIDED_SLICE, {.inputs = {kPlain, kI32, kI32, kI32}}),
    Kernel<OnStrings<StridedSlice>>(tfl::Builtin::STRIDED_SLICE, {.inputs = {kStrings, kI32, kI32, kI32}, .outputs = {kStrings}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(slice, kRows);
}  // namespace tflower::kernels
