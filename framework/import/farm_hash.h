// FarmHash Fingerprint64: the hash that TensorFlow's fingerprint.pb uses. Stable by definition.
#pragma once

#include <cstdint>
#include <string_view>

namespace tflower::tf {

uint64_t FarmHash64(std::string_view bytes);

}  // namespace tflower::tf
