// RESHAPE, SQUEEZE, EXPAND_DIMS: other dims for the same bytes. Source: TFLite ReshapeOptions, SqueezeOptions.
#include "common/check.h"
#include "common/copy.h"

namespace tflower::kernels {
namespace {

// Views whose shape was known are aliased by the host; the others land here.
Status CopyView(const Op& op, const EvalContext& eval, const Shape& dims) {
  const uint64_t bytes = op.Input(0).size_bytes();
  TFLOWER_ENSURE_OUTPUT(op, eval, 0, dims, op.Input(0).dtype() == DType::kString ? bytes : 0);
  CopyBytes(op.Input(0).raw(), op.Output(0).mutable_raw(), static_cast<int64_t>(bytes), eval.parallel());
  return Ok();
}

// What -1 stands for where both shapes have no elements: what is left over when the zeros are left out, as in TF.
int64_t LeftOverOfNothing(std::span<const int64_t> input, const Shape& wanted) {
  const auto product = [](std::span<const int64_t> dims) {
    int64_t n = 1;
    for (int64_t d : dims) if (d > 0 && __builtin_mul_overflow(n, d, &n)) return int64_t{0};
    return n;
  };
  const int64_t parts = product(wanted);
  return parts == 0 ? 0 : product(input) / parts;
}

// `wanted` with its -1, if any, replaced by what the number of elements leaves over.
Result<Shape> ResolveShape(const Tensor& input, Shape wanted) {
  int unknown = -1;
  Shape rest;
  for (int i = 0; i < wanted.rank(); ++i) {
    if (wanted[i] < -1)
      return Error(Code::kInvalidOperand, Text("new shape ", wanted, ": a dimension must be at least 0, or -1 for the one to be computed"));
    if (wanted[i] != -1) {
      rest.push_back(wanted[i]);
    } else if (unknown >= 0) {
      return Error(Code::kInvalidOperand, Text("new shape ", wanted, ": only one dimension can be -1"));
    } else {
      unknown = i;
    }
  }
  TFLOWER_TRY(const int64_t others, CountElements(rest));
  const int64_t count = input.num_elements();
  if (unknown >= 0 && others > 0 && count % others == 0) wanted[unknown] = count / others;
  else if (unknown >= 0 && others == 0 && count == 0) wanted[unknown] = LeftOverOfNothing(input.dims(), wanted);
  else if (unknown >= 0 || others != count) {
    return Error(Code::kInvalidOperand, Text("new shape ", wanted, " does not hold the ", count, " elements of ", input.dims()));
  }
  return wanted;
}

// The shape comes from operand 1, if that is a vector; else from the option new_shape, where files of old converters write [0] for a scalar.
struct Reshape {
  static bool IsOperand(const Op& op) { return op.HasInput(1) && op.Input(1).rank() == 1; }
  static Result<Shape> OutputShape(const Op& op) {
    if (IsOperand(op)) return ForInput(1, "shape", ResolveShape(op.Input(0), IntsOf(op.Input(1))));
    const tfl::Span<int32_t> option = op.Options<tfl::ReshapeOptions>().new_shape;
    if (option.size > kMaxRank) return OptionError("new_shape", Text(option.size, " elements: rank must be at most ", kMaxRank));
    if (op.HasInput(1) && option.size == 0)
      return OperandError(Code::kUnsupportedShape, 1, "shape", Text("has rank ", op.Input(1).rank(), ", must be a vector where there is no option new_shape"));
    Shape wanted;
    for (const int32_t d : option) wanted.push_back(d);
    if (wanted == Shape{0} && op.Input(0).num_elements() == 1) wanted = {};
    return ForOption("new_shape", ResolveShape(op.Input(0), wanted));
  }
  static Status Infer(const Op& op, OpTypes& out) {
    const DType dtype = op.Input(0).dtype();
    if (IsOperand(op)) {
      TFLOWER_CHECK(CheckShapeOperand(op, 1, "shape"));
      if (!Known(op.Input(1))) return out.Unknown(0, dtype, static_cast<int>(op.Input(1).dim(0)));
    }
    TFLOWER_TRY(const Shape dims, OutputShape(op));
    return out.Set(0, dtype, dims);
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    TFLOWER_TRY(const Shape dims, OutputShape(op));
    return CopyView(op, eval, dims);
  }
};

// Removes the dimensions named in squeeze_dims, which must be 1; all that are 1 when none is named.
struct Squeeze {
  static Result<Shape> OutputShape(const Op& op) {
    const Tensor input = op.Input(0);
    const tfl::Span<int32_t> option = op.Options<tfl::SqueezeOptions>().squeeze_dims;
    bool drop[kMaxRank] = {};
    for (int i = 0; i < input.rank(); ++i) drop[i] = option.size == 0 && input.dim(i) == 1;
    for (const int32_t d : option) {
      TFLOWER_TRY(const int axis, ForOption("squeeze_dims", NormalizeAxis(d, input.rank())));
      if (input.dim(axis) != 1) {
        return OptionError("squeeze_dims", Text("dimension ", axis, " of ", input.dims(), " must be 1 to be removed"));
      }
      drop[axis] = true;
    }
    Shape dims;
    for (int i = 0; i < input.rank(); ++i) {
      if (!drop[i]) dims.push_back(input.dim(i));
    }
    return dims;
  }
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_TRY(const Shape dims, OutputShape(op));
    return out.Set(0, op.Input(0).dtype(), dims);
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    TFLOWER_TRY(const Shape dims, OutputShape(op));
    return CopyView(op, eval, dims);
  }
};

// Inserts a 1 at `axis` of the result, axis in [-rank - 1, rank].
struct ExpandDims {
  static Result<Shape> OutputShape(const Op& op) {
    const Tensor input = op.Input(0);
    TFLOWER_TRY(const int axis, ForInput(1, "axis", NormalizeAxis(IntAt(op.Input(1), 0), input.rank() + 1)));
    Shape dims;
    for (int i = 0; i < input.rank(); ++i) {
      if (i == axis) dims.push_back(1);
      dims.push_back(input.dim(i));
    }
    if (axis == input.rank()) dims.push_back(1);
    return dims;
  }
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckRank(op, 0, "input", 0, kMaxRank - 1));
    if (!Known(op.Input(1))) return out.Unknown(0, op.Input(0).dtype(), op.Input(0).rank() + 1);
    TFLOWER_TRY(const Shape dims, OutputShape(op));
    return out.Set(0, op.Input(0).dtype(), dims);
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    TFLOWER_TRY(const Shape dims, OutputShape(op));
    return CopyView(op, eval, dims);
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<Reshape>(tfl::Builtin::RESHAPE, {.inputs = {kAnyType, kI32}, .flags = TFLOWER_KERNEL_VIEW}),
    Kernel<Squeeze>(tfl::Builtin::SQUEEZE, {.flags = TFLOWER_KERNEL_VIEW}),
    Kernel<ExpandDims>(tfl::Builtin::EXPAND_DIMS, {.inputs = {kAnyType, kIndex}, .flags = TFLOWER_KERNEL_VIEW}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(reshape, kRows);
}  // namespace tflower::kernels
