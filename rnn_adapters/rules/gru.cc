// Loops over GRU cells -> tflower.Gru, where the user wants operators that only tflower's runtime has. Else rules/steps.cc takes them.
#include <tflower/pattern.h>

#include "cells/gru.h"
#include "emit/gru.h"
#include "rules/loops.h"

namespace tflower::rnn {
namespace {

Status FuseGru(const Operator& op, Builder& build) {
  if (build.Option("rnn") != "custom") return Declined();
  return FuseCells<GruCell>(op, build, MatchGru, EmitGru);
}

constexpr RuleDef kRules[] = {{.id = "rnn-gru", .benefit = 60, .emits = "tflower.Gru", .fuse_loop = FuseGru}};

}  // namespace
TFLOWER_RULE_FAMILY(gru, kRules);
}  // namespace tflower::rnn
