// LSTM loops -> UNIDIRECTIONAL_SEQUENCE_LSTM.
#include <algorithm>

#include <tflower/pattern.h>

#include "cells/lstm.h"
#include "emit/lstm_operands.h"
#include "emit/results.h"
#include "emit/weights.h"
#include "rules/loops.h"

namespace tflower::rnn {
namespace {

// Of a mark where no step is left, into input, forget, candidate and output gate: the sigmoids of the first two are exactly 0 and 1, so that the cell state
// stays.
constexpr float kWhereBehind[] = {-1, 1, 0, 0};

tfl::ActivationFunctionType ActivationType(tfl::Builtin f) {
  switch (f) {
    case tfl::Builtin::RELU: return tfl::ActivationFunctionType::RELU;
    case tfl::Builtin::RELU6: return tfl::ActivationFunctionType::RELU6;
    case tfl::Builtin::RELU_N1_TO_1: return tfl::ActivationFunctionType::RELU_N1_TO_1;
    default: return tfl::ActivationFunctionType::TANH;
  }
}

class Emitter {
 public:
  Emitter(BodyReader& body, const LstmCell& cell) : body_(body), build_(body.build()), cell_(cell), operands_(kLstmOperands) {}

  Status Run(const JoinedSequence& joined, std::vector<Track>& tracks) {
    TFLOWER_CHECK(CheckNorms(joined));
    TFLOWER_TRY(const JoinedSequence input, HasNorms() ? WithOnes(joined) : Marked(build_, joined));
    operands_[kLstmInput] = input.sequence.values;
    const Form* const gates[] = {cell_.input ? &*cell_.input : nullptr, &cell_.forget, &cell_.candidate, &cell_.output};
    for (int g = 0; g < 4; ++g) if (gates[g] != nullptr) TFLOWER_CHECK(cell_.norms[g] ? AddNormalizedGate(g, *gates[g], input) : AddGate(g, *gates[g], input));
    TFLOWER_CHECK(AddPeepholes());
    if (cell_.has_projection) TFLOWER_CHECK(AddProjection());
    TFLOWER_TRY(operands_[kLstmHidden], StateOf(build_, body_.loop(), cell_.h));
    TFLOWER_TRY(operands_[kLstmCell], StateOf(build_, body_.loop(), cell_.c));
    const tfl::UnidirectionalSequenceLstm options{.fused_activation_function = ActivationType(cell_.activation), .cell_clip = cell_.cell_clip,
                                                  .proj_clip = cell_.projection_clip, .time_major = input.sequence.time_major};
    TFLOWER_TRY(const Value y, build_.Emit(options, std::span<const Value>(operands_)));
    Track hidden{cell_.hidden, Value(), {y, input.sequence.time_major}};
    TFLOWER_TRY(const Value last_cell, LastCell(hidden));
    tracks.push_back(std::move(hidden));
    tracks.push_back({cell_.cell, last_cell, {}, body_.loop().op.Input(cell_.c)});
    return Ok();
  }

 private:
  bool HasNorms() const { return std::ranges::any_of(cell_.norms, [](const auto& n) { return n.has_value(); }); }

  // TFLite normalises all gates or none; and no weight can hold a gate open that is normalised.
  Status CheckNorms(const JoinedSequence& input) {
    if (!HasNorms()) return Ok();
    for (int g = cell_.input ? 0 : 1; g < 4; ++g) if (!cell_.norms[g]) return Declined("it normalises some of its gates, and not others, or not as TFLite's LSTM does");
    return input.behind ? Status(Declined("with layer normalisation the cell state cannot be kept where a mask leaves steps out")) : Ok();
  }

  // What is added in front of the normalisation has no operand: it is the weight of an input that is 1.
  Result<JoinedSequence> WithOnes(JoinedSequence x) {
    const auto adds = [&](const Form* gate) { return gate != nullptr && !IsZero(gate->bias); };
    if (!adds(cell_.input ? &*cell_.input : nullptr) && !adds(&cell_.forget) && !adds(&cell_.candidate) && !adds(&cell_.output)) return x;
    const int64_t dims[] = {3, 2};
    const int32_t ends[] = {0, 0, 0, 0, 0, 1};
    TFLOWER_TRY(const Value paddings, build_.Constant<int32_t>(dims, std::span<const int32_t>(ends)));
    TFLOWER_TRY(const Value one, build_.Scalar(1.0f));
    TFLOWER_TRY(x.sequence.values, build_.Emit(tfl::PadV2{}, {x.sequence.values, paddings, one}));
    x.width += 1;
    x.marked = true;
    return x;
  }

