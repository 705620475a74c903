// Elementwise ops for every type that TF has them for: a formula for the types in which stock LiteRT computes it, and working.h for the others.
#pragma once

#include "formula.h"
#include "working.h"

namespace tflower::tf_ops {

inline constexpr DTypeSet kInts = Types({DType::kInt8, DType::kInt16, DType::kInt32, DType::kInt64});
inline constexpr DTypeSet kUInts = Types({DType::kUInt8, DType::kUInt16, DType::kUInt32, DType::kUInt64});
inline constexpr DTypeSet kC64 = Types({DType::kComplex64});
inline constexpr DTypeSet kComplexes = kC64 | Types({DType::kComplex128});
inline constexpr DTypeSet kRealNumbers = kFloats | kInts | kUInts;
inline constexpr DTypeSet kNumbers = kRealNumbers | kComplexes;
constexpr Operand In(DTypeSet types) { return Of(types, 0, TFLOWER_MAX_RANK); }

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
