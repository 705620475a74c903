// LstmCell: an LSTM found in what a loop's body computes.
//
//   i, f, o = sigmoid(W x + R h [+ p * c] + b)     g = act(W x + R h + b)     c' = clip(f * c + i * g)     h' = clip([P] (o * act(c')) [+ b])
//
// Each of the four may be normalised in front of its activation (cells/norm.h). Gates are told apart by their use: f multiplies the cell state, i the candidate, o the activated new cell state. Without i it is 1 - f.
#pragma once

#include <optional>
#include <vector>

#include "cells/norm.h"
#include "read/body.h"

namespace tflower::rnn {

struct LstmCell {
  int h = -1, c = -1;                         // loop variables
  std::optional<Form> input;                  // what stands in the sigmoid; nothing: 1 - forget
  Form forget, candidate, output;             // likewise; candidate in the activation
  std::optional<Normalized> norms[4];         // of input, forget, candidate, output, whose forms are what is normalised then
  tfl::Builtin activation = tfl::Builtin::TANH;
  float cell_clip = 0, projection_clip = 0;   // 0: none
  Form hidden, cell;                          // h', c'
  const Atom* unprojected = nullptr;          // o * act(c')
  bool has_projection = false;
  std::vector<const Atom*> sources;           // what the gates read beside h and c
};

// Null where variable c is not the cell state of an LSTM. `why` says what an LSTM-like c lacks; it stays empty where c is nothing like one.
std::optional<LstmCell> MatchLstm(BodyReader& body, int c, std::string& why);

}  // namespace tflower::rnn
