// aeq.hadamard_rotation: Walsh-Hadamard transforms of a tensor's rows, piece by piece, scaled to keep their length.
// Source: options as AI Edge Quantizer writes them; Fino and Algazi, Unified Matrix Treatment of the Fast Walsh-Hadamard Transform (1976).
#include <algorithm>
#include <cmath>

#include "common/check.h"
#include "tflower/flex_map.h"

namespace tflower::kernels {
namespace {

// Operand: [..., features] of rank 2 or 3; hadamard_size elements that follow each other are one piece, and what is left over stays.
struct HadamardRotation {
  int64_t size = 1;

  static Result<int64_t> ReadSize(const Op& op) {
    TFLOWER_TRY(const int64_t size, FlexMap(op.custom_options()).Int("hadamard_size", 0));
    if (size >= 1 && size <= 1 << 30 && (size & (size - 1)) == 0) return size;
    return OptionError("hadamard_size", Text(size, " must be a power of two up to 2^30"));
  }
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckArity(op, 1, 1));
    TFLOWER_CHECK(CheckRank(op, 0, "input", 2, 3));
    TFLOWER_TRY([[maybe_unused]] const int64_t size, ReadSize(op));
    return out.SameAs(0, op.Input(0));
  }
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_TRY(size, ReadSize(op));
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    const Tensor input = op.Input(0);
    float* const y = op.Output(0).mutable_data<float>();
    if (op.Output(0).raw() != input.raw()) std::copy_n(input.data<float>(), input.num_elements(), y);
    const int64_t pieces = Product(input.dims(), 0, input.rank() - 1) * (input.dim(-1) / size);
    eval.parallel().For(pieces, 1 + 16384 / size, [&](int64_t begin, int64_t end) {
      for (int64_t piece = begin; piece < end; ++piece) Transform(y + piece * size);
    });
    return Ok();
  }

 private:
  void Transform(float* x) const {
    for (int64_t half = 1; half < size; half *= 2) {
      for (int64_t i = 0; i < size; i += 2 * half) {
        for (int64_t k = i; k < i + half; ++k) {
          const float a = x[k], b = x[k + half];
          x[k] = a + b;
          x[k + half] = a - b;
        }
      }
    }
    const float scale = 1.0f / std::sqrt(static_cast<float>(size));
    for (int64_t i = 0; i < size; ++i) x[i] *= scale;
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<HadamardRotation>(tfl::Builtin::CUSTOM, {.inputs = {kF32}, .outputs = {kF32}, .flags = TFLOWER_KERNEL_IN_PLACE, .custom_code = "aeq.hadamard_rotation"}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(hadamard, kRows);
}  // namespace tflower::kernels
