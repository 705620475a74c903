// A kernel of one type on types that it stands for: operands are widened, the kernel runs, the result is narrowed.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "common/check.h"

namespace tflower::kernels {

// Kernel K of Wider::kWide on the types that Wider::Takes. The result's shape must be known from K::Infer. K may have a Prepare, which does not read
// constants of those types, and a Pack.
template <class K, class Wider>
struct OnWider {
  using Element = typename Wider::Element;
  K inner;

  static Status Infer(const Op& op, OpTypes& out) {
    std::vector<tflower_tensor> tensors(Inputs(op));
    std::vector<const tflower_tensor*> pointers(Inputs(op));
    const Wide wide(op, tensors.data(), pointers.data());
    tflower_type type{};
    OpTypes types(&type, 1);
    TFLOWER_CHECK(K::Infer(Op(&wide.op), types));
    const std::span<const int64_t> dims(type.dims, static_cast<size_t>(type.rank));
    const auto dtype = static_cast<DType>(type.dtype);
    if (std::any_of(dims.begin(), dims.end(), [](int64_t d) { return d < 0; }))
      return Error(Code::kUnsupportedShape, Text("a result of ", op.Input(0).dtype(), " must have a shape that is known before the operator runs"));
    return out.Set(0, dtype == Wider::kWide ? op.Input(0).dtype() : dtype, dims);
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    tflower_prepared prepared{};
    if constexpr (internal::HasPrepare<K>) {
      std::vector<tflower_tensor> tensors(Inputs(op));
      std::vector<const tflower_tensor*> pointers(Inputs(op));
      const Wide wide(op, tensors.data(), pointers.data());
      PrepareContext inner_want(&prepared, want.threads());
      TFLOWER_CHECK(inner.Prepare(Op(&wide.op), inner_want));
    }
    own_scratch_ = Aligned(prepared.scratch_bytes);
    if (prepared.packed_bytes != 0) want.Packed(prepared.packed_bytes, prepared.packed_key);
    uint64_t elements = Wider::Takes(op.Output(0).dtype()) ? static_cast<uint64_t>(op.Output(0).num_elements()) : 0;
    for (int i = 0; i < op.num_inputs(); ++i)
      if (op.HasInput(i) && Wider::Takes(op.Input(i).dtype())) elements += static_cast<uint64_t>(op.Input(i).num_elements());
    want.Scratch(own_scratch_ + TensorBytes(op) + elements * sizeof(Element));
    return Ok();
  }
  Status Pack(const Op& op, void* packed) const requires internal::HasPack<K> {
    std::vector<tflower_tensor> tensors(Inputs(op));
    std::vector<const tflower_tensor*> pointers(Inputs(op));
    const Wide wide(op, tensors.data(), pointers.data());
    std::vector<std::unique_ptr<Element[]>> constants;
    for (int i = 0; i < op.num_inputs(); ++i) {
      if (!op.HasInput(i) || !op.Input(i).is_constant() || !Wider::Takes(op.Input(i).dtype())) continue;
      constants.push_back(std::make_unique_for_overwrite<Element[]>(static_cast<size_t>(op.Input(i).num_elements())));
      Wider::Widen(op.Input(i), constants.back().get());
      tensors[static_cast<size_t>(i)].data = constants.back().get();
    }
    return inner.Pack(Op(&wide.op), packed);
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    char* const memory = eval.scratch<char>() + own_scratch_;
    auto* const tensors = reinterpret_cast<tflower_tensor*>(memory);
    Wide wide(op, tensors, reinterpret_cast<const tflower_tensor**>(tensors + Inputs(op)));
    auto* elements = reinterpret_cast<Element*>(memory + TensorBytes(op));
    for (int i = 0; i < op.num_inputs(); ++i) {
      if (!op.HasInput(i) || !Wider::Takes(op.Input(i).dtype())) continue;
      tensors[i].data = elements;
      Wider::Widen(op.Input(i), elements);
      elements += op.Input(i).num_elements();
    }
    const bool narrow = Wider::Takes(op.Output(0).dtype());
    if (narrow) wide.output.data = elements;
    TFLOWER_CHECK(Call(Op(&wide.op), eval));
    if (narrow) Wider::Narrow(elements, op.Output(0));
    return Ok();
  }

 private:
  static size_t Inputs(const Op& op) { return static_cast<size_t>(op.num_inputs()); }
  static uint64_t Aligned(uint64_t bytes) { return (bytes + 63) / 64 * 64; }
  static uint64_t TensorBytes(const Op& op) { return Aligned(Inputs(op) * (sizeof(tflower_tensor) + sizeof(const tflower_tensor*))); }

  // The operator with wide types in place of those taken; their data is for the caller to set.
  struct Wide {
    tflower_op op;
    tflower_tensor output = {};
    tflower_tensor* output_pointer = &output;

    Wide(const Op& from, tflower_tensor* tensors, const tflower_tensor** pointers) : op(*from.abi()) {
      for (int i = 0; i < from.num_inputs(); ++i) {
        pointers[i] = nullptr;
        if (!from.HasInput(i)) continue;
        tensors[i] = Changed(from.Input(i));
        pointers[i] = &tensors[i];
      }
      op.inputs = pointers;
      if (op.outputs == nullptr) return;
      output = Changed(from.Output(0));
      op.outputs = &output_pointer;
    }
    Wide(const Wide&) = delete;
    Wide& operator=(const Wide&) = delete;

   private:
    static tflower_tensor Changed(const Tensor& from) {
      tflower_tensor to = *from.abi();
      if (!Wider::Takes(from.dtype())) return to;
      to.dtype = static_cast<int32_t>(Wider::kWide);
      to.data = nullptr;
      to.size_bytes = from.rank() < 0 ? 0 : static_cast<uint64_t>(from.num_elements()) * sizeof(Element);
      return to;
    }
  };

  Status Call(const Op& op, const EvalContext& eval) const {
    if constexpr (internal::HasPrepare<K>) return inner.Eval(op, eval);
    else return K::Eval(op, eval);
  }

  uint64_t own_scratch_ = 0;
};

}  // namespace tflower::kernels
