// Loops over chunks of steps. A round of WHILE copies all that the loop carries, twice in stock LiteRT, and costs about as much as several operators; a
// product of several rows costs little more than that of one. So a loop takes a number of steps in each round, which is written out; its sequence is
// padded to whole chunks with steps whose results nobody reads. Measured with LiteRT 2.x on layers of 100 steps: 1.4 to 1.9 times as fast as
// a step a round; all input products in front of the loop are no faster, since each round copies them.
#pragma once

#include <tflower/builder.h>

#include "emit/sequences.h"

namespace tflower::rnn {

// A cell of one state [batch, units], which is also its output.
class ChunkedCell {
 public:
  virtual ~ChunkedCell() = default;
  // x: `steps` steps along `axis`. In the graph where the builder stands then.
  virtual Status Begin(const Value& x, int steps, int axis) = 0;
  // The state behind step i of these.
  virtual Result<Value> Step(int i, const Value& h) = 0;
};

struct ChunkedResult {
  Sequence all;
  Value last;  // null: the last of all
};
Result<ChunkedResult> EmitChunks(BodyReader& body, const Sequence& x, const Value& initial, ChunkedCell& cell);

}  // namespace tflower::rnn
