// Elementwise operators of one operand.
#include "unary.h"

namespace tflower::tfl_rules {
namespace {

template <class TflOp>
Result<Value> Emit(Builder& build, const Operator& op, const Value& x) { return build.Emit(op.As<TflOp>(), {x}); }

}  // namespace

Result<Value> UnaryOn(Builder& build, const Operator& op, const Value& x) {
  switch (op.code()) {
    case tfl::Builtin::RELU: return Emit<tfl::Relu>(build, op, x);
    case tfl::Builtin::RELU6: return Emit<tfl::Relu6>(build, op, x);
    case tfl::Builtin::RELU_N1_TO_1: return Emit<tfl::ReluN1To1>(build, op, x);
    case tfl::Builtin::RELU_0_TO_1: return Emit<tfl::Relu0To1>(build, op, x);
    case tfl::Builtin::LOG: return Emit<tfl::Log>(build, op, x);
    case tfl::Builtin::SIN: return Emit<tfl::Sin>(build, op, x);
    case tfl::Builtin::COS: return Emit<tfl::Cos>(build, op, x);
    case tfl::Builtin::FLOOR: return Emit<tfl::Floor>(build, op, x);
    case tfl::Builtin::CEIL: return Emit<tfl::Ceil>(build, op, x);
    case tfl::Builtin::ROUND: return Emit<tfl::Round>(build, op, x);
    case tfl::Builtin::SIGN: return Emit<tfl::Sign>(build, op, x);
    case tfl::Builtin::LOGICAL_NOT: return Emit<tfl::LogicalNot>(build, op, x);
    case tfl::Builtin::TANH: return Emit<tfl::Tanh>(build, op, x);
    case tfl::Builtin::LOGISTIC: return Emit<tfl::Logistic>(build, op, x);
    case tfl::Builtin::HARD_SWISH: return Emit<tfl::HardSwish>(build, op, x);
    case tfl::Builtin::ELU: return Emit<tfl::Elu>(build, op, x);
    case tfl::Builtin::GELU: return Emit<tfl::Gelu>(build, op, x);
    case tfl::Builtin::LEAKY_RELU: return Emit<tfl::LeakyRelu>(build, op, x);
    case tfl::Builtin::ABS: return Emit<tfl::Abs>(build, op, x);
    case tfl::Builtin::SQRT: return Emit<tfl::Sqrt>(build, op, x);
    case tfl::Builtin::RSQRT: return Emit<tfl::Rsqrt>(build, op, x);
    case tfl::Builtin::EXP: return Emit<tfl::Exp>(build, op, x);
    case tfl::Builtin::NEG: return Emit<tfl::Neg>(build, op, x);
    default: return Emit<tfl::Square>(build, op, x);
  }
}

}  // namespace tflower::tfl_rules
