// Quantised elementwise arithmetic in lanes of 32 bits, compiled once per SIMD target.
#include <cstring>
#include <type_traits>
#include <utility>

#include "quantized_binary/arithmetic.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "quantized_binary/quantized_binary_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "gemm/vector-inl.h"
#include "simd/compat-inl.h"
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

// Results by the integers, a vector at a time. Of each form, A and B prepare an operand's stored values; those of one that repeats are prepared once.
template <QuantizedOp kOp, class T, class Y>
struct Integers {
  static constexpr size_t kVectors = 1;
  Factors f;
  explicit Integers(const QuantizedArithmetic& q) : f(q) {}

  HWY_INLINE V A(V stored) const { return hn::Sub(stored, f.a_zero); }
  HWY_INLINE V B(V stored) const { return hn::Sub(stored, f.b_zero); }
  template <class SideA, class SideB>
  HWY_INLINE void Step(const SideA& a, const SideB& b, size_t i, Y* to) const {
    const hn::Rebind<Y, D> narrow;
    V v = Compute<kOp>(f, a.At(*this, i), b.At(*this, i));
    if constexpr (!(kOp >= QuantizedOp::kLess)) v = hn::Add(hn::Min(hn::Max(v, f.lo), f.hi), f.y_zero);
    hn::StoreU(hn::DemoteTo(narrow, v), narrow, to + i);
  }
};

#if HWY_TARGET != HWY_SCALAR
using DF = hn::Rebind<float, D>;
using VF = hn::Vec<DF>;

// Products of bytes by floats, four vectors at a time.
template <class T>
struct Products {
  static constexpr size_t kVectors = 4;
  BytePacker<D> packer;
  VF factor, constant, offset, a_zero, b_zero;
  explicit Products(const QuantizedArithmetic& q) : packer(q.y_zero, q.bounds.lo, q.bounds.hi, std::is_unsigned_v<T>) {
    const DF df;
    factor = hn::Set(df, q.a_factor), constant = hn::Set(df, q.constant), offset = hn::Set(df, q.offset);
    a_zero = hn::Set(df, static_cast<float>(q.a_zero)), b_zero = hn::Set(df, static_cast<float>(q.b_zero));
  }
  HWY_INLINE VF A(V stored) const { return hn::Sub(hn::ConvertTo(DF(), stored), a_zero); }
  HWY_INLINE VF B(V stored) const { return hn::Sub(hn::ConvertTo(DF(), stored), b_zero); }
  template <class SideA, class SideB>
  HWY_INLINE void Step(const SideA& a, const SideB& b, size_t i, T* to) const {
    V v[kVectors];
    TFLOWER_UNROLL
    for (size_t k = 0; k < kVectors; ++k) {
      const VF product = hn::Mul(a.At(*this, i + k * hn::Lanes(D())), b.At(*this, i + k * hn::Lanes(D())));
      v[k] = NearestInRange(D(), hn::MulAdd(hn::Add(product, hn::CopySign(offset, product)), factor, constant));
    }
    hn::StoreU(packer.Pack(v[0], v[1], v[2], v[3]), BytePacker<D>::Bytes(), reinterpret_cast<int8_t*>(to + i));
  }
};

// Squares of differences likewise. One of the operands, the one of the larger scale, is halved only.
template <class T>
struct Squares {
  static constexpr size_t kVectors = 4;
  BytePacker<D> packer;
  SmallFactors<D> left, right;
  V a_zero, b_zero;
  VF factor, constant;
  int shift;
  bool halve_a, halve_b;
  explicit Squares(const QuantizedArithmetic& q) : packer(q.y_zero, q.bounds.lo, q.bounds.hi, std::is_unsigned_v<T>), shift(q.shift), halve_a(q.left.shift == 0), halve_b(q.right.shift == 0) {
    const D d;
    left.Set(d, hn::Set(d, q.left.value), hn::Set(d, q.left.shift)), right.Set(d, hn::Set(d, q.right.value), hn::Set(d, q.right.shift));
    a_zero = hn::Set(d, q.a_zero), b_zero = hn::Set(d, q.b_zero);
    factor = hn::Set(DF(), q.a_factor), constant = hn::Set(DF(), q.constant);
  }
  HWY_INLINE V Scaled(V centred, const SmallFactors<D>& by, bool halve) const {
    const V x = hn::ShiftLeftSame(centred, shift);
    return halve ? hn::ShiftRight<1>(x) : by.Scale(D(), x);
  }
  HWY_INLINE V A(V stored) const { return Scaled(hn::Sub(stored, a_zero), left, halve_a); }
  HWY_INLINE V B(V stored) const { return Scaled(hn::Sub(stored, b_zero), right, halve_b); }
  template <class SideA, class SideB>
  HWY_INLINE void Step(const SideA& a, const SideB& b, size_t i, T* to) const {
    V v[kVectors];
    TFLOWER_UNROLL
    for (size_t k = 0; k < kVectors; ++k) {
      const VF difference = hn::ConvertTo(DF(), hn::Sub(a.At(*this, i + k * hn::Lanes(D())), b.At(*this, i + k * hn::Lanes(D()))));
      v[k] = NearestInRange(D(), hn::MulAdd(hn::Mul(difference, difference), factor, constant));
    }
    hn::StoreU(packer.Pack(v[0], v[1], v[2], v[3]), BytePacker<D>::Bytes(), reinterpret_cast<int8_t*>(to + i));
  }
};

