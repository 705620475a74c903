// Formulas as they are written: Exp(-x) / (1 + x) emits NEG, EXP, ADD and DIV. The first error ends everything that depends on it.
#pragma once

#include <initializer_list>

#include <tflower/op_def.h>

namespace tflower::tf_ops {

class Expr {
 public:
  Expr(Builder& build, const Value& value) : build_(&build), result_(value) {}
  Expr(Builder& build, Result<Value> result) : build_(&build), result_(std::move(result)) {}
  Builder& build() const { return *build_; }
  const Result<Value>& result() const { return result_; }
  bool ok() const { return result_.ok(); }
  DType dtype() const { return ok() ? result_.value().dtype() : DType::kNone; }
  // A number of this value's type.
  Expr Number(double c) const { return ok() ? Expr(*build_, build_->ScalarOf(dtype(), c)) : *this; }

 private:
  Builder* build_;
  Result<Value> result_;
};

// One operator on values.
template <class TflOp>
Expr Emit(const TflOp& op, std::initializer_list<Expr> operands) {
  std::vector<Value> values;
  for (const Expr& x : operands) {
    if (!x.ok()) return x;
    values.push_back(x.result().value());
  }
  Builder& build = operands.begin()->build();
  return Expr(build, build.Emit(op, values));
}

#define TFLOWER_BINARY(name, TflOp)                                                                    \
  inline Expr name(const Expr& a, const Expr& b) { return Emit(tfl::TflOp{}, {a, b}); }                \
  inline Expr name(const Expr& a, double b) { return Emit(tfl::TflOp{}, {a, a.Number(b)}); }           \
  inline Expr name(double a, const Expr& b) { return Emit(tfl::TflOp{}, {b.Number(a), b}); }
TFLOWER_BINARY(operator+, Add)
TFLOWER_BINARY(operator-, Sub)
TFLOWER_BINARY(operator*, Mul)
TFLOWER_BINARY(operator/, Div)
TFLOWER_BINARY(operator<, Less)
TFLOWER_BINARY(operator<=, LessEqual)
TFLOWER_BINARY(operator>, Greater)
TFLOWER_BINARY(operator>=, GreaterEqual)
TFLOWER_BINARY(operator==, Equal)
TFLOWER_BINARY(operator!=, NotEqual)
TFLOWER_BINARY(Max, Maximum)
TFLOWER_BINARY(Min, Minimum)
TFLOWER_BINARY(Pow, Pow)
TFLOWER_BINARY(FloorMod, FloorMod)
TFLOWER_BINARY(And, LogicalAnd)
TFLOWER_BINARY(Or, LogicalOr)
#undef TFLOWER_BINARY

#define TFLOWER_UNARY(name, TflOp) \
  inline Expr name(const Expr& x) { return Emit(tfl::TflOp{}, {x}); }
TFLOWER_UNARY(operator-, Neg)
TFLOWER_UNARY(Abs, Abs)
TFLOWER_UNARY(Exp, Exp)
TFLOWER_UNARY(Log, Log)
TFLOWER_UNARY(Sqrt, Sqrt)
TFLOWER_UNARY(Rsqrt, Rsqrt)
TFLOWER_UNARY(Sin, Sin)
TFLOWER_UNARY(Cos, Cos)
TFLOWER_UNARY(Tanh, Tanh)
TFLOWER_UNARY(Sigmoid, Logistic)
TFLOWER_UNARY(Floor, Floor)
TFLOWER_UNARY(Round, Round)
TFLOWER_UNARY(Sign, Sign)
TFLOWER_UNARY(Elu, Elu)
TFLOWER_UNARY(Relu, Relu)
TFLOWER_UNARY(Not, LogicalNot)
#undef TFLOWER_UNARY

// condition ? a : b, elementwise.
inline Expr Where(const Expr& condition, const Expr& a, const Expr& b) {
  if (!condition.ok()) return condition;
  if (!a.ok()) return a;
  if (!b.ok()) return b;
  const Value c = condition.result().value();
  const bool same = c.SameShape(a.result().value()) && c.SameShape(b.result().value());
  return same ? Emit(tfl::Select{}, {condition, a, b}) : Emit(tfl::SelectV2{}, {condition, a, b});
}
inline Expr Where(const Expr& condition, const Expr& a, double b) { return Where(condition, a, a.Number(b)); }
inline Expr Where(const Expr& condition, double a, const Expr& b) { return Where(condition, b.Number(a), b); }

// The values of formulas, or the first error.
inline Result<std::vector<Value>> ValuesOf(std::span<const Expr> formulas) {
  std::vector<Value> values;
  for (const Expr& y : formulas) {
    TFLOWER_TRY(const Value v, y.result());
    values.push_back(v);
  }
  return values;
}
inline Result<std::vector<Value>> ValuesOf(std::initializer_list<Expr> formulas) { return ValuesOf(std::span<const Expr>(formulas.begin(), formulas.size())); }

// c[0] x^n + c[1] x^(n-1) + ... + c[n]: highest power first.
Expr Polynomial(const Expr& x, std::span<const double> c);
inline Expr Polynomial(const Expr& x, std::initializer_list<double> c) { return Polynomial(x, std::span<const double>(c.begin(), c.size())); }

// x in another type, by CAST.
inline Expr Cast(const Expr& x, DType to) {
  return x.dtype() == to ? x : Emit(tfl::Cast{.in_data_type = static_cast<tfl::TensorType>(x.dtype()), .out_data_type = static_cast<tfl::TensorType>(to)}, {x});
}
// The bytes of x as another type, by BITCAST: smaller elements add a last dimension, larger ones take it away.
inline Expr Bitcast(const Expr& x, DType to) {
  if (!x.ok() || x.dtype() == to) return x;
  return Expr(x.build(), x.build().EmitAs(tfl::Bitcast{}, {x.result().value()}, to));
}

// log(1 + x), exact for small x, too, of float32. Emits ABS ADD DIV LESS LOG MUL SELECT.
Expr Log1p(const Expr& x);
// e^x - 1, exact for small x, too.
Expr Expm1(const Expr& x);

}  // namespace tflower::tf_ops
