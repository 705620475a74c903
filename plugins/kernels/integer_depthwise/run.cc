// Packs the weights of an integer depthwise convolution and splits its rows over the threads.
#include <cstring>

#include "integer_depthwise/layout.h"

namespace tflower::kernels {
namespace {

constexpr int64_t RoundUp64(int64_t bytes) { return (bytes + 63) / 64 * 64; }

int64_t WeightAt(const IntegerDepthwise& d, const void* weights, int64_t ky, int64_t kx, int64_t c) {
  const DepthwiseShape& s = d.shape;
  if (ky < 0 || ky >= s.filter_h || c >= s.out_channels()) return 0;
  const int64_t i = (ky * s.filter_w + kx) * s.out_channels() + c;
  return (d.unsigned_weights ? int64_t{static_cast<const uint8_t*>(weights)[i]} : int64_t{static_cast<const int8_t*>(weights)[i]}) - d.w_zero;
}

// The lanes of one channel and one kernel column, for `rows` kernel rows from `first` on.
void PackLane(const IntegerDepthwise& d, const void* weights, int64_t rows, int64_t first, int64_t kx, int64_t c, char* to) {
  for (int64_t r = 0; r < rows; ++r) {
    const int64_t w = WeightAt(d, weights, first + r, kx, c);
    if (rows == 4) {
      to[r] = static_cast<char>(w);
    } else {
      const auto word = static_cast<int16_t>(w);
      std::memcpy(to + r * 2, &word, 2);
    }
  }
}

// Repeats every channel of an image `multiplier` times, so that input and output channels match.
void RepeatChannels(const DepthwiseShape& s, const void* x, size_t element, char* out, const Parallel& parallel) {
  const auto times = static_cast<size_t>(s.multiplier);
  parallel.For(s.in_h * s.in_w * s.in_channels, 16384 / s.multiplier + 1, [&](int64_t begin, int64_t end) {
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
      const char* const from = static_cast<const char*>(x) + i * element;
      char* const to = out + i * times * element;
      if (element == 1) std::memset(to, *from, times);
      else for (size_t t = 0; t < times; ++t) std::memcpy(to + t * 2, from, 2);
    }
  });
}

int64_t RepeatedBytes(const IntegerDepthwise& d) {
  if (d.shape.multiplier == 1) return 0;
  return RoundUp64(d.shape.in_h * d.shape.in_w * d.shape.out_channels() * (d.type == IntegerType::kInt16 ? 2 : 1));
}

int64_t ColumnBytes(const IntegerDepthwise& d, const IntegerDepthwiseLayout& layout) {
  const DepthwiseRun run(d.shape, layout);
  return RoundUp64(run.Columns(d.shape, run.pixels) * layout.groups * layout.block * 4);
}

// Whether the multipliers are of the kind that BiasedFactors takes.
bool TakesBiased(const Requantizer& r, int64_t channels) {
  for (size_t c = 0; c < static_cast<size_t>(channels); ++c)
    if (r.shift[c] < -22 || r.shift[c] > -1) return false;
  return true;
}

// Returns whether the sums are small.
bool FillStart(const IntegerDepthwise& d, const IntegerDepthwiseLayout& layout, const void* packed, const int64_t* bias, int64_t* wide, int32_t* start) {
  const auto* const sums = static_cast<const int64_t*>(packed);
  const int64_t zero = int64_t{d.x_zero} + AddedToInput(d.type, d.bytes);
  int64_t least = 0, most = 0;
  for (int64_t c = 0; c < layout.channels; ++c) {
    wide[c] = AddWrapping(bias != nullptr ? bias[c] : 0, -zero * sums[c]);
    least = std::min(least, wide[c]), most = std::max(most, wide[c]);
  }
  for (int64_t b = 0; b < layout.blocks; ++b) {
    for (int64_t i = 0; i < layout.block; ++i) {
      const int64_t c = layout.First(b) + layout.ChannelOf(i);
      start[b * layout.block + i] = c < layout.channels && !d.wide ? static_cast<int32_t>(static_cast<uint64_t>(wide[c])) : 0;
    }
  }
  return SmallSums(d.type, static_cast<size_t>(d.shape.filter_h * d.shape.filter_w), std::max(most, -std::max(least, -INT64_MAX)));
}

void RunRows(const DepthwiseJob& job, const IntegerDepthwiseLayout& layout, int64_t rows, char* columns, int threads, const Parallel& parallel) {
  // A thread gets some 5 us of work at least.
  const double work = static_cast<double>(rows) * static_cast<double>(job.d->shape.out_w * layout.channels) * static_cast<double>(layout.taps + 4);
  const auto pieces = static_cast<int64_t>(std::clamp(work / 250000, 1.0, static_cast<double>(std::max(1, threads))));
  const int64_t bytes = ColumnBytes(*job.d, layout);
  parallel.For(pieces, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) DepthwiseRowsOf(job, rows * i / pieces, rows * (i + 1) / pieces, columns + i * bytes);
  });
}

}  // namespace

