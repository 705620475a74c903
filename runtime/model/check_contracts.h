// The contracts of a model's operators (sdk/schema/contract.h), as far as the file alone tells: options, element types, constants' shapes.
#pragma once

#include "tflower/status.h"
#include "view.h"

namespace tflower::runtime {

// Reads no contents of constants: those are checked when an operator is planned, like shapes that are computed. Errors: kMalformed with
// the operator, the constraint and the values.
Status CheckContracts(const ModelView& model);

// The error, with a note which tensor it means when it speaks of an operand ("input 1 (axes)").
Error NameOperand(Error error, const SubgraphView& subgraph, const OperatorView& op);

}  // namespace tflower::runtime
