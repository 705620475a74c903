// Quantised elementwise arithmetic in lanes of 32 bits, compiled once per SIMD target.
#include <cstring>
#include <type_traits>

#include "quantized_binary/arithmetic.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "quantized_binary/quantized_binary_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "gemm/vector-inl.h"
#include "simd/fixed_point-inl.h"
#include "simd/pack-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<int32_t>;
using V = hn::Vec<D>;

struct Factors {
  UniformFactor<D> left, right, out;
  V a_zero, b_zero, y_zero, lo, hi;
  int shift;
  explicit Factors(const QuantizedArithmetic& q) : left(q.left, q.shift), right(q.right, q.shift), out(q.out, 0), shift(q.shift) {
    const D d;
    a_zero = hn::Set(d, q.a_zero), b_zero = hn::Set(d, q.b_zero), y_zero = hn::Set(d, q.y_zero);
    lo = hn::Set(d, q.bounds.lo - q.y_zero), hi = hn::Set(d, q.bounds.hi - q.y_zero);
  }
};

// Of centred operands; comparisons give 1 or 0.
template <QuantizedOp kOp>
HWY_INLINE V Compute(const Factors& f, V a, V b) {
  const D d;
  const auto left = [&]() HWY_ATTR { return f.left.Scale(d, hn::ShiftLeftSame(a, f.shift)); };
  const auto right = [&]() HWY_ATTR { return f.right.Scale(d, hn::ShiftLeftSame(b, f.shift)); };
  const auto truth = [&](auto mask) HWY_ATTR { return hn::IfThenElseZero(mask, hn::Set(d, 1)); };
  if constexpr (kOp == QuantizedOp::kAdd) return f.out.Scale(d, hn::Add(left(), right()));
  if constexpr (kOp == QuantizedOp::kSub) return f.out.Scale(d, hn::Sub(left(), right()));
  if constexpr (kOp == QuantizedOp::kMul) return f.out.Scale(d, hn::Mul(a, b));
  if constexpr (kOp == QuantizedOp::kSquaredDifference) {
    const V difference = hn::Sub(left(), right());
    return f.out.Scale(d, hn::Mul(difference, difference));
  }
  if constexpr (kOp == QuantizedOp::kPrelu) return hn::IfThenElse(hn::Lt(a, hn::Zero(d)), f.right.Scale(d, hn::Mul(a, b)), f.left.Scale(d, a));
  if constexpr (kOp == QuantizedOp::kLess) return truth(hn::Lt(left(), right()));
  if constexpr (kOp == QuantizedOp::kLessEqual) return truth(hn::Not(hn::Gt(left(), right())));
  if constexpr (kOp == QuantizedOp::kGreater) return truth(hn::Gt(left(), right()));
  if constexpr (kOp == QuantizedOp::kGreaterEqual) return truth(hn::Not(hn::Lt(left(), right())));
  if constexpr (kOp == QuantizedOp::kEqual) return truth(hn::Eq(left(), right()));
  if constexpr (kOp == QuantizedOp::kNotEqual) return truth(hn::Not(hn::Eq(left(), right())));
}

template <class T>
HWY_INLINE V LoadCentred(const T* from, bool repeats, size_t i, V zero) {
  const D d;
  const hn::Rebind<T, D> narrow;
  if (repeats) return hn::Sub(hn::Set(d, *from), zero);
  return hn::Sub(hn::PromoteTo(d, hn::LoadU(narrow, from + i)), zero);
}

// Whole vectors: n is a multiple of the lanes. T: the operands, Y: the result.
template <QuantizedOp kOp, class T, class Y>
HWY_INLINE void Loop(const Factors& f, const T* a, bool a_repeats, const T* b, bool b_repeats, size_t n, Y* to) {
  const D d;
  const hn::Rebind<Y, D> narrow;
  for (size_t i = 0; i < n; i += hn::Lanes(d)) {
    V v = Compute<kOp>(f, LoadCentred(a, a_repeats, i, f.a_zero), LoadCentred(b, b_repeats, i, f.b_zero));
    if constexpr (!(kOp >= QuantizedOp::kLess)) v = hn::Add(hn::Min(hn::Max(v, f.lo), f.hi), f.y_zero);
    hn::StoreU(hn::DemoteTo(narrow, v), narrow, to + i);
  }
}

#if HWY_TARGET != HWY_SCALAR
// Sums of bytes as real numbers, four vectors at a time; by the integers where one of them lies close to the middle between two results. Returns how
// many elements are done.
template <QuantizedOp kOp, class T>
size_t Sums(const QuantizedArithmetic& q, const Factors& f, const T* a, bool a_repeats, const T* b, bool b_repeats, size_t n, T* to) {
  const D d;
  const hn::Rebind<float, D> df;
  const hn::Rebind<T, D> narrow;
  const size_t lanes = hn::Lanes(d);
  const BytePacker<D> packer(q.y_zero, q.bounds.lo, q.bounds.hi, std::is_unsigned_v<T>);
  const auto a_factor = hn::Set(df, q.a_factor), b_factor = hn::Set(df, q.b_factor), constant = hn::Set(df, q.constant), most = hn::Set(df, 0.5f - q.margin);
  const auto load = [&](const T* from, bool repeats, size_t i) HWY_ATTR { return repeats ? hn::Set(d, *from) : hn::PromoteTo(d, hn::LoadU(narrow, from + i)); };
  size_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    V v[4];
    hn::Vec<decltype(df)> excess[4];
    TFLOWER_UNROLL
    for (size_t k = 0; k < 4; ++k) {
      const auto x = hn::ConvertTo(df, load(a, a_repeats, i + k * lanes)), w = hn::ConvertTo(df, load(b, b_repeats, i + k * lanes));
      const auto sum = hn::MulAdd(x, a_factor, hn::MulAdd(w, b_factor, constant)), nearest = hn::Round(sum);
      excess[k] = hn::Abs(hn::Sub(sum, nearest));
      v[k] = hn::ConvertTo(d, nearest);
    }
    if (!hn::AllFalse(df, hn::Gt(hn::Max(hn::Max(excess[0], excess[1]), hn::Max(excess[2], excess[3])), most))) {
      TFLOWER_UNROLL
      for (size_t k = 0; k < 4; ++k) v[k] = Compute<kOp>(f, hn::Sub(load(a, a_repeats, i + k * lanes), f.a_zero), hn::Sub(load(b, b_repeats, i + k * lanes), f.b_zero));
    }
    hn::StoreU(packer.Pack(v[0], v[1], v[2], v[3]), BytePacker<D>::Bytes(), reinterpret_cast<int8_t*>(to + i));
  }
  return i;
}
#endif

