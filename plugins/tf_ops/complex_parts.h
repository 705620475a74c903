// complex64 as pairs of float32: TFLite has MUL, REAL, IMAG, COMPLEX_ABS and BITCAST for it, and nothing else.
#pragma once

#include "elementwise.h"

namespace tflower::tf_ops {

struct Parts {
  Expr re, im;
};
inline Parts PartsOf(const Expr& z) { return {Emit(tfl::Real{}, {z}), Emit(tfl::Imag{}, {z})}; }
// Both parts as float32 [..., 2], and back.
inline Expr PairsOf(const Expr& z) { return Bitcast(z, DType::kFloat32); }
inline Expr OfPairs(const Expr& pairs) { return Bitcast(pairs, DType::kComplex64); }

// a and b in their common shape, for operators that do not broadcast. Emits BROADCAST_ARGS BROADCAST_TO SHAPE.
Result<std::pair<Value, Value>> InCommonShape(Builder& build, const Value& a, const Value& b);
// re + i im of float32 values whose shapes may differ. Emits PACK BITCAST, and what InCommonShape does.
Expr Complex(const Expr& re, const Expr& im);

// a / b, and the parts of it before they are put together. Emits ABS ADD DIV IMAG MAXIMUM MUL REAL SUB, and what Complex does.
Parts DivideParts(const Parts& a, const Parts& b);
inline Expr DivideComplex(const Expr& a, const Expr& b) {
  const Parts quotient = DivideParts(PartsOf(a), PartsOf(b));
  return Complex(quotient.re, quotient.im);
}

}  // namespace tflower::tf_ops
