// Functions without an operator of their own, in a few builtins, exact where naive formulas are not: softplus of large and log1p and expm1 of
// small arguments, divisions that define 0 / 0.
#include <algorithm>
#include <cmath>
#include <limits>

#include "scalars.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};
constexpr AttrDef kAddNAttrs[] = {Type("T"), Int("N")};

// max(x, 0) + log(1 + e^-|x|): the exponential never overflows.
Status LowerSoftplus(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  TFLOWER_TRY(const Value magnitude, build.Emit(tfl::Abs{}, {x}));
  TFLOWER_TRY(const Value negative, build.Emit(tfl::Neg{}, {magnitude}));
  TFLOWER_TRY(const Value decay, build.Emit(tfl::Exp{}, {negative}));
  TFLOWER_TRY(const Value sum, With<tfl::Add>(build, decay, 1));
  TFLOWER_TRY(const Value log, build.Emit(tfl::Log{}, {sum}));
  TFLOWER_TRY(const Value positive, build.Emit(tfl::Relu{}, {x}));
  return build.Bind(0, build.Emit(tfl::Add{}, {positive, log}));
}

Status LowerSoftsign(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value magnitude, build.Emit(tfl::Abs{}, {node.Input(0)}));
  TFLOWER_TRY(const Value sum, With<tfl::Add>(build, magnitude, 1));
  return build.Bind(0, build.Emit(tfl::Div{}, {node.Input(0), sum}));
}

// scale x for x > 0, scale alpha (e^x - 1) else. Source: Klambauer et al., Self-Normalizing Neural Networks.
Status LowerSelu(const Node& node, Builder& build) {
  constexpr double kAlpha = 1.6732632423543772848170429916717, kScale = 1.0507009873554804934193349852946;
  const Value x = node.Input(0);
  TFLOWER_TRY(const Value positive, With<tfl::Greater>(build, x, 0));
  TFLOWER_TRY(const Value scaled, With<tfl::Mul>(build, x, kScale));
  TFLOWER_TRY(const Value elu, build.Emit(tfl::Elu{}, {x}));
  TFLOWER_TRY(const Value saturated, With<tfl::Mul>(build, elu, kScale * kAlpha));
  return build.Bind(0, build.Emit(tfl::Select{}, {positive, scaled, saturated}));
}

Status LowerLog1p(const Node& node, Builder& build) { return build.Bind(0, Log1p(build, node.Input(0))); }

// e^x - 1 = 2 t / (1 - t), t = tanh(x / 2), near 0; the plain difference elsewhere.
Status LowerExpm1(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  TFLOWER_TRY(const Value half, With<tfl::Mul>(build, x, 0.5));
  TFLOWER_TRY(const Value t, build.Emit(tfl::Tanh{}, {half}));
  TFLOWER_TRY(const Value twice, With<tfl::Mul>(build, t, 2));
  TFLOWER_TRY(const Value rest, Number<tfl::Sub>(build, 1, t));
  TFLOWER_TRY(const Value near, build.Emit(tfl::Div{}, {twice, rest}));
  TFLOWER_TRY(const Value exp, build.Emit(tfl::Exp{}, {x}));
  TFLOWER_TRY(const Value far, With<tfl::Sub>(build, exp, 1));
  TFLOWER_TRY(const Value magnitude, build.Emit(tfl::Abs{}, {x}));
  TFLOWER_TRY(const Value is_near, With<tfl::Less>(build, magnitude, 0.5));
  return build.Bind(0, build.Emit(tfl::Select{}, {is_near, near, far}));
}

Status LowerIsNan(const Node& node, Builder& build) { return build.Bind(0, build.Emit(tfl::NotEqual{}, {node.Input(0), node.Input(0)})); }
Status LowerIsInf(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value magnitude, build.Emit(tfl::Abs{}, {node.Input(0)}));
  return build.Bind(0, With<tfl::Equal>(build, magnitude, std::numeric_limits<double>::infinity()));
}
// x - x is 0 for finite numbers and NaN for others.
Status LowerIsFinite(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value difference, build.Emit(tfl::Sub{}, {node.Input(0), node.Input(0)}));
  return build.Bind(0, With<tfl::Equal>(build, difference, 0));
}