template <QuantizedOp kOp, class T>
void Run(const QuantizedArithmetic& q, const Piece& pa, const Piece& pb, size_t n, void* out) {
  using Y = std::conditional_t<(kOp >= QuantizedOp::kLess), uint8_t, T>;
  const size_t lanes = hn::Lanes(D());
  const Factors f(q);
  const T* const a = static_cast<const T*>(pa.data);
  const T* const b = static_cast<const T*>(pb.data);
  Y* const to = static_cast<Y*>(out);
  const size_t whole = n / lanes * lanes, rest = n - whole;
  size_t done = 0;
#if HWY_TARGET != HWY_SCALAR
  if constexpr (sizeof(T) == 1 && (kOp == QuantizedOp::kAdd || kOp == QuantizedOp::kSub)) {
    if (q.margin < 0.5f) done = Sums<kOp>(q, f, a, pa.repeats, b, pb.repeats, n, to);
  }
#endif
  const T* const left = pa.repeats ? a : a + done;
  const T* const right = pb.repeats ? b : b + done;
  if (pb.repeats && !pa.repeats) Loop<kOp>(f, left, false, right, true, whole - done, to + done);
  else if (pa.repeats && !pb.repeats) Loop<kOp>(f, left, true, right, false, whole - done, to + done);
  else Loop<kOp>(f, left, pa.repeats, right, pb.repeats, whole - done, to + done);
  if (rest == 0) return;
  HWY_ALIGN T last_a[HWY_MAX_BYTES / 4] = {}, last_b[HWY_MAX_BYTES / 4] = {};
  HWY_ALIGN Y last[HWY_MAX_BYTES / 4];
  std::memcpy(last_a, a + (pa.repeats ? 0 : whole), (pa.repeats ? 1 : rest) * sizeof(T));
  std::memcpy(last_b, b + (pb.repeats ? 0 : whole), (pb.repeats ? 1 : rest) * sizeof(T));
  Loop<kOp>(f, last_a, pa.repeats, last_b, pb.repeats, lanes, last);
  std::memcpy(to + whole, last, rest * sizeof(Y));
}

template <QuantizedOp kOp>
void RunAs(const QuantizedArithmetic& q, DType type, const Piece& a, const Piece& b, size_t n, void* to) {
  switch (type) {
    case DType::kInt8: return Run<kOp, int8_t>(q, a, b, n, to);
    case DType::kUInt8: return Run<kOp, uint8_t>(q, a, b, n, to);
    default: return Run<kOp, int16_t>(q, a, b, n, to);
  }
}

void RunPiece(const QuantizedArithmetic& q, DType type, const Piece& a, const Piece& b, size_t n, void* to) {
  switch (q.op) {
    case QuantizedOp::kAdd: return RunAs<QuantizedOp::kAdd>(q, type, a, b, n, to);
    case QuantizedOp::kSub: return RunAs<QuantizedOp::kSub>(q, type, a, b, n, to);
    case QuantizedOp::kMul: return RunAs<QuantizedOp::kMul>(q, type, a, b, n, to);
    case QuantizedOp::kSquaredDifference: return RunAs<QuantizedOp::kSquaredDifference>(q, type, a, b, n, to);
    case QuantizedOp::kPrelu: return RunAs<QuantizedOp::kPrelu>(q, type, a, b, n, to);
    case QuantizedOp::kLess: return RunAs<QuantizedOp::kLess>(q, type, a, b, n, to);
    case QuantizedOp::kLessEqual: return RunAs<QuantizedOp::kLessEqual>(q, type, a, b, n, to);
    case QuantizedOp::kGreater: return RunAs<QuantizedOp::kGreater>(q, type, a, b, n, to);
    case QuantizedOp::kGreaterEqual: return RunAs<QuantizedOp::kGreaterEqual>(q, type, a, b, n, to);
    case QuantizedOp::kEqual: return RunAs<QuantizedOp::kEqual>(q, type, a, b, n, to);
    case QuantizedOp::kNotEqual: return RunAs<QuantizedOp::kNotEqual>(q, type, a, b, n, to);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(RunPiece);
}  // namespace

void QuantizedPiece(const QuantizedArithmetic& q, DType type, const Piece& a, const Piece& b, size_t n, void* to) {
  HWY_DYNAMIC_DISPATCH(RunPiece)(q, type, a, b, n, to);
}

}  // namespace tflower::kernels
#endif
