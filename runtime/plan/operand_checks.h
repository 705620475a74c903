// Checks of one operator's operands that need more than metadata, or concern what this runtime cannot do.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../model/view.h"
#include "tflower/status.h"

namespace tflower::runtime {

// Sparse or block-quantised operands: kUnsupportedType.
Status CheckOperands(const SubgraphView& subgraph, const OperatorView& op);

// A constant of strings is laid out in TFLite's packed form (int32 count, count + 1 offsets, bytes): else kMalformed.
Status CheckStrings(const TensorView& tensor);

// The type that the kernel gives a tensor is the one that the file declares: else kInvalidGraph.
Status CheckDtype(const SubgraphView& subgraph, size_t tensor, int32_t inferred);

}  // namespace tflower::runtime
