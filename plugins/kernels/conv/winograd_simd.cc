// The data transforms of the Winograd convolution, compiled once per SIMD target.
#include <algorithm>
#include <cstddef>

#include "conv/winograd_transform.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "conv/winograd_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "gemm/vector-inl.h"
#include "simd/compat-inl.h"

#ifndef TFLOWER_KERNELS_CONV_WINOGRAD_SIMD_ONCE
#define TFLOWER_KERNELS_CONV_WINOGRAD_SIMD_ONCE
namespace tflower::kernels {

// Where output tile t lies.
struct TilePlace {
  size_t image, y, x;
};

inline TilePlace PlaceOf(const WinogradConv& conv, size_t t) {
  const size_t edge = static_cast<size_t>(conv.tile);
  const size_t across = (conv.out_w + edge - 1) / edge, down = (conv.out_h + edge - 1) / edge;
  return {t / across / down, t / across % down * edge, t % across * edge};
}

}  // namespace tflower::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {

// One-dimensional transforms: In is B^T (tile + 2 -> tile + 2 values), Out is A^T (tile + 2 -> tile).
template <int kTile>
struct Transform;

template <>
struct Transform<2> {
  static HWY_INLINE void In(const TileVec* s, TileVec* o) {
    o[0] = hn::Sub(s[0], s[2]);
    o[1] = hn::Add(s[1], s[2]);
    o[2] = hn::Sub(s[2], s[1]);
    o[3] = hn::Sub(s[1], s[3]);
  }
  static HWY_INLINE void Out(const TileVec* s, TileVec* o) {
    o[0] = hn::Add(hn::Add(s[0], s[1]), s[2]);
    o[1] = hn::Sub(hn::Sub(s[1], s[2]), s[3]);
  }
};

template <>
struct Transform<4> {
  static HWY_INLINE void In(const TileVec* s, TileVec* o) {
    const TileTag d;
    const TileVec two = hn::Set(d, 2.0f), four = hn::Set(d, 4.0f), five = hn::Set(d, 5.0f);
    const TileVec a = hn::NegMulAdd(four, s[2], s[4]), b = hn::NegMulAdd(four, s[1], s[3]);
    const TileVec e = hn::Sub(s[4], s[2]), f = hn::Mul(two, hn::Sub(s[3], s[1]));
    o[0] = hn::NegMulAdd(five, s[2], hn::MulAdd(four, s[0], s[4]));
    o[1] = hn::Add(a, b);
    o[2] = hn::Sub(a, b);
    o[3] = hn::Add(e, f);
    o[4] = hn::Sub(e, f);
    o[5] = hn::NegMulAdd(five, s[3], hn::MulAdd(four, s[1], s[5]));
  }
  static HWY_INLINE void Out(const TileVec* s, TileVec* o) {
    const TileTag d;
    const TileVec a = hn::Add(s[1], s[2]), b = hn::Sub(s[1], s[2]), e = hn::Add(s[3], s[4]), f = hn::Sub(s[3], s[4]);
    o[0] = hn::Add(hn::Add(s[0], a), e);
    o[1] = hn::MulAdd(hn::Set(d, 2.0f), f, b);
    o[2] = hn::MulAdd(hn::Set(d, 4.0f), e, a);
    o[3] = hn::Add(hn::MulAdd(hn::Set(d, 8.0f), f, b), s[5]);
  }
};

// The last vector of channels overlaps the one before it, so there are no partial vectors (in_c, out_c >= Lanes).
HWY_INLINE size_t NextChannel(size_t c, size_t channels) {
  const size_t lanes = hn::Lanes(TileTag());
  return c + lanes >= channels ? channels : std::min(c + lanes, channels - lanes);
}

template <int kTile>
HWY_INLINE void InputVector(const float* const (&pixels)[kTile + 2][kTile + 2], size_t c, float* out, size_t plane) {
  constexpr int kEdge = kTile + 2;
  const TileTag d;
  TileVec m[kEdge][kEdge];
  TFLOWER_UNROLL
  for (int j = 0; j < kEdge; ++j) {
    TileVec s[kEdge], o[kEdge];
    TFLOWER_UNROLL
    for (int i = 0; i < kEdge; ++i) s[i] = hn::LoadU(d, pixels[i][j] + c);
    Transform<kTile>::In(s, o);
    TFLOWER_UNROLL
    for (int i = 0; i < kEdge; ++i) m[i][j] = o[i];
  }
  TFLOWER_UNROLL
  for (int i = 0; i < kEdge; ++i) {
    TileVec o[kEdge];
    Transform<kTile>::In(m[i], o);
    TFLOWER_UNROLL
    for (int j = 0; j < kEdge; ++j) hn::StoreU(o[j], d, out + static_cast<size_t>(i * kEdge + j) * plane + c);
  }
}

