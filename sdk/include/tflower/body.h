// Body: what a kernel learns of the first subgraph that its operator's options name (the reduction of STABLEHLO_REDUCE_WINDOW, the update of
// STABLEHLO_SCATTER): the host puts one behind the options struct of each such operator.
//
//   const Body body = op.Options<WithBody<tfl::StablehloScatterOptions>>().body;
#pragma once

#include "tflower/tfl_ops.h"

namespace tflower {

struct Body {
  int32_t num_operators = -1;                     // -1: the host does not know
  tfl::Builtin first = tfl::Builtin::CUSTOM;      // the first operator, if there is one
};

template <class OptionsT>
struct WithBody {
  OptionsT options;
  Body body;
};

}  // namespace tflower
