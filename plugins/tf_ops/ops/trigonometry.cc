// Functions of angles and hyperbolas that TFLite does not have, in SIN, COS, ATAN2, EXP and LOG; formulas are those that lose nothing near 0.
#include "scalars.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};

Status LowerTan(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value sin, build.Emit(tfl::Sin{}, {node.Input(0)}));
  TFLOWER_TRY(const Value cos, build.Emit(tfl::Cos{}, {node.Input(0)}));
  return build.Bind(0, build.Emit(tfl::Div{}, {sin, cos}));
}

// ATAN2 in stock runtimes does not broadcast: the 1 is made in x's shape.
Status LowerAtan(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value zeros, build.Emit(tfl::ZerosLike{}, {node.Input(0)}));
  TFLOWER_TRY(const Value ones, build.Emit(tfl::Exp{}, {zeros}));
  return build.Bind(0, build.Emit(tfl::Atan2{}, {node.Input(0), ones}));
}

// sqrt((1 - x)(1 + x)): the other leg of the triangle; NaN beyond [-1, 1], as the inverse functions are.
Result<Value> OtherLeg(Builder& build, const Value& x) {
  TFLOWER_TRY(const Value less, Number<tfl::Sub>(build, 1, x));
  TFLOWER_TRY(const Value more, Number<tfl::Add>(build, 1, x));
  TFLOWER_TRY(const Value square, build.Emit(tfl::Mul{}, {less, more}));
  return build.Emit(tfl::Sqrt{}, {square});
}
Status LowerAsin(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value leg, OtherLeg(build, node.Input(0)));
  return build.Bind(0, build.Emit(tfl::Atan2{}, {node.Input(0), leg}));
}
Status LowerAcos(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value leg, OtherLeg(build, node.Input(0)));
  return build.Bind(0, build.Emit(tfl::Atan2{}, {leg, node.Input(0)}));
}

// e^x / 2 and e^-x / 2, by e^(x / 2), so that they overflow where the results do.
struct Halves {
  Value rising, falling;
};
Result<Halves> ExponentialHalves(Builder& build, const Value& x) {
  TFLOWER_TRY(const Value half, With<tfl::Mul>(build, x, 0.5));
  TFLOWER_TRY(const Value root, build.Emit(tfl::Exp{}, {half}));
  TFLOWER_TRY(const Value half_root, With<tfl::Mul>(build, root, 0.5));
  TFLOWER_TRY(const Value rising, build.Emit(tfl::Mul{}, {half_root, root}));
  TFLOWER_TRY(const Value opposite, build.Emit(tfl::Neg{}, {half}));
  TFLOWER_TRY(const Value inverse, build.Emit(tfl::Exp{}, {opposite}));
  TFLOWER_TRY(const Value half_inverse, With<tfl::Mul>(build, inverse, 0.5));
  TFLOWER_TRY(const Value falling, build.Emit(tfl::Mul{}, {half_inverse, inverse}));
  return Halves{rising, falling};
}

Status LowerCosh(const Node& node, Builder& build) {
  TFLOWER_TRY(const Halves h, ExponentialHalves(build, node.Input(0)));
  return build.Bind(0, build.Emit(tfl::Add{}, {h.rising, h.falling}));
}

// Near 0, where the exponentials cancel, 2 t / (1 - t^2) with t = tanh(x / 2).
Status LowerSinh(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  TFLOWER_TRY(const Halves h, ExponentialHalves(build, x));
  TFLOWER_TRY(const Value far, build.Emit(tfl::Sub{}, {h.rising, h.falling}));
  TFLOWER_TRY(const Value half, With<tfl::Mul>(build, x, 0.5));
  TFLOWER_TRY(const Value t, build.Emit(tfl::Tanh{}, {half}));
  TFLOWER_TRY(const Value twice, With<tfl::Mul>(build, t, 2));
  TFLOWER_TRY(const Value square, build.Emit(tfl::Mul{}, {t, t}));
  TFLOWER_TRY(const Value rest, Number<tfl::Sub>(build, 1, square));
  TFLOWER_TRY(const Value near, build.Emit(tfl::Div{}, {twice, rest}));
  TFLOWER_TRY(const Value magnitude, build.Emit(tfl::Abs{}, {x}));
  TFLOWER_TRY(const Value is_near, With<tfl::Less>(build, magnitude, 1));
  return build.Bind(0, build.Emit(tfl::Select{}, {is_near, near, far}));
}

