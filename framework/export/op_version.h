// Which version of a TFLite operator its dtypes, shapes and options call for: what runtimes check before they run a file.
// The rules are those of the operator's contract (sdk/schema/contracts.txt).
#pragma once

#include <cstdint>
#include <span>

#include "ir/graph.h"

namespace tflower::exporter {

// Results that are not known yet (empty) do not raise the version.
int32_t OperatorVersion(int32_t code, tflower_bytes options, std::span<ir::Value* const> inputs, std::span<ir::Value* const> outputs);
int32_t OperatorVersion(const ir::Operator& op);

}  // namespace tflower::exporter
