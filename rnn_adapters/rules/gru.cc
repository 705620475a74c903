// Loops over GRU cells -> a loop over chunks of steps in builtin operators; or tflower.Gru, where the user wants operators of tflower's runtime.
#include <tflower/pattern.h>

#include "cells/gru.h"
#include "emit/gru.h"
#include "rules/loops.h"

namespace tflower::rnn {
namespace {

Status Emit(BodyReader& body, const GruCell& cell, const JoinedSequence& input, std::vector<Track>& tracks) {
  if (body.build().Option("rnn") == "custom") {
    const Status made = EmitGruOperator(body, cell, input, tracks);
    if (made.ok() || made.error().code != Code::kDeclined) return made;
    body.build().Report(made.error().message);
  }
  return EmitGru(body, cell, input, tracks);
}

Status FuseGru(const Operator& op, Builder& build) { return FuseCells<GruCell>(op, build, MatchGru, Emit); }

constexpr RuleDef kRules[] = {{.id = "rnn-gru", .benefit = 60, .emits = "WHILE", .fuse_loop = FuseGru}};

}  // namespace
TFLOWER_RULE_FAMILY(gru, kRules);
}  // namespace tflower::rnn
