// Parity: the rows that a manifest declares are exactly the rows that the library has.
#pragma once

#include <string>
#include <vector>

#include <tflower/status.h>

#include "manifest.h"
#include "tables.h"

namespace tflower {

// Real rows in the manifest's order: lowerings[i] is what provides.lowerings[i] declares.
struct MatchedRows {
  const char* id = nullptr;       // the library's own strings, which live as long as the process
  const char* version = nullptr;
  std::vector<const tflower_lowering*> lowerings;
  std::vector<const tflower_rule*> rules;
  std::vector<const tflower_kernel*> kernels;
};

// kParity: id or version differ, or rows are missing or not declared; the first few are listed. Thread: any.
Result<MatchedRows> MatchRows(const Manifest& manifest, const PluginTables& tables, const std::string& file);

}  // namespace tflower
