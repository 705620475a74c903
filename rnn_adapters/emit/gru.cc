// GRU layers in builtin operators.
#include "emit/gru.h"

#include <algorithm>
#include <cmath>

#include <tflower/pattern.h>

#include "emit/chunks.h"
#include "emit/weights.h"

namespace tflower::rnn {

// With a candidate that is no part of the product left out.
Form GruWeights::Gates(const Form* candidate) const {
  std::vector<Form> parts = {cell_.update.inside, cell_.reset.inside};
  if (candidate != nullptr) parts.push_back(*candidate);
  return Joined(parts);
}

Result<Value> GruWeights::Input(const JoinedSequence& input) const { return InputWeights(body_, Gates(&cell_.candidate), input); }
Result<Value> GruWeights::Bias() const { return rnn::Bias(build_, Gates(&cell_.candidate)); }
Result<Value> GruWeights::Recurrent() const { return WeightsOf(build_, Gates(cell_.reset_after() ? &cell_.after : nullptr), body_.State(cell_.h)); }

Result<Value> GruWeights::RecurrentBias() const {
  std::vector<float> bias(static_cast<size_t>(3 * units()), 0.0f);
  std::ranges::copy(cell_.after.bias, bias.begin() + 2 * units());
  return VectorOf(build_, bias);
}

Result<Value> GruWeights::CandidateRecurrent() const { return WeightsOf(build_, cell_.candidate, cell_.reset_state); }

Result<Value> GruWeights::AllRecurrent() const {
  if (cell_.reset_after()) return Recurrent();
  TFLOWER_TRY(const Value gates, Recurrent());
  TFLOWER_TRY(const Value candidate, CandidateRecurrent());
  return build_.Emit(tfl::Concatenation{.axis = 0}, {gates, candidate});
}

namespace {

Result<Value> Times(Builder& build, const Value& x, float factor) {
  if (factor == 1) return x;
  TFLOWER_TRY(const Value constant, build.Scalar(factor));
  return build.Emit(tfl::Mul{}, {x, constant});
}

Result<Value> Plus(Builder& build, const Value& x, float term) {
  if (term == 0) return x;
  TFLOWER_TRY(const Value constant, build.Scalar(term));
  return build.Emit(tfl::Add{}, {x, constant});
}

Result<Value> Clip(Builder& build, const Value& x, float low, float high) {
  TFLOWER_TRY(const Value least, build.Scalar(low));
  TFLOWER_TRY(const Value most, build.Scalar(high));
  TFLOWER_TRY(const Value up, std::isinf(low) ? Result<Value>(x) : build.Emit(tfl::Maximum{}, {x, least}));
  return std::isinf(high) ? Result<Value>(up) : build.Emit(tfl::Minimum{}, {up, most});
}

Result<Value> ApplyBuiltin(Builder& build, tfl::Builtin f, const Value& x) {
  switch (f) {
    case tfl::Builtin::LOGISTIC: return build.Emit(tfl::Logistic{}, {x});
    case tfl::Builtin::TANH: return build.Emit(tfl::Tanh{}, {x});
    case tfl::Builtin::RELU: return build.Emit(tfl::Relu{}, {x});
    case tfl::Builtin::RELU6: return build.Emit(tfl::Relu6{}, {x});
    case tfl::Builtin::RELU_N1_TO_1: return build.Emit(tfl::ReluN1To1{}, {x});
    case tfl::Builtin::ELU: return build.Emit(tfl::Elu{}, {x});
    case tfl::Builtin::HARD_SWISH: return build.Emit(tfl::HardSwish{}, {x});
    case tfl::Builtin::EXP: return build.Emit(tfl::Exp{}, {x});
    case tfl::Builtin::ABS: return build.Emit(tfl::Abs{}, {x});
    case tfl::Builtin::SQUARE: return build.Emit(tfl::Square{}, {x});
    default: return Declined("its activation is none that is known here");
  }
}

// f(x), without scale and offset.
Result<Value> Apply(Builder& build, const ElementFunction& f, const Value& x) {
  if (f.kind == ElementFunction::Kind::kNone) return x;
  if (f.kind == ElementFunction::Kind::kClip) return Clip(build, x, f.low, f.high);
  return ApplyBuiltin(build, f.function, x);
}

Result<Value> Finish(Builder& build, const ElementFunction& f, const Value& x) {
  TFLOWER_TRY(const Value scaled, Times(build, x, f.scale));
  return Plus(build, scaled, f.offset);
}

// The steps of a chunk, in the graph where the builder stands.
class GruSteps : public ChunkedCell {
 public:
  GruSteps(BodyReader& body, const GruCell& cell, const JoinedSequence& input) : build_(body.build()), cell_(cell), input_(input), weights_(body, cell) {}

