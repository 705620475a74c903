// Elementwise ops of one operand, one operator each: Abs -> ABS, Exp -> EXP, ...
#include <tflower/op_def.h>

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};

constexpr OpDef kOps[] = {
    {"Abs", {Any()}, kT, Rename<tfl::Abs>, "ABS"},
    {"Ceil", {Float()}, kT, Rename<tfl::Ceil>, "CEIL"},
    {"Cos", {Float()}, kT, Rename<tfl::Cos>, "COS"},
    {"Exp", {Float()}, kT, Rename<tfl::Exp>, "EXP"},
    {"Floor", {Float()}, kT, Rename<tfl::Floor>, "FLOOR"},
    {"Log", {Float()}, kT, Rename<tfl::Log>, "LOG"},
    {"Neg", {Any()}, kT, Rename<tfl::Neg>, "NEG"},
    {"Rint", {Float()}, kT, Rename<tfl::Round>, "ROUND"},
    {"Round", {Float()}, kT, Rename<tfl::Round>, "ROUND"},
    {"Rsqrt", {Float()}, kT, Rename<tfl::Rsqrt>, "RSQRT"},
    {"Sigmoid", {Float()}, kT, Rename<tfl::Logistic>, "LOGISTIC"},
    {"Sign", {Any()}, kT, Rename<tfl::Sign>, "SIGN"},
    {"Sin", {Float()}, kT, Rename<tfl::Sin>, "SIN"},
    {"Sqrt", {Float()}, kT, Rename<tfl::Sqrt>, "SQRT"},
    {"Tanh", {Float()}, kT, Rename<tfl::Tanh>, "TANH"},
};
}  // namespace
TFLOWER_OP_FAMILY(unary, kOps);
}  // namespace tflower::tf_ops
