// FULLY_CONNECTED of float activations with weights whose rows are cut into blocks, each with a scale: activations become int8, a row at a time, and
// the sums of blocks are integers. Source: TFLite BlockwiseQuantization.
#include <algorithm>

#include "common/packed_int.h"
#include "common/quantized_layer.h"
#include "fully_connected/fully_connected_shape.h"
#include "gemm/activation.h"
#include "hybrid/rows.h"

namespace tflower::kernels {
namespace {

// Blocks of a row; the matrix has [rows, blocks] scales. 0: it is not quantised in blocks.
int64_t BlocksOf(const Tensor& w) {
  const auto scales = static_cast<int64_t>(w.scales().size());
  if (w.rank() != 2 || w.quantized_dimension() != 1 || scales <= 1 || w.dim(0) <= 0 || scales % w.dim(0) != 0) return 0;
  return w.dim(1) % (scales / w.dim(0)) == 0 ? scales / w.dim(0) : 0;
}

struct FullyConnected {
  FullyConnectedShape shape;
  Clamp clamp;
  ByteWeights weights;
  int64_t blocks = 0;

  static Status Infer(const Op& op, OpTypes& out) {
    const Tensor w = op.Input(1);
    if (BlocksOf(w) == 0) return Error(Code::kDeclined, "the weights are not quantised in blocks");
    if (std::any_of(w.zero_points().begin(), w.zero_points().end(), [](int64_t z) { return z != 0; })) return OperandError(Code::kUnsupportedType, 1, "weights", "zero points must be 0 with float activations");
    if (!w.is_constant()) return OperandError(Code::kUnsupportedType, 1, "weights", "must be constant when they are quantised in blocks");
    return InferFullyConnected(op, out);
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(shape, FullyConnectedShapeOf(op));
    TFLOWER_TRY(clamp, ClampOf(op.Options<tfl::FullyConnectedOptions>().fused_activation_function));
    blocks = BlocksOf(op.Input(1));
    weights.Prepare(op, want);
    want.Scratch(static_cast<uint64_t>(shape.batch) * (sizeof(RowScale) + static_cast<uint64_t>(shape.in)));
    return Ok();
  }
  Status Pack(const Op& op, void* packed) const { return weights.Pack(op, packed); }
  Status Eval(const Op& op, const EvalContext& eval) const {
    auto* const scales = eval.scratch<RowScale>();
    auto* const rows = reinterpret_cast<int8_t*>(scales + shape.batch);
    eval.parallel().For(shape.batch, 1 + 16384 / (shape.in + 1), [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r) scales[r] = QuantizeRow(op.Input(0).data<float>() + r * shape.in, shape.in, true, rows + r * shape.in);
    });
    const int8_t* const w = weights.Bytes(op, eval);
    auto* const y = op.Output(0).mutable_data<float>();
    eval.parallel().For(shape.batch * shape.out, 1 + 65536 / (shape.in + 1), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t r = i / shape.out, o = i % shape.out;
        const float sum = InBlocks(rows + r * shape.in, scales[r].zero, w + o * shape.in, op.Input(1).scales().data() + o * blocks) * scales[r].scale;
        const float v = sum + (op.HasInput(2) ? op.Input(2).data<float>()[o] : 0);
        y[i] = v < clamp.lo ? clamp.lo : v > clamp.hi ? clamp.hi : v;  // NaN passes
      }
    });
    return Ok();
  }

 private:
  float InBlocks(const int8_t* x, int32_t x_zero, const int8_t* w, const float* scales) const {
    const int64_t size = shape.in / blocks;
    float sum = 0;
    for (int64_t b = 0; b < blocks; ++b) sum += static_cast<float>(DotProduct<int32_t>(x + b * size, x_zero, w + b * size, 0, size)) * scales[b];
    return sum;
  }
};

// Asked before the kernel for a scale for each row.
constexpr tflower_kernel kRows[] = {
    Kernel<FullyConnected>(tfl::Builtin::FULLY_CONNECTED, {.inputs = {kF32, kInt8 | kSubByte, kF32}, .outputs = {kF32}, .priority = 110}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(blockwise, kRows);
}  // namespace tflower::kernels
