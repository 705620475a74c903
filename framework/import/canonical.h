// SortMaps: brings a serialized SavedModel into the form in which TensorFlow hashes it.
#pragma once

#include <string>

namespace tflower::tf {

// Sorts the entries of every map field by key, at every level: files hold them in arbitrary order, while protobuf's
// deterministic C++ serialization, which TensorFlow's fingerprint is taken of, has them ascending. Nothing else changes, nor
// the size. False when the bytes break the wire format (then they are left half sorted).
bool SortMaps(std::string& saved_model);

}  // namespace tflower::tf
