// GRU layers as tflower.Gru. Operands, results and options: docs/recurrent.md.
#include <array>

#include <tflower/flex_map.h>
#include <tflower/pattern.h>

#include "emit/gru.h"
#include "emit/weights.h"

namespace tflower::rnn {
namespace {

struct Named {
  tfl::Builtin function;
  const char* name;
};
constexpr Named kActivations[] = {{tfl::Builtin::TANH, "tanh"}, {tfl::Builtin::RELU, "relu"}, {tfl::Builtin::RELU6, "relu6"}, {tfl::Builtin::RELU_N1_TO_1, "relu_n1_to_1"}};

const char* NameOf(const ElementFunction& f) {
  if (f.kind == ElementFunction::Kind::kNone) return "none";
  if (f.kind == ElementFunction::Kind::kClip) return f.low == -1 && f.high == 1 && f.scale == 1 && f.offset == 0 ? "relu_n1_to_1" : nullptr;
  for (const Named& a : kActivations) if (f.Is(a.function)) return a.name;
  return nullptr;
}

// sigmoid(-x) = 1 - sigmoid(x): what multiplies the candidate becomes what keeps the state, and a gate's complement a gate.
Form Negated(const Form& form) { return Scaled(form, std::vector<float>(static_cast<size_t>(form.width), -1.0f)); }

bool IsComplement(const ElementFunction& f) { return f.kind == ElementFunction::Kind::kApply && f.function == tfl::Builtin::LOGISTIC && f.scale == -1 && f.offset == 1; }

// What update gate, reset gate and candidate take of the state, one under the other.
Result<Value> RecurrentWeights(BodyReader& body, const GruCell& cell) {
  Builder& build = body.build();
  const Atom* const state = body.State(cell.h);
  if (cell.reset_after()) return WeightsOf(build, Joined({cell.update.inside, cell.reset.inside, cell.after}), state);
  TFLOWER_TRY(const Value gates, WeightsOf(build, Joined({cell.update.inside, cell.reset.inside}), state));
  TFLOWER_TRY(const Value candidate, WeightsOf(build, cell.candidate, cell.reset_state));
  return build.Emit(tfl::Concatenation{.axis = 0}, {gates, candidate});
}

}  // namespace

Status EmitGru(BodyReader& body, const GruCell& found, const JoinedSequence& input, std::vector<Track>& tracks) {
  Builder& build = body.build();
  GruCell cell = found;
  const char* const activation = NameOf(cell.activation);
  if (activation == nullptr) return Declined("its activation is none of those of tflower.Gru");
  const bool reset_complement = IsComplement(cell.reset.function);
  if (!cell.update.function.Is(tfl::Builtin::LOGISTIC) || (!cell.reset.function.Is(tfl::Builtin::LOGISTIC) && !reset_complement)) return Declined("its gates are no sigmoids, which tflower.Gru has");
  if (!cell.update_keeps) cell.update.inside = Negated(cell.update.inside);
  if (reset_complement) cell.reset.inside = Negated(cell.reset.inside);
  const Form all = Joined({cell.update.inside, cell.reset.inside, cell.candidate});
  TFLOWER_TRY(const Value weights, InputWeights(body, all, input));
  TFLOWER_TRY(const Value recurrent, RecurrentWeights(body, cell));
  TFLOWER_TRY(const Value bias, Bias(build, all));
  TFLOWER_TRY(const Value after, cell.reset_after() ? Bias(build, cell.after) : Result<Value>(Value()));
  FlexMapWriter options;
  options.String("activation", activation);
  options.Bool("reset_after", cell.reset_after());
  options.Bool("time_major", input.sequence.time_major);
  const std::array<Value, 6> operands = {input.sequence.values, weights, recurrent, bias, after, body.loop().op.Input(cell.h)};
  TFLOWER_TRY(const std::vector<Value> out, build.EmitCustom("tflower.Gru", options.Finish(), operands, 2));
  tracks.push_back({found.hidden, out[1], {out[0], input.sequence.time_major}});
  return Ok();
}

}  // namespace tflower::rnn
