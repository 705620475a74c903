// Integer depthwise convolution, compiled once per SIMD target.
#define HWY_WANT_AVX3_DL  // for products of bytes
#include <algorithm>
#include <cstring>
#include <type_traits>

#include "integer_depthwise/layout.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "integer_depthwise/integer_depthwise_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "gemm/vector-inl.h"
#include "integer_depthwise/lanes-inl.h"
#include "simd/fixed_point-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {
#if HWY_TARGET == HWY_SCALAR
int64_t BlockOf(bool, int64_t) { return 0; }  // the specification runs
void Rows(const DepthwiseJob&, int64_t, int64_t, char*) {}
#else

constexpr int64_t kTogether = 4;  // result pixels that share the loads of weights

// How sums become results: Factors, and what is left for packing.
template <class F, bool kClampBytes = true, bool kAddZero = true>
struct Finishing {
  using Factors = F;
  static constexpr bool kClamp = kClampBytes, kZero = kAddZero;
};

// One run of pixels of some result rows, from oy on, for one block of channels.
template <class Lanes, class T, class How>
struct Piece {
  using Factors = typename How::Factors;
  using SumTag = typename Lanes::SumTag;
  using Sum = typename Lanes::Sum;
  using Held = typename Lanes::Held;
  const DepthwiseJob& job;
  const IntegerDepthwiseLayout& layout;
  const DepthwiseRun& run;
  const T* image;
  int64_t oy, together, ox, count, block;
  int32_t* columns;  // interleaved
  const int32_t* order;  // ChannelOf of the lanes

  const DepthwiseShape& shape() const { return job.d->shape; }
  int64_t Entry(int64_t pixel, int64_t kx) const { return run.shared ? pixel * shape().stride_w + kx : pixel * shape().filter_w + kx; }

  // A kernel row's input line; one outside of the image is a vector of zero points that does not move.
  struct Line {
    const T* data;
    int64_t step;
  };
  // `count` input columns from ix on, of which the first kUsed rows are read; the others are zero points. What the loop needs lies in locals: its stores
  // might change anything else.
  template <size_t kUsed>
  static HWY_INLINE void ColumnsOf(const Line (&lines)[Lanes::kRows], int64_t ix, int64_t count, size_t n, uint8_t flip, int32_t* to, int64_t step) {
    const SumTag ds;
    const T* from[kUsed];
    int64_t by[kUsed];
    TFLOWER_UNROLL
    for (size_t r = 0; r < kUsed; ++r) from[r] = lines[r].data + ix * lines[r].step, by[r] = lines[r].step;
    typename Lanes::Value rows[Lanes::kRows];
    TFLOWER_UNROLL
    for (size_t r = kUsed; r < Lanes::kRows; ++r) rows[r] = Lanes::Load(lines[r].data, n, flip);
    for (; count > 0; --count, to += step) {
      TFLOWER_UNROLL
      for (size_t r = 0; r < kUsed; ++r) rows[r] = Lanes::Load(from[r], n, flip), from[r] += by[r];
      Sum lanes[Lanes::kSums];
      Lanes::Interleave(rows, lanes);
      TFLOWER_UNROLL
      for (size_t v = 0; v < Lanes::kSums; ++v) hn::Store(lanes[v], ds, to + v * hn::Lanes(ds));
    }
  }
  static void Columns(const Line (&lines)[Lanes::kRows], size_t used, int64_t ix, int64_t count, size_t n, uint8_t flip, int32_t* to, int64_t step) {
    if (used == 1) return ColumnsOf<1>(lines, ix, count, n, flip, to, step);
    if (Lanes::kRows == 4 && used == 2) return ColumnsOf<2>(lines, ix, count, n, flip, to, step);
    if (Lanes::kRows == 4 && used == 3) return ColumnsOf<Lanes::kRows - 1>(lines, ix, count, n, flip, to, step);
    ColumnsOf<Lanes::kRows>(lines, ix, count, n, flip, to, step);
  }

