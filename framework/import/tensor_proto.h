// Decodes a serialized TensorProto (the value of a Const node) to TensorData.
#pragma once

#include <cstdint>
#include <string_view>

#include "import/tensor_data.h"
#include "tflower/status.h"

namespace tflower::tf {

inline constexpr uint64_t kDefaultTensorLimit = uint64_t{2} << 30;

// tensor_content is referenced in place; typed value lists (float_val, int_val, half_val...) are materialised. Fewer listed
// values than elements: the last one repeats (none listed: zeros, empty strings), which is how TensorFlow stores splats.
// Fails with kMalformed (bytes break the wire format), kInvalidGraph (contents do not fit dtype and shape, negative or
// unknown dimension, overflow), kUnsupportedType (resource, variant, unknown number), kLimit (would materialise more than
// `limit_bytes`). A tensor with zero elements never allocates. `proto` must outlive the result. Thread: any.
Result<TensorData> DecodeTensor(std::string_view proto, uint64_t limit_bytes = kDefaultTensorLimit);

}  // namespace tflower::tf
