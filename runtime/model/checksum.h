// The checksum that tflower writes into a model: 16 bytes behind the file identifier, where readers of the format see a gap: "TFWC", a
// CRC-32C, and the size of the model, little-endian. The CRC is that of the model with zeros in the CRC's place. A tool that writes the
// model anew leaves the gap away, one that appends something to the file leaves the model as it is: neither looks like damage. So weights
// that changed by accident are noticed, which no rule of the format itself would notice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "tflower/status.h"

namespace tflower::runtime {

inline constexpr size_t kChecksumAt = 8, kChecksumBytes = 16;
inline constexpr size_t kCrcAt = kChecksumAt + 4;  // of the checksum, the part that is written last

// Writes all but the CRC, which is zero then, into the 16 bytes.
void PrepareChecksum(uint64_t model_size, std::span<std::byte, kChecksumBytes> gap);

// Reads the whole file: about 10 ms per 100 MB. Ok when the file has no checksum; kMalformed when it has another one, or is too short.
Status VerifyChecksum(std::span<const std::byte> file);

}  // namespace tflower::runtime
