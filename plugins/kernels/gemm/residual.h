// What lets a layer compute the ADD behind it as well (the end of a residual block): see Epilogue.
#pragma once

#include <algorithm>

#include <tflower/kernel_def.h>
#include <tflower/tfl_ops.h>

#include "gemm/activation.h"
#include "gemm/gemm.h"

namespace tflower::kernels {

class Residual {
 public:
  // A kernel's Fuse: takes an ADD of a float32 operand of the result's own shape, with its activation; clamp is the layer's.
  bool Take(const Op& op, const Op& next, int operand, Clamp& clamp) {
    const int other = 1 - operand;
    if (input_ >= 0 || next.code() != tfl::Builtin::ADD || next.num_inputs() != 2 || !next.HasInput(other)) return false;
    const Tensor residual = next.Input(other), out = op.Output(0);
    const auto fits = [&](const Tensor& t) { return t.dtype() == DType::kFloat32 && std::ranges::equal(t.dims(), out.dims()); };
    // A constant would be read from the file again and again.
    if (!fits(residual) || !fits(next.Output(0)) || residual.is_constant() || clamp.lo != Clamp().lo || clamp.hi != Clamp().hi) return false;
    auto activation = ClampOf(next.Options<tfl::AddOptions>().fused_activation_function);
    if (!activation.ok()) return false;
    clamp = activation.value();
    input_ = op.num_inputs();
    return true;
  }

  // For eval: of the layer, whose own optional operand `bias` may be absent.
  Epilogue EpilogueOf(const Op& op, int bias, Clamp clamp) const {
    Epilogue tail;
    if (op.HasInput(bias) && bias != input_) tail.bias = op.Input(bias).data<float>();
    if (input_ >= 0) tail.residual = op.Input(input_).data<float>();
    tail.clamp = clamp;
    return tail;
  }

 private:
  int input_ = -1;  // which of the operator's operands
};

}  // namespace tflower::kernels
