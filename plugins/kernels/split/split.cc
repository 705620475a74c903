// SPLIT, SPLIT_V, UNPACK: one tensor cut along an axis. Source: TFLite SplitOptions, SplitVOptions, UnpackOptions.
#include <algorithm>

#include "common/check.h"
#include "common/copy.h"
#include "common/planes.h"

namespace tflower::kernels {
namespace {

template <class Sizes>
bool EachIsOne(const Op& op, const Sizes& sizes) {
  for (int i = 0; i < op.num_outputs(); ++i) {
    if (sizes(i) != 1) return false;
  }
  return true;
}

// Output i takes sizes(i) of the axis; the sum of the sizes is the axis. All outputs of a block of rows before the next: the input is read once.
template <class Sizes>
void CopyParts(const Op& op, const EvalContext& eval, const Tensor& input, int axis, const Sizes& sizes) {
  if (op.num_outputs() == 0) return;  // of UNPACK where the axis is empty: the others may have any size
  const int64_t element = ElementBytes(input.dtype());
  const int64_t outer = Product(input.dims(), 0, axis), inner = Product(input.dims(), axis + 1, input.rank()) * element, row = input.dim(axis) * inner;
  if (outer == 0 || row == 0) return;
  const int64_t stream_bytes = outer * row >= kStreamBytes ? 0 : kStreamBytes;  // what counts are all results together
  if (row == op.num_outputs() * element && op.num_outputs() >= 2 && op.num_outputs() <= MostPlanes(element) && EachIsOne(op, sizes)) {
    eval.parallel().For(outer, kParallelBytes / row, [&](int64_t begin, int64_t end) {
      Planes planes{.joined = const_cast<std::byte*>(input.data<std::byte>()) + begin * row, .count = op.num_outputs(), .size = end - begin, .stream = stream_bytes == 0};
      for (int i = 0; i < planes.count; ++i) planes.planes[i] = op.Output(i).mutable_data<std::byte>() + begin * element;
      SplitPlanes(planes, element);
    });
    return;
  }
  const auto copy_rows = [&](int64_t begin, int64_t end, const Parallel& parallel) {
    const auto* from = input.data<std::byte>() + begin * row;
    for (int i = 0; i < op.num_outputs(); ++i) {
      const int64_t part = sizes(i) * inner;
      if (stream_bytes == 0 && part >= kStreamedRun && parallel.threads() == 1) {
        CopyRuns({op.Output(i).mutable_data<std::byte>() + begin * part, from, part, {1, 0, 0}, {end - begin, part, row}, true});
        from += part;
        continue;
      }
      StridedCopy copy{.element_bytes = element, .stream_bytes = stream_bytes};
      copy.Add(end - begin, part, row);
      copy.Add(part / element, element, element);
      copy.Run(from, op.Output(i).mutable_data<std::byte>() + begin * part, parallel);
      from += part;
    }
  };
  if (row > kParallelBytes) {
    copy_rows(0, outer, eval.parallel());
    return FinishStreams();
  }
  // What goes past the caches is best read from one end to the other.
  constexpr int64_t kReadAhead = 16384;
  const int64_t block = std::max<int64_t>(1, (stream_bytes == 0 ? kReadAhead : kParallelBytes) / row);
  eval.parallel().For((outer + block - 1) / block, std::max<int64_t>(1, kParallelBytes / (block * row)), [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) copy_rows(b * block, std::min(outer, (b + 1) * block), Parallel());
    FinishStreams();
  });
}

Shape WithDim(const Tensor& input, int axis, int64_t size) {
  Shape dims(input.dims());
  dims[axis] = size;
  return dims;
}

// num_splits equal parts. Operands: axis, value.
struct Split {
  static Result<int> Axis(const Op& op) {
    const Tensor value = op.Input(1);
    TFLOWER_TRY(const int axis, ForInput(0, "axis", NormalizeAxis(IntAt(op.Input(0), 0), value.rank())));
    if (value.dim(axis) % op.num_outputs() == 0) return axis;
    return OperandError(Code::kUnsupportedShape, 1, "value",
                        Text("dimension ", axis, " of ", value.dims(), " must be a multiple of num_splits, ", op.num_outputs()));
  }
  static Status Infer(const Op& op, OpTypes& out) {
    const Tensor value = op.Input(1);
    const bool known = Known(op.Input(0));
    int axis = 0;
    if (known) { TFLOWER_TRY(axis, Axis(op)); }
    for (int i = 0; i < op.num_outputs(); ++i) {
      TFLOWER_CHECK(known ? out.Set(i, value.dtype(), WithDim(value, axis, value.dim(axis) / op.num_outputs()))
                          : out.Unknown(i, value.dtype(), value.rank()));
    }
    return Ok();
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const Tensor value = op.Input(1);
    TFLOWER_TRY(const int axis, Axis(op));
    const int64_t size = value.dim(axis) / op.num_outputs();
    for (int i = 0; i < op.num_outputs(); ++i) TFLOWER_ENSURE_OUTPUT(op, eval, i, WithDim(value, axis, size));
    CopyParts(op, eval, value, axis, [size](int) { return size; });
    return Ok();
  }
};

// Parts of given sizes, of which one may be -1: the rest. Operands: value, size_splits, axis.
struct SplitV {
  struct Cut {
    int axis = 0;
    int64_t rest = 0;  // size of the -1 part
    const Tensor sizes;
    int64_t Size(int i) const {
      const int64_t size = IntAt(sizes, i);
      return size < 0 ? rest : size;
    }
  };
  static Result<Cut> ReadCut(const Op& op) {
    const Tensor value = op.Input(0), sizes = op.Input(1);
    TFLOWER_TRY(const int axis, ForInput(2, "axis", NormalizeAxis(IntAt(op.Input(2), 0), value.rank())));
    int64_t total = 0;
    int unknown = 0;
    for (int64_t i = 0; i < sizes.num_elements(); ++i) {
      const int64_t size = IntAt(sizes, i);
      if (size < -1)
        return OperandError(Code::kInvalidOperand, 1, "size_splits", Text("size ", size, " must be at least 0, or -1 for the rest"));
      if (size == -1) ++unknown;
      else if (__builtin_add_overflow(total, size, &total))
        return OperandError(Code::kInvalidOperand, 1, "size_splits", "the sum of the sizes is too large");
    }
    if (unknown > 1) return OperandError(Code::kInvalidOperand, 1, "size_splits", "only one size can be -1");
    if (unknown == 0 ? total != value.dim(axis) : total > value.dim(axis)) {
      return OperandError(Code::kInvalidOperand, 1, "size_splits",
                          Text("sizes add up to ", total, ", must give dimension ", axis, " of ", value.dims()));
    }
    return Cut{axis, value.dim(axis) - total, sizes};
  }
  static Status Infer(const Op& op, OpTypes& out) {
    const Tensor value = op.Input(0);
    if (!Known(op.Input(1)) || !Known(op.Input(2))) {
      for (int i = 0; i < op.num_outputs(); ++i) TFLOWER_CHECK(out.Unknown(i, value.dtype(), value.rank()));
      return Ok();
    }
    TFLOWER_TRY(const Cut cut, ReadCut(op));
    for (int i = 0; i < op.num_outputs(); ++i) TFLOWER_CHECK(out.Set(i, value.dtype(), WithDim(value, cut.axis, cut.Size(i))));
    return Ok();
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const Tensor value = op.Input(0);
    TFLOWER_TRY(const Cut cut, ReadCut(op));
    for (int i = 0; i < op.num_outputs(); ++i) TFLOWER_ENSURE_OUTPUT(op, eval, i, WithDim(value, cut.axis, cut.Size(i)));
    CopyParts(op, eval, value, cut.axis, [&cut](int i) { return cut.Size(i); });
    return Ok();
  }
};

// One output for each index along the axis, which disappears.
struct Unpack {
  static Status Infer(const Op& op, OpTypes& out) {
    const auto options = op.Options<tfl::UnpackOptions>();
    const Tensor value = op.Input(0);
    TFLOWER_TRY(const int axis, ForOption("axis", NormalizeAxis(options.axis, value.rank())));
    Shape dims;
    for (int i = 0; i < value.rank(); ++i) {
      if (i != axis) dims.push_back(value.dim(i));
    }
    for (int i = 0; i < op.num_outputs(); ++i) TFLOWER_CHECK(out.Set(i, value.dtype(), dims));
    return Ok();
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    TFLOWER_TRY(const int axis, ForOption("axis", NormalizeAxis(op.Options<tfl::UnpackOptions>().axis, op.Input(0).rank())));
    CopyParts(op, eval, op.Input(0), axis, [](int) { return int64_t{1}; });
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<Split>(tfl::Builtin::SPLIT, {.inputs = {kI32, kPlain}}),
    Kernel<SplitV>(tfl::Builtin::SPLIT_V, {.inputs = {kPlain, kIndex, kI32}}),
    Kernel<Unpack>(tfl::Builtin::UNPACK, {.inputs = {kPlain}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(split, kRows);
}  // namespace tflower::kernels
