#include "sdk/checksum/crc32c.h"

#include <doctest/doctest.h>

#include <string>

namespace tflower {

// Both implementations, whichever the CPU chooses.
TEST_CASE("crc32c: the test values of RFC 3720") {
  for (auto* crc : {&Crc32c, &Crc32cPortable}) {
    CHECK(crc(std::string(32, '\0'), 0) == 0x8a9136aau);
    CHECK(crc(std::string(32, '\xff'), 0) == 0x62a8ab43u);
    std::string ascending, descending;
    for (int i = 0; i < 32; ++i) {
      ascending += static_cast<char>(i);
      descending += static_cast<char>(31 - i);
    }
    CHECK(crc(ascending, 0) == 0x46dd794eu);
    CHECK(crc(descending, 0) == 0x113fdb5cu);
    CHECK(crc("", 0) == 0u);
    CHECK(crc("123456789", 0) == 0xe3069283u);
  }
}

TEST_CASE("crc32c: both agree on every length and alignment, in one piece or two") {
  std::string bytes;
  uint32_t state = 1;
  for (int i = 0; i < 300; ++i) bytes += static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  for (size_t start = 0; start < 9; ++start)
    for (size_t size = 0; size + start <= bytes.size(); ++size) {
      const std::string_view part = std::string_view(bytes).substr(start, size);
      const uint32_t whole = Crc32c(part);
      REQUIRE(whole == Crc32cPortable(part));
      REQUIRE(whole == Crc32c(part.substr(size / 3), Crc32c(part.substr(0, size / 3))));
      REQUIRE(whole == Crc32cPortable(part.substr(size / 2), Crc32cPortable(part.substr(0, size / 2))));
    }
}

// Long runs are taken in three streams.
TEST_CASE("crc32c: both agree on long runs") {
  std::string bytes;
  uint32_t state = 7;
  for (int i = 0; i < 70'000; ++i) bytes += static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  for (const size_t size : {4096, 12'287, 12'288, 12'289, 24'577, 40'000, 69'999}) {
    const std::string_view part = std::string_view(bytes).substr(1, size);
    CHECK(Crc32c(part, 0x1234567u) == Crc32cPortable(part, 0x1234567u));
  }
}

TEST_CASE("crc32c: masking is undone by unmasking") {
  for (const uint32_t crc : {0u, 1u, 0xffffffffu, 0x8a9136aau, 0xa282ead8u}) {
    CHECK(UnmaskCrc(MaskCrc(crc)) == crc);
    CHECK(MaskCrc(crc) != crc);
  }
}

}  // namespace tflower
