// log(1 + x) without loss for small x. It does not lean on LOG near 1, where XNNPACK's is right to an absolute error only.
#include "scalars.h"

namespace tflower::tf_ops {
namespace {

// 2 (z + z^3 / 3 + z^5 / 5 + ...), z = x / (2 + x): for |x| < 1/4 the rest of the series is below 1e-9 of the result.
Result<Value> Series(Builder& build, const Value& x) {
  TFLOWER_TRY(const Value divisor, With<tfl::Add>(build, x, 2));
  TFLOWER_TRY(const Value z, build.Emit(tfl::Div{}, {x, divisor}));
  TFLOWER_TRY(const Value square, build.Emit(tfl::Mul{}, {z, z}));
  TFLOWER_TRY(Value sum, With<tfl::Mul>(build, square, 2.0 / 9));
  for (const double factor : {2.0 / 7, 2.0 / 5, 2.0 / 3}) {
    TFLOWER_TRY(const Value more, With<tfl::Add>(build, sum, factor));
    TFLOWER_TRY(sum, build.Emit(tfl::Mul{}, {more, square}));
  }
  TFLOWER_TRY(const Value all, With<tfl::Add>(build, sum, 2));
  return build.Emit(tfl::Mul{}, {all, z});
}

}  // namespace

Result<Value> Log1p(Builder& build, const Value& x) {
  TFLOWER_TRY(const Value near, Series(build, x));
  TFLOWER_TRY(const Value sum, With<tfl::Add>(build, x, 1));
  TFLOWER_TRY(const Value far, build.Emit(tfl::Log{}, {sum}));
  TFLOWER_TRY(const Value magnitude, build.Emit(tfl::Abs{}, {x}));
  TFLOWER_TRY(const Value is_near, With<tfl::Less>(build, magnitude, 0.25));
  return build.Emit(tfl::Select{}, {is_near, near, far});
}

}  // namespace tflower::tf_ops
