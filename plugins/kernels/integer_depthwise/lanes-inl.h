// The two ways of an integer depthwise convolution through a vector of channels. A lane of 32 bits holds the values of one channel in several kernel
// rows: of four rows as bytes, or of two as words of 16 bits. Interleaving leaves the channels in another order, in blocks of 128 bits;
// packing the sums to narrow values brings them back.
#if defined(TFLOWER_KERNELS_INTEGER_DEPTHWISE_LANES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TFLOWER_KERNELS_INTEGER_DEPTHWISE_LANES_INL_H_
#undef TFLOWER_KERNELS_INTEGER_DEPTHWISE_LANES_INL_H_
#else
#define TFLOWER_KERNELS_INTEGER_DEPTHWISE_LANES_INL_H_
#endif

#include <cstring>
#include <type_traits>

#include <hwy/highway.h>

#include "integer_gemm/requantize.h"
#include "simd/dot-inl.h"
#include "simd/pack-inl.h"

#if HWY_TARGET != HWY_SCALAR
HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

// n elements, fewer than a vector's, the rest zero.
template <class D, class T = hn::TFromD<D>>
HWY_INLINE hn::Vec<D> LoadSome(D d, const T* from, size_t n) {
  HWY_ALIGN T all[HWY_MAX_BYTES / sizeof(T)] = {};
  std::memcpy(all, from, n * sizeof(T));
  return hn::Load(d, all);
}

// Two words: products of pairs. D: tag of int16_t, a lane for each channel of a block.
template <class D>
struct WordLanes {
  static constexpr size_t kRows = 2, kSums = 2;
  using Words = hn::Vec<D>;
  using Value = Words;  // of one kernel row
  using SumTag = hn::RepartitionToWide<D>;
  using Sum = hn::Vec<SumTag>;
  static size_t Channels() { return hn::Lanes(D()); }
  // What arrays of sums hold.
  using Held = Sum;
  static HWY_INLINE Held Hold(Sum v) { return v; }
  static HWY_INLINE Sum Release(Held v) { return v; }

  template <class T>
  static HWY_INLINE Value Load(const T* from, size_t n, uint8_t) {
    const D d;
    if constexpr (sizeof(T) == 2) {
      return n < Channels() ? LoadSome(d, from, n) : hn::LoadU(d, from);
    } else {
      const hn::Rebind<T, D> narrow;
      return hn::PromoteTo(d, n < Channels() ? LoadSome(narrow, from, n) : hn::LoadU(narrow, from));
    }
  }
  static HWY_INLINE void Interleave(const Value (&rows)[kRows], Sum (&lanes)[kSums]) {
    const D d;
    const SumTag ds;
    lanes[0] = hn::BitCast(ds, hn::InterleaveLower(d, rows[0], rows[1]));
    lanes[1] = hn::BitCast(ds, hn::InterleaveUpper(d, rows[0], rows[1]));
  }
  static HWY_INLINE Sum Add(Sum acc, Sum a, Sum b) {
    const SumTag ds;
    const D d;
    Sum second = hn::Zero(ds);
    const Sum first = hn::ReorderWidenMulAccumulate(ds, hn::BitCast(d, a), hn::BitCast(d, b), hn::Zero(ds), second);
    return hn::Add(acc, hn::RearrangeToOddPlusEven(first, second));
  }
  // Stores scaled sums of T: y = clamp(x + zero).
  template <class T, bool = true, bool = true>
  struct Output {
    Sum zero, lo, hi;
    explicit Output(const Requantizer& r) : zero(hn::Set(SumTag(), r.zero)), lo(hn::Set(SumTag(), r.bounds.lo - r.zero)), hi(hn::Set(SumTag(), r.bounds.hi - r.zero)) {}
    HWY_INLINE void Store(const Held (&sums)[kSums], T* to, size_t n) const {
      const auto stored = [&](Sum v) HWY_ATTR { return hn::Add(hn::Min(hn::Max(v, lo), hi), zero); };
      const Words words = hn::ReorderDemote2To(D(), stored(sums[0]), stored(sums[1]));
      if constexpr (sizeof(T) == 2) {
        StoreSome(D(), words, to, n);
      } else {
        const hn::Rebind<T, D> narrow;
        StoreSome(narrow, hn::DemoteTo(narrow, words), to, n);
      }
    }
  };
  template <class DT, class V, class T>
  static HWY_INLINE void StoreSome(DT d, V v, T* to, size_t n) {
    if (n >= Channels()) return hn::StoreU(v, d, to);
    HWY_ALIGN T all[HWY_MAX_BYTES / sizeof(T)];
    hn::Store(v, d, all);
    std::memcpy(to, all, n * sizeof(T));
  }
};

