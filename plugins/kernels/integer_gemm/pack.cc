// Packs B of an integer matrix product.
#include <algorithm>
#include <cstring>

#include "common/copy.h"
#include "integer_gemm/integer_gemm.h"
#include "integer_gemm/layout.h"

namespace tflower::kernels {
namespace {

int32_t At(const IntegerWeights& w, size_t k, size_t n) {
  const size_t i = k * w.k_stride + n * w.n_stride;
  return w.is_unsigned ? int32_t{static_cast<const uint8_t*>(w.data)[i]} : int32_t{static_cast<const int8_t*>(w.data)[i]};
}

// Bytes of columns that lie in memory one behind the other, in whole steps: moved four at a time.
void PackWholeSteps(const IntegerWeights& w, size_t column, size_t columns, size_t width, char* to) {
  StridedCopy copy{.element_bytes = 4};
  copy.Add(static_cast<int64_t>(w.depth / 4), static_cast<int64_t>(width * 4), 4);
  copy.Add(static_cast<int64_t>(columns), 4, static_cast<int64_t>(w.n_stride));
  copy.Run(static_cast<const std::byte*>(w.data) + column * w.n_stride, to, Parallel());
}

// Rows of B that lie in memory one behind the other, four at a time.
void PackFourRows(const IntegerWeights& w, size_t k, size_t column, size_t columns, char* to) {
  const char* const from = static_cast<const char*>(w.data) + k * w.k_stride + column;
  for (size_t n = 0; n < columns; ++n) {
    for (size_t i = 0; i < 4; ++i) to[n * 4 + i] = from[i * w.k_stride + n];
  }
}

void PackStep(const IntegerWeights& w, bool bytes, size_t step, size_t column, size_t columns, char* to) {
  const size_t group = bytes ? 4 : 2;
  for (size_t n = 0; n < columns; ++n) {
    for (size_t i = 0; i < group; ++i) {
      const size_t k = step * group + i;
      const int32_t v = k < w.depth ? At(w, k, column + n) - w.zero : 0;
      if (bytes) {
        to[n * 4 + i] = static_cast<char>(v);
      } else {
        const auto word = static_cast<int16_t>(v);
        std::memcpy(to + n * 4 + i * 2, &word, 2);
      }
    }
  }
}

void PackPanel(const IntegerWeights& w, bool bytes, size_t column, size_t columns, size_t width, char* to) {
  size_t step = 0;
  const size_t whole = bytes && !w.is_unsigned ? w.depth / 4 : 0;
  if (whole != 0 && w.k_stride == 1) {
    PackWholeSteps(w, column, columns, width, to);
    step = whole;
  } else if (w.n_stride == 1) {
    for (; step < whole; ++step) PackFourRows(w, step * 4, column, columns, to + step * width * 4);
  }
  for (; step < StepsOf(bytes, w.depth); ++step) PackStep(w, bytes, step, column, columns, to + step * width * 4);
  if (columns == width) return;
  for (step = 0; step < StepsOf(bytes, w.depth); ++step) std::memset(to + (step * width + columns) * 4, 0, (width - columns) * 4);
}

template <class T>
void SumColumns(const IntegerWeights& w, int64_t* sums) {  // k_stride or n_stride is 1
  const T* const data = static_cast<const T*>(w.data);
  std::fill(sums, sums + w.columns, -int64_t{w.zero} * static_cast<int64_t>(w.depth));
  if (w.n_stride == 1) {
    for (size_t k = 0; k < w.depth; ++k) {
      for (size_t n = 0; n < w.columns; ++n) sums[n] += data[k * w.k_stride + n];
    }
    return;
  }
  constexpr size_t kPart = 1 << 20;  // whose sum fits in 32 bits
  for (size_t n = 0; n < w.columns; ++n) {
    const T* const column = data + n * w.n_stride;
    for (size_t begin = 0; begin < w.depth; begin += kPart) {
      int32_t sum = 0;
      for (size_t k = begin; k < std::min(w.depth, begin + kPart); ++k) sum += column[k];
      sums[n] += sum;
    }
  }
}

}  // namespace

void PackIntegerWeights(const IntegerWeights& w, bool bytes, void* packed) {
  auto* const sums = static_cast<int64_t*>(packed);
  if (w.is_unsigned) SumColumns<uint8_t>(w, sums);
  else SumColumns<int8_t>(w, sums);
  char* const panels = static_cast<char*>(packed) + SumsBytes(w.columns);
  const IntLayout layout = LayoutOf();
  for (size_t column = 0; column < w.columns; column += layout.PanelColumns()) {
    const size_t columns = std::min(layout.PanelColumns(), w.columns - column);
    PackPanel(w, bytes, column, columns, layout.Width(column, w.columns), panels + column * StepsOf(bytes, w.depth) * 4);
  }
}

}  // namespace tflower::kernels
