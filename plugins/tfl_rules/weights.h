// Operators with weights and a bias (convolutions, their transposed forms, FULLY_CONNECTED) as rules see them: one way to read them, to scale
// their weights and to make them again with changed operands.
#pragma once

#include <optional>

#include <tflower/pattern.h>

namespace tflower::tfl_rules {

// Pattern names of all of them.
inline constexpr const char* kWeighted = "CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED|TRANSPOSE_CONV|CONV_3D|CONV_3D_TRANSPOSE";
// What a rule that makes them again may emit.
inline constexpr const char* kWeightedEmits = "CONV_2D DEPTHWISE_CONV_2D FULLY_CONNECTED TRANSPOSE_CONV CONV_3D CONV_3D_TRANSPOSE";

struct Weighted {
  Operator op;
  Value x, weights, bias;  // bias: null when the operator has none
  int64_t out_channels = 0;

  static Weighted Of(const Operator& op);
  tfl::ActivationFunctionType activation() const;
  // True when every output element is a plain sum: nothing but the bias is added behind the products.
  bool is_linear() const { return activation() == tfl::ActivationFunctionType::NONE; }
  // The shape to which a per-output-channel vector broadcasts over the weights: [O,1,1,1], [1,1,1,C], [O,1], [1,1,1,1,O] or [1,1,1,O,1].
  std::vector<int32_t> OutputChannelShape() const;
  // The same for a per-input-channel vector where it is last: [1,1,1,I] or [1,I]; for depthwise with multiplier 1 [1,1,1,C]. Else empty.
  std::vector<int32_t> InputChannelShape() const;
  bool pads() const;  // the operator may read zeros beyond the input's border
};

// The operator again, with these operands and this activation; other options and operands stay.
Result<Value> Rebuild(Builder& build, const Weighted& w, const Value& x, const Value& weights, const Value& bias, tfl::ActivationFunctionType activation);

// A constant that is one number per channel (the last dimension of `like`), as a vector [channels]; also from a scalar. Nullopt when it varies
// over anything else.
Result<std::optional<Value>> ChannelVector(Builder& build, const Value& constant, int64_t channels);

// v reshaped to dims (folds on constants).
Result<Value> Reshaped(Builder& build, const Value& v, const std::vector<int32_t>& dims);

}  // namespace tflower::tfl_rules
