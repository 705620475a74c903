// Results: what takes the place of a loop's results, once the operator that does its work is there.
#pragma once

#include <tflower/builder.h>

#include "read/body.h"

namespace tflower::rnn {

// A sequence of rows: [steps, batch, width], or [batch, steps, width].
struct Sequence {
  Value values;
  bool time_major = true;
};
// The array that variable i of the loop is, without the transposition in front of it, if there is one.
Sequence InputSequence(Builder& build, const Loop& loop, int i);

// What the loop computes at each step, by its form, and where it is found now.
struct Track {
  const Form* form;       // h', or c'
  Value last;             // [batch, width]; emitted on demand where it is null
  Sequence all;           // values null: nobody knows but the last
};

class Results {
 public:
  Results(Builder& build, BodyReader& body) : build_(build), body_(body) {}
  // Puts a replacement in the place of each result of the loop, made of the tracks. Declines where one is none of them.
  Status Replace(std::vector<Track> tracks);
  // The track at the last step.
  Result<Value> Last(Track& track);

 private:
  Result<Value> ResultOf(int variable, std::vector<Track>& tracks);
  Result<Value> Steps(const Track& track);

  Builder& build_;
  BodyReader& body_;
};

}  // namespace tflower::rnn