IntegerDepthwiseLayout LayoutOfDepthwise(const IntegerDepthwise& d) {
  return IntegerDepthwiseLayout(d.shape, d.bytes, std::max<int64_t>(8, DepthwiseBlock(d.bytes, d.shape.out_channels())));
}

bool VectorsTakeDepthwise(const IntegerDepthwise& d) {
  const bool fits = !d.wide || d.shape.filter_h * d.shape.filter_w <= 128;  // products of 16 and 9 bits
  return fits && DepthwiseBlock(d.bytes, d.shape.out_channels()) != 0;
}

size_t IntegerDepthwisePackedBytes(const IntegerDepthwise& d) {
  const IntegerDepthwiseLayout layout = LayoutOfDepthwise(d);
  return static_cast<size_t>(layout.SumsBytes() + layout.blocks * layout.BlockBytes());
}

void PackIntegerDepthwise(const IntegerDepthwise& d, const void* weights, void* packed) {
  const DepthwiseShape& s = d.shape;
  const IntegerDepthwiseLayout layout = LayoutOfDepthwise(d);
  const bool scaled = !d.requantizer.value.empty();
  auto* const sums = static_cast<int64_t*>(packed);
  std::fill(sums, sums + layout.channels, int64_t{0});
  for (int64_t ky = 0; ky < s.filter_h; ++ky) {
    for (int64_t kx = 0; kx < s.filter_w; ++kx) {
      for (int64_t c = 0; c < layout.channels; ++c) sums[c] += WeightAt(d, weights, ky, kx, c);
    }
  }
  for (int64_t b = 0; b < layout.blocks; ++b) {
    char* const block = static_cast<char*>(packed) + layout.SumsBytes() + b * layout.BlockBytes();
    auto* const values = reinterpret_cast<int32_t*>(block);
    for (int64_t i = 0; i < layout.block; ++i) {
      const int64_t c = layout.First(b) + layout.ChannelOf(i);
      values[i] = c < layout.channels && scaled ? d.requantizer.value[static_cast<size_t>(c)] : 0;
      values[layout.block + i] = c < layout.channels && scaled ? d.requantizer.shift[static_cast<size_t>(c)] : -1;
      for (int64_t tap = 0; tap < layout.taps * layout.together; ++tap) {
        const int64_t lower = tap / layout.taps, of_kernel = tap % layout.taps;
        PackLane(d, weights, layout.rows, of_kernel % layout.groups * layout.rows - lower, of_kernel / layout.groups, c, block + ((2 + tap) * layout.block + i) * 4);
      }
    }
  }
}

size_t IntegerDepthwiseScratchBytes(const IntegerDepthwise& d, int threads) {
  const IntegerDepthwiseLayout layout = LayoutOfDepthwise(d);
  return static_cast<size_t>(layout.SumsBytes() + RoundUp64(layout.blocks * layout.block * 4) + RepeatedBytes(d) + std::max(1, threads) * ColumnBytes(d, layout));
}

void RunIntegerDepthwise(const IntegerDepthwise& d, const void* x, const void* packed, const int64_t* bias, void* y, void* scratch, int threads, const Parallel& parallel, const SumSink* sink) {
  const DepthwiseShape& s = d.shape;
  const IntegerDepthwiseLayout layout = LayoutOfDepthwise(d);
  char* at = static_cast<char*>(scratch);
  auto* const wide = reinterpret_cast<int64_t*>(at);
  at += layout.SumsBytes();
  auto* const start = reinterpret_cast<int32_t*>(at);
  at += RoundUp64(layout.blocks * layout.block * 4);
  const bool small = FillStart(d, layout, packed, bias, wide, start);
  const bool biased = d.bytes && small && sink == nullptr && TakesBiased(d.requantizer, layout.channels);
  if (biased) {
    for (int64_t i = 0; i < layout.blocks * layout.block; ++i) start[i] ^= INT32_MIN;
  }
  DepthwiseJob job{&d, x, static_cast<const char*>(packed), start, wide, small, biased, y, sink};
  char* const columns = at + RepeatedBytes(d);
  if (s.multiplier == 1) return RunRows(job, layout, s.batch * s.out_h, columns, threads, parallel);
  const int64_t element = d.type == IntegerType::kInt16 ? 2 : 1;
  for (int64_t n = 0; n < s.batch; ++n) {
    RepeatChannels(s, static_cast<const char*>(x) + n * s.in_h * s.in_w * s.in_channels * element, static_cast<size_t>(element), at, parallel);
    job.x = at;
    job.y = static_cast<char*>(y) + n * s.out_h * s.out_w * layout.channels * element;
    RunRows(job, layout, s.out_h, columns, threads, parallel);
  }
}

}  // namespace tflower::kernels
