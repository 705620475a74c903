#include "complex_parts.h"

#include "index.h"

namespace tflower::tf_ops {
namespace {

Result<Value> MakeComplex(Builder& build, const Value& re, const Value& im) {
  TFLOWER_TRY(const auto parts, InCommonShape(build, re, im));
  TFLOWER_TRY(const Value pairs, build.Emit(tfl::Pack{.values_count = 2, .axis = parts.first.rank()}, {parts.first, parts.second}));
  return OfPairs(Expr(build, pairs)).result();
}

}  // namespace

Result<std::pair<Value, Value>> InCommonShape(Builder& build, const Value& a, const Value& b) {
  if (a.SameShape(b)) return std::pair(a, b);
  TFLOWER_TRY(const Value a_shape, ShapeOf(build, a));
  TFLOWER_TRY(const Value b_shape, ShapeOf(build, b));
  TFLOWER_TRY(const Value shape, build.Emit(tfl::BroadcastArgs{}, {a_shape, b_shape}));
  TFLOWER_TRY(const Value wide_a, build.Emit(tfl::BroadcastTo{}, {a, shape}));
  TFLOWER_TRY(const Value wide_b, build.Emit(tfl::BroadcastTo{}, {b, shape}));
  return std::pair(wide_a.SameShape(a) ? a : wide_a, wide_b.SameShape(b) ? b : wide_b);
}

// a conj(b) / |b|^2; b is scaled first, so that its square neither overflows nor vanishes.
Parts DivideParts(const Parts& a, const Parts& b) {
  const Expr scale = Max(Abs(b.re), Abs(b.im));
  const Expr re = b.re / scale, im = b.im / scale;
  const Expr divisor = (re * re + im * im) * scale;
  return {(a.re * re + a.im * im) / divisor, (a.im * re - a.re * im) / divisor};
}

Expr Complex(const Expr& re, const Expr& im) {
  if (!re.ok()) return re;
  if (!im.ok()) return im;
  return Expr(re.build(), MakeComplex(re.build(), re.result().value(), im.result().value()));
}

}  // namespace tflower::tf_ops
