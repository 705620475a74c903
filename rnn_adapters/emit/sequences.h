// Sequences: what operators over whole sequences take and give, for what the body reads and computes in each round.
#pragma once

#include <utility>
#include <vector>

#include <tflower/builder.h>

#include "read/body.h"

namespace tflower::rnn {

// A sequence of rows: [steps, batch, width], or [batch, steps, width].
struct Sequence {
  Value values;
  bool time_major = true;
};

// What the loop computes in each round, by its form, and where that is found now.
struct Track {
  Form form;       // h', or c'
  Value last;      // [batch, width]; made on demand where it is null
  Sequence all;    // values null: only the last is known
  Value initial;   // of those of which only the last is known
};

// Several atoms as the columns of one sequence: where each begins.
struct JoinedSequence {
  Sequence sequence;
  int64_t width = 0;
  std::vector<std::pair<const Atom*, int64_t>> columns;
  Value behind;  // [batch, steps, 1]: Packing::kBehind at steps at which states must stay as they are, else 0; null: they are all free
  bool marked = false;  // the last column is of no atom: such marks, or ones
};

class Packing;

// How many steps a loop has, and which: int32, a scalar, and [steps].
Result<Value> NumberOfSteps(Builder& build, const Loop& loop);
Result<Value> RangeOfSteps(Builder& build, const Loop& loop);
// The elements of an array that the loop reads, in the order of the rounds: without the transposition in front of it, if there is one; a reversal between
// both moves along.
Result<Sequence> InputSequence(Builder& build, const Loop& loop, const Element& element);
Result<Value> WithStepsFirst(Builder& build, const Sequence& x);
Result<Value> WithBatchFirst(Builder& build, const Sequence& x);
// x, the last index along the axis first.
Result<Value> Reversed(Builder& build, const Value& x, int axis);
// The rows of the last step, [batch, width].
Result<Value> LastStep(Builder& build, const Sequence& x);
// The atoms as one sequence: arrays that the loop reads, and what was computed so far. Declines, and says of which atom nothing is known.
// With `behind`, if there is one, as one column more.
Result<JoinedSequence> Marked(Builder& build, JoinedSequence x);
// Packed where there is a packing; tracks are so then.
Result<JoinedSequence> Join(BodyReader& body, const Packing* packing, const std::vector<Track>& tracks, const std::vector<const Atom*>& atoms);

}  // namespace tflower::rnn