Status LowerReciprocal(const Node& node, Builder& build) { return build.Bind(0, Number<tfl::Div>(build, 1, node.Input(0))); }

// 0 where `guard` is 0, else `value`, which may be anything there.
Status BindGuarded(Builder& build, const Value& guard, const Value& value) {
  TFLOWER_TRY(const Value is_zero, With<tfl::Equal>(build, guard, 0));
  TFLOWER_TRY(const Value zero, build.ScalarOf(value.dtype(), 0));
  return build.Bind(0, build.Emit(tfl::SelectV2{}, {is_zero, zero, value}));
}
Status LowerDivNoNan(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value y, build.Emit(tfl::Div{}, {node.Input(0), node.Input(1)}));
  return BindGuarded(build, node.Input(1), y);
}
Status LowerMulNoNan(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value y, build.Emit(tfl::Mul{}, {node.Input(0), node.Input(1)}));
  return BindGuarded(build, node.Input(1), y);
}
Status LowerXdivy(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value y, build.Emit(tfl::Div{}, {node.Input(0), node.Input(1)}));
  return BindGuarded(build, node.Input(0), y);
}
Status LowerXlogy(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value log, build.Emit(tfl::Log{}, {node.Input(1)}));
  TFLOWER_TRY(const Value y, build.Emit(tfl::Mul{}, {node.Input(0), log}));
  return BindGuarded(build, node.Input(0), y);
}
Status LowerXlog1py(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value log, Log1p(build, node.Input(1)));
  TFLOWER_TRY(const Value y, build.Emit(tfl::Mul{}, {node.Input(0), log}));
  return BindGuarded(build, node.Input(0), y);
}

// TFLite's integer division truncates.
Status LowerTruncateMod(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value quotient, build.Emit(tfl::Div{}, {node.Input(0), node.Input(1)}));
  TFLOWER_TRY(const Value whole, build.Emit(tfl::Mul{}, {quotient, node.Input(1)}));
  return build.Bind(0, build.Emit(tfl::Sub{}, {node.Input(0), whole}));
}

// The remainder of a division that truncates has the dividend's sign.
Status LowerFloatMod(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value dividend, build.Emit(tfl::Abs{}, {node.Input(0)}));
  TFLOWER_TRY(const Value divisor, build.Emit(tfl::Abs{}, {node.Input(1)}));
  TFLOWER_TRY(const Value rest, build.Emit(tfl::FloorMod{}, {dividend, divisor}));
  TFLOWER_TRY(const Value sign, build.Emit(tfl::Sign{}, {node.Input(0)}));
  return build.Bind(0, build.Emit(tfl::Mul{}, {rest, sign}));
}
Status LowerMod(const Node& node, Builder& build) {
  return node.Input(0).dtype() == DType::kFloat32 ? LowerFloatMod(node, build) : LowerTruncateMod(node, build);
}

// SQUARE is for floats in stock runtimes.
Status LowerSquare(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  if (x.dtype() == DType::kFloat32) return build.Replace(node, tfl::Square{}, {x});
  return build.Bind(0, build.Emit(tfl::Mul{}, {x, x}));
}

// ADD_N is for float32 and int32 in stock runtimes, and shapes must be known to agree.
bool FitsAddN(const std::vector<Value>& operands) {
  if (operands[0].dtype() != DType::kFloat32 && operands[0].dtype() != DType::kInt32) return false;
  return std::all_of(operands.begin(), operands.end(), [&](const Value& v) { return v.SameShape(operands[0]); });
}

