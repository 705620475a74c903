// Table lookups of bytes against their specification, on every SIMD target.
#define HWY_WANT_AVX3_DL  // the target with tables of 128 bytes
#include "byte_table/byte_table.h"

#include <doctest/doctest.h>

#include "vector_support.h"

namespace tflower::kernels::vector_test {
namespace {

TEST_CASE("bytes through a table") {
  const OwnRandom random(4);
  ForEachTarget([] {
    ByteTable table;
    table.Fill<int8_t>([](int8_t v) { return v * 7 + 3; });
    CHECK(table.values[255] == static_cast<uint8_t>(-7 + 3));
    for (const size_t n : {0, 1, 15, 16, 63, 64, 65, 200, 1000}) {
      Guarded<uint8_t> from(n), got(n), want(n);
      for (size_t i = 0; i < n; ++i) from[i] = static_cast<uint8_t>(n < 1000 ? RandomInt(0, 255) : static_cast<int64_t>(i));
      table.Map(from.data(), got.data(), static_cast<int64_t>(n), Splitting());
      MapBytesRef(table, from.data(), want.data(), n);
      INFO(TargetName(), " n ", n);
      CHECK(std::memcmp(got.data(), want.data(), n) == 0);
    }
  });
}

}  // namespace
}  // namespace tflower::kernels::vector_test
