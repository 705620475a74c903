// The checksum in the gap behind the file identifier.
#include "checksum.h"

#include <cstring>
#include <string>

#include "sdk/checksum/crc32c.h"

namespace tflower::runtime {
namespace {

constexpr char kMagic[4] = {'T', 'F', 'W', 'C'};

std::string_view Text(std::span<const std::byte> bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

template <class T>
T Read(std::span<const std::byte> file, size_t at) {
  T value;
  std::memcpy(&value, file.data() + at, sizeof value);
  return value;
}

uint32_t CrcOf(std::span<const std::byte> model) {
  constexpr char kZeros[sizeof(uint32_t)] = {};
  uint32_t crc = Crc32c(Text(model.first(kCrcAt)));
  crc = Crc32c({kZeros, sizeof kZeros}, crc);
  return Crc32c(Text(model.subspan(kCrcAt + sizeof kZeros)), crc);
}

}  // namespace

void PrepareChecksum(uint64_t model_size, std::span<std::byte, kChecksumBytes> gap) {
  std::memcpy(gap.data(), kMagic, sizeof kMagic);
  std::memset(gap.data() + 4, 0, sizeof(uint32_t));
  std::memcpy(gap.data() + 8, &model_size, sizeof model_size);
}

Status VerifyChecksum(std::span<const std::byte> file) {
  if (file.size() < kChecksumAt + kChecksumBytes || std::memcmp(file.data() + kChecksumAt, kMagic, sizeof kMagic) != 0) return Ok();
  const auto size = Read<uint64_t>(file, kChecksumAt + 8);
  if (size > file.size())
    return Error(Code::kMalformed, "the file is cut off: it has " + std::to_string(file.size()) + " of " + std::to_string(size) + " bytes")
        .At(file.size());
  if (size >= kChecksumAt + kChecksumBytes && CrcOf(file.first(static_cast<size_t>(size))) == Read<uint32_t>(file, kCrcAt)) return Ok();
  return Error(Code::kMalformed, "the file is damaged, or was changed in place: it does not have the checksum that it was written with")
      .At(kChecksumAt)
      .Hint("convert the model again; if it was changed on purpose, set bytes 8 to 23 to zero");
}

}  // namespace tflower::runtime
