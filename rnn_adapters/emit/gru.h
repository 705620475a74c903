// Layers of GRU cells as tflower.Gru, which has a kernel in tflower's runtime only.
#pragma once

#include <tflower/builder.h>

#include "cells/gru.h"
#include "emit/sequences.h"

namespace tflower::rnn {

// Declines where the operator has not the cell's activations.
Status EmitGru(BodyReader& body, const GruCell& cell, const JoinedSequence& input, std::vector<Track>& tracks);

}  // namespace tflower::rnn
