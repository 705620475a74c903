// LSH_PROJECTION: a bit for each hash function, the sign of a weighted sum of the hashes of an input's items.
// Source: TFLite schema, LSHProjectionOptions; checked against LiteRT.
#include <cstring>

#include "common/check.h"
#include "tflower/farm_hash.h"

namespace tflower::kernels {
namespace {

using Type = tfl::LSHProjectionType;

// Operands: seeds [functions, bits], input [items, ...] of any type, optional weights [items].
// Result: dense: all bits, functions * bits of them; sparse: for each function its bits as a number, behind those of the functions before.
struct LshProjection {
  static bool IsDense(const Op& op) { return op.Options<tfl::LSHProjectionOptions>().type == Type::DENSE; }

  static Status CheckOperands(const Op& op) {
    TFLOWER_CHECK(CheckRank(op, 0, "hash", 2, 2));
    TFLOWER_CHECK(CheckRank(op, 1, "input", 1, kMaxRank));
    const int64_t functions = op.Input(0).dim(0), bits = op.Input(0).dim(1), most = IsDense(op) ? 32 : 31;
    if (bits > most) return OperandError(Code::kUnsupportedShape, 0, "hash", Text("shape ", op.Input(0).dims(), ": a function has at most ", most, " bits"));
    if (!IsDense(op) && (functions - 1) > (int64_t{UINT32_MAX} >> bits))
      return OperandError(Code::kUnsupportedShape, 0, "hash", Text("shape ", op.Input(0).dims(), ": the numbers of ", functions, " functions do not fit 32 bits"));
    if (op.Input(1).dim(0) < 1) return OperandError(Code::kUnsupportedShape, 1, "input", "there must be at least one item");
    return op.HasInput(2) ? CheckVector(op, 2, "weight", op.Input(1).dim(0)) : Ok();
  }
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckOperands(op));
    const int64_t functions = op.Input(0).dim(0), bits = op.Input(0).dim(1);
    return SetOutput(out, 0, DType::kInt32, Shape{IsDense(op) ? functions * bits : functions});
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    want.Scratch(sizeof(float) + static_cast<uint64_t>(ItemBytes(op)));
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    const int64_t functions = op.Input(0).dim(0), bits = op.Input(0).dim(1);
    const float* seed = op.Input(0).data<float>();
    int32_t* y = op.Output(0).mutable_data<int32_t>();
    for (int64_t i = 0; i < functions; ++i) {
      uint32_t number = 0;
      for (int64_t k = 0; k < bits; ++k) {
        const uint32_t bit = SignBit(op, *seed++, eval.scratch<char>());
        number = number << 1 | bit;
        if (IsDense(op)) *y++ = static_cast<int32_t>(bit);
      }
      if (!IsDense(op)) *y++ = static_cast<int32_t>(number + (static_cast<uint32_t>(i) << bits));
    }
    return Ok();
  }

 private:
  static int64_t ItemBytes(const Op& op) { return Product(op.Input(1).dims(), 1, op.Input(1).rank()) * ElementBytes(op.Input(1).dtype()); }

  // key: room for a seed and an item.
  static uint32_t SignBit(const Op& op, float seed, char* key) {
    const auto item = static_cast<size_t>(ItemBytes(op));
    const char* x = op.Input(1).data<char>();
    // Items without bytes are all the same, and may be any number: without weights one has the sign of their sum.
    const int64_t count = item == 0 && !op.HasInput(2) ? 1 : op.Input(1).dim(0);
    double sum = 0;
    std::memcpy(key, &seed, sizeof seed);
    for (int64_t i = 0; i < count; ++i, x += item) {
      if (item != 0) std::memcpy(key + sizeof seed, x, item);
      const auto hash = static_cast<double>(static_cast<int64_t>(FarmHash64({key, sizeof seed + item})));
      sum += op.HasInput(2) ? static_cast<double>(op.Input(2).data<float>()[i]) * hash : hash;
    }
    return sum > 0 ? 1 : 0;
  }
};

constexpr tflower_kernel kRows[] = {Kernel<LshProjection>(tfl::Builtin::LSH_PROJECTION, {.inputs = {kF32, kPlain, kF32}, .outputs = {kI32}})};

}  // namespace
TFLOWER_KERNEL_FAMILY(lsh, kRows);
}  // namespace tflower::kernels
