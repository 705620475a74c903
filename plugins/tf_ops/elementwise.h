// Elementwise ops for every type that TF has them for. A formula is written for the types in which stock LiteRT computes it (`native`);
// values of other types go to one of those and come back:
//
//   float16, bfloat16             float32: one rounding, at the end
//   float64, complex128           float32, complex64, with a line in the report
//   int8, uint8, int16, uint16    int32 (int64): holds them all, and the way back keeps the low bits, as arithmetic in TF does
//   int32                         int64
//   uint32                        int64; or int32, where only low bits count
//   uint64                        int64 by BITCAST, where only low bits count; with the sign bit turned, where only the order counts
#pragma once

#include "formula.h"

namespace tflower::tf_ops {

inline constexpr DTypeSet kInts = Types({DType::kInt8, DType::kInt16, DType::kInt32, DType::kInt64});
inline constexpr DTypeSet kUInts = Types({DType::kUInt8, DType::kUInt16, DType::kUInt32, DType::kUInt64});
inline constexpr DTypeSet kC64 = Types({DType::kComplex64});
inline constexpr DTypeSet kComplexes = kC64 | Types({DType::kComplex128});
inline constexpr DTypeSet kRealNumbers = kFloats | kInts | kUInts;
inline constexpr DTypeSet kNumbers = kRealNumbers | kComplexes;
constexpr Operand In(DTypeSet types) { return Of(types, 0, TFLOWER_MAX_RANK); }

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
  Result<Value> Enter(Builder& build, const Value& x) const;  // x as it is when it is not of the node's type
  Result<Value> Leave(Builder& build, const Value& y) const;  // y as it is when it is not of the working type

 private:
  DType type_ = DType::kNone, working_ = DType::kNone;
  Bits bits_ = Bits::kValues;
};

// x in another type: CAST where LiteRT has it, which keeps the low bits of integers; BITCAST for uint64 and the parts of complex128.
Result<Value> Convert(Builder& build, const Value& x, DType to);

// What a formula may look like. Operands come in the working type.
inline Result<Value> Apply(Expr (*f)(const Expr&), Builder& b, const Node&, const std::vector<Value>& x) { return f(Expr(b, x[0])).result(); }
inline Result<Value> Apply(Expr (*f)(const Expr&, const Expr&), Builder& b, const Node&, const std::vector<Value>& x) {
  return f(Expr(b, x[0]), Expr(b, x[1])).result();
}
inline Result<Value> Apply(Expr (*f)(const Expr&, const Expr&, const Expr&), Builder& b, const Node&, const std::vector<Value>& x) {
  return f(Expr(b, x[0]), Expr(b, x[1]), Expr(b, x[2])).result();
}
inline Result<Value> Apply(Result<Value> (*f)(Builder&, const Node&, const std::vector<Value>&), Builder& b, const Node& node, const std::vector<Value>& x) {
  return f(b, node, x);
}

// A formula that is one operator.
template <class TflOp>
Result<Value> OneOperator(Builder& build, const Node&, const std::vector<Value>& x) { return build.Emit(TflOp{}, x); }

// The lowering that a formula makes. The type of the last operand is that of the op.
template <auto kFormula, DTypeSet kNative = kF32, Bits kBits = Bits::kValues>
Status Elementwise(const Node& node, Builder& build) {
  std::vector<Value> x = node.Inputs();
  TFLOWER_TRY(const Working working, Working::Of(build, x.back().dtype(), kNative, kBits));
  for (Value& v : x) {
    TFLOWER_TRY(v, working.Enter(build, v));
  }
  TFLOWER_TRY(const Value y, Apply(kFormula, build, node, x));
  return build.Bind(0, working.Leave(build, y));
}
// The same for one operator: {"Abs", {In(kRealNumbers)}, kT, Direct<tfl::Abs, kF32 | kI32>, "ABS CAST"}.
template <class TflOp, DTypeSet kNative = kF32, Bits kBits = Bits::kValues>
Status Direct(const Node& node, Builder& build) { return Elementwise<OneOperator<TflOp>, kNative, kBits>(node, build); }

}  // namespace tflower::tf_ops
