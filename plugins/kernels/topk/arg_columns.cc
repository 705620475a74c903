// Positions of extrema in plain loops that compilers make vectors of, compiled once per SIMD target.
#include "topk/arg.h"

#include <algorithm>
#include <limits>
#include <type_traits>

#include "simd/independent.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "topk/arg_columns.cc"
#include <hwy/foreach_target.h>
#include <hwy/cache_control.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {

// The type of places among fewer than 2^31 lines of T: 64 bits beside values of 64, so that a vector of one goes with a vector of the other.
template <class T>
using PlaceAs = std::conditional_t<sizeof(T) == 8, int64_t, int32_t>;

template <class P>
void SetPositions(const ArgColumnsArgs& args, const P* places, int64_t n) {
  if (args.index == DType::kInt64) std::copy_n(places, n, static_cast<int64_t*>(args.positions));
  else std::transform(places, places + n, static_cast<int32_t*>(args.positions), [](P p) { return static_cast<int32_t>(p); });
}

template <bool kMax>
struct Arg {
  template <class T>
  static bool Better(T x, T best) { return kMax ? x > best : x < best; }
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
        for (int64_t k = 0; k < kLanes; ++k) lanes[k] = Better(x[i + k], lanes[k]) ? x[i + k] : lanes[k];
      }
      for (const T lane : lanes) best = Better(lane, best) ? lane : best;
    }
    for (; i < n; ++i) best = Better(x[i], best) ? x[i] : best;
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

  // Lines k .. k + kLines - 1 of `width` columns: several, so that the best values and their places are seldom read and written.
  template <int kLines, class T>
  static HWY_INLINE void Lines(const T* line, int64_t inner, int64_t width, PlaceAs<T> k, T* best, PlaceAs<T>* place) {
    TFLOWER_INDEPENDENT
    for (int64_t i = 0; i < width; ++i) {
      T most = best[i];
      PlaceAs<T> at = place[i];
      for (int r = 0; r < kLines; ++r) {
        const T x = line[r * inner + i];
        const bool better = Better(x, most);
        at = better ? k + r : at;
        most = better ? x : most;
      }
      best[i] = most;
      place[i] = at;
    }
  }

  // The same, and asks for the kLines lines behind them, which processors do not expect: these parts of lines are short and far from each other.
  template <int kLines, class T>
  static void LinesAhead(const T* line, int64_t inner, int64_t width, PlaceAs<T> k, T* best, PlaceAs<T>* place) {
    constexpr int64_t kChunk = 64 / sizeof(T);
    int64_t i = 0;
    for (; i + kChunk <= width; i += kChunk) {
      for (int r = kLines; r < 2 * kLines; ++r) hwy::Prefetch(line + r * inner + i);
      Lines<kLines>(line + i, inner, kChunk, k, best + i, place + i);
    }
    Lines<kLines>(line + i, inner, width - i, k, best + i, place + i);
  }

  template <class T>
  static void Columns(const ArgColumnsArgs& args) {
    constexpr int kLines = 4;
    const T* const x = static_cast<const T*>(args.x);
    const int64_t n = args.n, inner = args.inner, width = args.columns;
    if (inner == 1) {
      const int64_t place = Row(x, n);
      return SetPositions(args, &place, 1);
    }
    T best[kArgColumns];
    PlaceAs<T> place[kArgColumns];
    std::fill_n(best, width, Worst<T>());
    std::fill_n(place, width, 0);
    int64_t k = 0;
    for (; k + 2 * kLines <= n; k += kLines) LinesAhead<kLines>(x + k * inner, inner, width, static_cast<PlaceAs<T>>(k), best, place);
    for (; k + kLines <= n; k += kLines) Lines<kLines>(x + k * inner, inner, width, static_cast<PlaceAs<T>>(k), best, place);
    for (; k < n; ++k) Lines<1>(x + k * inner, inner, width, static_cast<PlaceAs<T>>(k), best, place);
    // Nothing is better than the worst value: its first place is not seen above.
    for (int64_t i = 0; i < width; ++i) if (best[i] == Worst<T>()) place[i] = FirstWorst(x + i, n, inner);
    SetPositions(args, place, width);
  }

  // 0 where there is none.
  template <class T>
  static PlaceAs<T> FirstWorst(const T* x, int64_t n, int64_t inner) {
    for (int64_t k = 0; k < n; ++k) if (x[k * inner] == Worst<T>()) return static_cast<PlaceAs<T>>(k);
    return 0;
  }
};

void ArgColumnsOn(const ArgColumnsArgs& args) {
  VisitNumeric(args.type, [&]<class T>(T) { args.largest ? Arg<true>::Columns<T>(args) : Arg<false>::Columns<T>(args); });
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

void ArgColumns(const ArgColumnsArgs& args) { HWY_DYNAMIC_DISPATCH(ArgColumnsOn)(args); }

}  // namespace tflower::kernels
#endif
