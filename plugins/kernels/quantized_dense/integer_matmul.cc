// Batches of integer matrix products: over the threads where there are several, else each product over them.
#include "quantized_dense/integer_matmul.h"

#include <algorithm>
#include <vector>

#include "common/copy.h"
#include "integer_gemm/packed_weights.h"
#include "integer_gemm/words.h"

namespace tflower::kernels {
namespace {

constexpr size_t RoundUp64(size_t bytes) { return (bytes + 63) / 64 * 64; }

// to[r][c] = from[c][r] of elements of `size` bytes; strides in bytes.
void Transpose(const void* from, size_t from_stride, void* to, size_t to_stride, size_t rows, size_t columns, size_t size) {
  StridedCopy copy{.element_bytes = static_cast<int64_t>(size)};
  copy.Add(static_cast<int64_t>(rows), static_cast<int64_t>(to_stride), copy.element_bytes);
  copy.Add(static_cast<int64_t>(columns), copy.element_bytes, static_cast<int64_t>(from_stride));
  copy.Run(from, to, Parallel());
}

// A transposed x: rows are columns of [k, m].
struct Columns {
  const char* x;
  size_t depth, rows, element;
};
void GatherColumns(const RowSource& source, size_t first, size_t count, void* to, size_t stride) {
  const Columns& c = *static_cast<const Columns*>(source.self);
  Transpose(c.x + first * c.element, c.rows * c.element, to, stride, count, c.depth, c.element);
}

// sums[r] = the values of row r of x, [m, k] or, transposed, [k, m].
template <class T>
void SumRows(const T* x, size_t m, size_t k, bool transposed, int64_t* sums) {
  std::fill(sums, sums + m, int64_t{0});
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

// A sink that stores sums of 32 bits.
struct SumWriter {
  int32_t* y;
  size_t stride;
  static void Take(const void* self, const SumTile& tile) {
    const auto& w = *static_cast<const SumWriter*>(self);
    for (size_t r = 0; r < tile.rows; ++r) std::copy_n(tile.narrow + r * tile.stride, tile.columns, w.y + (tile.row + r) * w.stride + tile.column);
  }
};

}  // namespace

// What a thread works in.
struct IntegerMatMul::Areas {
  char* packed;
  int16_t* transposed;  // a w of int16 as [k, n]
  int32_t *start, *row_offsets;
  int64_t *wide_offsets, *wide_row_offsets;
  char* product;
};

// The areas' sizes, in their order.
struct IntegerMatMul::AreaSizes {
  size_t packed, transposed, columns, rows, product;
  size_t Total() const { return packed + transposed + 3 * (columns + rows) + product; }
};

bool IntegerMatMul::bytes() const { return MultipliesBytes(IntegerTypeOf(x_type), false, 0); }

IntegerProduct IntegerMatMul::Product() const {
  IntegerProduct product;
  product.rows = static_cast<size_t>(plan.m), product.columns = static_cast<size_t>(words() ? 2 * plan.n : plan.n), product.depth = static_cast<size_t>(plan.k);
  product.type = IntegerTypeOf(x_type), product.bytes = bytes(), product.wide = wide();
  product.a_stride = product.depth;
  if (plan.adj_x) product.source.rows = [](const RowSource&, size_t, size_t, void*, size_t) {};
  return product;
}

IntegerMatMul::AreaSizes IntegerMatMul::SizesOf(int own_threads) const {
  const auto m = static_cast<size_t>(plan.m), n = static_cast<size_t>(plan.n), k = static_cast<size_t>(plan.k);
  const IntegerProduct product = Product();
  return {packed_before ? 0 : MatrixBytes(), words() && plan.adj_y && !packed_before ? RoundUp64(k * n * sizeof(int16_t)) : 0, RoundUp64(n * sizeof(int32_t)),
          RoundUp64(m * sizeof(int32_t)), RoundUp64(IntegerScratchBytes(product, own_threads))};
}

IntegerMatMul::Areas IntegerMatMul::AreasAt(char* at, const AreaSizes& sizes) const {
  const auto take = [&](size_t size) {
    char* const here = at;
    at += size;
    return here;
  };
  Areas a{};
  a.packed = take(sizes.packed);
  a.transposed = reinterpret_cast<int16_t*>(take(sizes.transposed));
  a.start = reinterpret_cast<int32_t*>(take(sizes.columns));
  a.row_offsets = reinterpret_cast<int32_t*>(take(sizes.rows));
  a.wide_offsets = reinterpret_cast<int64_t*>(take(2 * sizes.columns));
  a.wide_row_offsets = reinterpret_cast<int64_t*>(take(2 * sizes.rows));
  a.product = take(sizes.product);
  return a;
}

size_t IntegerMatMul::ScratchBytes() const {
  const size_t areas = static_cast<size_t>(std::clamp<int64_t>(plan.batches, 1, std::max(1, threads)));
  return areas * SizesOf(areas > 1 ? 1 : threads).Total();
}

size_t IntegerMatMul::MatrixBytes() const { return RoundUp64(IntegerPackedBytes(bytes(), static_cast<size_t>(plan.k), Product().columns)); }

void IntegerMatMul::PackOnce(const void* w, void* packed) const {
  std::vector<int16_t> transposed(words() && plan.adj_y ? static_cast<size_t>(plan.k * plan.n) : 0);
  for (int64_t i = 0; i < plan.w_matrices; ++i) {
    Pack(static_cast<const char*>(w) + i * WBytes(), transposed.data(), static_cast<char*>(packed) + static_cast<size_t>(i) * MatrixBytes());
  }
}

void IntegerMatMul::Pack(const void* w, int16_t* transposed, void* packed) const {
  const auto k = static_cast<size_t>(plan.k), n = static_cast<size_t>(plan.n);
  if (!words()) return PackIntegerWeights({w, false, 0, plan.adj_y ? 1 : n, plan.adj_y ? k : 1, k, n}, bytes(), packed);
  if (plan.adj_y) Transpose(w, k * sizeof(int16_t), transposed, n * sizeof(int16_t), k, n, sizeof(int16_t));
  PackWords(plan.adj_y ? transposed : static_cast<const int16_t*>(w), k, n, packed);
}

void IntegerMatMul::RunBatch(const Operands& operands, const Areas& areas, int own_threads, const Parallel& parallel) const {
  const auto m = static_cast<size_t>(plan.m), k = static_cast<size_t>(plan.k), n = static_cast<size_t>(plan.n);
  const void* const x = operands.x;
  const int64_t* const sums_of_w = ColumnSums(operands.w);
  // sum (x - x_zero) (w - w_zero) = sum x w - x_zero sum w - w_zero (sum x - k x_zero)
  const int64_t x_zero64 = int64_t{x_zero} + AddedToInput(IntegerTypeOf(x_type), bytes());
  for (size_t o = 0; o < n; ++o) {
    areas.wide_offsets[o] = AddWrapping(-x_zero64 * sums_of_w[o], operands.bias != nullptr ? operands.bias[o] : 0);
    areas.start[o] = static_cast<int32_t>(static_cast<uint64_t>(areas.wide_offsets[o]));
  }
  // Offsets of columns and of rows are products of 8 and 9 bits, as many as the sums have.
  SumFinisher finisher{.requantizer = &requantizer, .offsets = areas.wide_offsets, .small = operands.bias == nullptr && SmallSums(IntegerType::kInt8, 3 * k, 0), .y = operands.y, .stride = n};
  finisher.pairs = words();
  if (w_zero != 0) {
    if (wide()) SumRows(static_cast<const int16_t*>(x), m, k, plan.adj_x, areas.wide_row_offsets);
    else SumRows(static_cast<const int8_t*>(x), m, k, plan.adj_x, areas.wide_row_offsets);
    for (size_t r = 0; r < m; ++r) {
      areas.wide_row_offsets[r] = -int64_t{w_zero} * (areas.wide_row_offsets[r] - static_cast<int64_t>(k) * x_zero);
      areas.row_offsets[r] = static_cast<int32_t>(static_cast<uint64_t>(areas.wide_row_offsets[r]));
    }
    finisher.row_offsets = areas.row_offsets, finisher.wide_row_offsets = areas.wide_row_offsets;
  }
  const Columns columns{static_cast<const char*>(x), k, m, wide() ? sizeof(int16_t) : 1};
  const SumWriter writer{static_cast<int32_t*>(operands.y), n};
  IntegerProduct product = Product();
  product.a = x;
  if (plan.adj_x) product.source = {&columns, &GatherColumns};
  product.packed = operands.w;
  product.start = areas.start;
  product.sink = sums ? SumSink{&writer, &SumWriter::Take} : finisher.Sink();
  RunIntegerProduct(product, areas.product, own_threads, parallel);
}

void IntegerMatMul::Run(const Operands& all, void* scratch, const Parallel& parallel) const {
  const int64_t pieces = std::clamp<int64_t>(plan.batches, 1, std::max(1, threads));
  const int own_threads = pieces > 1 ? 1 : threads;
  const int64_t x_bytes = plan.m * plan.k * (wide() ? 2 : 1), w_bytes = packed_before ? static_cast<int64_t>(MatrixBytes()) : WBytes(), y_bytes = plan.m * plan.n * (sums ? 4 : wide() ? 2 : 1);
  const double work = static_cast<double>(plan.batches) * static_cast<double>(plan.m) * static_cast<double>(plan.n) * static_cast<double>(plan.k);
  const AreaSizes sizes = SizesOf(own_threads);
  const auto run = [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const Areas areas = AreasAt(static_cast<char*>(scratch) + static_cast<size_t>(i) * sizes.Total(), sizes);
      int64_t packed_w = -1;
      for (int64_t b = plan.batches * i / pieces; b < plan.batches * (i + 1) / pieces; ++b) {
        const BatchPlace place = PlaceOfBatch(plan, b);
        const char* const w = static_cast<const char*>(all.w) + place.w * w_bytes;
        if (!packed_before && place.w != packed_w) Pack(w, areas.transposed, areas.packed);
        packed_w = place.w;
        RunBatch({static_cast<const char*>(all.x) + place.x * x_bytes, packed_before ? w : areas.packed, static_cast<char*>(all.y) + b * y_bytes, all.bias}, areas, own_threads,
                 own_threads > 1 ? parallel : Parallel());
      }
    }
  };
  if (work < 1e6) return run(0, pieces);
  parallel.For(pieces, 1, run);
}

}  // namespace tflower::kernels
