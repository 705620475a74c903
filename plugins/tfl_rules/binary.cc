// Elementwise operators of two operands that broadcast.
#include "binary.h"

namespace tflower::tfl_rules {
namespace {

template <class TflOp>
Result<Value> Emit(Builder& build, const Operator& op, const Value& x, const Value& y) { return build.Emit(op.As<TflOp>(), {x, y}); }

}  // namespace

Result<Value> BinaryOn(Builder& build, const Operator& op, const Value& x, const Value& y) {
  switch (op.code()) {
    case tfl::Builtin::ADD: return Emit<tfl::Add>(build, op, x, y);
    case tfl::Builtin::SUB: return Emit<tfl::Sub>(build, op, x, y);
    case tfl::Builtin::MUL: return Emit<tfl::Mul>(build, op, x, y);
    case tfl::Builtin::DIV: return Emit<tfl::Div>(build, op, x, y);
    case tfl::Builtin::MAXIMUM: return Emit<tfl::Maximum>(build, op, x, y);
    case tfl::Builtin::MINIMUM: return Emit<tfl::Minimum>(build, op, x, y);
    case tfl::Builtin::POW: return Emit<tfl::Pow>(build, op, x, y);
    case tfl::Builtin::SQUARED_DIFFERENCE: return Emit<tfl::SquaredDifference>(build, op, x, y);
    case tfl::Builtin::FLOOR_DIV: return Emit<tfl::FloorDiv>(build, op, x, y);
    case tfl::Builtin::FLOOR_MOD: return Emit<tfl::FloorMod>(build, op, x, y);
    case tfl::Builtin::EQUAL: return Emit<tfl::Equal>(build, op, x, y);
    case tfl::Builtin::NOT_EQUAL: return Emit<tfl::NotEqual>(build, op, x, y);
    case tfl::Builtin::LESS: return Emit<tfl::Less>(build, op, x, y);
    case tfl::Builtin::LESS_EQUAL: return Emit<tfl::LessEqual>(build, op, x, y);
    case tfl::Builtin::GREATER: return Emit<tfl::Greater>(build, op, x, y);
    case tfl::Builtin::GREATER_EQUAL: return Emit<tfl::GreaterEqual>(build, op, x, y);
    case tfl::Builtin::LOGICAL_AND: return Emit<tfl::LogicalAnd>(build, op, x, y);
    default: return Emit<tfl::LogicalOr>(build, op, x, y);
  }
}

}  // namespace tflower::tfl_rules
