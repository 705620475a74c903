// Depthwise tiles of kRows x kColumns output pixels with all taps unrolled, for square filters without dilation.
//
// Every input of a tile is loaded once and used by all the outputs that it touches. Channel vectors are the inner loop, so the
// accumulators (kRows * kColumns), one input and one weight are the registers: 8 + 2 of 16 on AVX2, 14 + 2 with 2 x 7.
#if defined(TFLOWER_KERNELS_DEPTHWISE_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TFLOWER_KERNELS_DEPTHWISE_TILE_INL_H_
#undef TFLOWER_KERNELS_DEPTHWISE_TILE_INL_H_
#else
#define TFLOWER_KERNELS_DEPTHWISE_TILE_INL_H_
#endif

#include <hwy/highway.h>

#include "depthwise/rows.h"
#include "simd/compat-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// pixels: the tile's inputs, row-major; outputs: its kRows * kColumns pixels.
template <int kFilter, int kStride, int kRows, int kColumns>
HWY_INLINE void DepthwiseTile(const DepthwiseRows& a, const DepthwiseLayout& layout, const float* const* pixels, float* const* outputs) {
  constexpr int kInRows = (kRows - 1) * kStride + kFilter, kInColumns = (kColumns - 1) * kStride + kFilter;
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  const size_t lanes = hn::Lanes(d);
  const V lo = hn::Set(d, a.lo), hi = hn::Set(d, a.hi);
  const int64_t channels = a.shape->out_channels();
  const float* w = a.weights;
  for (int64_t block = 0; block < layout.blocks; ++block, w += layout.block_floats) {
    const int64_t c = layout.Channel(block, channels);
    V acc[kRows][kColumns];
    const V bias = hn::Load(d, w);
#pragma GCC unroll 8
    for (int y = 0; y < kRows; ++y)
#pragma GCC unroll 8
      for (int x = 0; x < kColumns; ++x) acc[y][x] = bias;
#pragma GCC unroll 16
    for (int i = 0; i < kInRows; ++i)
#pragma GCC unroll 16
      for (int j = 0; j < kInColumns; ++j) {
        const V v = hn::LoadU(d, pixels[i * kInColumns + j] + c);
#pragma GCC unroll 8
        for (int y = 0; y < kRows; ++y) {
          const int ky = i - y * kStride;
          if (ky < 0 || ky >= kFilter) continue;
#pragma GCC unroll 8
          for (int x = 0; x < kColumns; ++x) {
            const int kx = j - x * kStride;
            if (kx < 0 || kx >= kFilter) continue;
            acc[y][x] = hn::MulAdd(v, hn::Load(d, w + static_cast<size_t>(1 + ky * kFilter + kx) * lanes), acc[y][x]);
          }
        }
      }
#pragma GCC unroll 8
    for (int y = 0; y < kRows; ++y)
#pragma GCC unroll 8
      for (int x = 0; x < kColumns; ++x) hn::StoreU(ClampKeepNaN(d, acc[y][x], lo, hi), d, outputs[y * kColumns + x] + c);
  }
}

// Pointers to the inputs of the tile at output (oy, ox); outside the image they point to the zeros.
template <int kFilter, int kStride, int kRows, int kColumns>
HWY_INLINE void TilePixels(const DepthwiseRows& a, const float* image, int64_t oy, int64_t ox, const float** pixels) {
  constexpr int kInRows = (kRows - 1) * kStride + kFilter, kInColumns = (kColumns - 1) * kStride + kFilter;
  const DepthwiseShape& s = *a.shape;
  const int64_t channels = s.out_channels();
  const int64_t iy = oy * kStride - s.pad_top, ix = ox * kStride - s.pad_left;
  const bool inside = ix >= 0 && ix + kInColumns <= s.in_w;
  for (int i = 0; i < kInRows; ++i) {
    const bool row_inside = iy + i >= 0 && iy + i < s.in_h;
    const float* row = image + ((iy + i) * s.in_w + ix) * channels;
    if (row_inside && inside) {
      for (int j = 0; j < kInColumns; ++j) pixels[i * kInColumns + j] = row + j * channels;
    } else {
      for (int j = 0; j < kInColumns; ++j) {
        pixels[i * kInColumns + j] = row_inside && ix + j >= 0 && ix + j < s.in_w ? row + j * channels : a.zeros;
      }
    }
  }
}

// kRows output rows from oy. The last tile is moved back to end at the last column: it repeats a few pixels (out_w >= kColumns).
template <int kFilter, int kStride, int kRows, int kColumns>
HWY_NOINLINE void DepthwiseTileRows(const DepthwiseRows& a, const DepthwiseLayout& layout, int64_t n, int64_t oy) {
  constexpr int kInRows = (kRows - 1) * kStride + kFilter, kInColumns = (kColumns - 1) * kStride + kFilter;
  const DepthwiseShape& s = *a.shape;
  const int64_t channels = s.out_channels();
  const float* image = a.x + n * s.in_h * s.in_w * channels;
  float* first = a.y + (n * s.out_h + oy) * s.out_w * channels;
  const float* pixels[kInRows * kInColumns];
  float* outputs[kRows * kColumns];
  for (int64_t x = 0; x < s.out_w; x += kColumns) {
    const int64_t ox = HWY_MIN(x, s.out_w - kColumns);
    TilePixels<kFilter, kStride, kRows, kColumns>(a, image, oy, ox, pixels);
    for (int r = 0; r < kRows; ++r) {
      for (int k = 0; k < kColumns; ++k) outputs[r * kColumns + k] = first + (r * s.out_w + ox + k) * channels;
    }
    DepthwiseTile<kFilter, kStride, kRows, kColumns>(a, layout, pixels, outputs);
  }
}

// A DepthwiseRowsFn: tiles of kRows rows, and of one row where an image or the range ends.
template <int kFilter, int kStride, int kRows, int kColumns>
void DepthwiseTiles(const DepthwiseRows& a, int64_t begin, int64_t end) {
  const DepthwiseLayout layout(*a.shape, static_cast<int64_t>(hn::Lanes(hn::ScalableTag<float>())));
  while (begin < end) {
    const int64_t n = begin / a.shape->out_h, oy = begin % a.shape->out_h;
    if (oy + kRows <= a.shape->out_h && begin + kRows <= end) {
      DepthwiseTileRows<kFilter, kStride, kRows, kColumns>(a, layout, n, oy);
      begin += kRows;
    } else {
      DepthwiseTileRows<kFilter, kStride, 1, kColumns>(a, layout, n, oy);
      begin += 1;
    }
  }
}

// Tiles of seven columns fit, and compute no more columns than tiles of four do.
inline bool SevenFits(int64_t width) { return width >= 7 && (width + 6) / 7 * 7 <= (width + 3) / 4 * 4; }

// The unrolled tiles need whole vectors of channels and an output at least a tile wide.
inline bool TileFits(const DepthwiseShape& s, int filter, int64_t columns) {
  return s.filter_h == filter && s.filter_w == filter && s.stride_h == s.stride_w && s.dilation_h == 1 && s.dilation_w == 1 &&
         s.out_channels() >= static_cast<int64_t>(hn::Lanes(hn::ScalableTag<float>())) && s.out_w >= columns;
}

}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // TFLOWER_KERNELS_DEPTHWISE_TILE_INL_H_
