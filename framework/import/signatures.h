// Signatures: what goes in and out of a model, from its SignatureDefs or from --inputs and --outputs.
#pragma once

#include <string_view>
#include <vector>

#include "import/file_bytes.h"
#include "import/load.h"
#include "import/op_table.h"
#include "import/tf_graph.h"
#include "tflower/status.h"

namespace tflower::tf {

inline constexpr std::string_view kInitOpSignature = "__saved_model_init_op";

// All SignatureDef map entries, sorted by key, tensors resolved in `main`; those of TensorFlow's own use (keys that begin
// with "__saved_model") left out. kMalformed; kInvalidGraph.
Result<std::vector<Signature>> ReadSignatures(const FileBytes& file, const std::vector<std::string_view>& entries, const Scope& main);

// The node that the signature __saved_model_init_op names, "" when there is none.
Result<std::string> ReadInitSignature(const FileBytes& file, const std::vector<std::string_view>& entries);

// Keeps what `wanted` names. When it is empty: all, but of a Keras export's pair serve/serving_default (same inputs and outputs)
// only the latter. kNotFound listing the keys that there are.
Result<std::vector<Signature>> SelectSignatures(std::vector<Signature> signatures, const std::vector<std::string>& wanted);

// The signature "serving_default" of these tensors of the main graph: see LoadOptions::inputs. kNotFound; kUnsupportedGraph:
// nothing to choose, or an input whose type is not known.
Result<Signature> MakeSignature(const Scope& main, const OpTable& ops, const LoadOptions& options);

// Applies LoadOptions::input_shapes and batch. kUsage.
Status ApplyShapes(const LoadOptions& options, std::vector<Signature>& signatures);

}  // namespace tflower::tf
