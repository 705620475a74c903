// DetectFormat: what kind of model file some bytes are.
#pragma once

#include <string_view>

namespace tflower::tf {

enum class Format {
  kSavedModelBinary,
  kSavedModelText,
  kGraphDefBinary,
  kGraphDefText,
  kKerasHdf5,
  kKerasZip,
  kHlo,
  kTflite,
  kUnknown,
};

// Looks at the first bytes only; never fails, never reads out of range.
Format DetectFormat(std::string_view bytes);

}  // namespace tflower::tf
