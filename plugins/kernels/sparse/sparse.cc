// DENSIFY: a sparse constant as a dense one. The host expands sparse constants where they are stored, so nothing is left to do.
#include <cstring>

#include "common/check.h"

namespace tflower::kernels {
namespace {

struct Densify {
  static Status Infer(const Op& op, OpTypes& out) {
    return out.SameAs(0, op.Input(0));
  }
  static Status Eval(const Op& op, const EvalContext&) {
    if (op.Output(0).raw() != op.Input(0).raw() && op.Input(0).size_bytes() != 0) std::memcpy(op.Output(0).mutable_raw(), op.Input(0).raw(), op.Input(0).size_bytes());
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {Kernel<Densify>(tfl::Builtin::DENSIFY, {.inputs = {Types({DType::kFloat32, DType::kFloat16, DType::kInt8, DType::kUInt8})}, .flags = TFLOWER_KERNEL_VIEW})};

}  // namespace
TFLOWER_KERNEL_FAMILY(sparse, kRows);
}  // namespace tflower::kernels
