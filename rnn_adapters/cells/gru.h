// GruCell: a gated recurrent unit found in what a loop's body computes.
//
//   z = f(W x + R h + b)    r = f(W x + R h + b)    h' = z * h + (1 - z) * g
//   g = act(W x + b + r * (R h + b'))   where the reset gate comes after the product, or
//   g = act(W x + b + R (r * h))        where it comes before
//
// Gates are told apart by their use: z and 1 - z share out the old state and the candidate g, r multiplies the old state on its way into g.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cells/element_function.h"
#include "read/body.h"

namespace tflower::rnn {

struct GruCell {
  struct Gate {
    ElementFunction function;
    Form inside;  // what f takes
  };
  int h = -1;                          // loop variable
  Gate update, reset;                  // of one f
  bool update_keeps = true;            // the update gate multiplies h; else g
  ElementFunction activation;
  Form candidate;                      // what act takes, without the reset gate's product
  Form after;                          // R h + b', where the reset gate comes after the product; else of width 0
  const Atom* reset_state = nullptr;   // r * h, of which `candidate` has a matrix; or null
  Form hidden;                         // h'
  std::vector<const Atom*> sources;    // what gates and candidate read beside h

  bool reset_after() const { return reset_state == nullptr; }
};

// Null where variable h is not the state of such a cell. `why` as in MatchLstm.
std::optional<GruCell> MatchGru(BodyReader& body, int h, std::string& why);

}  // namespace tflower::rnn
