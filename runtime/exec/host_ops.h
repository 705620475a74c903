// Operators that the runtime carries out itself, as they concern the session and not numbers: variables and calls of subgraphs.
#pragma once

#include <cstdint>

#include "../plan/plan.h"
#include "tflower/tfl_ops.h"

namespace tflower::runtime {

struct SessionState;

constexpr bool IsHostOp(int32_t code) {
  switch (static_cast<tfl::Builtin>(code)) {
    case tfl::Builtin::VAR_HANDLE:
    case tfl::Builtin::READ_VARIABLE:
    case tfl::Builtin::ASSIGN_VARIABLE:
    case tfl::Builtin::CALL:
    case tfl::Builtin::CALL_ONCE:
    case tfl::Builtin::IF:
    case tfl::Builtin::WHILE:
    case tfl::Builtin::STABLEHLO_CASE:
    case tfl::Builtin::STABLEHLO_COMPOSITE:
    case tfl::Builtin::STABLEHLO_WHILE: return true;
    default: return false;
  }
}

// Runs one of them. Errors: kInvalidOperand (a variable read before it is assigned, a condition that is no single bool),
// kInvalidGraph (the called subgraph has other operands), and what the called subgraph reports; kLimit when stopped between the rounds of a loop.
Status RunHostOp(SessionState& session, Plan& plan, Step& step);

}  // namespace tflower::runtime
