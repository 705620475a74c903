// Loops over chunks of steps. A round of WHILE copies all that the loop carries, twice in stock LiteRT, and costs about as much as several operators; a
// product of several rows costs little more than that of one. So a loop takes a number of steps in each round, which are written out; its sequence is
// padded to whole chunks with steps whose results nobody reads. All input products in front of the loop would be no faster, since each round copies them.
#pragma once

#include <span>
#include <vector>

#include <tflower/builder.h>

#include "emit/sequences.h"

namespace tflower::rnn {

class ChunkedCell {
 public:
  virtual ~ChunkedCell() = default;
  // x: `steps` steps along `axis`. In the graph where the builder stands then; outer: ChunkedLayer::outer there.
  virtual Status Begin(const Value& x, int steps, int axis, std::span<const Value> outer) = 0;
  // Step i of these: states become those behind it. What is recorded of it.
  virtual Result<std::vector<Value>> Step(int i, std::vector<Value>& states) = 0;
};

struct ChunkedLayer {
  Sequence x;
  std::vector<Value> states;     // [batch, units], as they begin
  std::vector<Value> outer;      // what all steps read
  std::vector<int64_t> widths;   // of what is recorded
  int64_t operators = 1;         // of a step
};

struct ChunkedResult {
  std::vector<Sequence> recorded;
  std::vector<Value> states;  // in the end; null where there was padding
};
Result<ChunkedResult> EmitChunks(BodyReader& body, const ChunkedLayer& layer, ChunkedCell& cell);

}  // namespace tflower::rnn
