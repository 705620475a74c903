// Convert: a TensorFlow model to a .tflite file. The whole program on one page is convert.cc.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "import/load.h"
#include "lower/interpreter.h"
#include "registry/registry.h"
#include "tflower/status.h"

namespace tflower {

struct ConvertOptions {
  tf::LoadOptions load;
  lower::LowerOptions lower;
  bool trust_implements = false;  // functions that say what they implement are not compared with that by running both
  bool provenance = true;     // metadata "tflower.provenance": which node, plugin and rule each operator comes from
  std::string dump_folder;    // not empty: there go each stage's graph as text (imported, lowered, rewritten, exported) and the middle ones as .tflite, too
  std::function<void(const char* stage)> progress;  // called as each stage begins; may be empty
};

struct ConvertReport {
  uint64_t operators = 0;      // in all subgraphs
  uint64_t file_bytes = 0;
  std::string min_runtime;     // first LiteRT/TFLite release that runs the file; empty = any
  std::unordered_map<std::string, uint64_t> rules;  // applications by rule id
  std::vector<std::string> notes;
  std::map<std::string, uint64_t> emitted;  // operators by name, custom ones by their code
};

// Writes `output` whole or not at all. On a failure of nodes, `failures` has each of them and the error sums up; other errors are as
// documented at LoadModel, Lower and Write.
Result<ConvertReport> Convert(const std::string& model, const Registry& registry, const ConvertOptions& options, const std::string& output,
                              lower::LowerFailures& failures);

}  // namespace tflower
