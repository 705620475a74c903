// Reductions of integers and booleans in plain loops.
#include <limits>
#include <type_traits>

#include "reduce/reduce.h"
#include "reduce/reduce_walk.h"

namespace tflower::kernels {
namespace {

// Accumulators are 64-bit unsigned for sums and products (wrapping) and T for extrema.
struct Sum {
  uint64_t value = 0;
  template <class T> void Add(T x) { value += static_cast<uint64_t>(x); }
};
struct Prod {
  uint64_t value = 1;
  template <class T> void Add(T x) { value *= static_cast<uint64_t>(x); }
};
template <class T> struct Max {
  T value = std::numeric_limits<T>::lowest();
  void Add(T x) { value = x > value ? x : value; }
};
template <class T> struct Min {
  T value = std::numeric_limits<T>::max();
  void Add(T x) { value = x < value ? x : value; }
};
struct Any {
  bool value = false;
  void Add(bool x) { value |= x; }
};
struct All {
  bool value = true;
  void Add(bool x) { value &= x; }
};

template <class T> struct AsIs {
  template <class V> T operator()(V value) const { return static_cast<T>(value); }
};
// A narrow or 64-bit signed sum, as accumulated in 64 bits, divided towards zero.
template <class T> struct DivideBy {
  int64_t count;
  T operator()(uint64_t sum) const {
    if constexpr (std::is_signed_v<T>) return static_cast<T>(static_cast<int64_t>(sum) / count);
    else return static_cast<T>(sum / static_cast<uint64_t>(count));
  }
};

template <class Acc, class T, class Finish>
Status Run(const ReducePlan& plan, const T* x, T* out, Finish finish, const Parallel& parallel) {
  const ReduceWalk walk(plan);
  const int64_t inner = walk.inner(), per_base = plan.inner_reduced ? 1 : inner;
  const int64_t grain = 1 + 16384 / (plan.count + 1);
  parallel.For(plan.outputs, grain, [&](int64_t begin, int64_t end) {
    for (int64_t o = begin; o < end; ++o) {
      Acc acc;
      const int64_t column = plan.inner_reduced ? 0 : o % per_base;
      const int64_t width = plan.inner_reduced ? inner : 1;
      for (int64_t i = 0; i < walk.runs(); ++i) {
        const ReduceWalk::Run run = walk.RunAt(walk.Base(o / per_base), i);
        for (int64_t r = 0; r < run.rows; ++r) {
          const T* row = x + run.offset + r * run.stride + column;
          for (int64_t k = 0; k < width; ++k) acc.Add(row[k]);
        }
      }
      out[o] = finish(acc.value);
    }
  });
  return Ok();
}

}  // namespace

template <class T>
Status ReduceInt(Reduction op, const ReducePlan& plan, const T* x, T* out, const Parallel& parallel) {
  switch (op) {
    case Reduction::kSum: return Run<Sum>(plan, x, out, AsIs<T>(), parallel);
    case Reduction::kProd: return Run<Prod>(plan, x, out, AsIs<T>(), parallel);
    case Reduction::kMax: return Run<Max<T>>(plan, x, out, AsIs<T>(), parallel);
    case Reduction::kMin: return Run<Min<T>>(plan, x, out, AsIs<T>(), parallel);
    case Reduction::kMean:
      if (plan.count == 0 && plan.outputs != 0) return Error(Code::kInvalidOperand, "the mean of no integers has no value");
      return Run<Sum>(plan, x, out, DivideBy<T>{plan.count}, parallel);
    default: return Error(Code::kInternal, "the reduction has no integer form");
  }
}

template Status ReduceInt<int8_t>(Reduction, const ReducePlan&, const int8_t*, int8_t*, const Parallel&);
template Status ReduceInt<int16_t>(Reduction, const ReducePlan&, const int16_t*, int16_t*, const Parallel&);
template Status ReduceInt<int32_t>(Reduction, const ReducePlan&, const int32_t*, int32_t*, const Parallel&);
template Status ReduceInt<int64_t>(Reduction, const ReducePlan&, const int64_t*, int64_t*, const Parallel&);
template Status ReduceInt<uint8_t>(Reduction, const ReducePlan&, const uint8_t*, uint8_t*, const Parallel&);
template Status ReduceInt<uint32_t>(Reduction, const ReducePlan&, const uint32_t*, uint32_t*, const Parallel&);

void ReduceBool(Reduction op, const ReducePlan& plan, const bool* x, bool* out, const Parallel& parallel) {
  if (op == Reduction::kAny) (void)Run<Any>(plan, x, out, AsIs<bool>(), parallel);
  else (void)Run<All>(plan, x, out, AsIs<bool>(), parallel);
}

}  // namespace tflower::kernels
