// TFLite divides int32 only. FLOOR_MOD takes int64, and finds zeros in the divisor.
#include "integers.h"

namespace tflower::tf_ops {
namespace {

// The quotient of floats, made a little smaller than a / b in size so that the remainder keeps a's sign, leaves a remainder that is 2^-20
// of a: three of them leave at most one divisor, since 60 bits are done then. All else is modulo 2^64.
Expr LongDivision(const Expr& a, const Expr& b) {
  constexpr double kJustBelowOne = 1 - 0x1p-21;
  const Expr divisor = Cast(b, DType::kFloat32);
  Expr quotient = a, rest = a;
  for (int i = 0; i < 4; ++i) {
    const Expr part = Cast(Cast(rest, DType::kFloat32) / divisor * kJustBelowOne, DType::kInt64);
    quotient = i == 0 ? part : quotient + part;
    rest = rest - part * b;
  }
  // |rest| >= |b|, in negatives, which have no overflow.
  const Expr one_more = Min(rest, -rest) <= Min(b, -b);
  const Expr same_sign = (a < 0) == (b < 0);
  return quotient + Cast(one_more, DType::kInt64) * Where(same_sign, quotient.Number(1), -1.0);
}

bool IsLong(const Expr& x) { return x.dtype() == DType::kInt64; }

}  // namespace

Expr TruncateMod(const Expr& a, const Expr& b) {
  if (!IsLong(a)) return a - a / b * b;
  const Expr rest = FloorMod(a, b);  // has b's sign
  return Where(And(rest != 0, (a < 0) != (b < 0)), rest - b, rest);
}

// Of a - rest, which b divides, so that a zero in b reaches FLOOR_MOD.
Expr TruncateDiv(const Expr& a, const Expr& b) { return IsLong(a) ? LongDivision(a - TruncateMod(a, b), b) : a / b; }

Expr FloorDiv(const Expr& a, const Expr& b) {
  if (!IsLong(a)) return Emit(tfl::FloorDiv{}, {a, b});
  const Expr rest = FloorMod(a, b);
  const Expr down = And(rest != 0, (a < 0) != (b < 0));
  return LongDivision(a - Where(down, rest - b, rest), b) - Cast(down, DType::kInt64);
}

}  // namespace tflower::tf_ops
