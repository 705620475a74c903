// What all rules for loops ask first.
#pragma once

#include <tflower/pattern.h>

namespace tflower::rnn {

// Declines where the user wants loops.
inline Status WantsFusion(Builder& build) {
  if (build.Option("rnn") == "loop" || build.Option("rnn-state") == "loop") return Declined();
  return Ok();
}

inline void ReportState(Builder& build) {
  if (build.Option("rnn-state") == "variable") build.Report("keeps its state from one invocation to the next: call reset_all_variables() in front of each sequence");
}

}  // namespace tflower::rnn
