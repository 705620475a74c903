// The integer matrix product and the requantisation of its sums against their specifications, on every SIMD target.
#define HWY_WANT_AVX3_DL  // the target of products of bytes
#include "integer_gemm/integer_gemm.h"

#include <doctest/doctest.h>
#include <hwy/aligned_allocator.h>

#include "integer_gemm/requantize.h"
#include "vector_support.h"

namespace tflower::kernels::vector_test {
namespace {

std::vector<char> RandomBytes(size_t n) {
  std::vector<char> bytes(n);
  for (char& b : bytes) b = static_cast<char>(RandomInt(-128, 127));
  return bytes;
}

struct Case {
  size_t rows, columns, depth;
  IntegerType type = IntegerType::kInt8;
  bool unsigned_weights = false;
  int32_t zero = 0;  // of the weights
  bool transposed = false, wide = false, gathers = false;
};

// Sums row by row, and how often each was written.
struct Collected {
  std::vector<int64_t> sums;
  std::vector<int> written;
  size_t columns;
  explicit Collected(const Case& c) : sums(c.rows * c.columns), written(c.rows * c.columns), columns(c.columns) {}
  SumSink Sink() { return {this, &Take}; }
  static void Take(const void* self, const SumTile& tile) {
    auto& c = *const_cast<Collected*>(static_cast<const Collected*>(self));
    for (size_t r = 0; r < tile.rows; ++r) {
      for (size_t n = 0; n < tile.columns; ++n) {
        const size_t from = r * tile.stride + n, to = (tile.row + r) * c.columns + tile.column + n;
        c.sums[to] = tile.wide != nullptr ? tile.wide[from] : tile.narrow[from];
        ++c.written[to];
      }
    }
  }
};

struct Matrix {
  const char* data;
  size_t row_bytes;
};

void CheckProduct(const Case& c) {
  INFO(TargetName(), ": ", c.rows, "x", c.columns, "x", c.depth, " type ", static_cast<int>(c.type), " weights' zero ", c.zero, " transposed ", c.transposed, " wide ", c.wide, " gathers ", c.gathers);
  const size_t element = c.type == IntegerType::kInt16 ? 2 : 1;
  const std::vector<char> a_values = RandomBytes(c.rows * c.depth * element), b_values = RandomBytes(c.depth * c.columns);
  const Guarded<char> a{std::span<const char>(a_values)}, b{std::span<const char>(b_values)};
  std::vector<int32_t> start(c.columns);
  for (int32_t& s : start) s = static_cast<int32_t>(RandomInt(-1000000, 1000000));

  IntegerWeights w;
  w.data = b.data(), w.is_unsigned = c.unsigned_weights, w.zero = c.zero;
  w.k_stride = c.transposed ? c.columns : 1, w.n_stride = c.transposed ? 1 : c.depth;
  w.depth = c.depth, w.columns = c.columns;
  IntegerProduct p;
  p.rows = c.rows, p.columns = c.columns, p.depth = c.depth, p.type = c.type, p.wide = c.wide;
  p.bytes = MultipliesBytes(c.type, c.unsigned_weights, c.zero);
  p.a = a.data(), p.a_stride = c.depth;
  const Matrix matrix{a.data(), c.depth * element};
  const auto gather = [](const RowSource& source, size_t first, size_t count, void* to, size_t stride) {
    const Matrix& m = *static_cast<const Matrix*>(source.self);
    for (size_t r = 0; r < count; ++r) std::memcpy(static_cast<char*>(to) + r * stride, m.data + (first + r) * m.row_bytes, m.row_bytes);
  };
  if (c.gathers) p.source = {&matrix, gather};
  p.start = start.data();
  const auto packed = hwy::AllocateAligned<char>(IntegerPackedBytes(p.bytes, c.depth, c.columns) + 64);
  PackIntegerWeights(w, p.bytes, packed.get());
  p.packed = packed.get();
  const auto scratch = hwy::AllocateAligned<char>(IntegerScratchBytes(p, 3) + 64);
  Collected got(c), want(c);
  p.sink = got.Sink();
  RunIntegerProduct(p, scratch.get(), 3, Splitting());
  p.sink = want.Sink();
  IntegerProductRef(p, w);
  CHECK(got.sums == want.sums);
  CHECK(got.written == want.written);
  for (size_t n = 0; n < c.columns; ++n) {
    int64_t sum = 0;
    for (size_t k = 0; k < c.depth; ++k) {
      const char v = b_values[k * w.k_stride + n * w.n_stride];
      sum += (c.unsigned_weights ? int64_t{static_cast<uint8_t>(v)} : int64_t{static_cast<int8_t>(v)}) - c.zero;
    }
    CHECK(ColumnSums(packed.get())[n] == sum);
  }
}

Case RandomCase(size_t rows, size_t columns, size_t depth) {
  Case c{rows, columns, depth};
  c.type = static_cast<IntegerType>(RandomInt(0, 2));
  c.unsigned_weights = RandomInt(0, 1) == 1;
  c.zero = c.unsigned_weights ? static_cast<int32_t>(RandomInt(0, 3) == 0 ? RandomInt(0, 255) : 128) : static_cast<int32_t>(RandomInt(0, 3) == 0 ? RandomInt(-128, 127) : 0);
  c.transposed = RandomInt(0, 1) == 1, c.wide = RandomInt(0, 3) == 0, c.gathers = RandomInt(0, 1) == 1;
  return c;
}

TEST_CASE("integer products of every count of rows and columns around the tiles") {
  const OwnRandom random(1);
  ForEachTarget([] {
    for (size_t rows : {1, 2, 5, 6, 7, 8, 9, 12, 13, 14, 15, 29}) {
      for (size_t columns : {1, 3, 4, 8, 15, 16, 17, 31, 33, 48, 63, 64, 65, 130}) CheckProduct(RandomCase(rows, columns, 1 + (rows * 7 + columns) % 23));
    }
  });
}

TEST_CASE("integer products of random shapes, long and empty ones") {
  const OwnRandom random(1);
  ForEachTarget([] {
    for (int i = 0; i < 60; ++i) CheckProduct(RandomCase(static_cast<size_t>(RandomInt(1, 200)), static_cast<size_t>(RandomInt(1, 200)), static_cast<size_t>(RandomInt(1, 300))));
    for (const size_t depth : {1000, 5001}) CheckProduct(RandomCase(9, 70, depth));
    CheckProduct(RandomCase(0, 5, 3));
    CheckProduct(RandomCase(5, 0, 3));
    CheckProduct(RandomCase(5, 70, 0));
  });
}

// Sums near zero, near ties and at the ends of 32 bits.
int32_t RandomSum() {
  switch (RandomInt(0, 3)) {
    case 0: return static_cast<int32_t>(RandomInt(INT32_MIN, INT32_MAX));
    case 1: return static_cast<int32_t>(RandomInt(0, 1) == 0 ? INT32_MIN + RandomInt(0, 3) : INT32_MAX - RandomInt(0, 3));
    case 2: return static_cast<int32_t>(RandomInt(-5, 5));
    default: return static_cast<int32_t>(RandomInt(-100000, 100000));
  }
}

template <class T>
void CheckRequantizer(const Requantizer& r, size_t columns) {
  constexpr size_t kRows = 5;
  const size_t stride = (columns + 63) / 64 * 64;
  std::vector<int32_t> sums(kRows * stride);
  for (int32_t& s : sums) s = RandomSum();
  SumTile tile{sums.data(), nullptr, stride, 0, kRows, 0, columns};
  Guarded<T> got(kRows * columns), want(kRows * columns);
  std::vector<int32_t> row_offsets(kRows);
  for (int32_t& o : row_offsets) o = static_cast<int32_t>(RandomInt(-1000, 1000));
  SumFinisher f{.requantizer = &r, .stride = columns};
  if (RandomInt(0, 1) == 1) f.row_offsets = row_offsets.data();
  f.small = RandomInt(0, 1) == 1;
  if (f.small) {
    for (int32_t& s : sums) s = std::clamp(s, -(1 << 30) + 1000, (1 << 30) - 1000);
  }
  f.y = got.data();
  SumFinisher::Take(&f, tile);
  f.y = want.data();
  FinishRef(f, tile);
  CHECK(std::memcmp(got.data(), want.data(), kRows * columns * sizeof(T)) == 0);
}

// Sums of 64 bits, of pairs of columns as well.
template <class T>
void CheckWideRequantizer(const Requantizer& r, size_t columns) {
  constexpr size_t kRows = 3;
  const size_t per = static_cast<size_t>(RandomInt(1, 2)), stride = (columns * per + 63) / 64 * 64;
  std::vector<int64_t> sums(kRows * stride), offsets(columns), row_offsets(kRows);
  const bool narrow = RandomInt(0, 1) == 1;
  for (int64_t& s : sums) s = narrow || RandomInt(0, 1) == 0 ? RandomSum() / 256 : RandomInt(-(int64_t{1} << 46), int64_t{1} << 46) / 256;
  for (int64_t& o : offsets) o = RandomInt(-100000, 100000);
  for (int64_t& o : row_offsets) o = RandomInt(-100000, 100000);
  const SumTile tile{nullptr, sums.data(), stride, 0, kRows, 0, columns * per};
  Guarded<T> got(kRows * columns), want(kRows * columns);
  Guarded<int64_t> guarded_offsets(std::span<const int64_t>{offsets});
  SumFinisher f{.requantizer = &r, .stride = columns};
  f.pairs = per == 2;
  if (RandomInt(0, 1) == 1) f.offsets = guarded_offsets.data();
  if (RandomInt(0, 1) == 1) f.wide_row_offsets = row_offsets.data();
  f.y = got.data();
  SumFinisher::Take(&f, tile);
  f.y = want.data();
  FinishRef(f, tile);
  INFO("wide, pairs ", f.pairs, " narrow ", narrow);
  CHECK(std::memcmp(got.data(), want.data(), kRows * columns * sizeof(T)) == 0);
}

TEST_CASE("sums become stored values as in the specification, whatever the shifts") {
  const OwnRandom random(1);
  ForEachTarget([] {
    for (int i = 0; i < 200; ++i) {
      const size_t columns = static_cast<size_t>(RandomInt(1, 140));
      const bool down = RandomInt(0, 2) != 0;
      std::vector<Multiplier> multipliers;
      for (size_t c = 0; c < columns; ++c) {
        multipliers.push_back({RandomInt(0, 9) == 0 ? (RandomInt(0, 1) == 0 ? 0 : INT32_MAX) : static_cast<int32_t>(RandomInt(1 << 30, INT32_MAX)), static_cast<int>(RandomInt(-31, down ? -1 : 30))});
      }
      Requantizer r;
      r.once = RandomInt(0, 1) == 1;
      r.Set(multipliers, columns);
      r.type = i % 3 == 0 ? DType::kInt8 : i % 3 == 1 ? DType::kUInt8 : DType::kInt16;
      r.bounds = BoundsOf(r.type);
      r.zero = static_cast<int32_t>(RandomInt(r.bounds.lo, r.bounds.hi));
      if (RandomInt(0, 1) == 0) r.bounds.lo = r.zero;
      INFO(TargetName(), " once ", r.once, " down ", r.down, " columns ", columns, " type ", i % 3);
      const auto check = [&](auto zero) {
        CheckRequantizer<decltype(zero)>(r, columns);
        CheckWideRequantizer<decltype(zero)>(r, columns);
      };
      if (i % 3 == 0) check(int8_t{});
      else if (i % 3 == 1) check(uint8_t{});
      else check(int16_t{});
    }
  });
}

}  // namespace
}  // namespace tflower::kernels::vector_test
