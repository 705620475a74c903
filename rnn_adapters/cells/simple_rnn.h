// SimpleRnn: h' = act(W x + R h + b), found in what a loop's body computes.
#pragma once

#include <optional>
#include <vector>

#include "read/body.h"

namespace tflower::rnn {

struct SimpleRnn {
  int h = -1;                                            // loop variable
  tfl::ActivationFunctionType activation = tfl::ActivationFunctionType::NONE;
  Form inside;                                           // what the activation takes
  Form hidden;                                           // h'
  std::vector<const Atom*> sources;                      // what it reads beside h
};

// Null where variable h is no such state. `why` as in MatchLstm.
std::optional<SimpleRnn> MatchSimpleRnn(BodyReader& body, int h, std::string& why);

}  // namespace tflower::rnn