// Sums of bytes: by the integers where the least and the greatest number that the sum may be are rounded to different ones.
template <QuantizedOp kOp, class T>
struct Sums {
  static constexpr size_t kVectors = 4;
  Factors f;
  BytePacker<D> packer;
  VF a_factor, b_factor, least, range;
  explicit Sums(const QuantizedArithmetic& q) : f(q), packer(q.y_zero, q.bounds.lo, q.bounds.hi, std::is_unsigned_v<T>) {
    const DF df;
    a_factor = hn::Set(df, q.a_factor), b_factor = hn::Set(df, q.b_factor), least = hn::Set(df, q.constant - q.margin), range = hn::Set(df, 2 * q.margin);
  }
  HWY_INLINE VF A(V stored) const { return hn::ConvertTo(DF(), stored); }
  HWY_INLINE VF B(V stored) const { return hn::MulAdd(hn::ConvertTo(DF(), stored), b_factor, least); }
  template <class SideA, class SideB>
  HWY_INLINE void Step(const SideA& a, const SideB& b, size_t i, T* to) const {
    const D d;
    V low[kVectors], high[kVectors];
    TFLOWER_UNROLL
    for (size_t k = 0; k < kVectors; ++k) {
      const VF sum = hn::MulAdd(a.At(*this, i + k * hn::Lanes(d)), a_factor, b.At(*this, i + k * hn::Lanes(d)));
      low[k] = NearestInRange(d, sum), high[k] = NearestInRange(d, hn::Add(sum, range));
    }
    const auto bytes = packer.PackBlocks(low[0], low[1], low[2], low[3]);
    if (hn::AllTrue(BytePacker<D>::Bytes(), hn::Eq(bytes, packer.PackBlocks(high[0], high[1], high[2], high[3])))) {
      hn::StoreU(packer.InOrder(bytes), BytePacker<D>::Bytes(), reinterpret_cast<int8_t*>(to + i));
      return;
    }
    TFLOWER_UNROLL
    for (size_t k = 0; k < kVectors; ++k) low[k] = Compute<kOp>(f, hn::Sub(a.Stored(i + k * hn::Lanes(d)), f.a_zero), hn::Sub(b.Stored(i + k * hn::Lanes(d)), f.b_zero));
    hn::StoreU(packer.Pack(low[0], low[1], low[2], low[3]), BytePacker<D>::Bytes(), reinterpret_cast<int8_t*>(to + i));
  }
};
#endif

// One operand: stored values, and what a form makes of them. kA: left or right.
template <bool kA, bool kRepeats, class Form, class T>
struct Side {
  const T* from;
  decltype(std::declval<Form>().A(V())) once;

  static HWY_INLINE auto Prepared(const Form& form, V stored) {
    if constexpr (kA) return form.A(stored);
    else return form.B(stored);
  }
  HWY_INLINE Side(const Form& form, const T* data) : from(data) {
    if constexpr (kRepeats) once = Prepared(form, hn::Set(D(), *data));
  }
  HWY_INLINE V Stored(size_t i) const {
    const hn::Rebind<T, D> narrow;
    if constexpr (kRepeats) return hn::Set(D(), *from);
    else return hn::PromoteTo(D(), hn::LoadU(narrow, from + i));
  }
  HWY_INLINE auto At(const Form& form, size_t i) const {
    if constexpr (kRepeats) return once;
    else return Prepared(form, Stored(i));
  }
};