  void Interleave() const {
    const DepthwiseShape& s = shape();
    const int64_t first = layout.First(block), entries = run.Columns(s, count), step = layout.groups * layout.block;
    const auto n = static_cast<size_t>(layout.Count());
    const uint8_t flip = job.d->type == IntegerType::kInt8 ? 128 : 0;
    T zeros[HWY_MAX_BYTES];
    std::fill(zeros, zeros + layout.block, static_cast<T>(job.d->x_zero));
    const Line outside{zeros, 0};
    Line nowhere[Lanes::kRows];
    std::fill(nowhere, nowhere + Lanes::kRows, outside);
    for (int64_t g = 0; g < layout.groups; ++g) {
      Line lines[Lanes::kRows];
      const int64_t needed = s.filter_h + together - 1;
      const auto used = static_cast<size_t>(std::clamp<int64_t>(needed - g * layout.rows, 1, layout.rows));
      for (size_t r = 0; r < Lanes::kRows; ++r) {
        const int64_t ky = g * layout.rows + static_cast<int64_t>(r), iy = oy * s.stride_h + ky * s.dilation_h - s.pad_top;
        lines[r] = ky < needed && iy >= 0 && iy < s.in_h ? Line{image + iy * s.in_w * layout.channels + first, layout.channels} : outside;
      }
      const auto entry = [&](int64_t e) { return columns + (e * layout.groups + g) * layout.block; };
      if (run.shared) {
        const int64_t ix = ox * s.stride_w - s.pad_left;
        const int64_t begin = std::clamp<int64_t>(-ix, 0, entries), end = std::clamp<int64_t>(s.in_w - ix, begin, entries);
        Columns(nowhere, 1, 0, begin, n, flip, entry(0), step);
        Columns(lines, used, ix + begin, end - begin, n, flip, entry(begin), step);
        Columns(nowhere, 1, 0, entries - end, n, flip, entry(end), step);
      } else {
        for (int64_t e = 0; e < entries; ++e) {
          const int64_t ix = (ox + e / s.filter_w) * s.stride_w - s.pad_left + e % s.filter_w * s.dilation_w;
          const bool inside = ix >= 0 && ix < s.in_w;
          Columns(inside ? lines : nowhere, used, inside ? ix : 0, 1, n, flip, entry(e), step);
        }
      }
    }
  }

  // Sums of one pixel in the order of the channels, to the sink or to what finishes sums of 64 bits.
  void FinishInOrder(const Held (&sums)[Lanes::kSums], int64_t pixel) const {
    const SumTag ds;
    const auto first = static_cast<size_t>(layout.First(block)), n = static_cast<size_t>(layout.Count());
    HWY_ALIGN int32_t lanes[HWY_MAX_BYTES] = {};
    for (size_t v = 0; v < Lanes::kSums; ++v) hn::Store(Lanes::Release(sums[v]), ds, lanes + v * hn::Lanes(ds));
    SumTile tile;
    tile.stride = tile.columns = n, tile.row = static_cast<size_t>(pixel), tile.rows = 1, tile.column = first;
    if (job.sink != nullptr) {
      int32_t narrow[HWY_MAX_BYTES + 64] = {};
      for (int64_t i = 0; i < layout.block; ++i) narrow[order[i]] = lanes[i];
      tile.narrow = narrow;
      return job.sink->take(job.sink->self, tile);
    }
    int64_t wide[HWY_MAX_BYTES] = {};
    for (int64_t i = 0; i < layout.block; ++i) wide[order[i]] = lanes[i];
    tile.wide = wide;
    const SumFinisher finisher{.requantizer = &job.d->requantizer, .offsets = job.wide, .y = job.y, .stride = static_cast<size_t>(layout.channels)};
    SumFinisher::Take(&finisher, tile);
  }

  // What turns the block's sums into results.
  struct Scaling {
    Factors factors[Lanes::kSums];
    typename Lanes::template Output<T, How::kClamp, How::kZero> output;
    explicit Scaling(const Piece& piece) : output(piece.job.d->requantizer) {
      const SumTag ds;
      const auto* const values = reinterpret_cast<const int32_t*>(piece.job.packed + piece.layout.SumsBytes() + piece.block * piece.layout.BlockBytes());
      for (size_t v = 0; v < Lanes::kSums; ++v) {
        const Sum m = hn::Load(ds, values + v * hn::Lanes(ds)), shift = hn::Load(ds, values + piece.layout.block + v * hn::Lanes(ds));
        if constexpr (How::kZero) factors[v].Set(ds, m, shift);
        else factors[v].Set(ds, m, shift, Lanes::template ZeroOf<T>(piece.job.d->requantizer));
      }
    }
    // Sums of kTogether pixels, n channels each, of which the last ones may be repeated: pixel i at to + min(i, last) * channels.
    HWY_INLINE void Finish(Held (&sums)[kTogether][Lanes::kSums], int64_t last, T* to, int64_t channels, size_t n) const {
      const SumTag ds;
      TFLOWER_UNROLL
      for (size_t v = 0; v < Lanes::kSums; ++v) {
        const Factors by = factors[v];
        TFLOWER_UNROLL
        for (int64_t i = 0; i < kTogether; ++i) sums[i][v] = Lanes::Hold(by.Scale(ds, Lanes::Release(sums[i][v])));
      }
      TFLOWER_UNROLL
      for (int64_t i = 0; i < kTogether; ++i) output.Store(sums[i], to + std::min(i, last) * channels, n);
    }
  };

