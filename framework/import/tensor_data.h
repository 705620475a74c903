// tf::TensorData: a tensor with known contents (a graph constant or a variable's value), referenced where it lies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "import/dtype.h"

namespace tflower::tf {

// Dimensions, -1 = unknown. No value = the rank itself is unknown.
using PartialShape = std::optional<std::vector<int64_t>>;

// Row-major values. `bytes` has exactly ElementSize(dtype) * product(dims) bytes, little-endian, at ANY alignment (files
// promise none): read elements with memcpy. dtype kString: `bytes` is empty and `strings` has one view per element.
// Ownership: `owner` keeps materialised bytes alive; when it is null the views point into a file mapping that the Graph owns,
// and are valid while that Graph (or a Graph it was moved to) lives. Copying a TensorData copies views, never contents.
struct TensorData {
  DataType dtype = DataType::kInvalid;
  std::vector<int64_t> dims;  // each >= 0; empty = scalar
  std::span<const std::byte> bytes;
  std::vector<std::string_view> strings;
  std::shared_ptr<const void> owner;

  // The product of dims, 1 for a scalar. Cannot overflow: whoever made this checked it.
  int64_t ElementCount() const {
    int64_t count = 1;
    for (const int64_t dim : dims) count *= dim;
    return count;
  }
};

}  // namespace tflower::tf