  Status AddNormalizedGate(int g, const Form& gate, const JoinedSequence& input) {
    const std::vector<float> last = gate.bias.empty() ? std::vector<float>(static_cast<size_t>(gate.width)) : gate.bias;
    TFLOWER_TRY(operands_[static_cast<size_t>(kLstmInputWeights + g)], InputWeights(body_, gate, input, last));
    TFLOWER_TRY(operands_[static_cast<size_t>(kLstmRecurrentWeights + g)], WeightsOf(build_, gate, body_.State(cell_.h)));
    TFLOWER_TRY(operands_[static_cast<size_t>(kLstmBias + g)], VectorOf(build_, cell_.norms[g]->offset));
    TFLOWER_TRY(operands_[static_cast<size_t>(kLstmNorm + g)], VectorOf(build_, cell_.norms[g]->scale));
    return Ok();
  }

  Status AddGate(int g, const Form& gate, const JoinedSequence& input) {
    TFLOWER_TRY(operands_[static_cast<size_t>(kLstmInputWeights + g)], InputWeights(body_, gate, input, std::vector<float>(static_cast<size_t>(gate.width), kWhereBehind[g])));
    TFLOWER_TRY(operands_[static_cast<size_t>(kLstmRecurrentWeights + g)], WeightsOf(build_, gate, body_.State(cell_.h)));
    TFLOWER_TRY(operands_[static_cast<size_t>(kLstmBias + g)], Bias(build_, gate));
    return Ok();
  }

  // Of the input and forget gates on the cell state as it was, of the output gate as it is now.
  Status AddPeepholes() {
    const std::vector<const Atom*> before = {body_.State(cell_.c)};
    std::vector<const Atom*> now;
    for (const Term& t : cell_.cell.terms) now.push_back(t.atom);
    const auto refuse = [&](const Form& gate, const std::vector<const Atom*>& atoms) -> Status {
      const Result<Value> none = Peephole(build_, gate, atoms);
      return none.ok() && !none.value() ? Ok() : Status(Declined("a gate reads the cell state as no peephole does"));
    };
    if (cell_.input) {
      TFLOWER_TRY(operands_[kLstmPeephole], Peephole(build_, *cell_.input, before));
      TFLOWER_CHECK(refuse(*cell_.input, now));
    }
    TFLOWER_TRY(operands_[kLstmPeephole + 1], Peephole(build_, cell_.forget, before));
    TFLOWER_TRY(operands_[kLstmPeephole + 2], Peephole(build_, cell_.output, now));
    TFLOWER_CHECK(refuse(cell_.forget, now));
    TFLOWER_CHECK(refuse(cell_.candidate, now));
    TFLOWER_CHECK(refuse(cell_.candidate, before));
    TFLOWER_CHECK(refuse(cell_.output, before));
    return FillPeepholes();
  }

  // TFLite takes all peepholes or none.
  Status FillPeepholes() {
    const int first = cell_.input ? 0 : 1;
    bool any = false;
    for (int g = first; g < 3; ++g) any = any || operands_[static_cast<size_t>(kLstmPeephole + g)];
    for (int g = first; any && g < 3; ++g) {
      Value& operand = operands_[static_cast<size_t>(kLstmPeephole + g)];
      if (operand) continue;
      TFLOWER_TRY(operand, VectorOf(build_, std::vector<float>(static_cast<size_t>(cell_.forget.width))));
    }
    return Ok();
  }

  Status AddProjection() {
    const Form& projected = cell_.projection_clip == 0 ? cell_.hidden : OnlyAtom(cell_.hidden)->a[0];
    TFLOWER_TRY(operands_[kLstmProjection], WeightsOf(build_, projected, cell_.unprojected));
    if (!projected.bias.empty()) {
      TFLOWER_TRY(operands_[kLstmProjectionBias], Bias(build_, projected));
    }
    return Ok();
  }

  // The operator has no result for it.
  Result<Value> LastCell(Track& hidden) {
    TFLOWER_TRY(const Value last, Results(body_).Last(hidden));
    return StateBehind(build_, operands_[kLstmCell], last);
  }

  BodyReader& body_;
  Builder& build_;
  const LstmCell& cell_;
  std::vector<Value> operands_;
};

Status Emit(BodyReader& body, const LstmCell& cell, const JoinedSequence& input, std::vector<Track>& tracks) { return Emitter(body, cell).Run(input, tracks); }

Status FuseLstm(const Operator& op, Builder& build) { return FuseCells<LstmCell>(op, build, MatchLstm, Emit); }

constexpr RuleDef kRules[] = {{.id = "rnn-lstm", .benefit = 100, .emits = "UNIDIRECTIONAL_SEQUENCE_LSTM", .fuse_loop = FuseLstm}};

}  // namespace
TFLOWER_RULE_FAMILY(lstm, kRules);
}  // namespace tflower::rnn