  // What all steps of x, [steps, batch, features] or with the batch first, take of it: gates and candidate, by step.
  Status Begin(const Value& x, int steps, int axis) override {
    const int32_t units = static_cast<int32_t>(weights_.units());
    TFLOWER_TRY(const Value w, weights_.Input(input_));
    TFLOWER_TRY(const Value b, weights_.Bias());
    TFLOWER_TRY(const Value all, build_.Emit(tfl::FullyConnected{.keep_num_dims = true}, {x, w, b}));
    TFLOWER_TRY(const Value sizes, build_.Vector({2 * units, units}));
    TFLOWER_TRY(const Value last, build_.Scalar(int32_t{2}));
    TFLOWER_TRY(const std::vector<Value> parts, build_.EmitAll(tfl::SplitV{.num_splits = 2}, std::vector<Value>{all, sizes, last}, 2));
    const tfl::Unpack unpack{.num = steps, .axis = axis};
    TFLOWER_TRY(gates_, build_.EmitAll(unpack, std::span<const Value>(&parts[0], 1), steps));
    TFLOWER_TRY(candidates_, build_.EmitAll(unpack, std::span<const Value>(&parts[1], 1), steps));
    TFLOWER_TRY(recurrent_, weights_.Recurrent());
    TFLOWER_TRY(sizes_, build_.Vector({2 * units, units}));
    TFLOWER_TRY(columns_, build_.Scalar(int32_t{1}));
    if (cell_.reset_after()) {
      TFLOWER_TRY(bias_, weights_.RecurrentBias());
    } else {
      TFLOWER_TRY(candidate_recurrent_, weights_.CandidateRecurrent());
    }
    return Ok();
  }

  Result<Value> Step(int i, const Value& h) override {
    const size_t at = static_cast<size_t>(i);
    TFLOWER_TRY(const Value product, build_.Emit(tfl::FullyConnected{}, {h, recurrent_, bias_}));
    if (!cell_.reset_after()) {
      TFLOWER_CHECK(SetGates(gates_[at], product));
      TFLOWER_TRY(const Value old, build_.Emit(tfl::Mul{}, {reset_, h}));
      TFLOWER_TRY(const Value of_old, build_.Emit(tfl::FullyConnected{}, {old, candidate_recurrent_, Value()}));
      return Next(h, candidates_[at], of_old);
    }
    TFLOWER_TRY(const std::vector<Value> parts, build_.EmitAll(tfl::SplitV{.num_splits = 2}, std::vector<Value>{product, sizes_, columns_}, 2));
    TFLOWER_CHECK(SetGates(gates_[at], parts[0]));
    TFLOWER_TRY(const Value of_old, build_.Emit(tfl::Mul{}, {reset_, parts[1]}));
    return Next(h, candidates_[at], of_old);
  }

 private:
  Status SetGates(const Value& of_input, const Value& of_state) {
    TFLOWER_TRY(const Value sum, build_.Emit(tfl::Add{}, {of_input, of_state}));
    TFLOWER_TRY(const Value both, Apply(build_, cell_.update.function, sum));
    TFLOWER_TRY(const std::vector<Value> gates, build_.EmitAll(tfl::Split{.num_splits = 2}, std::vector<Value>{columns_, both}, 2));
    TFLOWER_TRY(update_, Finish(build_, cell_.update.function, gates[0]));
    TFLOWER_TRY(reset_, Finish(build_, cell_.reset.function, gates[1]));
    return Ok();
  }

  // One product instead of two: a + gate * (b - a).
  Result<Value> Next(const Value& h, const Value& of_input, const Value& of_old) {
    TFLOWER_TRY(const Value sum, build_.Emit(tfl::Add{}, {of_input, of_old}));
    TFLOWER_TRY(const Value activated, Apply(build_, cell_.activation, sum));
    TFLOWER_TRY(const Value g, Finish(build_, cell_.activation, activated));
    const Value &a = cell_.update_keeps ? g : h, &b = cell_.update_keeps ? h : g;
    TFLOWER_TRY(const Value difference, build_.Emit(tfl::Sub{}, {b, a}));
    TFLOWER_TRY(const Value part, build_.Emit(tfl::Mul{}, {update_, difference}));
    return build_.Emit(tfl::Add{}, {a, part});
  }

  Builder& build_;
  const GruCell& cell_;
  const JoinedSequence& input_;
  const GruWeights weights_;
  std::vector<Value> gates_, candidates_;
  Value recurrent_, bias_, candidate_recurrent_, sizes_, columns_;
  Value update_, reset_;
};

}  // namespace

Status EmitGru(BodyReader& body, const GruCell& cell, const JoinedSequence& input, std::vector<Track>& tracks) {
  GruSteps steps(body, cell, input);
  TFLOWER_TRY(const ChunkedResult result, EmitChunks(body, input.sequence, body.loop().op.Input(cell.h), steps));
  tracks.push_back({cell.hidden, result.last, result.all});
  return Ok();
}

}  // namespace tflower::rnn
