// Weights of a gate as operands: [units, inputs], [units, outputs], [units].
#pragma once

#include <vector>

#include <tflower/builder.h>

#include "emit/sequences.h"

namespace tflower::rnn {

// [gate.width, width of the joined input]; `last` is that of its last column, if it is marked.
Result<Value> InputWeights(BodyReader& body, const Form& gate, const JoinedSequence& input, const std::vector<float>& last = {});
// What the form takes of the atom.
Result<Value> WeightsOf(Builder& build, const Form& form, const Atom* atom);
Result<Value> Bias(Builder& build, const Form& form);
Result<Value> VectorOf(Builder& build, const std::vector<float>& x);
// A null operand where the gate does not read the atoms; declines where it reads them other than column by column, or each differently.
Result<Value> Peephole(Builder& build, const Form& gate, const std::vector<const Atom*>& atoms);

// All zeros; a value that is not constant may be known to be so.
bool IsZero(const std::vector<float>& x);
bool IsZero(Builder& build, const Value& v);

// The state that begins with `initial`, or with what variable i of the loop does, as --rnn-state has it.
Result<Value> StateOf(Builder& build, const Value& initial);
inline Result<Value> StateOf(Builder& build, const Loop& loop, int i) { return StateOf(build, loop.op.Input(i)); }
// What is in an operator's state operand behind it, in one piece with its last result, [batch, n], so that nothing can read it before.
Result<Value> StateBehind(Builder& build, const Value& state, const Value& last);

}  // namespace tflower::rnn
