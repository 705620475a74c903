// Reads contracts.txt and writes it as the tables of sdk/schema/contract.cc.
#pragma once

#include <string>

#include "schema_model.h"

namespace tflower::gen {

// The text of tfl_contracts.inc. On a name or form that is not understood prints the line and exits with 1.
std::string WriteContracts(const std::string& path, const Schema& schema);

}  // namespace tflower::gen
