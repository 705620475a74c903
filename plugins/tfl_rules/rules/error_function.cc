// tflower.Erf and tflower.Erfc that no GELU took, in builtins. Runs last.
//
// Within (-1, 1) erf(x) is x times a polynomial in x^2; beyond, erfc(|x|) is t e^(-x^2) times a polynomial in t = 1 / (1 + |x| / 2). Relative error
// of both functions below 1e-6, of erfc below 1e-5 where it is tiny, by the rounding of x^2. Coefficients: Chebyshev interpolation in double.
#include <span>

#include <tflower/pattern.h>

namespace tflower::tfl_rules {
namespace {

constexpr float kNear[] = {7.88249711e-05f, -0.000801885499f, 0.00518931194f, -0.0268543288f, 0.112835975f, -0.376126269f, 1.12837917f};
constexpr float kTail[] = {-0.0740442784f, 0.235128587f, -0.218246252f, -0.00473651124f, -0.00646120923f, 0.079499908f, 0.177884549f, 0.246564916f, 0.282117895f, 0.282093979f};

// One operand combined with a number.
template <class TflOp>
Result<Value> With(Builder& build, const Value& x, float c) {
  TFLOWER_TRY(const Value v, build.Scalar(c));
  return build.Emit(TflOp{}, {x, v});
}

// Highest power first.
Result<Value> Polynomial(Builder& build, const Value& x, std::span<const float> c) {
  TFLOWER_TRY(Value sum, With<tfl::Mul>(build, x, c[0]));
  for (size_t i = 1; i + 1 < c.size(); ++i) {
    TFLOWER_TRY(sum, With<tfl::Add>(build, sum, c[i]));
    TFLOWER_TRY(sum, build.Emit(tfl::Mul{}, {sum, x}));
  }
  return With<tfl::Add>(build, sum, c.back());
}

struct Pieces {
  Value near;  // erf(x), for |x| < 1
  Value tail;  // erfc(|x|), for |x| >= 1
  Value size;  // |x|
};
Result<Pieces> PiecesOf(Builder& build, const Value& x) {
  TFLOWER_TRY(const Value size, build.Emit(tfl::Abs{}, {x}));
  TFLOWER_TRY(const Value square, build.Emit(tfl::Square{}, {x}));
  TFLOWER_TRY(const Value slope, Polynomial(build, square, kNear));
  TFLOWER_TRY(const Value near, build.Emit(tfl::Mul{}, {slope, x}));
  TFLOWER_TRY(const Value half, With<tfl::Mul>(build, size, 0.5f));
  TFLOWER_TRY(const Value below, With<tfl::Add>(build, half, 1.0f));
  TFLOWER_TRY(const Value one, build.Scalar(1.0f));
  TFLOWER_TRY(const Value t, build.Emit(tfl::Div{}, {one, below}));
  TFLOWER_TRY(const Value shape, Polynomial(build, t, kTail));
  TFLOWER_TRY(const Value exponent, build.Emit(tfl::Neg{}, {square}));
  TFLOWER_TRY(const Value decay, build.Emit(tfl::Exp{}, {exponent}));
  TFLOWER_TRY(const Value scaled, build.Emit(tfl::Mul{}, {decay, t}));
  TFLOWER_TRY(const Value tail, build.Emit(tfl::Mul{}, {shape, scaled}));
  return Pieces{near, tail, size};
}

Result<Value> IfNear(Builder& build, const Pieces& p, const Value& near, const Value& far) {
  TFLOWER_TRY(const Value is_near, With<tfl::Less>(build, p.size, 1.0f));
  return build.Emit(tfl::Select{}, {is_near, near, far});
}

Result<Value> EmitErf(Builder& build, const Value& x) {
  TFLOWER_TRY(const Pieces p, PiecesOf(build, x));
  TFLOWER_TRY(const Value one, build.Scalar(1.0f));
  TFLOWER_TRY(const Value size, build.Emit(tfl::Sub{}, {one, p.tail}));
  TFLOWER_TRY(const Value sign, build.Emit(tfl::Sign{}, {x}));
  TFLOWER_TRY(const Value far, build.Emit(tfl::Mul{}, {size, sign}));
  return IfNear(build, p, p.near, far);
}

// Of x <= -1, 2 - erfc(-x).
Result<Value> EmitErfc(Builder& build, const Value& x) {
  TFLOWER_TRY(const Pieces p, PiecesOf(build, x));
  TFLOWER_TRY(const Value one, build.Scalar(1.0f));
  TFLOWER_TRY(const Value two, build.Scalar(2.0f));
  TFLOWER_TRY(const Value near, build.Emit(tfl::Sub{}, {one, p.near}));
  TFLOWER_TRY(const Value mirrored, build.Emit(tfl::Sub{}, {two, p.tail}));
  TFLOWER_TRY(const Value is_negative, With<tfl::Less>(build, x, 0.0f));
  TFLOWER_TRY(const Value far, build.Emit(tfl::Select{}, {is_negative, mirrored, p.tail}));
  return IfNear(build, p, near, far);
}

Status ExpandErf(const MatchView& m, Builder& build) { return build.Substitute(m.root(), EmitErf(build, m["x"])); }
Status ExpandErfc(const MatchView& m, Builder& build) { return build.Substitute(m.root(), EmitErfc(build, m["x"])); }

constexpr const char* kEmits = "ABS MUL ADD DIV SQUARE NEG EXP LESS SELECT SUB SIGN";

constexpr RuleDef kRules[] = {
    {"expand-erf", -1, Match("CUSTOM:tflower.Erf", {Any("x")}), ExpandErf, kEmits},
    {"expand-erfc", -1, Match("CUSTOM:tflower.Erfc", {Any("x")}), ExpandErfc, kEmits},
};
}  // namespace
TFLOWER_RULE_FAMILY(error_function, kRules);
}  // namespace tflower::tfl_rules
