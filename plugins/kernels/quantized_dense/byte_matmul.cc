// Batches of int8 matrix products: over the threads where there are several, else each product over them.
#include "quantized_dense/byte_matmul.h"

#include <algorithm>

namespace tflower::kernels {
namespace {

constexpr size_t RoundUp64(size_t bytes) { return (bytes + 63) / 64 * 64; }

IntegerProduct ProductOf(const ByteMatMul& p) {
  IntegerProduct product;
  product.rows = static_cast<size_t>(p.plan.m), product.columns = static_cast<size_t>(p.plan.n), product.depth = static_cast<size_t>(p.plan.k);
  product.bytes = p.bytes;
  product.a_stride = product.depth;
  if (p.plan.adj_x) product.source.rows = [](const RowSource&, size_t, size_t, void*, size_t) {};
  return product;
}

// A transposed x: rows are columns of [k, m].
struct Columns {
  const int8_t* x;
  size_t depth, rows;
};
void GatherColumns(const RowSource& source, size_t first, size_t count, void* to, size_t stride) {
  const Columns& c = *static_cast<const Columns*>(source.self);
  for (size_t k = 0; k < c.depth; ++k) {
    const int8_t* const from = c.x + k * c.rows + first;
    for (size_t r = 0; r < count; ++r) static_cast<int8_t*>(to)[r * stride + k] = from[r];
  }
}

// sums[r] += the values of row r of x, [m, k] or, transposed, [k, m].
void AddRows(const int8_t* x, size_t m, size_t k, bool transposed, int32_t* sums) {
  if (transposed) {
    for (size_t i = 0; i < k; ++i) {
      for (size_t r = 0; r < m; ++r) sums[r] += x[i * m + r];
    }
    return;
  }
  for (size_t r = 0; r < m; ++r) {
    for (size_t i = 0; i < k; ++i) sums[r] += x[r * k + i];
  }
}

}  // namespace

// What a thread works in.
struct ByteMatMul::Areas {
  char* packed;
  int32_t *start, *row_offsets;
  char* product;
};

size_t ByteMatMul::PackedBytes() const { return RoundUp64(IntegerPackedBytes(bytes, static_cast<size_t>(plan.k), static_cast<size_t>(plan.n))); }
size_t ByteMatMul::OffsetBytes() const { return RoundUp64(static_cast<size_t>(plan.n) * 4) + RoundUp64(static_cast<size_t>(plan.m) * 4); }

void ByteMatMul::Prepare() { bytes = MultipliesBytes(IntegerType::kInt8, false, 0); }

size_t ByteMatMul::ScratchBytes() const {
  const size_t areas = static_cast<size_t>(std::clamp<int64_t>(plan.batches, 1, std::max(1, threads)));
  const int own_threads = areas > 1 ? 1 : threads;
  return areas * (PackedBytes() + OffsetBytes() + RoundUp64(IntegerScratchBytes(ProductOf(*this), own_threads)));
}

void ByteMatMul::RunBatch(const int8_t* x, int8_t* y, const Areas& areas, int own_threads, const Parallel& parallel) const {
  const size_t m = static_cast<size_t>(plan.m), k = static_cast<size_t>(plan.k), n = static_cast<size_t>(plan.n);
  const int64_t* const sums = ColumnSums(areas.packed);
  // sum (x - x_zero) (w - w_zero) = sum x w - x_zero sum w - w_zero (sum x - k x_zero)
  const int64_t x_zero64 = int64_t{x_zero} + AddedToInput(IntegerType::kInt8, bytes);
  for (size_t o = 0; o < n; ++o) areas.start[o] = static_cast<int32_t>(static_cast<uint64_t>(-x_zero64 * sums[o]));
  // Offsets of columns and of rows are products of 8 and 9 bits, as many as the sums have.
  SumFinisher finisher{.requantizer = &requantizer, .small = SmallSums(IntegerType::kInt8, 3 * k, 0), .y = y, .stride = n};
  if (w_zero != 0) {
    finisher.row_offsets = areas.row_offsets;
    std::fill(areas.row_offsets, areas.row_offsets + m, 0);
    AddRows(x, m, k, plan.adj_x, areas.row_offsets);
    for (size_t r = 0; r < m; ++r) areas.row_offsets[r] = static_cast<int32_t>(static_cast<uint64_t>(-int64_t{w_zero} * (areas.row_offsets[r] - static_cast<int64_t>(k) * x_zero)));
  }
  const Columns columns{x, k, m};
  IntegerProduct product = ProductOf(*this);
  product.a = x;
  if (plan.adj_x) product.source = {&columns, &GatherColumns};
  product.packed = areas.packed;
  product.start = areas.start;
  product.sink = finisher.Sink();
  RunIntegerProduct(product, areas.product, own_threads, parallel);
}

void ByteMatMul::Run(const int8_t* x, const int8_t* w, int8_t* y, void* scratch, const Parallel& parallel) const {
  const int64_t pieces = std::clamp<int64_t>(plan.batches, 1, std::max(1, threads));
  const int own_threads = pieces > 1 ? 1 : threads;
  const size_t product_bytes = RoundUp64(IntegerScratchBytes(ProductOf(*this), own_threads)), area = PackedBytes() + OffsetBytes() + product_bytes;
  const double work = static_cast<double>(plan.batches) * static_cast<double>(plan.m) * static_cast<double>(plan.n) * static_cast<double>(plan.k);
  const auto run = [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      char* const at = static_cast<char*>(scratch) + static_cast<size_t>(i) * area;
      const size_t start_bytes = RoundUp64(static_cast<size_t>(plan.n) * 4);
      const Areas areas{at, reinterpret_cast<int32_t*>(at + PackedBytes()), reinterpret_cast<int32_t*>(at + PackedBytes() + start_bytes), at + PackedBytes() + OffsetBytes()};
      int64_t packed_w = -1;
      for (int64_t b = plan.batches * i / pieces; b < plan.batches * (i + 1) / pieces; ++b) {
        const BatchPlace place = PlaceOfBatch(plan, b);
        if (place.w != packed_w) {
          const auto depth = static_cast<size_t>(plan.k), columns = static_cast<size_t>(plan.n);
          const IntegerWeights weights{w + place.w * plan.k * plan.n, false, 0, plan.adj_y ? 1 : columns, plan.adj_y ? depth : 1, depth, columns};
          PackIntegerWeights(weights, bytes, areas.packed);
          packed_w = place.w;
        }
        RunBatch(x + place.x * plan.m * plan.k, y + b * plan.m * plan.n, areas, own_threads, own_threads > 1 ? parallel : Parallel());
      }
    }
  };
  if (work < 1e6) return run(0, pieces);
  parallel.For(pieces, 1, run);
}

}  // namespace tflower::kernels
