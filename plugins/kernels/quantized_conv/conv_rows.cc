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

// Pixels of one result row whose kernel rows are short, contiguous pieces of input lines inside of the image: a copy of 16 bytes for each.
void GatherInside(const Conv2DShape& s, const char* line, size_t line_bytes, size_t tap, size_t step, int64_t count, char* to, size_t stride) {
  const size_t down = static_cast<size_t>(s.dilation_h) * line_bytes, across = static_cast<size_t>(s.kernel_w) * tap;
  if (s.kernel_h == 3) {
    for (; count > 0; --count, line += step, to += stride) {
      std::memcpy(to, line, 16);
      std::memcpy(to + across, line + down, 16);
      std::memcpy(to + 2 * across, line + 2 * down, 16);
    }
    return;
  }
  for (; count > 0; --count, line += step, to += stride) {
    const char* from = line;
    char* out = to;
    for (int64_t ky = 0; ky < s.kernel_h; ++ky, from += down, out += across) std::memcpy(out, from, 16);
  }
}

// The rows of one call, pixel by pixel or in runs.
struct ConvGatherer {
  const ConvRows& rows;
  const Conv2DShape& s;
  size_t depth, pixel, tap;
  const char* x;
  const char* end;  // of the input

  void OnePixel(const Pixel& p, char* out) const {
    const Filler fill = FillerOf(rows, p.b);
    int64_t iy = p.y * s.stride_h - s.pad_top;
    for (int64_t ky = 0; ky < s.kernel_h; ++ky, iy += s.dilation_h) {
      if (iy < 0 || iy >= s.in_h) out = fill(out, static_cast<size_t>(s.kernel_w) * depth);
      else out = GatherLine(s, x + static_cast<size_t>((p.b * s.in_h + iy) * s.in_w) * pixel, p.x * s.stride_w - s.pad_left, pixel, depth, fill, end, out);
    }
  }

  // How many pixels from p on, at most `most` and up to the end of its row, GatherInside takes.
  int64_t RunFrom(const Pixel& p, int64_t most) const {
    const int64_t ix = p.x * s.stride_w - s.pad_left, iy = p.y * s.stride_h - s.pad_top, last_y = iy + (s.kernel_h - 1) * s.dilation_h;
    if (pixel != tap || s.dilation_w != 1 || static_cast<size_t>(s.kernel_w) * tap > 16 || ix < 0 || iy < 0 || last_y >= s.in_h) return 0;
    // The last piece must have 16 bytes in front of the input's end.
    const int64_t behind = (end - x) / static_cast<int64_t>(pixel) - (p.b * s.in_h + last_y) * s.in_w - static_cast<int64_t>((16 + pixel - 1) / pixel);
    const int64_t limit = std::min(s.in_w - s.kernel_w, behind);
    return limit < ix ? 0 : std::min({(limit - ix) / s.stride_w + 1, s.out_w - p.x, most});
  }

  void Gather(size_t first, size_t count, char* to, size_t stride) const {
    Pixel p(first, s.out_h, s.out_w);
    for (auto left = static_cast<int64_t>(count); left > 0;) {
      const int64_t run = RunFrom(p, left);
      if (run == 0) {
        OnePixel(p, to);
      } else {
        const char* const line = x + static_cast<size_t>((p.b * s.in_h + p.y * s.stride_h - s.pad_top) * s.in_w + p.x * s.stride_w - s.pad_left) * pixel;
        GatherInside(s, line, static_cast<size_t>(s.in_w) * pixel, tap, static_cast<size_t>(s.stride_w) * pixel, run, to, stride);
        p.x += run - 1;
      }
      const int64_t done = std::max<int64_t>(run, 1);
      p.Next(s.out_h, s.out_w);
      to += static_cast<size_t>(done) * stride, left -= done;
    }
  }
};

void GatherConv(const RowSource& source, size_t first, size_t count, void* to, size_t stride) {
  const ConvRows& rows = *static_cast<const ConvRows*>(source.self);
  const Conv2DShape& s = *rows.shape;
  const size_t depth = static_cast<size_t>(s.in_c / s.groups), pixel = static_cast<size_t>(s.in_c) * rows.element;
  const char* const x = static_cast<const char*>(rows.x);
  const ConvGatherer gatherer{rows, s, depth, pixel, depth * rows.element, x + source.group * depth * rows.element, x + static_cast<size_t>(s.batch * s.in_h * s.in_w) * pixel};
  gatherer.Gather(first, count, static_cast<char*>(to), stride);
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
