// Kernels of float32 on float16 and bfloat16: operands are widened, results rounded once. What computes in float32 either way needs no more.
#pragma once

#include <algorithm>

#include "cast/half.h"
#include "common/check.h"
#include "tflower/half.h"

namespace tflower::kernels {

inline constexpr DTypeSet kHalves = Types({DType::kFloat16, DType::kBFloat16});

// Kernel K whose results have shapes that Infer knows; it may have a Prepare, but neither reads constants there nor packs them.
template <class K>
struct OnHalf {
  K inner;

  static Status Infer(const Op& op, OpTypes& out) {
    const Wide wide(op);
    tflower_type type{};
    OpTypes types(&type, 1);
    TFLOWER_CHECK(K::Infer(Op(&wide.op), types));
    if (op.num_outputs() != 1) return Error(Code::kInvalidGraph, Text("has ", op.num_outputs(), " outputs, must have 1"));
    const auto dtype = static_cast<DType>(type.dtype);
    return out.Set(0, dtype == DType::kFloat32 ? op.Input(0).dtype() : dtype, std::span<const int64_t>(type.dims, static_cast<size_t>(type.rank)));
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    const Wide wide(op);
    tflower_prepared prepared{};
    if constexpr (internal::HasPrepare<K>) {
      PrepareContext inner_want(&prepared, want.threads());
      TFLOWER_CHECK(inner.Prepare(Op(&wide.op), inner_want));
    }
    own_scratch_ = (prepared.scratch_bytes + 63) / 64 * 64;
    uint64_t floats = IsHalf(op.Output(0).dtype()) ? static_cast<uint64_t>(op.Output(0).num_elements()) : 0;
    for (int i = 0; i < op.num_inputs(); ++i)
      if (op.HasInput(i) && IsHalf(op.Input(i).dtype())) floats += static_cast<uint64_t>(op.Input(i).num_elements());
    want.Scratch(own_scratch_ + floats * sizeof(float));
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    Wide wide(op);
    auto* memory = reinterpret_cast<float*>(eval.scratch<char>() + own_scratch_);
    for (int i = 0; i < op.num_inputs(); ++i) {
      if (!op.HasInput(i) || !IsHalf(op.Input(i).dtype())) continue;
      wide.inputs[i].data = memory;
      Widen(op.Input(i), memory);
      memory += op.Input(i).num_elements();
    }
    const bool half = IsHalf(op.Output(0).dtype());
    if (half) wide.output.data = memory;
    TFLOWER_CHECK(Call(Op(&wide.op), eval));
    if (half) Narrow(memory, op.Output(0));
    return Ok();
  }

 private:
  static constexpr int kMaxInputs = 3;
  static constexpr bool IsHalf(DType type) { return type == DType::kFloat16 || type == DType::kBFloat16; }

  // The operator with float32 in place of halves; their data is for the caller to set.
  struct Wide {
    tflower_op op;
    tflower_tensor inputs[kMaxInputs] = {}, output = {};
    const tflower_tensor* input_pointers[kMaxInputs] = {};
    tflower_tensor* output_pointer = &output;

    explicit Wide(const Op& from) : op(*from.abi()) {
      op.num_inputs = std::min<uint32_t>(op.num_inputs, kMaxInputs);
      for (int i = 0; i < static_cast<int>(op.num_inputs); ++i) {
        if (!from.HasInput(i)) continue;
        inputs[i] = *from.Input(i).abi();
        Change(inputs[i]);
        input_pointers[i] = &inputs[i];
      }
      op.inputs = input_pointers;
      if (op.outputs == nullptr) return;
      output = *from.Output(0).abi();
      Change(output);
      op.outputs = &output_pointer;
    }
    Wide(const Wide&) = delete;
    Wide& operator=(const Wide&) = delete;

   private:
    static void Change(tflower_tensor& t) {
      if (!IsHalf(static_cast<DType>(t.dtype))) return;
      t.dtype = static_cast<int32_t>(DType::kFloat32);
      t.data = nullptr;
      t.size_bytes *= 2;
    }
  };

  Status Call(const Op& op, const EvalContext& eval) const {
    if constexpr (internal::HasPrepare<K>) return inner.Eval(op, eval);
    else return K::Eval(op, eval);
  }
  static void Widen(const Tensor& from, float* to) {
    const auto* const x = from.data<uint16_t>();
    if (from.dtype() == DType::kFloat16) return FloatsFromHalves(x, to, from.num_elements());
    std::transform(x, x + from.num_elements(), to, FloatFromBFloat16);
  }
  static void Narrow(const float* from, const Tensor& to) {
    auto* const y = to.mutable_data<uint16_t>();
    if (to.dtype() == DType::kFloat16) return HalvesFromFloats(from, y, to.num_elements());
    std::transform(from, from + to.num_elements(), y, BFloat16FromFloat);
  }

  uint64_t own_scratch_ = 0;
};

}  // namespace tflower::kernels
