// Strided copies against a plain loop over all indices, for many shapes, element sizes and thread counts.
#include "common/copy.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>
#include <random>
#include <thread>
#include <vector>

#include "cast/half.h"
#include "common/planes.h"
#include "tflower/half.h"
#include "vector_support.h"

namespace {

using namespace tflower;
using namespace tflower::kernels;

// Real threads, one a piece.
void Loop(void*, int64_t n, int64_t grain, Parallel::Body body, void* user) {
  const int64_t pieces = std::max<int64_t>(1, std::min<int64_t>(3, n / std::max<int64_t>(grain, 1)));
  std::vector<std::thread> threads;
  for (int64_t i = 0; i < pieces; ++i) threads.emplace_back(body, user, n * i / pieces, n * (i + 1) / pieces);
  for (std::thread& t : threads) t.join();
}
const Parallel kThreads(nullptr, &Loop, 3);

// The definition, with the first dimension outermost.
void Reference(const StridedCopy& copy, int dim, const std::byte* src, std::byte* dst) {
  if (dim == copy.rank) {
    std::memcpy(dst, src, static_cast<size_t>(copy.element_bytes));
    return;
  }
  for (int64_t i = 0; i < copy.dims[dim].size; ++i)
    Reference(copy, dim + 1, src + i * copy.dims[dim].src_stride, dst + i * copy.dims[dim].dst_stride);
}

std::vector<std::byte> Noise(int64_t size) {
  std::mt19937 random(7);
  std::vector<std::byte> bytes(static_cast<size_t>(size));
  for (std::byte& b : bytes) b = static_cast<std::byte>(random());
  return bytes;
}

// A dense transposition of `dims` by `perm`.
StridedCopy Transposed(const Shape& dims, const std::vector<int>& perm, int64_t element) {
  const Shape from = StridesOf(dims);
  Shape out;
  for (int p : perm) out.push_back(dims[p]);
  const Shape to = StridesOf(out);
  StridedCopy copy{.element_bytes = element};
  for (int i = 0; i < out.rank(); ++i) copy.Add(out[i], to[i] * element, from[perm[static_cast<size_t>(i)]] * element);
  return copy;
}

void CheckDense(StridedCopy copy, int64_t elements) {
  const std::vector<std::byte> src = Noise(elements * copy.element_bytes);
  std::vector<std::byte> expected(src.size(), std::byte{1}), seen(src.size(), std::byte{1});
  Reference(copy, 0, src.data(), expected.data());
  copy.Run(src.data(), seen.data(), Parallel());
  CHECK(seen == expected);
  std::fill(seen.begin(), seen.end(), std::byte{1});
  copy.Run(src.data(), seen.data(), kThreads);
  CHECK(seen == expected);
  std::fill(seen.begin(), seen.end(), std::byte{1});
  copy.stream_bytes = 0;
  copy.Run(src.data(), seen.data(), Parallel());
  CHECK(seen == expected);
}

TEST_CASE("2-D transpositions around the sizes of tiles, lines, strips and panels") {
  for (const int64_t element : {1, 2, 4, 8, 16, 12}) {
    for (const auto& size : std::vector<std::pair<int64_t, int64_t>>{
             {1, 1}, {1, 7}, {3, 70}, {70, 3}, {4, 4}, {5, 9}, {15, 17}, {16, 16}, {63, 65}, {64, 64}, {100, 257}, {300, 31}, {1030, 40}}) {
      const int64_t rows = size.first, cols = size.second;  // clang 14 cannot capture structured bindings
      CAPTURE(element);
      CAPTURE(rows);
      CAPTURE(cols);
      CheckDense(Transposed({rows, cols}, {1, 0}, element), rows * cols);
    }
  }
}

TEST_CASE("a transposition large enough to be written past the caches, with rows that begin anywhere in a line") {
  CheckDense(Transposed({1613, 1327}, {1, 0}, 4), 1613 * 1327);
  CheckDense(Transposed({2, 640, 512}, {0, 2, 1}, 4), 2 * 640 * 512);
}

TEST_CASE("all permutations of four dimensions") {
  std::vector<int> perm(4);
  std::iota(perm.begin(), perm.end(), 0);
  do {
    for (const int64_t element : {1, 4, 16}) CheckDense(Transposed({3, 5, 20, 6}, perm, element), 3 * 5 * 20 * 6);
  } while (std::next_permutation(perm.begin(), perm.end()));
}

// Also short destination rows that are gathered into longer ones, and what is written past the caches.
TEST_CASE("transpositions on every SIMD target") {
  kernels::vector_test::ForEachTarget([] {
    INFO(kernels::vector_test::TargetName());
    for (const int64_t element : {1, 2, 4, 8, 16}) {
      CAPTURE(element);
      for (const int64_t channels : {2, 3, 4, 5}) {
        CheckDense(Transposed({2, 131, channels}, {0, 2, 1}, element), 2 * 131 * channels);
        CheckDense(Transposed({2, channels, 131}, {0, 2, 1}, element), 2 * 131 * channels);
      }
    }
    for (const std::vector<int>& perm : {std::vector<int>{3, 2, 1, 0}, {2, 3, 1, 0}, {3, 1, 2, 0}, {1, 3, 2, 0}, {2, 0, 3, 1}}) {
      CheckDense(Transposed({7, 11, 9, 37}, perm, 4), 7 * 11 * 9 * 37);
      CheckDense(Transposed({11, 37, 13, 53}, perm, 4), 11 * 37 * 13 * 53);
    }
  });
}

TEST_CASE("transpositions with every kind of last tile, strip and block on every SIMD target") {
  kernels::vector_test::ForEachTarget([] {
    INFO(kernels::vector_test::TargetName());
    for (const int64_t element : {1, 2, 4, 8, 16}) {
      CAPTURE(element);
      for (const int64_t rows : {5, 8, 13, 16, 31, 33, 64, 77}) {
        for (const int64_t cols : {5, 7, 16, 19, 32, 63, 70}) {
          CAPTURE(rows);
          CAPTURE(cols);
          CheckDense(Transposed({cols, rows}, {1, 0}, element), rows * cols);
        }
      }
      CheckDense(Transposed({531, 9}, {1, 0}, element), 531 * 9);            // parts of columns
      CheckDense(Transposed({1531, 9}, {1, 0}, element), 1531 * 9);
      CheckDense(Transposed({3, 40, 9}, {2, 1, 0}, element), 3 * 40 * 9);    // many columns that lie unevenly, few rows
      CheckDense(Transposed({3, 40, 21}, {2, 1, 0}, element), 3 * 40 * 21);
      CheckDense(Transposed({9, 1100}, {1, 0}, element), 9 * 1100);          // parts of rows
      CheckDense(Transposed({21, 3, 17, 9}, {3, 1, 2, 0}, element), 21 * 3 * 17 * 9);  // groups, some left over
      CheckDense(Transposed({3, 70, 100}, {2, 1, 0}, element), 3 * 70 * 100);  // whole square tiles of columns that lie unevenly, and some left over
      CheckDense(Transposed({1344, 77}, {1, 0}, element), 1344 * 77);          // rows that begin with lines, of several strips
    }
  });
}

// Rows and columns of a block come from several dimensions each; runs that are no single element are transposed when they go past the caches.
TEST_CASE("transpositions of short dimensions and of runs on every SIMD target") {
  kernels::vector_test::ForEachTarget([] {
    INFO(kernels::vector_test::TargetName());
    for (const int64_t element : {1, 2, 3, 4, 8, 12, 16, 20, 32, 64, 100, 128, 240}) {
      CAPTURE(element);
      CheckDense(Transposed({3, 2, 5, 2, 4, 3, 2}, {6, 5, 4, 3, 2, 1, 0}, element), 1440);
      CheckDense(Transposed({3, 2, 5, 2, 4, 3, 2}, {1, 3, 5, 0, 2, 4, 6}, element), 1440);
      CheckDense(Transposed({3, 40, 41}, {2, 1, 0}, element), 4920);  // few columns, which others follow
      CheckDense(Transposed({40, 41, 3}, {2, 1, 0}, element), 4920);  // few rows
      CheckDense(Transposed({7, 30, 20, 5}, {3, 2, 1, 0}, element), 21000);
      CheckDense(Transposed({600, 5}, {1, 0}, element), 3000);
      CheckDense(Transposed({70, 3}, {1, 0}, element), 210);
    }
  });
}

TEST_CASE("reversed, stepped and repeated sources") {
  for (const int64_t element : {1, 2, 4, 8, 16, 3}) {
    CAPTURE(element);
    const std::vector<std::byte> src = Noise(64 * element);
    std::vector<std::byte> expected(40 * 6 * static_cast<size_t>(element)), seen = expected;
    StridedCopy copy{.element_bytes = element};
    copy.Add(5, 48 * element, 0);           // repeated
    copy.Add(8, 6 * element, 6 * element);  // rows
    copy.Add(6, element, -element);         // backwards
    const std::byte* first = src.data() + 5 * element;
    Reference(copy, 0, first, expected.data());
    copy.Run(first, seen.data(), Parallel());
    CHECK(seen == expected);
    copy = {.element_bytes = element};
    copy.Add(8, 30 * element, 8 * element);
    copy.Add(3, 10 * element, 2 * element);
    copy.Add(10, element, 0);  // one element many times
    Reference(copy, 0, src.data(), expected.data());
    copy.Run(src.data(), seen.data(), kThreads);
    CHECK(seen == expected);
  }
}

// Runs and lines of all lengths, from and to places of any alignment, through the caches and past them.
TEST_CASE("runs, reversed, stepped and repeated elements on every SIMD target") {
  const std::vector<std::byte> src = Noise(1 << 18);
  kernels::vector_test::ForEachTarget([&] {
    INFO(kernels::vector_test::TargetName());
    for (const int64_t element : {1, 2, 3, 4, 8, 16}) {
      for (const int64_t size : {1, 2, 3, 5, 15, 16, 31, 33, 64, 65, 130, 255, 257, 700}) {
        for (const int64_t step : {-1, 0, 1, 2, 3, 4, 5}) {
          CAPTURE(element);
          CAPTURE(size);
          CAPTURE(step);
          StridedCopy copy{.element_bytes = element};
          copy.Add(2, 4 * (size + 1) * element, -4 * element);
          copy.Add(3, (size + 1) * element, 11 * element);
          copy.Add(size, element, step * element);
          const std::byte* const first = src.data() + 720 * element;
          for (const size_t offset : {0, 1}) {
            std::vector<std::byte> expected(static_cast<size_t>(8 * (size + 1) * element) + 1), seen = expected;
            Reference(copy, 0, first, expected.data() + offset);
            for (const int64_t stream_bytes : {kStreamBytes, int64_t{0}}) {
              std::fill(seen.begin(), seen.end(), std::byte{0});
              copy.stream_bytes = stream_bytes;
              copy.Run(first, seen.data() + offset, Parallel());
              CHECK(seen == expected);
            }
          }
        }
      }
    }
  });
}

TEST_CASE("planes are split and joined on every SIMD target") {
  constexpr int64_t kPlaces = 1100;
  const std::vector<std::byte> noise = Noise(std::max<int64_t>(16 * 4, kMaxPlanes) * kPlaces + 64);
  kernels::vector_test::ForEachTarget([&] {
    INFO(kernels::vector_test::TargetName());
    for (const int64_t element : {1, 2, 4, 8, 16}) {
      for (int count = 2; count <= MostPlanes(element); ++count) {
        for (const int64_t size : {int64_t{0}, int64_t{1}, int64_t{7}, int64_t{64}, int64_t{131}, kPlaces}) {
          for (const bool stream : {false, true}) {
            for (const int64_t offset : {int64_t{0}, element, int64_t{1}}) {
              CAPTURE(element);
              CAPTURE(count);
              CAPTURE(size);
              CAPTURE(offset);
              const int64_t apart = offset == 0 ? kPlaces / 64 * 64 + 128 : kPlaces + 21;  // in lines or not
              std::vector<std::byte> joined = noise, planes(static_cast<size_t>(count * apart * element + 64), std::byte{1});
              Planes p{.joined = joined.data() + offset, .count = count, .size = size, .stream = stream};
              for (int k = 0; k < count; ++k) p.planes[k] = planes.data() + k * apart * element + offset;
              SplitPlanes(p, element);
              int wrong = 0;
              for (int64_t i = 0; i < size * count * element; ++i) {
                wrong += p.planes[i / element % count][i / element / count * element + i % element] != noise[static_cast<size_t>(offset + i)];
              }
              for (int k = 0; k < count; ++k) wrong += p.planes[k][size * element] != std::byte{1};
              CHECK(wrong == 0);
              std::fill_n(p.joined, size * count * element, std::byte{0});
              JoinPlanes(p, element);
              CHECK(joined == noise);
            }
          }
        }
      }
    }
  });
}

TEST_CASE("an empty dimension copies nothing") {
  StridedCopy copy{.element_bytes = 4};
  copy.Add(3, 4, 4);
  copy.Add(0, 4, 4);
  int32_t dst[3] = {1, 2, 3};
  copy.Run(nullptr, dst, Parallel());
  CHECK(dst[0] == 1);
}

TEST_CASE("large copies and fills on threads") {
  const std::vector<std::byte> src = Noise(1'000'003);
  std::vector<std::byte> dst(src.size());
  CopyBytes(src.data(), dst.data(), static_cast<int64_t>(src.size()), kThreads);
  CHECK(dst == src);
  std::vector<uint32_t> filled(100'001);
  const uint32_t value = 0x12345678;
  Fill(&value, 4, filled.data(), static_cast<int64_t>(filled.size()), kThreads);
  CHECK(std::all_of(filled.begin(), filled.end(), [](uint32_t x) { return x == 0x12345678; }));
}

TEST_CASE("arrays of half floats are converted alike on every SIMD target") {
  std::vector<uint16_t> halves(65537), back(halves.size());
  std::vector<float> floats(halves.size()), edges;
  for (size_t i = 0; i < halves.size(); ++i) halves[i] = static_cast<uint16_t>(i);
  for (uint64_t bits = 0; bits < uint64_t{1} << 32; bits += 99991) edges.push_back(std::bit_cast<float>(static_cast<uint32_t>(bits)));
  for (uint32_t h = 0; h < 0x7c00; ++h) {  // halfway between two halves, and its neighbours
    const float middle = (FloatFromHalf(static_cast<uint16_t>(h)) + (h == 0x7bff ? 65536.0f : FloatFromHalf(static_cast<uint16_t>(h + 1)))) / 2;
    for (const float x : {middle, std::nextafter(middle, 0.0f), std::nextafter(middle, 1e6f)}) edges.push_back(x), edges.push_back(-x);
  }
  std::vector<uint16_t> seen(edges.size());
  kernels::vector_test::ForEachTarget([&] {
    INFO(kernels::vector_test::TargetName());
    FloatsFromHalves(halves.data(), floats.data(), static_cast<int64_t>(halves.size()));
    HalvesFromFloats(edges.data(), seen.data(), static_cast<int64_t>(edges.size()));
    int wrong = 0;
    for (size_t i = 0; i < halves.size(); ++i) {
      const float expected = FloatFromHalf(halves[i]);
      wrong += expected == expected ? std::bit_cast<uint32_t>(floats[i]) != std::bit_cast<uint32_t>(expected) : floats[i] == floats[i];
    }
    for (size_t i = 0; i < edges.size(); ++i) wrong += seen[i] != HalfFromFloat(edges[i]);
    CHECK(wrong == 0);
  });
}

TEST_CASE("half floats: every float16 goes to float and back; rounding is to nearest even") {
  for (uint32_t h = 0; h < 65536; ++h) {
    const float x = FloatFromHalf(static_cast<uint16_t>(h));
    const uint16_t back = HalfFromFloat(x);
    const bool nan = (h & 0x7fffu) > 0x7c00u;
    if (nan ? x == x || (back & 0x7fffu) <= 0x7c00u : back != h) FAIL_CHECK("float16 bits " << h << " came back as " << back);
    const float b = FloatFromBFloat16(static_cast<uint16_t>(h));
    if (b == b && BFloat16FromFloat(b) != h) FAIL_CHECK("bfloat16 bits " << h);
  }
  CHECK(FloatFromHalf(0x3c01) == 1.0009765625f);
  CHECK(FloatFromHalf(0x0001) == 0x1p-24f);
  CHECK(HalfFromFloat(65519.9f) == 0x7bff);
  CHECK(HalfFromFloat(65520.0f) == 0x7c00);
  CHECK(HalfFromFloat(0x1p-25f) == 0x0000);    // a tie goes to the even 0
  CHECK(HalfFromFloat(0x1.8p-24f) == 0x0002);  // a tie between 1 and 2 units
  CHECK(HalfFromFloat(1.00048828125f) == 0x3c00);
  CHECK(HalfFromFloat(1.00146484375f) == 0x3c02);
  CHECK(BFloat16FromFloat(1.00390625f) == 0x3f80);  // tie: 1 + 2^-8
  CHECK(BFloat16FromFloat(1.01171875f) == 0x3f82);  // tie: 1 + 3 * 2^-8
  CHECK(BFloat16FromFloat(3.4e38f) == 0x7f80);
}

}  // namespace
