// LoadModel: reads a SavedModel folder or a GraphDef file, whichever the bytes say it is.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "import/tf_graph.h"
#include "tflower/status.h"

namespace tflower::tf {

struct LoadOptions {
  std::string tags = "serve";           // comma-separated tag set of the meta graph
  std::vector<std::string> signatures;  // keys to keep; empty: all, except `serve` when a Keras export has it and serving_default
  // Tensors "x" or "x:0" of the main graph. Either one replaces the model's signatures by one made of these tensors. Without
  // inputs: the placeholders that the outputs need; without outputs: the tensors that nobody reads. Always in force for GraphDef.
  std::vector<std::string> inputs, outputs;
  std::map<std::string, std::vector<int64_t>> input_shapes;  // signature key, "x" or "x:0" -> dimensions, -1 = dynamic
  int64_t batch = 0;  // > 0: replaces an unknown first dimension of every signature input
};

// `path`: a SavedModel folder (saved_model.pb or .pbtxt) or its saved_model.pb, a binary GraphDef, or a text GraphDef; told
// apart by content, not by name. Only the graph is read here; variables are mapped when first asked for. A GraphDef's one
// signature has the key "serving_default".
// Errors: kUnreadable; kMalformed with file and byte offset; kUnknownFormat (Keras, HLO, .tflite, split SavedModel, with a
// hint); kNotFound (tags, signature, tensor; the message lists what there is); kUsage (an input shape that does not fit the
// input's rank or known dimensions, or names no input); kInvalidGraph; kUnsupportedGraph.
Result<Graph> LoadModel(const std::string& path, const LoadOptions& options = {});

}  // namespace tflower::tf
