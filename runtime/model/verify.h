// Verify: decides whether bytes are a .tflite model that may be read without further checks. Always run before a view is made.
//
// Checked: the flatbuffer itself; version; buffer ranges, also outside the flatbuffer; operator codes, names and versions;
// tensor types, shapes, byte sizes of constants, quantisation arrays, sparsity indices; operand indices, options
// of the right kind; order (every operand exists before it is read, one producer each, hence no cycles); calls between
// subgraphs (in range, no recursion); signatures and metadata. Not checked: what an operator demands of its operands
// and how many it takes (see check_contracts.h), contents of weights, whose pages are never touched.
//
// Source: schema.fbs; docs/runtime.md lists the rules. Thread: any.
#pragma once

#include <cstddef>
#include <span>

#include "tflower/status.h"

namespace tflower::runtime {

// file: 16-byte aligned. Errors: kUnknownFormat when it is no .tflite at all, kMalformed with subgraph, operator, tensor,
// value seen and byte offset.
Status Verify(std::span<const std::byte> file);

}  // namespace tflower::runtime