// Of two operands, ADD: it takes activations.
Status LowerAddN(const Node& node, Builder& build) {
  if (node.num_inputs() > 2 && FitsAddN(node.Inputs())) return build.Replace(node, tfl::AddN{}, node.Inputs());
  Value sum = node.Input(0);
  for (int i = 1; i < node.num_inputs(); ++i) {
    TFLOWER_TRY(sum, build.Emit(tfl::Add{}, {sum, node.Input(i)}));
  }
  return build.Bind(0, sum);
}

Status LowerClipByValue(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value below, build.Emit(tfl::Minimum{}, {node.Input(0), node.Input(2)}));
  return build.Bind(0, build.Emit(tfl::Maximum{}, {below, node.Input(1)}));
}

constexpr Operand kFloat32 = Of(kF32, 0, TFLOWER_MAX_RANK);
constexpr Operand kInteger = Of(Types({DType::kInt8, DType::kInt16, DType::kInt32, DType::kInt64}), 0, TFLOWER_MAX_RANK);

constexpr OpDef kOps[] = {
    {"Softplus", {kFloat32}, kT, LowerSoftplus, "ABS NEG EXP ADD LOG RELU"},
    {"Softsign", {kFloat32}, kT, LowerSoftsign, "ABS ADD DIV"},
    {"Selu", {kFloat32}, kT, LowerSelu, "GREATER MUL ELU SELECT"},
    {"Log1p", {kFloat32}, kT, LowerLog1p, "ABS ADD DIV LESS LOG MUL SELECT"},
    {"Expm1", {kFloat32}, kT, LowerExpm1, "MUL TANH SUB DIV EXP ABS LESS SELECT"},
    {"IsNan", {kFloat32}, kT, LowerIsNan, "NOT_EQUAL"},
    {"IsInf", {kFloat32}, kT, LowerIsInf, "ABS EQUAL"},
    {"IsFinite", {kFloat32}, kT, LowerIsFinite, "SUB EQUAL"},
    {"Reciprocal", {kFloat32}, kT, LowerReciprocal, "DIV"},
    {"Inv", {kFloat32}, kT, LowerReciprocal, "DIV"},
    {"Div", {Any(), Any()}, kT, Rename<tfl::Div>, "DIV"},
    {"DivNoNan", {kFloat32, kFloat32}, kT, LowerDivNoNan, "DIV EQUAL SELECT_V2"},
    {"MulNoNan", {kFloat32, kFloat32}, kT, LowerMulNoNan, "MUL EQUAL SELECT_V2"},
    {"Xdivy", {kFloat32, kFloat32}, kT, LowerXdivy, "DIV EQUAL SELECT_V2"},
    {"Xlogy", {kFloat32, kFloat32}, kT, LowerXlogy, "LOG MUL EQUAL SELECT_V2"},
    {"Xlog1py", {kFloat32, kFloat32}, kT, LowerXlog1py, "ABS ADD DIV EQUAL LESS LOG MUL SELECT SELECT_V2"},
    {"TruncateDiv", {kInteger, kInteger}, kT, Rename<tfl::Div>, "DIV"},
    {"TruncateMod", {kInteger, kInteger}, kT, LowerTruncateMod, "DIV MUL SUB"},
    {"Mod", {Of(kF32 | kIndex, 0, TFLOWER_MAX_RANK), Of(kF32 | kIndex, 0, TFLOWER_MAX_RANK)}, kT, LowerMod, "ABS DIV FLOOR_MOD MUL SIGN SUB"},
    {"Square", {Any()}, kT, LowerSquare, "SQUARE MUL"},
    {"AddN", {Variadic()}, kAddNAttrs, LowerAddN, "ADD ADD_N"},
    {"ClipByValue", {Any(), Any(), Any()}, kT, LowerClipByValue, "MINIMUM MAXIMUM"},
};
}  // namespace
TFLOWER_OP_FAMILY(special, kOps);
}  // namespace tflower::tf_ops
