// Loops over simple RNN cells -> UNIDIRECTIONAL_SEQUENCE_RNN.
#include <tflower/pattern.h>

#include "cells/simple_rnn.h"
#include "emit/results.h"
#include "emit/weights.h"
#include "rules/loops.h"

namespace tflower::rnn {
namespace {

Status Emit(BodyReader& body, const SimpleRnn& cell, const JoinedSequence& input, std::vector<Track>& tracks) {
  Builder& build = body.build();
  TFLOWER_TRY(const Value weights, InputWeights(body, cell.inside, input));
  TFLOWER_TRY(const Value recurrent, WeightsOf(build, cell.inside, body.State(cell.h)));
  TFLOWER_TRY(const Value bias, Bias(build, cell.inside));
  TFLOWER_TRY(const Value state, StateOf(build, body.loop(), cell.h));
  const tfl::UnidirectionalSequenceRnn options{.time_major = input.sequence.time_major, .fused_activation_function = cell.activation};
  TFLOWER_TRY(const Value y, build.Emit(options, {input.sequence.values, weights, recurrent, bias, state}));
  tracks.push_back({cell.hidden, Value(), {y, input.sequence.time_major}});
  return Ok();
}

Status FuseSimpleRnn(const Operator& op, Builder& build) {
  return FuseCells<SimpleRnn>(op, build, MatchSimpleRnn, Emit);
}

constexpr RuleDef kRules[] = {{.id = "rnn-simple", .benefit = 80, .emits = "UNIDIRECTIONAL_SEQUENCE_RNN", .fuse_loop = FuseSimpleRnn}};

}  // namespace
TFLOWER_RULE_FAMILY(simple_rnn, kRules);
}  // namespace tflower::rnn
