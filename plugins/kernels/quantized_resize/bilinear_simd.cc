// Bilinear resizing of int8 and uint8, first along rows, then between them; compiled once per SIMD target.
#include "quantized_resize/bilinear.h"

#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "quantized_resize/bilinear_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "simd/compat-inl.h"
#include "simd/pack-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<int32_t>;
using V = hn::Vec<D>;

// A strip of the result: some columns with all their channels, or some channels of one column.
struct Strip {
  static constexpr int64_t kValues = 1024;
  int64_t first_column, columns, first_channel, channels;
  size_t values() const { return static_cast<size_t>(columns * channels); }
};

// Rows of the image mixed horizontally for a strip, with 10 fractional bits. The two that the last row of the result used are kept, since enlarging uses each several
// times.
template <class T>
class MixedRows {
 public:
  MixedRows(const ResizeShape& s, const FixedAxis& axis, const T* x, const Strip& strip) : s_(s), x_(x + strip.first_channel), strip_(strip) {
    for (int64_t o = 0; o < strip.columns; ++o) places_[o] = axis.At(strip.first_column + o);
  }

  // Row `row`, counted over all images; `other` stays valid.
  const int32_t* Get(int64_t row, int64_t other) {
    for (int i = 0; i < 2; ++i) if (rows_[i] == row) return values_[i];
    const int slot = rows_[0] == other ? 1 : 0;
    rows_[slot] = row;
    const T* const from = x_ + row * s_.in_w * s_.channels;
    if (strip_.channels < static_cast<int64_t>(hn::Lanes(D()))) FillNarrow(from, values_[slot]);
    else Fill(from, values_[slot]);
    return values_[slot];
  }

 private:
  void Fill(const T* from, int32_t* to) const {
    const D d;
    const hn::Rebind<T, D> narrow;
    const int64_t lanes = static_cast<int64_t>(hn::Lanes(d)), n = strip_.channels;
    for (int64_t o = 0; o < strip_.columns; ++o, to += n) {
      const T* const left = from + places_[o].lower * s_.channels;
      const T* const right = from + places_[o].upper * s_.channels;
      const V w = hn::Set(d, static_cast<int32_t>(places_[o].weight)), u = hn::Set(d, static_cast<int32_t>(kResizeOne - places_[o].weight));
      for (int64_t c = 0; c < n; c += lanes) {
        const int64_t at = HWY_MIN(c, n - lanes);  // the last vector is moved back
        const V mixed = hn::Add(hn::Mul(hn::PromoteTo(d, hn::LoadU(narrow, left + at)), u), hn::Mul(hn::PromoteTo(d, hn::LoadU(narrow, right + at)), w));
        hn::StoreU(mixed, d, to + at);
      }
    }
  }
  void FillNarrow(const T* from, int32_t* to) const {
    for (int64_t o = 0; o < strip_.columns; ++o, to += strip_.channels) {
      const T* const left = from + places_[o].lower * s_.channels;
      const T* const right = from + places_[o].upper * s_.channels;
      const auto w = static_cast<int32_t>(places_[o].weight), u = static_cast<int32_t>(kResizeOne) - w;
      for (int64_t c = 0; c < strip_.channels; ++c) to[c] = left[c] * u + right[c] * w;
    }
  }

  const ResizeShape& s_;
  const T* x_;
  Strip strip_;
  int64_t rows_[2] = {-1, -1};
  ResizePlace places_[Strip::kValues];
  HWY_ALIGN int32_t values_[2][Strip::kValues + HWY_MAX_BYTES / sizeof(int32_t)] = {};
};

// Two mixed rows mixed vertically: products fit in 32 bits, since 8 bits are multiplied by two weights that hardly exceed 10.
HWY_INLINE V MixRows(const int32_t* upper, const int32_t* lower, V rest, V weight) {
  constexpr int kBits = 20;
  const D d;
  const V sum = hn::Add(hn::Mul(hn::LoadU(d, upper), rest), hn::Mul(hn::LoadU(d, lower), weight));
  // Ties away from zero: half a unit more, or for negative sums one step less than that.
  return hn::ShiftRight<kBits>(hn::Add(hn::Add(sum, hn::ShiftRight<31>(sum)), hn::Set(D(), 1 << (kBits - 1))));
}

