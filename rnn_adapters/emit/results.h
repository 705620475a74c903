// Results: what takes the place of a loop's results, once the operator that does its work is there.
#pragma once

#include <tflower/builder.h>

#include "emit/packing.h"

namespace tflower::rnn {

class Results {
 public:
  explicit Results(BodyReader& body, const Packing* packing = nullptr) : build_(body.build()), body_(body), packing_(packing) {}
  // Puts a replacement in the place of each result of the loop, made of the tracks. Declines where one is none of them.
  Status Replace(std::vector<Track>& tracks);
  // The track at the last step, as it lies.
  Result<Value> Last(Track& track);

 private:
  Result<Value> ResultOf(int variable, std::vector<Track>& tracks);
  Result<Value> Rounds();
  Result<Value> PlaceBehind(const Place& place);
  Result<Value> Written(const Write& write, const Sequence& steps);
  Result<Value> AsOnlyStep(const Value& last);
  Status AddSteps(Sequence& sum, const Sequence& steps);
  Result<Sequence> SumOfSteps(Form form, const std::vector<Track>& tracks);

  // With a packing (emit/masked_results.cc): what a variable holds, a state or an array.
  Result<Value> Masked(int variable, const Write& write, const Form& form, std::vector<Track>& tracks);
  Result<Value> KeptState(int variable, const Form& form, const std::vector<Track>& tracks);
  Result<Value> HeldItems(const Write& write, const Form& form, const Value& packed, int holder);
  Result<Value> ChosenItems(int variable, const Write& write, const Value& packed, const Value& otherwise);
  Result<Value> PackedSteps(const Form& form, const std::vector<Track>& tracks);
  Result<Value> Initial(int variable);
  Result<Value> Outside(const Value& inside);

  Builder& build_;
  BodyReader& body_;
  const Packing* packing_;
};

}  // namespace tflower::rnn