  // Result row oy + lower; y_row: its first pixel. kPlain: narrow sums become results here. (Sums that are indexed leave their registers, so there are two forms.)
  void Multiply(int64_t lower, int64_t y_row) const {
    if (!job.d->wide && job.sink == nullptr) MultiplyBy<true>(lower, y_row);
    else MultiplyBy<false>(lower, y_row);
  }
  template <bool kPlain>
  HWY_INLINE void MultiplyBy(int64_t lower, int64_t y_row) const {
    const SumTag ds;
    const size_t lanes = hn::Lanes(ds);
    const auto* const weights = reinterpret_cast<const int32_t*>(job.packed + layout.SumsBytes() + block * layout.BlockBytes()) + (2 + lower * layout.taps) * layout.block;
    const int32_t* const start = job.start + block * layout.block;
    const Scaling scaling(*this);
    // Locals: the stores of bytes might change anything else.
    const int64_t pixels = count, channels = layout.channels, all_taps = layout.taps * layout.block, pixel_step = Entry(1, 0) * layout.groups * layout.block;
    const auto n = static_cast<size_t>(layout.Count());
    const int32_t* const entries = columns;
    T* to = static_cast<T*>(job.y) + (y_row + ox) * channels + layout.First(block);
    for (int64_t t = 0; t < pixels; t += kTogether, to += kTogether * channels) {
      Held acc[kTogether][Lanes::kSums];
      TFLOWER_UNROLL
      for (int64_t i = 0; i < kTogether; ++i) {
        TFLOWER_UNROLL
        for (size_t v = 0; v < Lanes::kSums; ++v) acc[i][v] = Lanes::Hold(hn::Load(ds, start + v * lanes));
      }
      // A pixel's entries lie one behind the other, in the order of the weights.
      const int32_t* from[kTogether];
      TFLOWER_UNROLL
      for (int64_t i = 0; i < kTogether; ++i) from[i] = entries + std::min(t + i, pixels - 1) * pixel_step;
      for (int64_t at = 0; at < all_taps; at += static_cast<int64_t>(Lanes::kSums * lanes)) {
        TFLOWER_UNROLL
        for (size_t v = 0; v < Lanes::kSums; ++v) {
          const Sum weight = hn::Load(ds, weights + at + static_cast<int64_t>(v * lanes));
          TFLOWER_UNROLL
          for (int64_t i = 0; i < kTogether; ++i) {
            acc[i][v] = Lanes::Hold(Lanes::Add(Lanes::Release(acc[i][v]), hn::Load(ds, from[i] + at + static_cast<int64_t>(v * lanes)), weight));
          }
        }
      }
      const int64_t last = std::min(kTogether, pixels - t) - 1;
      if constexpr (kPlain) {
        scaling.Finish(acc, last, to, channels, n);
      } else {
        for (int64_t i = 0; i <= last; ++i) FinishInOrder(acc[i], y_row + ox + t + i);
      }
    }
  }
};

