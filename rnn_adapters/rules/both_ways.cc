// Two operators over one sequence, one of them backwards -> one operator for both directions.
#include <vector>

#include <tflower/pattern.h>

#include "emit/lstm_operands.h"
#include "read/ancestors.h"

namespace tflower::rnn {
namespace {

// How the operands of BIDIRECTIONAL_SEQUENCE_LSTM and RNN follow from those of one direction: the input, then [begin, end) of the forward and of the
// backward operator for each of these; then absent ones, up to `all`.
struct Layout {
  int begin, end;
};
constexpr Layout kLstm[] = {{kLstmInputWeights, kLstmHidden}, {kLstmHidden, kLstmNorm}};
constexpr size_t kLstmBothOperands = 48;
constexpr Layout kRnn[] = {{1, 5}};
constexpr size_t kRnnBothOperands = 12;

std::vector<Value> BothOperands(const Value& x, const Operator& forwards, const Operator& backwards, std::span<const Layout> layout, size_t all) {
  std::vector<Value> out = {x};
  for (const Layout& part : layout)
    for (const Operator& op : {forwards, backwards})
      for (int i = part.begin; i < part.end; ++i) out.push_back(op.Input(i));
  out.resize(all);
  return out;
}

// Does `op` need a result of `other`, not by way of x, which both read? Also true where it takes long to find out.
bool Needs(Builder& build, const Operator& op, const Operator& other, const Value& x) {
  constexpr size_t kMost = 2000;
  return !VisitAncestors(build, op.Inputs(), x, kMost, [&](const Operator& from) { return from.abi() == other.abi(); });
}

// The operator for both directions has no layer normalisation, and one set of options.
bool Agree(const Operator& a, const Operator& b, const tfl::UnidirectionalSequenceLstm& p, const tfl::UnidirectionalSequenceLstm& q) {
  const auto normalises = [](const Operator& op) {
    for (int i = kLstmNorm; i < op.num_inputs(); ++i) if (op.Input(i)) return true;
    return false;
  };
  return !normalises(a) && !normalises(b) && p.time_major == q.time_major && p.fused_activation_function == q.fused_activation_function &&
         p.cell_clip == q.cell_clip && p.proj_clip == q.proj_clip && !p.diagonal_recurrent_tensors && !q.diagonal_recurrent_tensors;
}
bool Agree(const Operator&, const Operator&, const tfl::UnidirectionalSequenceRnn& p, const tfl::UnidirectionalSequenceRnn& q) {
  return p.time_major == q.time_major && p.fused_activation_function == q.fused_activation_function;
}

template <class OneWay>
Operator ForwardsOf(Builder& build, const Value& x, const Operator& backwards) {
  for (const Operator& op : build.Users(x)) {
    if (op.code() != OneWay::kCode || op.Input(0).abi() != x.abi() || op.abi() == backwards.abi()) continue;
    if (Agree(op, backwards, op.As<OneWay>(), backwards.As<OneWay>()) && !Needs(build, op, backwards, x) && !Needs(build, backwards, op, x)) return op;
  }
  return Operator();
}

// Results are not merged: LiteRT's operator writes behind them where batches come first.
template <class OneWay, class BothWays>
Status Pair(const MatchView& m, Builder& build, BothWays options, std::span<const Layout> layout, size_t operands) {
  const Operator backwards = m.root_op();
  const bool time_major = backwards.As<OneWay>().time_major;
  TFLOWER_TRY(const std::vector<int64_t> axes, build.Ints(m["axes"], "axis"));
  if (axes.size() != 1 || (axes[0] + 3) % 3 != (time_major ? 0 : 1)) return Declined();
  const Operator forwards = ForwardsOf<OneWay>(build, m["x"], backwards);
  if (!forwards) return Declined();
  options.time_major = time_major;
  options.fused_activation_function = backwards.As<OneWay>().fused_activation_function;
  TFLOWER_TRY(const std::vector<Value> y, build.EmitAll(options, BothOperands(m["x"], forwards, backwards, layout, operands), 2));
  TFLOWER_CHECK(build.Substitute(forwards.Output(), y[0]));
  return build.Substitute(m.root(), build.Emit(tfl::ReverseV2{}, {y[1], m["axes"]}));  // as it was: what reads it turns it round again
}

Status PairLstms(const MatchView& m, Builder& build) {
  const auto one = m.root_op().As<tfl::UnidirectionalSequenceLstm>();
  return Pair<tfl::UnidirectionalSequenceLstm>(m, build, tfl::BidirectionalSequenceLstm{.cell_clip = one.cell_clip, .proj_clip = one.proj_clip}, kLstm, kLstmBothOperands);
}
Status PairRnns(const MatchView& m, Builder& build) {
  return Pair<tfl::UnidirectionalSequenceRnn>(m, build, tfl::BidirectionalSequenceRnn{}, kRnn, kRnnBothOperands);
}

constexpr Pattern Backwards(const char* op) { return Match(op, {Match("REVERSE_V2", {Any("x"), Const("axes")})}, nullptr, kWithState); }

constexpr RuleDef kRules[] = {
    {"rnn-lstm-both-ways", 100, Backwards("UNIDIRECTIONAL_SEQUENCE_LSTM"), PairLstms, "BIDIRECTIONAL_SEQUENCE_LSTM REVERSE_V2"},
    {"rnn-simple-both-ways", 100, Backwards("UNIDIRECTIONAL_SEQUENCE_RNN"), PairRnns, "BIDIRECTIONAL_SEQUENCE_RNN REVERSE_V2"},
};

}  // namespace
TFLOWER_RULE_FAMILY(both_ways, kRules);
}  // namespace tflower::rnn
