// Elementwise STABLEHLO operators that stock runtimes have: ADD, MULTIPLY, MAXIMUM, MINIMUM as the operators of TFLite with these names, AND,
// SHIFT_LEFT. Operands have one shape: nothing broadcasts.  Source: the StableHLO specification.
#include <climits>
#include <cmath>

#include "elementwise/binary_kernels.h"

namespace tflower::kernels {
namespace {

constexpr DTypeSet kIntegers = Types({DType::kInt8, DType::kInt16, DType::kInt32, DType::kInt64, DType::kUInt8, DType::kUInt16, DType::kUInt32, DType::kUInt64});
constexpr DTypeSet kNumbers = kIntegers | Types({DType::kFloat32, DType::kFloat64});

template <Binary kOp>
struct Arithmetic : BinaryKernel<kOp> {
  static Status Infer(const Op& op, OpTypes& out) {
    // Extrema of quantised values are extrema of their bytes.
    if (kOp != Binary::kMaximum && kOp != Binary::kMinimum) TFLOWER_CHECK(DeclineQuantized(op));
    return out.SameAs(0, op.Input(0));
  }
};

struct BitOr {
  template <class T> static T Of(T a, T b) { return static_cast<T>(a | b); }
};
struct BitAnd {
  template <class T> static T Of(T a, T b) { return static_cast<T>(a & b); }
};
// Counts that are negative, or not below the number of bits, leave nothing.
struct ShiftLeft {
  template <class T> static T Of(T a, T b) {
    using Bits = std::make_unsigned_t<T>;
    constexpr auto kBits = sizeof(T) * CHAR_BIT;
    return static_cast<Bits>(b) < kBits ? static_cast<T>(static_cast<uint64_t>(static_cast<Bits>(a)) << static_cast<Bits>(b)) : T{0};
  }
};

template <class F>
struct OnBits {
  static Status Infer(const Op& op, OpTypes& out) { return out.SameAs(0, op.Input(0)); }
  static Status Eval(const Op& op, const EvalContext&) {
    VisitNumeric(op.Input(0).dtype(), [&](auto zero) {
      using T = decltype(zero);
      if constexpr (std::is_same_v<T, bool>) {
        Run<uint8_t>(op);
      } else if constexpr (std::is_integral_v<T>) {
        Run<T>(op);
      }
    });
    return Ok();
  }

 private:
  template <class T>
  static void Run(const Op& op) {
    const T* const a = static_cast<const T*>(op.Input(0).raw());
    const T* const b = static_cast<const T*>(op.Input(1).raw());
    T* const y = static_cast<T*>(op.Output(0).mutable_raw());
    for (int64_t i = 0, n = op.Output(0).num_elements(); i < n; ++i) y[i] = F::template Of<T>(a[i], b[i]);
  }
};

struct CubeRoot {
  static Status Infer(const Op& op, OpTypes& out) {
    return out.SameAs(0, op.Input(0));
  }
  static Status Eval(const Op& op, const EvalContext&) {
    const bool is_double = op.Input(0).dtype() == DType::kFloat64;
    for (int64_t i = 0, n = op.Output(0).num_elements(); i < n; ++i) {
      if (is_double) op.Output(0).mutable_data<double>()[i] = std::cbrt(op.Input(0).data<double>()[i]);
      else op.Output(0).mutable_data<float>()[i] = std::cbrt(op.Input(0).data<float>()[i]);
    }
    return Ok();
  }
};

template <Binary kOp>
constexpr tflower_kernel Row(tfl::Builtin code) {
  return Kernel<Arithmetic<kOp>>(code, {.inputs = {kNumbers, kNumbers}, .outputs = {kNumbers}, .flags = TFLOWER_KERNEL_IN_PLACE});
}

constexpr tflower_kernel kRows[] = {
    // Of booleans, sum and maximum are or, product and minimum and.
    Kernel<OnBits<BitOr>>(tfl::Builtin::STABLEHLO_ADD, {.inputs = {kBoolean, kBoolean}, .outputs = {kBoolean}, .flags = TFLOWER_KERNEL_IN_PLACE}),
    Kernel<OnBits<BitOr>>(tfl::Builtin::STABLEHLO_MAXIMUM, {.inputs = {kBoolean, kBoolean}, .outputs = {kBoolean}, .flags = TFLOWER_KERNEL_IN_PLACE}),
    Kernel<OnBits<BitAnd>>(tfl::Builtin::STABLEHLO_MULTIPLY, {.inputs = {kBoolean, kBoolean}, .outputs = {kBoolean}, .flags = TFLOWER_KERNEL_IN_PLACE}),
    Kernel<OnBits<BitAnd>>(tfl::Builtin::STABLEHLO_MINIMUM, {.inputs = {kBoolean, kBoolean}, .outputs = {kBoolean}, .flags = TFLOWER_KERNEL_IN_PLACE}),
    Row<Binary::kAdd>(tfl::Builtin::STABLEHLO_ADD),
    Row<Binary::kMul>(tfl::Builtin::STABLEHLO_MULTIPLY),
    Row<Binary::kMaximum>(tfl::Builtin::STABLEHLO_MAXIMUM),
    Row<Binary::kMinimum>(tfl::Builtin::STABLEHLO_MINIMUM),
    Kernel<CubeRoot>(tfl::Builtin::STABLEHLO_CBRT, {.inputs = {Types({DType::kFloat32, DType::kFloat64})}, .outputs = {Types({DType::kFloat32, DType::kFloat64})}, .flags = TFLOWER_KERNEL_IN_PLACE}),
    Kernel<OnBits<BitAnd>>(tfl::Builtin::STABLEHLO_AND, {.inputs = {kIntegers | kBoolean, kIntegers | kBoolean}, .flags = TFLOWER_KERNEL_IN_PLACE}),
    Kernel<OnBits<ShiftLeft>>(tfl::Builtin::STABLEHLO_SHIFT_LEFT, {.inputs = {kIntegers, kIntegers}, .flags = TFLOWER_KERNEL_IN_PLACE}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(stablehlo, kRows);
}  // namespace tflower::kernels
