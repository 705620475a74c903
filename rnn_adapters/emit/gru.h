// Layers of GRU cells: in builtin operators, which all runtimes have, or as tflower.Gru, which has a kernel in tflower's.
#pragma once

#include <tflower/builder.h>

#include "cells/gru.h"
#include "emit/sequences.h"

namespace tflower::rnn {

// The weights of a cell as constants. Rows: update gate, reset gate, candidate.
class GruWeights {
 public:
  GruWeights(BodyReader& body, const GruCell& cell) : body_(body), build_(body.build()), cell_(cell) {}
  int64_t units() const { return cell_.hidden.width; }
  Result<Value> Input(const JoinedSequence& input) const;  // [3 * units, features]
  Result<Value> Bias() const;                              // [3 * units]
  Result<Value> Recurrent() const;                         // [3 * units, units]; [2 * units, units] where the reset gate comes before the product
  Result<Value> RecurrentBias() const;                     // [3 * units], of the candidate alone; zeros elsewhere
  Result<Value> CandidateRecurrent() const;                // [units, units], where the reset gate comes before the product
  Result<Value> AllRecurrent() const;                      // [3 * units, units] in any case

 private:
  Form Gates(const Form* candidate) const;
  BodyReader& body_;
  Builder& build_;
  const GruCell& cell_;
};

// A loop over chunks of steps: what the steps of a chunk take from their inputs is one product, and a round of a loop costs a runtime as much as
// several operators. No loop for a sequence of one chunk.
Status EmitGru(BodyReader& body, const GruCell& cell, const JoinedSequence& input, std::vector<Track>& tracks);
// tflower.Gru; declines where that has not the cell's activations.
Status EmitGruOperator(BodyReader& body, const GruCell& cell, const JoinedSequence& input, std::vector<Track>& tracks);

}  // namespace tflower::rnn
