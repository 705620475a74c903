// .npz files: a zip of .npy arrays, as numpy.savez writes them.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "tflower/dtype.h"
#include "tflower/status.h"

namespace tflower::cli {

// A dense row-major array. Strings (numpy's S and U) hold TFLite's packed layout in bytes.
struct Array {
  DType dtype = DType::kFloat32;
  std::vector<int64_t> dims;
  std::vector<std::byte> bytes;
};

using Arrays = std::vector<std::pair<std::string, Array>>;  // in file order

// Errors: kUnreadable, kMalformed (not a zip, not an array, truncated, sizes that disagree), kUnsupportedType, kLimit (an array above
// max_bytes: archives may lie about sizes).
Result<Arrays> ReadNpz(const std::string& path, uint64_t max_bytes = uint64_t{8} << 30);
// Appears at `path` whole or not at all.
Status WriteNpz(const std::string& path, const Arrays& arrays);

}  // namespace tflower::cli
