// Functions, one by one.
#include "emit/functions.h"

#include <cmath>

#include <tflower/pattern.h>

namespace tflower::rnn {

Result<Value> EmitFunction(Builder& build, tfl::Builtin function, const Value& x) {
  switch (function) {
    case tfl::Builtin::LOGISTIC: return build.Emit(tfl::Logistic{}, {x});
    case tfl::Builtin::TANH: return build.Emit(tfl::Tanh{}, {x});
    case tfl::Builtin::RELU: return build.Emit(tfl::Relu{}, {x});
    case tfl::Builtin::RELU6: return build.Emit(tfl::Relu6{}, {x});
    case tfl::Builtin::RELU_N1_TO_1: return build.Emit(tfl::ReluN1To1{}, {x});
    case tfl::Builtin::ELU: return build.Emit(tfl::Elu{}, {x});
    case tfl::Builtin::HARD_SWISH: return build.Emit(tfl::HardSwish{}, {x});
    case tfl::Builtin::EXP: return build.Emit(tfl::Exp{}, {x});
    case tfl::Builtin::ABS: return build.Emit(tfl::Abs{}, {x});
    case tfl::Builtin::SQUARE: return build.Emit(tfl::Square{}, {x});
    default: return Declined("its activation is none that is known here");
  }
}

Result<Value> EmitClip(Builder& build, const Value& x, float low, float high) {
  Value out = x;
  if (!std::isinf(low)) {
    TFLOWER_TRY(const Value bound, build.Scalar(low));
    TFLOWER_TRY(out, build.Emit(tfl::Maximum{}, {out, bound}));
  }
  if (!std::isinf(high)) {
    TFLOWER_TRY(const Value bound, build.Scalar(high));
    TFLOWER_TRY(out, build.Emit(tfl::Minimum{}, {out, bound}));
  }
  return out;
}

}  // namespace tflower::rnn
