// Complex numbers of two real ones.
#include "re_im.h"

#include "complex_parts.h"

namespace tflower::tf_ops {

Result<ReIm> PartsOf(Builder& build, const Value& x) {
  if (!Contains(kComplexTypes, x.dtype())) return ReIm{x, {}};
  TFLOWER_TRY(const Value re, build.Emit(tfl::Real{}, {x}));
  TFLOWER_TRY(const Value im, build.Emit(tfl::Imag{}, {x}));
  return ReIm{re, im};
}

Result<Value> JoinParts(Builder& build, const ReIm& z) {
  if (!z.im) return Cast(Expr(build, z.re), DType::kComplex64).result();
  return Complex(Expr(build, z.re), Expr(build, z.im)).result();
}

Result<Value> Conjugated(Builder& build, const Value& x) {
  TFLOWER_TRY(const ReIm z, PartsOf(build, x));
  if (!z.im) return x;
  TFLOWER_TRY(const Value im, build.Emit(tfl::Neg{}, {z.im}));
  return JoinParts(build, {z.re, im});
}

}  // namespace tflower::tf_ops
