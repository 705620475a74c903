// Plain loops that compilers make vectors of, compiled once per SIMD target.
#include "cast/convert.h"

#include <algorithm>
#include <limits>
#include <type_traits>

#include "cast/half.h"
#include "tflower/half.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cast/convert.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {

constexpr int64_t kBlock = 512;       // floats of a detour through float32: stays in L1
constexpr int64_t kBoolBlock = 4096;  // booleans that are made 0 or 1 first

template <class To, class From>
To ConvertOne(From x) {
  if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    constexpr auto kLow = static_cast<From>(std::numeric_limits<To>::min());
    constexpr From kEnd = 2 * static_cast<From>(To{1} << (std::numeric_limits<To>::digits - 1));  // the first value that is too large
    // Without a branch: what is converted lies in range, and narrow integers are those of 32 bits.
    using Wide = std::conditional_t<(sizeof(To) < 4), int32_t, To>;
    const bool fits = x < kEnd;
    const From bounded = x < kLow ? kLow : x;
    const auto converted = static_cast<To>(static_cast<Wide>(fits ? bounded : From{0}));
    return fits ? converted : std::numeric_limits<To>::max();
  } else {
    return static_cast<To>(x);
  }
}

template <class From, class To>
void Loop(const From* src, To* dst, int64_t n) {
  for (int64_t i = 0; i < n; ++i) dst[i] = ConvertOne<To>(src[i]);
}

// To `to` from numbers. Booleans are bytes here, so that any byte but 0 counts as true.
template <class From>
void FromPlain(const From* src, DType to, void* dst, int64_t n) {
  // The low bits of an integer do not depend on the sign of the target, so integers need its size only.
  constexpr bool kInteger = std::is_integral_v<From>;
  const auto loop = [&]<class To>(To) { Loop(src, static_cast<To*>(dst), n); };
  switch (to) {
    case DType::kBool:
      for (int64_t i = 0; i < n; ++i) static_cast<uint8_t*>(dst)[i] = src[i] != From{0};
      return;
    case DType::kFloat32: return loop(float{});
    case DType::kFloat64: return loop(double{});
    case DType::kUInt8: return loop(uint8_t{});
    case DType::kUInt16: return loop(uint16_t{});
    case DType::kUInt32: return loop(uint32_t{});
    case DType::kUInt64: return loop(uint64_t{});
    case DType::kInt8: return loop(std::conditional_t<kInteger, uint8_t, int8_t>{});
    case DType::kInt16: return loop(std::conditional_t<kInteger, uint16_t, int16_t>{});
    case DType::kInt32: return loop(std::conditional_t<kInteger, uint32_t, int32_t>{});
    case DType::kInt64: return loop(std::conditional_t<kInteger, uint64_t, int64_t>{});
    default: return;
  }
}

void PlainToPlain(DType from, const void* src, DType to, void* dst, int64_t n) {
  switch (from) {
    case DType::kBool: {
      const auto* bytes = static_cast<const uint8_t*>(src);
      uint8_t block[kBoolBlock];
      const int64_t size = BitsOf(to) / 8;
      for (int64_t begin = 0; begin < n; begin += kBoolBlock) {
        const int64_t count = std::min(kBoolBlock, n - begin);
        for (int64_t i = 0; i < count; ++i) block[i] = bytes[begin + i] != 0;
        FromPlain(block, to, static_cast<char*>(dst) + begin * size, count);
      }
      return;
    }
    default:
      VisitNumeric(from, [&]<class From>(From) {
        if constexpr (!std::is_same_v<From, bool>) FromPlain(static_cast<const From*>(src), to, dst, n);
      });
  }
}

bool NeedsDetour(DType t) { return t == DType::kFloat16 || t == DType::kBFloat16 || t == DType::kComplex64; }

void LoadFloats(DType from, const void* src, float* dst, int64_t n) {
  const auto* half = static_cast<const uint16_t*>(src);
  const auto* parts = static_cast<const float*>(src);
  if (from == DType::kFloat16)
    FloatsFromHalves(half, dst, n);
  else if (from == DType::kBFloat16)
    for (int64_t i = 0; i < n; ++i) dst[i] = FloatFromBFloat16(half[i]);
  else
    for (int64_t i = 0; i < n; ++i) dst[i] = parts[2 * i];
}

void StoreFloats(const float* src, DType to, void* dst, int64_t n) {
  auto* half = static_cast<uint16_t*>(dst);
  auto* parts = static_cast<float*>(dst);
  if (to == DType::kFloat16)
    HalvesFromFloats(src, half, n);
  else if (to == DType::kBFloat16)
    for (int64_t i = 0; i < n; ++i) half[i] = BFloat16FromFloat(src[i]);
  else
    for (int64_t i = 0; i < n; ++i) parts[2 * i] = src[i], parts[2 * i + 1] = 0.0f;
}

// [begin, begin + n) with a stop at float32 on the sides that need one.
void ThroughFloats(DType from, const void* src, DType to, void* dst, int64_t n) {
  float block[kBlock];
  if (NeedsDetour(from)) LoadFloats(from, src, block, n);
  if (!NeedsDetour(to)) return PlainToPlain(DType::kFloat32, block, to, dst, n);
  if (!NeedsDetour(from)) PlainToPlain(from, src, DType::kFloat32, block, n);
  StoreFloats(block, to, dst, n);
}

void ConvertRange(DType from, const void* src, DType to, void* dst, int64_t n) {
  if (!NeedsDetour(from) && !NeedsDetour(to)) return PlainToPlain(from, src, to, dst, n);
  const int64_t from_bytes = BitsOf(from) / 8, to_bytes = BitsOf(to) / 8;
  for (int64_t i = 0; i < n; i += kBlock) {
    ThroughFloats(from, static_cast<const char*>(src) + i * from_bytes, to, static_cast<char*>(dst) + i * to_bytes,
                  std::min(kBlock, n - i));
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(ConvertRange);
}  // namespace

void Convert(DType from, const void* src, DType to, void* dst, int64_t n) { HWY_DYNAMIC_DISPATCH(ConvertRange)(from, src, to, dst, n); }

}  // namespace tflower::kernels
#endif