// log1p(2 x / (1 - x)) / 2
Status LowerAtanh(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value twice, With<tfl::Mul>(build, node.Input(0), 2));
  TFLOWER_TRY(const Value rest, Number<tfl::Sub>(build, 1, node.Input(0)));
  TFLOWER_TRY(const Value ratio, build.Emit(tfl::Div{}, {twice, rest}));
  TFLOWER_TRY(const Value log, Log1p(build, ratio));
  return build.Bind(0, With<tfl::Mul>(build, log, 0.5));
}

// `exact` for arguments whose square can be taken, log(2 x) beyond.
Result<Value> OrLogOfTwice(Builder& build, const Value& x, const Value& exact) {
  constexpr double kLog2 = 0.69314718055994530942, kLarge = 1e9;
  TFLOWER_TRY(const Value log, build.Emit(tfl::Log{}, {x}));
  TFLOWER_TRY(const Value far, With<tfl::Add>(build, log, kLog2));
  TFLOWER_TRY(const Value is_large, With<tfl::Greater>(build, x, kLarge));
  return build.Emit(tfl::Select{}, {is_large, far, exact});
}

// sign(x) log1p(|x| + x^2 / (1 + sqrt(x^2 + 1)))
Status LowerAsinh(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value magnitude, build.Emit(tfl::Abs{}, {node.Input(0)}));
  TFLOWER_TRY(const Value square, build.Emit(tfl::Mul{}, {magnitude, magnitude}));
  TFLOWER_TRY(const Value above, With<tfl::Add>(build, square, 1));
  TFLOWER_TRY(const Value root, build.Emit(tfl::Sqrt{}, {above}));
  TFLOWER_TRY(const Value divisor, With<tfl::Add>(build, root, 1));
  TFLOWER_TRY(const Value rest, build.Emit(tfl::Div{}, {square, divisor}));
  TFLOWER_TRY(const Value sum, build.Emit(tfl::Add{}, {magnitude, rest}));
  TFLOWER_TRY(const Value log, Log1p(build, sum));
  TFLOWER_TRY(const Value value, OrLogOfTwice(build, magnitude, log));
  TFLOWER_TRY(const Value sign, build.Emit(tfl::Sign{}, {node.Input(0)}));
  return build.Bind(0, build.Emit(tfl::Mul{}, {value, sign}));
}

// log1p(t + sqrt(2 t + t^2)), t = x - 1
Status LowerAcosh(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value t, With<tfl::Sub>(build, node.Input(0), 1));
  TFLOWER_TRY(const Value above, With<tfl::Add>(build, t, 2));
  TFLOWER_TRY(const Value product, build.Emit(tfl::Mul{}, {t, above}));
  TFLOWER_TRY(const Value root, build.Emit(tfl::Sqrt{}, {product}));
  TFLOWER_TRY(const Value sum, build.Emit(tfl::Add{}, {t, root}));
  TFLOWER_TRY(const Value log, Log1p(build, sum));
  return build.Bind(0, OrLogOfTwice(build, node.Input(0), log));
}

constexpr Operand kFloat32 = Of(kF32, 0, TFLOWER_MAX_RANK);

constexpr OpDef kOps[] = {
    {"Tan", {kFloat32}, kT, LowerTan, "COS DIV SIN"},
    {"Atan", {kFloat32}, kT, LowerAtan, "ATAN2 EXP ZEROS_LIKE"},
    {"Asin", {kFloat32}, kT, LowerAsin, "ADD ATAN2 MUL SQRT SUB"},
    {"Acos", {kFloat32}, kT, LowerAcos, "ADD ATAN2 MUL SQRT SUB"},
    {"Cosh", {kFloat32}, kT, LowerCosh, "ADD EXP MUL NEG"},
    {"Sinh", {kFloat32}, kT, LowerSinh, "ABS DIV EXP LESS MUL NEG SELECT SUB TANH"},
    {"Atanh", {kFloat32}, kT, LowerAtanh, "ABS ADD DIV LESS LOG MUL SELECT SUB"},
    {"Asinh", {kFloat32}, kT, LowerAsinh, "ABS ADD DIV GREATER LESS LOG MUL SELECT SIGN SQRT"},
    {"Acosh", {kFloat32}, kT, LowerAcosh, "ABS ADD DIV GREATER LESS LOG MUL SELECT SQRT SUB"},
};
}  // namespace
TFLOWER_OP_FAMILY(trigonometry, kOps);
}  // namespace tflower::tf_ops
