// Results: what takes the place of a loop's results, once the operator that does its work is there.
#pragma once

#include <tflower/builder.h>

#include "emit/sequences.h"

namespace tflower::rnn {

class Results {
 public:
  explicit Results(BodyReader& body) : build_(body.build()), body_(body) {}
  // Puts a replacement in the place of each result of the loop, made of the tracks. Declines where one is none of them.
  Status Replace(std::vector<Track>& tracks);
  // The track at the last step.
  Result<Value> Last(Track& track);

 private:
  Result<Value> ResultOf(int variable, std::vector<Track>& tracks);
  Result<Value> SumOfSteps(Form form, const std::vector<Track>& tracks);

  Builder& build_;
  BodyReader& body_;
};

}  // namespace tflower::rnn