template <class Lanes, class T, class How>
void RowsBy(const DepthwiseJob& job, int64_t begin, int64_t end, char* buffer) {
  const DepthwiseShape& s = job.d->shape;
  const IntegerDepthwiseLayout layout = LayoutOfDepthwise(*job.d);
  const DepthwiseRun run(s, layout);
  int32_t order[HWY_MAX_BYTES];
  for (int64_t i = 0; i < layout.block; ++i) order[i] = static_cast<int32_t>(layout.ChannelOf(i));
  for (int64_t row = begin, together; row < end; row += together) {
    together = std::min({layout.together, end - row, s.out_h - row % s.out_h});
    const T* const image = static_cast<const T*>(job.x) + row / s.out_h * s.in_h * s.in_w * layout.channels;
    for (int64_t ox = 0; ox < s.out_w; ox += run.pixels) {
      for (int64_t block = 0; block < layout.blocks; ++block) {
        const Piece<Lanes, T, How> piece{job, layout, run, image, row % s.out_h, together, ox, std::min(run.pixels, s.out_w - ox), block, reinterpret_cast<int32_t*>(buffer), order};
        piece.Interleave();
        for (int64_t lower = 0; lower < together; ++lower) piece.Multiply(lower, (row + lower) * s.out_w);
      }
    }
  }
}

template <class Lanes, class T>
void RowsAs(const DepthwiseJob& job, int64_t begin, int64_t end, char* buffer) {
  using SumTag = typename Lanes::SumTag;
  if constexpr (Lanes::kRows == 4) {
    const IntBounds all = BoundsOf(DTypeOf<T>::value), bounds = job.d->requantizer.bounds;
    const bool clamp = bounds.lo != all.lo || bounds.hi != all.hi;
    if (job.biased && clamp) return RowsBy<Lanes, T, Finishing<BiasedFactors<SumTag>, true, false>>(job, begin, end, buffer);
    if (job.biased) return RowsBy<Lanes, T, Finishing<BiasedFactors<SumTag>, false, false>>(job, begin, end, buffer);
  }
  if (job.small && job.d->requantizer.down) RowsBy<Lanes, T, Finishing<SmallFactors<SumTag>>>(job, begin, end, buffer);
  else RowsBy<Lanes, T, Finishing<FixedFactors<SumTag>>>(job, begin, end, buffer);
}

// Blocks: as many channels as a vector has, or fewer where the tensor has fewer.
int64_t BlockOf(bool bytes, int64_t channels) {
#if HWY_TARGET == HWY_AVX3_DL
  if (bytes) return channels >= 64 ? 64 : channels > 16 ? 32 : 16;
#endif
  const auto words = static_cast<int64_t>(hn::Lanes(hn::ScalableTag<int16_t>()));
  (void)bytes;
  return channels > 8 ? words : 8;
}

template <class T>
void RowsOf(const DepthwiseJob& job, int64_t begin, int64_t end, char* buffer) {
  const int64_t block = LayoutOfDepthwise(*job.d).block;
#if HWY_TARGET == HWY_AVX3_DL
  if constexpr (sizeof(T) == 1) {
    if (job.d->bytes && block == 64) return RowsAs<ByteLanes<hn::CappedTag<int8_t, 64>>, T>(job, begin, end, buffer);
    if (job.d->bytes && block == 32) return RowsAs<ByteLanes<hn::CappedTag<int8_t, 32>>, T>(job, begin, end, buffer);
    if (job.d->bytes) return RowsAs<ByteLanes<hn::CappedTag<int8_t, 16>>, T>(job, begin, end, buffer);
  }
#endif
  if (block == 8) return RowsAs<WordLanes<hn::CappedTag<int16_t, 8>>, T>(job, begin, end, buffer);
  RowsAs<WordLanes<hn::ScalableTag<int16_t>>, T>(job, begin, end, buffer);
}

// Result rows [begin, end), counted over all images.
void Rows(const DepthwiseJob& job, int64_t begin, int64_t end, char* buffer) {
  switch (job.d->type) {
    case IntegerType::kInt8: return RowsOf<int8_t>(job, begin, end, buffer);
    case IntegerType::kUInt8: return RowsOf<uint8_t>(job, begin, end, buffer);
    case IntegerType::kInt16: return RowsOf<int16_t>(job, begin, end, buffer);
  }
}
#endif
}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(BlockOf);
HWY_EXPORT(Rows);
}  // namespace

int64_t DepthwiseBlock(bool bytes, int64_t channels) { return HWY_DYNAMIC_DISPATCH(BlockOf)(bytes, channels); }
void DepthwiseRowsOf(const DepthwiseJob& job, int64_t begin, int64_t end, char* buffer) { HWY_DYNAMIC_DISPATCH(Rows)(job, begin, end, buffer); }

}  // namespace tflower::kernels
#endif
