#include "bools.h"

#include <cstring>

namespace tflower::runtime {
namespace {

#if defined(__GNUC__)
#define TFLOWER_INLINE __attribute__((always_inline)) inline
using Words = uint64_t __attribute__((vector_size(32)));
#else
#define TFLOWER_INLINE inline
using Words = uint64_t;
#endif
constexpr uint64_t kStep = 2 * sizeof(Words);

// All bits of n bytes, a multiple of kStep.
TFLOWER_INLINE uint64_t AllBits(const std::byte* bytes, uint64_t n) {
  Words a = {}, b = {}, x, y;
  for (uint64_t i = 0; i < n; i += kStep) {
    std::memcpy(&x, bytes + i, sizeof(x));
    std::memcpy(&y, bytes + i + sizeof(x), sizeof(y));
    a |= x, b |= y;
  }
  a |= b;
  uint64_t words[sizeof(Words) / 8], all = 0;
  std::memcpy(words, &a, sizeof(a));
  for (const uint64_t word : words) all |= word;
  return all;
}

uint64_t Plain(const std::byte* bytes, uint64_t n) { return AllBits(bytes, n); }

// The vectors of 16 bytes, which every x86 has, take twice as long as memory does.
#if defined(__x86_64__) && defined(__GNUC__)
__attribute__((target("avx2"))) uint64_t ByAvx2(const std::byte* bytes, uint64_t n) { return AllBits(bytes, n); }
bool HasAvx2() { return __builtin_cpu_supports("avx2") != 0; }
#else
constexpr auto ByAvx2 = Plain;
bool HasAvx2() { return false; }
#endif

}  // namespace

bool AreBools(const std::byte* bytes, uint64_t n) {
  static const bool has_avx2 = HasAvx2();
  const uint64_t whole = n / kStep * kStep;
  std::byte rest{0};
  for (uint64_t k = whole; k < n; ++k) rest |= bytes[k];
  const uint64_t bits = (has_avx2 ? ByAvx2 : Plain)(bytes, whole);
  return (bits & ~uint64_t{0x0101010101010101}) == 0 && (rest & ~std::byte{1}) == std::byte{0};
}

}  // namespace tflower::runtime