// Behind the rows' n values a vector may be read.
template <class T>
void WriteRow(const int32_t* upper, const int32_t* lower, int64_t weight, size_t n, T* to) {
  const D d;
  const hn::Rebind<T, D> narrow;
  const size_t lanes = hn::Lanes(d);
  const V w = hn::Set(d, static_cast<int32_t>(weight)), u = hn::Set(d, static_cast<int32_t>(kResizeOne - weight));
  size_t i = 0;
#if HWY_TARGET != HWY_SCALAR
  const BytePacker<D, false> packer(0, 0, 0, std::is_unsigned_v<T>);
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    const auto mixed = [&](size_t k) HWY_ATTR { return MixRows(upper + i + k * lanes, lower + i + k * lanes, u, w); };
    hn::StoreU(packer.Pack(mixed(0), mixed(1), mixed(2), mixed(3)), BytePacker<D>::Bytes(), reinterpret_cast<int8_t*>(to + i));
  }
#endif
  for (; i + lanes <= n; i += lanes) hn::StoreU(hn::DemoteTo(narrow, MixRows(upper + i, lower + i, u, w)), narrow, to + i);
  if (i < n) StoreN(hn::DemoteTo(narrow, MixRows(upper + i, lower + i, u, w)), narrow, to + i, n - i);
}

template <class T>
void RunStrip(const ResizeShape& s, const FixedAxis& axis, const Strip& strip, const T* x, int64_t begin, int64_t end, T* y) {
  const FixedAxis vertical(s.in_h, s.out_h, s);
  MixedRows<T> rows(s, axis, x, strip);
  for (int64_t row = begin; row < end; ++row) {
    const ResizePlace v = vertical.At(row % s.out_h);
    const int64_t image = row / s.out_h * s.in_h, top = image + v.lower, bottom = image + v.upper;
    const int32_t* const upper = rows.Get(top, bottom);
    const int32_t* const lower = rows.Get(bottom, top);
    WriteRow(upper, lower, v.weight, strip.values(), y + (row * s.out_w + strip.first_column) * s.channels + strip.first_channel);
  }
}

template <class T>
void Run(const ResizeShape& s, const T* x, int64_t begin, int64_t end, T* y) {
  const FixedAxis axis(s.in_w, s.out_w, s);
  const int64_t columns = s.channels <= Strip::kValues ? Strip::kValues / s.channels : 1;
  for (int64_t o = 0; o < s.out_w; o += columns) {
    for (int64_t c = 0; c < s.channels; c += Strip::kValues) {
      RunStrip(s, axis, {o, HWY_MIN(columns, s.out_w - o), c, HWY_MIN(Strip::kValues, s.channels - c)}, x, begin, end, y);
    }
  }
}

void RunResize(const ResizeShape& s, DType type, const void* x, int64_t begin, int64_t end, void* y) {
  VisitBytes(type, [&]<class T>(T) { Run(s, static_cast<const T*>(x), begin, end, static_cast<T*>(y)); });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(RunResize);

// Weights that rounded steps carry far beyond an image's end make larger products. They are monotone until they are bounded.
bool SmallWeights(const FixedAxis& axis, int64_t out) {
  const auto small = [](int64_t weight) { return weight >= -900 && weight <= 1900; };
  return small(axis.At(0).weight) && small(axis.At(out - 1).weight);
}
}  // namespace

void ResizeQuantized(const ResizeShape& s, DType type, const void* x, int64_t begin, int64_t end, void* y) {
  if (begin == end) return;
  const bool small = SmallWeights(FixedAxis(s.in_h, s.out_h, s), s.out_h) && SmallWeights(FixedAxis(s.in_w, s.out_w, s), s.out_w);
  if (type == DType::kInt16 || !small) return ResizeQuantizedRef(s, type, x, begin, end, y);
  HWY_DYNAMIC_DISPATCH(RunResize)(s, type, x, begin, end, y);
}

}  // namespace tflower::kernels
#endif
