// The .npy format: magic, version, a Python-literal header, raw values.  Source: numpy.lib.format (format description).
#pragma once

#include <span>
#include <string>

#include "cli/npz.h"

namespace tflower::cli {

// The array in `file`, which is one whole .npy. Errors: kMalformed, kUnsupportedType.
Result<Array> ParseNpy(std::span<const std::byte> file);
// Header (and for strings the converted values) of an array as .npy.
Result<std::vector<std::byte>> FormatNpy(const Array& array);

}  // namespace tflower::cli
