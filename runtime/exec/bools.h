// Whether bytes are the bools that C++ knows.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tflower::runtime {

// Every byte is 0 or 1. At the pace of memory, since each call looks at all of its inputs.
bool AreBools(const std::byte* bytes, uint64_t n);

}  // namespace tflower::runtime
