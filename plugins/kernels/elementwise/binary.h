// Elementwise operators with two operands, with broadcasting: arithmetic, comparison, logic.
//
// `plan` comes from PlanBroadcast({shape of a, shape of b}); out holds plan.size values. out may be a or b when that operand has
// the output's shape; other overlap is not allowed. Nothing allocates. [thread] any; work is split over `parallel`.
#pragma once

#include <cstdint>
#include <limits>

#include "elementwise/broadcast.h"
#include "tflower/parallel.h"
#include "tflower/status.h"

namespace tflower::kernels {

enum class Binary : uint8_t {
  kAdd, kSub, kMul, kDiv,            // with a fused clamp; integer division truncates
  kMaximum, kMinimum,                // NaN when either operand is
  kSquaredDifference,
  kPrelu,                            // a >= 0 ? a : a b; floats only
  kPow,                              // integers: negative exponents are an error
  kFloorDiv, kFloorMod,              // floor(a / b); the remainder has b's sign
  kAtan2,                            // floats only
  kBitwiseXor, kRightShift,          // integers only; the shift count is clamped to [0, bits - 1], the sign is kept
};
inline constexpr int kBinaryCount = static_cast<int>(Binary::kRightShift) + 1;

enum class Comparison : uint8_t { kLess, kLessEqual, kGreater, kGreaterEqual, kEqual, kNotEqual };
enum class Logic : uint8_t { kAnd, kOr };

// Bounds of a fused activation, applied to kAdd, kSub, kMul and kDiv. NaN stays NaN.
template <class T>
struct ClampRange {
  T lo = std::numeric_limits<T>::has_infinity ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest();
  T hi = std::numeric_limits<T>::has_infinity ? std::numeric_limits<T>::infinity() : std::numeric_limits<T>::max();
};

// Vector kernels for kAdd .. kPrelu and kFloorDiv, each step exactly rounded, kFloorMod (exact before the divisor is added) and kPow (2 ulp);
// the C library for kAtan2 (1 ulp).
// kInternal for an operator without a float form.
Status BinaryF32(Binary op, const BroadcastPlan& plan, const float* a, const float* b, const ClampRange<float>& clamp, float* out,
                 const Parallel& parallel = {});

// The same in plain loops for double, int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t. Integer overflow
// wraps. kInvalidOperand for an integer division by zero or a negative integer exponent (out is then undefined); kInternal for an
// operator without a form for T. Source: TFLite kernels, TF's floor_div and floor_mod.
template <class T>
Status BinaryPlain(Binary op, const BroadcastPlan& plan, const T* a, const T* b, const ClampRange<T>& clamp, T* out,
                   const Parallel& parallel = {});

// Comparisons with NaN are false, except kNotEqual. T: float (vector kernel), double, the integers above, bool.
template <class T>
void Compare(Comparison op, const BroadcastPlan& plan, const T* a, const T* b, bool* out, const Parallel& parallel = {});

void LogicalBinary(Logic op, const BroadcastPlan& plan, const bool* a, const bool* b, bool* out, const Parallel& parallel = {});

}  // namespace tflower::kernels
