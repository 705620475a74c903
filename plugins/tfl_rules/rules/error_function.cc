// tflower.Erf and tflower.Erfc that no GELU took, in builtins. Runs last.
//
// erf(x) = sign(x) (1 - (a1 t + a2 t^2 + ... + a5 t^5) e^(-x^2)), t = 1 / (1 + p |x|): absolute error at most 1.5e-7, plus float rounding.
// Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26.
#include <iterator>

#include <tflower/pattern.h>

namespace tflower::tfl_rules {
namespace {

constexpr float kP = 0.3275911f;
constexpr float kA[] = {0.254829592f, -0.284496736f, 1.421413741f, -1.453152027f, 1.061405429f};

// One operand combined with a number.
template <class TflOp>
Result<Value> With(Builder& build, const Value& x, float c) {
  TFLOWER_TRY(const Value v, build.Scalar(c));
  return build.Emit(TflOp{}, {x, v});
}

Result<Value> EmitErf(Builder& build, const Value& x) {
  TFLOWER_TRY(const Value magnitude, build.Emit(tfl::Abs{}, {x}));
  TFLOWER_TRY(const Value scaled, With<tfl::Mul>(build, magnitude, kP));
  TFLOWER_TRY(const Value below, With<tfl::Add>(build, scaled, 1.0f));
  TFLOWER_TRY(const Value one, build.Scalar(1.0f));
  TFLOWER_TRY(const Value t, build.Emit(tfl::Div{}, {one, below}));
  TFLOWER_TRY(Value sum, With<tfl::Mul>(build, t, kA[4]));
  for (size_t i = std::size(kA) - 1; i-- > 0;) {
    TFLOWER_TRY(sum, With<tfl::Add>(build, sum, kA[i]));
    TFLOWER_TRY(sum, build.Emit(tfl::Mul{}, {sum, t}));
  }
  TFLOWER_TRY(const Value square, build.Emit(tfl::Square{}, {x}));
  TFLOWER_TRY(const Value exponent, build.Emit(tfl::Neg{}, {square}));
  TFLOWER_TRY(const Value decay, build.Emit(tfl::Exp{}, {exponent}));
  TFLOWER_TRY(const Value tail, build.Emit(tfl::Mul{}, {sum, decay}));
  TFLOWER_TRY(const Value erf, build.Emit(tfl::Sub{}, {one, tail}));
  TFLOWER_TRY(const Value sign, build.Emit(tfl::Sign{}, {x}));
  return build.Emit(tfl::Mul{}, {erf, sign});
}

Status ExpandErf(const MatchView& m, Builder& build) { return build.Substitute(m.root(), EmitErf(build, m["x"])); }
Status ExpandErfc(const MatchView& m, Builder& build) {
  TFLOWER_TRY(const Value erf, EmitErf(build, m["x"]));
  TFLOWER_TRY(const Value one, build.Scalar(1.0f));
  return build.Substitute(m.root(), build.Emit(tfl::Sub{}, {one, erf}));
}

constexpr const char* kEmits = "ABS MUL ADD DIV SQUARE NEG EXP SUB SIGN";

constexpr RuleDef kRules[] = {
    {"expand-erf", -1, Match("CUSTOM:tflower.Erf", {Any("x")}), ExpandErf, kEmits},
    {"expand-erfc", -1, Match("CUSTOM:tflower.Erfc", {Any("x")}), ExpandErfc, kEmits},
};
}  // namespace
TFLOWER_RULE_FAMILY(error_function, kRules);
}  // namespace tflower::tfl_rules
