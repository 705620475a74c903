// Positions of extrema in plain loops that compilers make vectors of, compiled once per SIMD target.
#include "topk/arg.h"

#include <algorithm>
#include <limits>
#include <type_traits>

#include "simd/independent.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "topk/arg_columns.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {

template <bool kMax>
struct Arg {
  // `|` and `&`: no branches, so that compilers make vectors of the loop in Columns.
  template <class T>
  static bool Better(T x, T best) {
    const int goes_before = kMax ? x > best : x < best, first_number = static_cast<int>(best != best) & static_cast<int>(x == x);
    return (goes_before | first_number) != 0;
  }
  template <class T>
  static constexpr T Worst() {
    using Limits = std::numeric_limits<T>;
    if constexpr (Limits::has_infinity) return kMax ? -Limits::infinity() : Limits::infinity();
    else return kMax ? Limits::lowest() : Limits::max();
  }

  // A row: its best value first, then the first place that holds it. Comparisons pass over NaN.
  template <class T>
  static int64_t Row(const T* x, int64_t n) {
    constexpr int64_t kLanes = 64 / sizeof(T);
    T best = Worst<T>();
    int64_t i = 0;
    if (n >= 2 * kLanes) {
      T lanes[kLanes];
      std::fill_n(lanes, kLanes, best);
      for (; i + kLanes <= n; i += kLanes) {
        for (int64_t k = 0; k < kLanes; ++k) lanes[k] = (kMax ? x[i + k] > lanes[k] : x[i + k] < lanes[k]) ? x[i + k] : lanes[k];
      }
      for (const T lane : lanes) best = (kMax ? lane > best : lane < best) ? lane : best;
    }
    for (; i < n; ++i) best = (kMax ? x[i] > best : x[i] < best) ? x[i] : best;
    return Place(x, n, best);
  }

  // Of the first value that equals `best`; 0 where none does. Whole blocks are looked at first, which takes vectors.
  template <class T>
  static int64_t Place(const T* x, int64_t n, T best) {
    constexpr int64_t kBlock = 64 / sizeof(T);
    int64_t i = 0;
    for (; i + kBlock <= n; i += kBlock) {
      int found = 0;
      for (int64_t k = 0; k < kBlock; ++k) found |= x[i + k] == best;
      if (found != 0) break;
    }
    const int64_t place = std::find(x + i, x + n, best) - x;
    return place < n ? place : 0;
  }

  // The best of each of `inner` columns, in groups whose best values and places stay in L1.
  template <class T, class Index>
  static void Columns(const T* x, int64_t n, int64_t inner, Index* positions) {
    constexpr int64_t kGroup = 512;
    if (inner == 1) {
      positions[0] = static_cast<Index>(Row(x, n));
      return;
    }
    T best[kGroup];
    Index place[kGroup];
    for (int64_t begin = 0; begin < inner; begin += kGroup) {
      const int64_t width = std::min(kGroup, inner - begin);
      std::copy_n(x + begin, width, best);
      std::fill_n(place, width, Index{0});
      for (int64_t k = 1; k < n; ++k) {
        const T* const line = x + k * inner + begin;
        for (int64_t i = 0; i < width; ++i) {
          const bool better = Better(line[i], best[i]);
          best[i] = better ? line[i] : best[i];
          place[i] = better ? static_cast<Index>(k) : place[i];
        }
      }
      std::copy_n(place, width, positions + begin);
    }
  }
};

template <bool kMax>
void Columns(DType type, const void* x, int64_t n, int64_t inner, DType index, void* positions) {
  VisitNumeric(type, [&]<class T>(T) {
    const T* const from = static_cast<const T*>(x);
    if (index == DType::kInt64) Arg<kMax>::Columns(from, n, inner, static_cast<int64_t*>(positions));
    else Arg<kMax>::Columns(from, n, inner, static_cast<int32_t*>(positions));
  });
}

void ArgColumnsOn(bool largest, DType type, const void* x, int64_t n, int64_t inner, DType index, void* positions) {
  if (largest) Columns<true>(type, x, n, inner, index, positions);
  else Columns<false>(type, x, n, inner, index, positions);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(ArgColumnsOn);
}  // namespace

void ArgColumns(bool largest, DType type, const void* x, int64_t n, int64_t inner, DType index, void* positions) {
  HWY_DYNAMIC_DISPATCH(ArgColumnsOn)(largest, type, x, n, inner, index, positions);
}

}  // namespace tflower::kernels
#endif
