// Custom operators for TF ops (and fusable functions) that no plugin covers: attributes as options, and types of results.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "import/output_types.h"
#include "import/tf_graph.h"
#include "tflower/abi.h"
#include "tflower/status.h"

namespace tflower::lower {

// The attributes as TFLite's own converter writes them: a FlexBuffer map, keys sorted. Numbers, flags, strings, types (as TensorType) and
// lists of numbers or strings; attributes of other kinds have no form there and go to `left_out`, as do empty lists. Names with "_" at
// the front and `except` are left away. `defaults`: of the op, for attributes that the node does not carry; may be null.
// kMalformed for attributes that cannot be read.
Result<std::vector<std::byte>> EncodeAttributes(std::span<const tf::Attr> attrs, const tf::OpDef* defaults, std::string_view except, std::vector<std::string>& left_out);

// Types for Typer::EmitDeclared. Error: kUnsupportedType for results whose type is not known, or that TFLite has not.
Result<std::vector<tflower_type>> DeclaredTypes(std::span<const tf::OutputType> types);

// The same for display only: what is not known stays -1.
std::vector<tflower_type> HintedTypes(std::span<const tf::OutputType> types);

}  // namespace tflower::lower