// Steps over n elements; those behind the last whole step are padded.
template <bool kRepeatsA, bool kRepeatsB, class Form, class T, class Y>
HWY_INLINE void Loop(const Form& form, const T* a, const T* b, size_t n, Y* to) {
  using A = Side<true, kRepeatsA, Form, T>;
  using B = Side<false, kRepeatsB, Form, T>;
  const size_t step = Form::kVectors * hn::Lanes(D());
  const A from_a(form, a);
  const B from_b(form, b);
  size_t i = 0;
  for (; i + step <= n; i += step) form.Step(from_a, from_b, i, to);
  const size_t rest = n - i;
  if (rest == 0) return;
  HWY_ALIGN T last_a[Form::kVectors * HWY_MAX_BYTES / 4] = {}, last_b[Form::kVectors * HWY_MAX_BYTES / 4] = {};
  HWY_ALIGN Y last[Form::kVectors * HWY_MAX_BYTES / 4];
  std::memcpy(last_a, a + (kRepeatsA ? 0 : i), (kRepeatsA ? 1 : rest) * sizeof(T));
  std::memcpy(last_b, b + (kRepeatsB ? 0 : i), (kRepeatsB ? 1 : rest) * sizeof(T));
  form.Step(A(form, last_a), B(form, last_b), 0, last);
  std::memcpy(to + i, last, rest * sizeof(Y));
}

// One call of an operator.
struct Call {
  const QuantizedArithmetic& q;
  const BroadcastPlan& plan;
  const void* const* bases;
  const Parallel& parallel;
  void* to;

  template <class T, class Y, class Form>
  void Run(const Form& form) const {
    const size_t bytes[] = {sizeof(T), sizeof(T)};
    Walk(plan, bases, bytes, 16384, parallel, [&](const Piece* p, int64_t begin, size_t n) HWY_ATTR {
      const T* const a = static_cast<const T*>(p[0].data);
      const T* const b = static_cast<const T*>(p[1].data);
      Y* const out = static_cast<Y*>(to) + begin;
      if (!p[0].repeats && !p[1].repeats) Loop<false, false>(form, a, b, n, out);
      else if (!p[0].repeats) Loop<false, true>(form, a, b, n, out);
      else if (!p[1].repeats) Loop<true, false>(form, a, b, n, out);
      else Loop<true, true>(form, a, b, n, out);
    });
  }
  template <QuantizedOp kOp, class T>
  void RunAs() const {
#if HWY_TARGET != HWY_SCALAR
    if constexpr (sizeof(T) == 1 && (kOp == QuantizedOp::kAdd || kOp == QuantizedOp::kSub)) {
      if (q.real) return Run<T, T>(Sums<kOp, T>(q));
    }
    if constexpr (sizeof(T) == 1 && kOp == QuantizedOp::kMul) {
      if (q.real) return Run<T, T>(Products<T>(q));
    }
    if constexpr (sizeof(T) == 1 && kOp == QuantizedOp::kSquaredDifference) {
      if (q.real) return Run<T, T>(Squares<T>(q));
    }
#endif
    using Y = std::conditional_t<(kOp >= QuantizedOp::kLess), uint8_t, T>;
    Run<T, Y>(Integers<kOp, T, Y>(q));
  }
  template <QuantizedOp kOp>
  void RunOn(DType type) const {
    VisitQuantized(type, [&]<class T>(T) { RunAs<kOp, T>(); });
  }
};

void RunBinary(const QuantizedArithmetic& q, DType type, const BroadcastPlan& plan, const void* const* bases, const Parallel& parallel, void* to) {
  const Call call{q, plan, bases, parallel, to};
  switch (q.op) {
    case QuantizedOp::kAdd: return call.RunOn<QuantizedOp::kAdd>(type);
    case QuantizedOp::kSub: return call.RunOn<QuantizedOp::kSub>(type);
    case QuantizedOp::kMul: return call.RunOn<QuantizedOp::kMul>(type);
    case QuantizedOp::kSquaredDifference: return call.RunOn<QuantizedOp::kSquaredDifference>(type);
    case QuantizedOp::kPrelu: return call.RunOn<QuantizedOp::kPrelu>(type);
    case QuantizedOp::kLess: return call.RunOn<QuantizedOp::kLess>(type);
    case QuantizedOp::kLessEqual: return call.RunOn<QuantizedOp::kLessEqual>(type);
    case QuantizedOp::kGreater: return call.RunOn<QuantizedOp::kGreater>(type);
    case QuantizedOp::kGreaterEqual: return call.RunOn<QuantizedOp::kGreaterEqual>(type);
    case QuantizedOp::kEqual: return call.RunOn<QuantizedOp::kEqual>(type);
    case QuantizedOp::kNotEqual: return call.RunOn<QuantizedOp::kNotEqual>(type);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(RunBinary);
}  // namespace

void RunQuantizedBinary(const QuantizedArithmetic& q, DType type, const BroadcastPlan& plan, const void* const* bases, const Parallel& parallel, void* to) {
  HWY_DYNAMIC_DISPATCH(RunBinary)(q, type, plan, bases, parallel, to);
}

}  // namespace tflower::kernels
#endif
