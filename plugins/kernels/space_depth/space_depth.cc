// SPACE_TO_DEPTH and DEPTH_TO_SPACE, and the rows of their batch counterparts. Source: TFLite SpaceToDepthOptions, DepthToSpaceOptions.
#include "common/check.h"
#include "common/copy.h"
#include "space_depth/batch.h"

namespace tflower::kernels {
namespace {

// The same six loops serve both: [n, h, b, w, b * c] of the wide tensor [n, h * b, w * b, c] and [n, h, w, b, b * c] of the deep one [n, h,
// w, b * b * c].
void CopyBlocks(const Tensor& wide, const Tensor& deep, int64_t b, bool to_deep, const Parallel& parallel) {
  const int64_t element = ElementBytes(wide.dtype());
  const int64_t run = b * wide.dim(3) * element, n = deep.dim(0), h = deep.dim(1), w = deep.dim(2);
  StridedCopy copy{.element_bytes = element};
  const auto add = [&](int64_t size, int64_t wide_stride, int64_t deep_stride) {
    copy.Add(size, to_deep ? deep_stride : wide_stride, to_deep ? wide_stride : deep_stride);
  };
  add(n * h, b * w * run, w * b * run);
  if (to_deep) add(w, run, b * run);
  add(b, w * run, run);
  if (!to_deep) add(w, run, b * run);
  add(b * wide.dim(3), element, element);
  copy.Run((to_deep ? wide : deep).raw(), (to_deep ? deep : wide).mutable_raw(), parallel);
}

// [n, h * b, w * b, c] -> [n, h, w, b * b * c]
struct SpaceToDepth {
  static Status Infer(const Op& op, OpTypes& out) {
    const int64_t b = op.Options<tfl::SpaceToDepthOptions>().block_size;
    const Tensor input = op.Input(0);
    Shape dims{input.dim(0), input.dim(1) / b, input.dim(2) / b, 0};
    if (__builtin_mul_overflow(b * b, input.dim(3), &dims[3])) return OptionError("block_size", Text(b, " is too large"));
    return SetOutput(out, 0, input.dtype(), dims);
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    CopyBlocks(op.Input(0), op.Output(0), op.Options<tfl::SpaceToDepthOptions>().block_size, true, eval.parallel());
    return Ok();
  }
};

// [n, h, w, b * b * c] -> [n, h * b, w * b, c]
struct DepthToSpace {
  static Status Infer(const Op& op, OpTypes& out) {
    const int64_t b = op.Options<tfl::DepthToSpaceOptions>().block_size;
    const Tensor input = op.Input(0);
    Shape dims{input.dim(0), 0, 0, input.dim(3) / (b * b)};
    if (__builtin_mul_overflow(b, input.dim(1), &dims[1]) || __builtin_mul_overflow(b, input.dim(2), &dims[2]))
      return OptionError("block_size", Text(b, " is too large"));
    return SetOutput(out, 0, input.dtype(), dims);
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    CopyBlocks(op.Output(0), op.Input(0), op.Options<tfl::DepthToSpaceOptions>().block_size, false, eval.parallel());
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<SpaceToDepth>(tfl::Builtin::SPACE_TO_DEPTH, {.inputs = {kPlain}}),
    Kernel<DepthToSpace>(tfl::Builtin::DEPTH_TO_SPACE, {.inputs = {kPlain}}),
    Kernel<SpaceToBatchNd>(tfl::Builtin::SPACE_TO_BATCH_ND, {.inputs = {kPlain, kI32, kI32}}),
    Kernel<BatchToSpaceNd>(tfl::Builtin::BATCH_TO_SPACE_ND, {.inputs = {kPlain, kI32, kI32}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(space_depth, kRows);
}  // namespace tflower::kernels
