#include "crc32c.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace tflower {
namespace {

constexpr uint32_t kPolynomial = 0x82f63b78u;  // bit-reversed

using Table = std::array<std::array<uint32_t, 256>, 8>;

// table[k][b]: the checksum of byte b followed by k zero bytes.
constexpr Table MakeTable() {
  Table table{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? (crc >> 1) ^ kPolynomial : crc >> 1;
    table[0][byte] = crc;
  }
  for (size_t zeros = 1; zeros < 8; ++zeros)
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint32_t before = table[zeros - 1][byte];
      table[zeros][byte] = table[0][before & 0xff] ^ (before >> 8);
    }
  return table;
}
constexpr Table kTable = MakeTable();

uint64_t LoadWord(const char* at) {
  uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

#if defined(__x86_64__)
// The instruction takes three cycles and can be issued in each: three streams run side by side, over blocks of this many bytes.
constexpr size_t kBlock = 4096;

using Matrix = std::array<uint32_t, 32>;  // a linear map of states, by the images of their bits

constexpr uint32_t Apply(const Matrix& map, uint32_t state) {
  uint32_t image = 0;
  for (size_t bit = 0; bit < 32; ++bit)
    if (state >> bit & 1) image ^= map[bit];
  return image;
}

// What kBlock zero bytes make of a state; table[k][b]: of byte b at place k.
constexpr std::array<std::array<uint32_t, 256>, 4> MakeBlockShift() {
  Matrix map{};  // one zero bit
  map[0] = kPolynomial;
  for (size_t bit = 1; bit < 32; ++bit) map[bit] = uint32_t{1} << (bit - 1);
  for (size_t bits = 1; bits < kBlock * 8; bits *= 2) {
    Matrix twice{};
    for (size_t bit = 0; bit < 32; ++bit) twice[bit] = Apply(map, map[bit]);
    map = twice;
  }
  std::array<std::array<uint32_t, 256>, 4> table{};
  for (size_t place = 0; place < 4; ++place)
    for (uint32_t byte = 0; byte < 256; ++byte) table[place][byte] = Apply(map, byte << (8 * place));
  return table;
}
constexpr auto kBlockShift = MakeBlockShift();

uint64_t ShiftBlock(uint64_t state) {
  return kBlockShift[0][state & 0xff] ^ kBlockShift[1][state >> 8 & 0xff] ^ kBlockShift[2][state >> 16 & 0xff] ^ kBlockShift[3][state >> 24 & 0xff];
}

__attribute__((target("sse4.2"))) uint32_t Crc32cSse42(std::string_view bytes, uint32_t crc) {
  const char* at = bytes.data();
  size_t left = bytes.size();
  uint64_t state = static_cast<uint32_t>(~crc);
  for (; left >= 3 * kBlock; left -= 3 * kBlock, at += 3 * kBlock) {
    uint64_t second = 0, third = 0;
    for (size_t i = 0; i < kBlock; i += 8) {
      state = _mm_crc32_u64(state, LoadWord(at + i));
      second = _mm_crc32_u64(second, LoadWord(at + kBlock + i));
      third = _mm_crc32_u64(third, LoadWord(at + 2 * kBlock + i));
    }
    state = ShiftBlock(ShiftBlock(state) ^ second) ^ third;
  }
  for (; left >= 8; left -= 8, at += 8) state = _mm_crc32_u64(state, LoadWord(at));
  auto narrow = static_cast<uint32_t>(state);
  for (; left; --left, ++at) narrow = _mm_crc32_u8(narrow, static_cast<uint8_t>(*at));
  return ~narrow;
}
#endif

}  // namespace

uint32_t Crc32cPortable(std::string_view bytes, uint32_t crc) {
  const char* at = bytes.data();
  size_t left = bytes.size();
  uint32_t state = ~crc;
  for (; left >= 8; left -= 8, at += 8) {
    const uint64_t word = LoadWord(at) ^ state;
    state = 0;
    for (size_t byte = 0; byte < 8; ++byte) state ^= kTable[7 - byte][(word >> (8 * byte)) & 0xff];
  }
  for (; left; --left, ++at) state = kTable[0][(state ^ static_cast<uint8_t>(*at)) & 0xff] ^ (state >> 8);
  return ~state;
}

uint32_t Crc32c(std::string_view bytes, uint32_t crc) {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2");
  if (has_instruction) return Crc32cSse42(bytes, crc);
#endif
  return Crc32cPortable(bytes, crc);
}

}  // namespace tflower