#if HWY_TARGET == HWY_AVX3_DL
// Four bytes: products of quads. D: tag of int8_t, a lane for each channel of a block.
template <class D>
struct ByteLanes {
  static constexpr size_t kRows = 4, kSums = 4;
  using Value = hn::Vec<D>;
  using WordTag = hn::RepartitionToWide<D>;
  using SumTag = hn::RepartitionToWide<WordTag>;
  using Sum = hn::Vec<SumTag>;
  static size_t Channels() { return hn::Lanes(D()); }
  // gcc's own type of vectors: arrays of structures around it leave their registers where assembly writes them.
  using Held = decltype(Sum::raw);
  static HWY_INLINE Held Hold(Sum v) { return v.raw; }
  static HWY_INLINE Sum Release(Held v) { return Sum{v}; }

  // flip: what makes the bytes unsigned.
  template <class T>
  static HWY_INLINE Value Load(const T* from, size_t n, uint8_t flip) {
    const D d;
    const auto* const bytes = reinterpret_cast<const int8_t*>(from);
    return hn::Xor(n < Channels() ? LoadSome(d, bytes, n) : hn::LoadU(d, bytes), hn::Set(d, static_cast<int8_t>(flip)));
  }
  static HWY_INLINE void Interleave(const Value (&rows)[kRows], Sum (&lanes)[kSums]) {
    const D d;
    const WordTag w;
    const SumTag s;
    const auto lower01 = hn::BitCast(w, hn::InterleaveLower(d, rows[0], rows[1])), upper01 = hn::BitCast(w, hn::InterleaveUpper(d, rows[0], rows[1]));
    const auto lower23 = hn::BitCast(w, hn::InterleaveLower(d, rows[2], rows[3])), upper23 = hn::BitCast(w, hn::InterleaveUpper(d, rows[2], rows[3]));
    lanes[0] = hn::BitCast(s, hn::InterleaveLower(w, lower01, lower23));
    lanes[1] = hn::BitCast(s, hn::InterleaveUpper(w, lower01, lower23));
    lanes[2] = hn::BitCast(s, hn::InterleaveLower(w, upper01, upper23));
    lanes[3] = hn::BitCast(s, hn::InterleaveUpper(w, upper01, upper23));
  }
  static HWY_INLINE Sum Add(Sum acc, Sum a, Sum b) { return AddedQuads(acc, a, b); }
  // What BytePacker takes for the zero point of sums of T.
  template <class T>
  static int32_t ZeroOf(const Requantizer& r) { return r.zero - (std::is_unsigned_v<T> ? 128 : 0); }
  template <class T, bool kClamp = true, bool kZero = true>
  struct Output {
    BytePacker<SumTag, kClamp, kZero> packer;
    explicit Output(const Requantizer& r) : packer(r.zero, r.bounds.lo, r.bounds.hi, std::is_unsigned_v<T>) {}
    HWY_INLINE void Store(const Held (&sums)[kSums], T* to, size_t n) const {
      const D d;
      const auto bytes = packer.PackBlocks(Release(sums[0]), Release(sums[1]), Release(sums[2]), Release(sums[3]));
      auto* const out = reinterpret_cast<int8_t*>(to);
      if (n >= Channels()) return hn::StoreU(bytes, d, out);
      HWY_ALIGN int8_t all[HWY_MAX_BYTES];
      hn::Store(bytes, d, all);
      std::memcpy(out, all, n);
    }
  };
};
#endif

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();
#endif
#endif
