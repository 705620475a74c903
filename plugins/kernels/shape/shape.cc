// SHAPE and RANK, and the rows of everything that makes or repeats tensors from shapes. Source: TFLite ShapeOptions.
#include "common/strings.h"
#include "shape/broadcast.h"
#include "shape/cumsum.h"
#include "shape/fill.h"

namespace tflower::kernels {
namespace {

struct ShapeKernel {
  static Status Infer(const Op& op, OpTypes& out) {
    const auto type = static_cast<DType>(op.Options<tfl::ShapeOptions>().out_type);
    if (type != DType::kInt32 && type != DType::kInt64) return OptionError("out_type", Text(NameOf(type), " must be int32 or int64"));
    for (const int64_t d : op.Input(0).dims()) {
      if (type == DType::kInt32 && d > INT32_MAX) return OptionError("out_type", Text("dimension ", d, " does not fit int32"));
    }
    return out.Set(0, type, Shape{op.Input(0).rank()});
  }
  static Status Eval(const Op& op, const EvalContext&) {
    const Tensor output = op.Output(0);
    for (int i = 0; i < op.Input(0).rank(); ++i) {
      if (output.dtype() == DType::kInt64) output.mutable_data<int64_t>()[i] = op.Input(0).dim(i);
      else output.mutable_data<int32_t>()[i] = static_cast<int32_t>(op.Input(0).dim(i));
    }
    return Ok();
  }
};

struct Rank {
  static Status Infer(const Op&, OpTypes& out) {
    return out.Set(0, DType::kInt32, {});
  }
  static Status Eval(const Op& op, const EvalContext&) {
    op.Output(0).mutable_data<int32_t>()[0] = op.Input(0).rank();
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<ShapeKernel>(tfl::Builtin::SHAPE, {.outputs = {kIndex}, .flags = TFLOWER_KERNEL_SHAPE_ONLY}),
    Kernel<Rank>(tfl::Builtin::RANK, {.outputs = {kI32}, .flags = TFLOWER_KERNEL_SHAPE_ONLY}),
    Kernel<FillKernel>(tfl::Builtin::FILL, {.inputs = {kIndex, kPlain}}),
    Kernel<OnStrings<FillKernel, 1>>(tfl::Builtin::FILL, {.inputs = {kIndex, kStrings}, .outputs = {kStrings}}),
    Kernel<ZerosLike>(tfl::Builtin::ZEROS_LIKE, {.inputs = {kPlain}, .flags = TFLOWER_KERNEL_SHAPE_ONLY}),
    Kernel<RangeKernel<float>>(tfl::Builtin::RANGE, {.inputs = {kF32, kF32, kF32}}),
    Kernel<RangeKernel<int32_t>>(tfl::Builtin::RANGE, {.inputs = {kI32, kI32, kI32}}),
    Kernel<RangeKernel<int64_t>>(tfl::Builtin::RANGE, {.inputs = {kI64, kI64, kI64}}),
    Kernel<BroadcastArgs>(tfl::Builtin::BROADCAST_ARGS, {.inputs = {kIndex, kIndex}}),
    Kernel<BroadcastTo>(tfl::Builtin::BROADCAST_TO, {.inputs = {kPlain, kIndex}}),
    Kernel<Tile>(tfl::Builtin::TILE, {.inputs = {kPlain, kIndex}}),
    Kernel<OnStrings<Tile>>(tfl::Builtin::TILE, {.inputs = {kStrings, kIndex}, .outputs = {kStrings}}),
    Kernel<Cumsum<float>>(tfl::Builtin::CUMSUM, {.inputs = {kF32, kI32}}),
    Kernel<Cumsum<int32_t>>(tfl::Builtin::CUMSUM, {.inputs = {kI32, kI32}}),
    Kernel<Cumsum<int64_t>>(tfl::Builtin::CUMSUM, {.inputs = {kI64, kI32}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(shape, kRows);
}  // namespace tflower::kernels
