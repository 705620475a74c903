// Which type stands in for which. A lowering is written for the types in which stock LiteRT computes it (`native`); values of other types go
// to one of those and come back:
//
//   float16, bfloat16             float32: one rounding, at the end
//   float64, complex128           float32, complex64, with a line in the report
//   int8, uint8, int16, uint16    int32 (int64): holds them all, and the way back keeps the low bits, as arithmetic in TF does
//   int32                         int64
//   uint32                        int64; or int32: where only low bits count, and with the sign bit turned where only the order counts
//   uint64                        int64 by BITCAST, where only low bits count; with the sign bit turned, where only the order counts
//
// Three ways to say it: a row's whole function (Typed, InFloat32), a formula (elementwise.h), or by hand (Working). What only moves elements
// needs none of them: lowerings emit those operators for any type, and tflower.tfl_rules (moved_types.cc) finds the type that carries them.
#pragma once

#include "index.h"

namespace tflower::tf_ops {

// What of its integer operands an op's result depends on.
enum class Bits {
  kValues,
  kLow,    // the low bits of integer results depend on the low bits of operands alone: sums, products, equality
  kOrder,  // which operand is larger
};

// The values of one type of a node, in the type that they are computed in.
class Working {
 public:
  // An error when there is none for `type`.
  static Result<Working> Of(Builder& build, DType type, DTypeSet native, Bits bits = Bits::kValues);
  DType type() const { return working_; }
  bool is_other() const { return working_ != type_; }
  Result<Value> Enter(Builder& build, const Value& x) const;  // x as it is when it is not of the node's type
  Result<Value> Leave(Builder& build, const Value& y) const;  // y as it is when it is not of the working type

 private:
  bool turns_sign() const { return bits_ == Bits::kOrder && (type_ == DType::kUInt64 || (type_ == DType::kUInt32 && working_ == DType::kInt32)); }

  DType type_ = DType::kNone, working_ = DType::kNone;
  Bits bits_ = Bits::kValues;
};

// x in another type: CAST where LiteRT has it, which keeps the low bits of integers; BITCAST for uint64 and the parts of complex128.
Result<Value> Convert(Builder& build, const Value& x, DType to);

// A lowering that hands its results back, in order. A null one, and those that are missing at the end, stay unbound.
using ResultsFn = Result<std::vector<Value>> (*)(const Node& node, Builder& build);

// Operands and results of the type that another stands in for: bit i stands for operand or result i.
struct TypeRule {
  DTypeSet native = kF32;
  Bits bits = Bits::kValues;
  uint32_t operands = ~0u;
  uint32_t results = ~0u;
};

// Runs `lower` on the node whose operands are in the working type, and binds its results. The type is that of the first operand in
// `rule.operands` that is not native; without one, `lower` runs on the node as it is.
Status LowerTyped(const Node& node, Builder& build, const TypeRule& rule, ResultsFn lower);

// kLower as a ResultsFn: it may also hand back its only result, a Result<Value>.
template <auto kLower>
Result<std::vector<Value>> AllResults(const Node& node, Builder& build) {
  if constexpr (std::is_same_v<decltype(kLower(node, build)), Result<Value>>) {
    TFLOWER_TRY(const Value y, kLower(node, build));
    return std::vector<Value>{y};
  } else {
    return kLower(node, build);
  }
}

// The same as a row's function: {"TopKV2", {Any(), k}, kAttrs, Typed<LowerTopK, TypeRule{kNative, Bits::kOrder, 1, 1}>, "CAST TOPK_V2"}.
template <auto kLower, TypeRule kRule>
Status Typed(const Node& node, Builder& build) { return LowerTyped(node, build, kRule, AllResults<kLower>); }

// Ops that only floats need help with; other types pass on as they are: {"Softmax", {Float()}, kT, InFloat32<LowerSoftmax>, "CAST SOFTMAX"}.
inline constexpr DTypeSet kOtherFloats = Types({DType::kFloat16, DType::kBFloat16, DType::kFloat64, DType::kComplex128});
template <auto kLower, uint32_t kResults = ~0u>
Status InFloat32(const Node& node, Builder& build) { return Typed<kLower, TypeRule{.native = ~kOtherFloats, .results = kResults}>(node, build); }

}  // namespace tflower::tf_ops
