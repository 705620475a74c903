// Constants in the sparse form: only the blocks that are not zero are stored, in the order of a traversal of the dimensions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tflite {
struct SparsityParameters;  // schema_generated.h
}

namespace tflower::runtime {

// Writes the dense tensor of this shape, elements of `element_bytes`, row by row. dense: as many bytes as the tensor has. VerifySparsity has accepted
// sparsity and stored: every index lies in its dimension, and as many elements are stored as positions are.
void ExpandSparse(const tflite::SparsityParameters& sparsity, std::span<const int64_t> shape, size_t element_bytes, std::span<const std::byte> stored,
                  std::span<std::byte> dense);

}  // namespace tflower::runtime
