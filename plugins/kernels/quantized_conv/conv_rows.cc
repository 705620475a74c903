// Gathers the taps of result pixels.
#include "quantized_conv/conv_rows.h"

#include <algorithm>
#include <cstring>

namespace tflower::kernels {
namespace {

// Taps are short: a call of memcpy takes longer than the copy. end: of the memory that `from` lies in. Up to 15 bytes behind n may be written.
inline void Copy(char* to, const char* from, size_t n, const char* end) {
  if (n <= 16 && end - from >= 16) {
    std::memcpy(to, from, 16);
  } else if (n >= 16) {
    size_t i = 0;
    for (; i + 16 <= n; i += 16) std::memcpy(to + i, from + i, 16);
    std::memcpy(to + n - 16, from + n - 16, 16);
  } else {
    for (size_t i = 0; i < n; ++i) to[i] = from[i];
  }
}

// What lies outside of the image.
struct Filler {
  size_t element;
  int32_t zero;
  char* operator()(char* to, size_t elements) const {
    if (elements == 0) return to;
    if (element == 1) std::memset(to, zero, elements);
    else std::fill_n(reinterpret_cast<int16_t*>(to), elements, static_cast<int16_t>(zero));
    return to + elements * element;
  }
};

struct Pixel {
  int64_t b, y, x;
  Pixel(size_t row, int64_t height, int64_t width) {
    const auto i = static_cast<int64_t>(row);
    b = i / (height * width), y = i / width % height, x = i % width;
  }
  void Next(int64_t height, int64_t width) {
    if (++x < width) return;
    x = 0;
    if (++y < height) return;
    y = 0, ++b;
  }
};

template <class Rows>
Filler FillerOf(const Rows& rows, int64_t b) { return {rows.element, rows.zero_of_image != nullptr ? rows.zero_of_image[b] : rows.zero}; }

// The taps of one kernel row. line: the input row; ix: where the first tap reads.
char* GatherLine(const Conv2DShape& s, const char* line, int64_t ix, size_t pixel, size_t depth, const Filler& fill, const char* end_of_x, char* to) {
  const size_t tap = depth * fill.element;
  if (pixel == tap && s.dilation_w == 1) {  // neighbours in memory, too
    if (ix >= 0 && ix + s.kernel_w <= s.in_w) {
      const size_t line_bytes = static_cast<size_t>(s.kernel_w) * tap;
      Copy(to, line + static_cast<size_t>(ix) * pixel, line_bytes, end_of_x);
      return to + line_bytes;
    }
    const int64_t begin = std::clamp<int64_t>(-ix, 0, s.kernel_w), end = std::clamp<int64_t>(s.in_w - ix, begin, s.kernel_w);
    to = fill(to, static_cast<size_t>(begin) * depth);
    if (end > begin) Copy(to, line + static_cast<size_t>(ix + begin) * pixel, static_cast<size_t>(end - begin) * tap, end_of_x);
    to += static_cast<size_t>(end - begin) * tap;
    return fill(to, static_cast<size_t>(s.kernel_w - end) * depth);
  }
  for (int64_t kx = 0; kx < s.kernel_w; ++kx, ix += s.dilation_w) {
    if (ix < 0 || ix >= s.in_w) {
      to = fill(to, depth);
    } else {
      Copy(to, line + static_cast<size_t>(ix) * pixel, tap, end_of_x);
      to += tap;
    }
  }
  return to;
}

void GatherConv(const RowSource& source, size_t first, size_t count, void* to, size_t stride) {
  const ConvRows& rows = *static_cast<const ConvRows*>(source.self);
  const Conv2DShape& s = *rows.shape;
  const size_t depth = static_cast<size_t>(s.in_c / s.groups), pixel = static_cast<size_t>(s.in_c) * rows.element;
  const char* const x = static_cast<const char*>(rows.x) + source.group * depth * rows.element;
  const char* const end = static_cast<const char*>(rows.x) + static_cast<size_t>(s.batch * s.in_h * s.in_w) * pixel;
  Pixel p(first, s.out_h, s.out_w);
  for (size_t i = 0; i < count; ++i, p.Next(s.out_h, s.out_w)) {
    char* out = static_cast<char*>(to) + i * stride;
    const Filler fill = FillerOf(rows, p.b);
    int64_t iy = p.y * s.stride_h - s.pad_top;
    for (int64_t ky = 0; ky < s.kernel_h; ++ky, iy += s.dilation_h) {
      if (iy < 0 || iy >= s.in_h) out = fill(out, static_cast<size_t>(s.kernel_w) * depth);
      else out = GatherLine(s, x + static_cast<size_t>((p.b * s.in_h + iy) * s.in_w) * pixel, p.x * s.stride_w - s.pad_left, pixel, depth, fill, end, out);
    }
  }
}

// The input position behind a result position and a kernel position, or -1.
int64_t InputAt(int64_t at, int64_t stride, int64_t size) { return at < 0 || at % stride != 0 || at / stride >= size ? -1 : at / stride; }

void GatherTransposed(const RowSource& source, size_t first, size_t count, void* to, size_t stride) {
  const TransposeConvRows& rows = *static_cast<const TransposeConvRows*>(source.self);
  const TransposeConvShape& s = *rows.shape;
  const size_t depth = static_cast<size_t>(s.in_c), pixel = depth * rows.element;
  const char* const end = static_cast<const char*>(rows.x) + static_cast<size_t>(s.batch * s.in_h * s.in_w) * pixel;
  Pixel p(first, s.out_h, s.out_w);
  for (size_t i = 0; i < count; ++i, p.Next(s.out_h, s.out_w)) {
    char* out = static_cast<char*>(to) + i * stride;
    const Filler fill = FillerOf(rows, p.b);
    for (int64_t ky = 0; ky < s.kernel_h; ++ky) {
      const int64_t iy = InputAt(p.y + s.pad_top - ky, s.stride_h, s.in_h);
      for (int64_t kx = 0; kx < s.kernel_w; ++kx) {
        const int64_t ix = iy < 0 ? -1 : InputAt(p.x + s.pad_left - kx, s.stride_w, s.in_w);
        if (ix < 0) {
          out = fill(out, depth);
        } else {
          Copy(out, static_cast<const char*>(rows.x) + static_cast<size_t>((p.b * s.in_h + iy) * s.in_w + ix) * pixel, pixel, end);
          out += pixel;
        }
      }
    }
  }
}

}  // namespace

RowSource ConvRows::Source() const { return {this, &GatherConv}; }
RowSource TransposeConvRows::Source() const { return {this, &GatherTransposed}; }

}  // namespace tflower::kernels
