// ParseFunction: one serialized FunctionDef to a Function with resolved references.
#pragma once

#include <functional>
#include <string_view>

#include "import/file_bytes.h"
#include "import/op_table.h"
#include "import/tf_graph.h"
#include "tflower/status.h"

namespace tflower::tf {

// The signature of a function that is used as an op; null when the library has none of this name.
using FindSignature = std::function<Result<const OpDef*>(std::string_view op)>;

// kMalformed; kInvalidGraph: dangling references, duplicate names (arguments share the nodes' name space), an output that ret
// does not give; kUnsupportedGraph: an argument that is a list of tensors; kUnsupportedOp: an op whose outputs nobody describes.
Status ParseFunction(const FileBytes& file, const OpTable& ops, const FindSignature& find_signature, std::string_view bytes, Function& function);

}  // namespace tflower::tf
