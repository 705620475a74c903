// A call of lingvo's LSTMCellSimple or LayerNormalizedLSTMCellSimple, as one LSTM operator.
//
//   arguments: inputs [batch, inputs]; weights [inputs + outputs, gates * cells]; bias [gates * cells]; projection [cells, outputs];
//              with layer normalisation its scale [gates * cells]. Further arguments are not read.
//   columns:   cell candidate, input, forget, output; coupled: cell candidate, forget, output
//   result:    [batch, outputs], from states of zeros
//
// Source: the interface that TensorFlow documents for these names; the cells' parameters are those of lingvo.core.rnn_cell.
#pragma once

#include <tflower/pattern.h>

namespace tflower::lingvo {

struct CellKind {
  bool coupled = false;     // the input gate is 1 - forget gate
  bool normalized = false;  // layer normalisation
};

Status LowerCell(const Node& call, Builder& build, const CellKind& kind);

}  // namespace tflower::lingvo