template <int kTile>
void InputTiles(const WinogradConv& conv, const float* x, size_t first, size_t begin, size_t end,
                const WinogradPlanes& planes) {
  constexpr int kEdge = kTile + 2;
  for (size_t t = begin; t < end; ++t) {
    const TilePlace place = PlaceOf(conv, t);
    const float* const image = x + place.image * conv.in_h * conv.in_w * conv.in_c;
    const ptrdiff_t top = static_cast<ptrdiff_t>(place.y) - conv.pad_top, left = static_cast<ptrdiff_t>(place.x) - conv.pad_left;
    const float* pixels[kEdge][kEdge];
    for (int i = 0; i < kEdge; ++i) {
      for (int j = 0; j < kEdge; ++j) {
        const ptrdiff_t iy = top + i, ix = left + j;
        const bool inside = iy >= 0 && ix >= 0 && static_cast<size_t>(iy) < conv.in_h && static_cast<size_t>(ix) < conv.in_w;
        pixels[i][j] = inside ? image + (static_cast<size_t>(iy) * conv.in_w + static_cast<size_t>(ix)) * conv.in_c : planes.zeros;
      }
    }
    float* const row = planes.in + (t - first) * conv.in_c;
    for (size_t c = 0; c < conv.in_c; c = NextChannel(c, conv.in_c)) InputVector<kTile>(pixels, c, row, planes.in_plane);
  }
}

template <int kTile>
HWY_INLINE void OutputVector(const float* in, size_t plane, TileVec bias, const float* residual, Clamp clamp, size_t rows,
                             size_t columns, float* y, size_t row_stride, size_t column_stride) {
  constexpr int kEdge = kTile + 2;
  const TileTag d;
  const TileVec lo = hn::Set(d, clamp.lo), hi = hn::Set(d, clamp.hi);
  TileVec m[kTile][kEdge];
  TFLOWER_UNROLL
  for (int j = 0; j < kEdge; ++j) {
    TileVec s[kEdge], o[kTile];
    TFLOWER_UNROLL
    for (int i = 0; i < kEdge; ++i) s[i] = hn::LoadU(d, in + static_cast<size_t>(i * kEdge + j) * plane);
    Transform<kTile>::Out(s, o);
    TFLOWER_UNROLL
    for (int i = 0; i < kTile; ++i) m[i][j] = o[i];
  }
  TFLOWER_UNROLL
  for (int i = 0; i < kTile; ++i) {
    if (static_cast<size_t>(i) >= rows) break;
    TileVec o[kTile];
    Transform<kTile>::Out(m[i], o);
    TFLOWER_UNROLL
    for (int j = 0; j < kTile; ++j) {
      if (static_cast<size_t>(j) >= columns) break;
      const size_t at = static_cast<size_t>(i) * row_stride + static_cast<size_t>(j) * column_stride;
      TileVec v = hn::Add(o[j], bias);
      if (residual != nullptr) v = hn::Add(v, hn::LoadU(d, residual + at));
      hn::StoreU(ClampKeepNaN(d, v, lo, hi), d, y + at);
    }
  }
}

template <int kTile>
void OutputTiles(const WinogradConv& conv, size_t first, size_t begin, size_t end, const WinogradPlanes& planes,
                 const Epilogue& tail, float* y) {
  const TileTag d;
  for (size_t t = begin; t < end; ++t) {
    const TilePlace place = PlaceOf(conv, t);
    float* const corner = y + ((place.image * conv.out_h + place.y) * conv.out_w + place.x) * conv.out_c;
    const size_t rows = conv.out_h - place.y, columns = conv.out_w - place.x;
    const float* const row = planes.out + (t - first) * conv.out_c;
    for (size_t n = 0; n < conv.out_c; n = NextChannel(n, conv.out_c)) {
      const TileVec b = tail.bias != nullptr ? hn::LoadU(d, tail.bias + n) : hn::Zero(d);
      const float* const residual = tail.residual != nullptr ? tail.residual + (corner - y) + n : nullptr;
      OutputVector<kTile>(row + n, planes.out_plane, b, residual, tail.clamp, rows, columns, corner + n, conv.out_w * conv.out_c, conv.out_c);
    }
  }
}

void Input(const WinogradConv& conv, const float* x, size_t first, size_t begin, size_t end, const WinogradPlanes& planes) {
  if (conv.tile == 2) return InputTiles<2>(conv, x, first, begin, end, planes);
  InputTiles<4>(conv, x, first, begin, end, planes);
}

void Output(const WinogradConv& conv, size_t first, size_t begin, size_t end, const WinogradPlanes& planes,
            const Epilogue& tail, float* y) {
  if (conv.tile == 2) return OutputTiles<2>(conv, first, begin, end, planes, tail, y);
  OutputTiles<4>(conv, first, begin, end, planes, tail, y);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(Input);
HWY_EXPORT(Output);
}  // namespace

void WinogradInput(const WinogradConv& conv, const float* x, size_t first, size_t begin, size_t end,
                   const WinogradPlanes& planes) {
  HWY_DYNAMIC_DISPATCH(Input)(conv, x, first, begin, end, planes);
}

void WinogradOutput(const WinogradConv& conv, size_t first, size_t begin, size_t end, const WinogradPlanes& planes,
                    const Epilogue& tail, float* y) {
  HWY_DYNAMIC_DISPATCH(Output)(conv, first, begin, end, planes, tail, y);
}

}  // namespace tflower::kernels
#endif
