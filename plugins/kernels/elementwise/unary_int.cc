// Unary operators on plain integers and booleans: loops that compilers make vectors of, compiled once per SIMD target.
#include <type_traits>

#include "elementwise/unary.h"
#include "simd/independent.h"
#include "tflower/dtype.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "elementwise/unary_int.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {

// Unsigned arithmetic wraps; the conversion back is modular since C++20. 64 bits, because narrow types promote to int.
template <class T>
T Wrap(uint64_t v) { return static_cast<T>(v); }

template <class T> struct Abs { T operator()(T x) const { return x < 0 ? Wrap<T>(0 - static_cast<uint64_t>(x)) : x; } };
template <class T> struct Neg { T operator()(T x) const { return Wrap<T>(0 - static_cast<uint64_t>(x)); } };
template <class T> struct Square { T operator()(T x) const { return Wrap<T>(static_cast<uint64_t>(x) * static_cast<uint64_t>(x)); } };
template <class T> struct Sign { T operator()(T x) const { return static_cast<T>((x > 0) - (x < 0)); } };
template <class T, int kLo, int kHi> struct Clamp {
  T operator()(T x) const { return x < kLo ? T{kLo} : x > kHi ? T{kHi} : x; }
};
template <class T> struct Relu { T operator()(T x) const { return x < 0 ? T{0} : x; } };

template <class T, class Op>
void Loop(Op op, const T* x, int64_t n, T* y) {
  TFLOWER_INDEPENDENT
  for (int64_t i = 0; i < n; ++i) y[i] = op(x[i]);
}

template <class T, class Op>
bool Map(Op op, const T* x, size_t n, T* y, const Parallel& parallel) {
  constexpr int64_t kGrain = 64 * 1024 / sizeof(T);
  parallel.For(static_cast<int64_t>(n), kGrain, [&](int64_t begin, int64_t end) { Loop(op, x + begin, end - begin, y + begin); });
  return true;
}

template <class T>
bool UnaryOn(Unary op, const T* x, size_t n, T* y, const Parallel& parallel) {
  switch (op) {
    case Unary::kAbs: return Map(Abs<T>(), x, n, y, parallel);
    case Unary::kNeg: return Map(Neg<T>(), x, n, y, parallel);
    case Unary::kSquare: return Map(Square<T>(), x, n, y, parallel);
    case Unary::kSign: return Map(Sign<T>(), x, n, y, parallel);
    case Unary::kRelu: return Map(Relu<T>(), x, n, y, parallel);
    case Unary::kRelu6: return Map(Clamp<T, 0, 6>(), x, n, y, parallel);
    case Unary::kReluN1To1: return Map(Clamp<T, -1, 1>(), x, n, y, parallel);
    case Unary::kRelu0To1: return Map(Clamp<T, 0, 1>(), x, n, y, parallel);
    default: return false;
  }
}

bool UnaryTyped(DType type, Unary op, const void* x, size_t n, void* y, const Parallel& parallel) {
  switch (type) {
    case DType::kInt8: return UnaryOn(op, static_cast<const int8_t*>(x), n, static_cast<int8_t*>(y), parallel);
    case DType::kInt16: return UnaryOn(op, static_cast<const int16_t*>(x), n, static_cast<int16_t*>(y), parallel);
    case DType::kInt32: return UnaryOn(op, static_cast<const int32_t*>(x), n, static_cast<int32_t*>(y), parallel);
    default: return UnaryOn(op, static_cast<const int64_t*>(x), n, static_cast<int64_t*>(y), parallel);
  }
}

struct IsZero { uint8_t operator()(uint8_t x) const { return x == 0; } };

void NotBytes(const uint8_t* x, size_t n, uint8_t* y, const Parallel& parallel) { Map(IsZero(), x, n, y, parallel); }

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(UnaryTyped);
HWY_EXPORT(NotBytes);
}  // namespace

bool HasUnaryInt(Unary op) {
  switch (op) {
    case Unary::kAbs: case Unary::kNeg: case Unary::kSquare: case Unary::kSign:
    case Unary::kRelu: case Unary::kRelu6: case Unary::kReluN1To1: case Unary::kRelu0To1: return true;
    default: return false;
  }
}

template <class T>
bool UnaryInt(Unary op, const T* x, size_t n, T* y, const Parallel& parallel) {
  return HWY_DYNAMIC_DISPATCH(UnaryTyped)(DTypeOf<T>::value, op, x, n, y, parallel);
}

template bool UnaryInt<int8_t>(Unary, const int8_t*, size_t, int8_t*, const Parallel&);
template bool UnaryInt<int16_t>(Unary, const int16_t*, size_t, int16_t*, const Parallel&);
template bool UnaryInt<int32_t>(Unary, const int32_t*, size_t, int32_t*, const Parallel&);
template bool UnaryInt<int64_t>(Unary, const int64_t*, size_t, int64_t*, const Parallel&);

void LogicalNot(const bool* x, size_t n, bool* y, const Parallel& parallel) {
  HWY_DYNAMIC_DISPATCH(NotBytes)(reinterpret_cast<const uint8_t*>(x), n, reinterpret_cast<uint8_t*>(y), parallel);
}

}  // namespace tflower::kernels
#endif
