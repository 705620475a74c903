// Rows of the elementwise operators on float16 and bfloat16: those that LiteRT computes in these types, by its own
// kernels or (float16) in XNNPACK. Source: TFLite operators and versions.
#include "common/on_half.h"
#include "elementwise/binary_kernels.h"
#include "elementwise/unary_kernels.h"

namespace tflower::kernels {
namespace {

using tfl::Builtin;

template <class K>
constexpr tflower_kernel UnaryRow(Builtin code) {
  return Kernel<OnHalf<K>>(code, {.inputs = {kHalves}, .outputs = {kHalves}, .flags = TFLOWER_KERNEL_IN_PLACE});
}
template <Binary kOp, class OptionsT = void>
constexpr tflower_kernel BinaryRow(Builtin code) {
  return Kernel<OnHalf<BinaryKernel<kOp, OptionsT>>>(code, {.inputs = {kHalves, kHalves}, .outputs = {kHalves}, .flags = TFLOWER_KERNEL_IN_PLACE});
}
template <Comparison kOp>
constexpr tflower_kernel CompareRow(Builtin code) {
  return Kernel<OnHalf<CompareKernel<kOp>>>(code, {.inputs = {kHalves, kHalves}, .outputs = {kBoolean}});
}

constexpr tflower_kernel kRows[] = {
    UnaryRow<UnaryKernel<Unary::kAbs>>(Builtin::ABS),
    UnaryRow<UnaryKernel<Unary::kNeg>>(Builtin::NEG),
    UnaryRow<UnaryKernel<Unary::kSquare>>(Builtin::SQUARE),
    UnaryRow<UnaryKernel<Unary::kSqrt>>(Builtin::SQRT),
    UnaryRow<UnaryKernel<Unary::kRsqrt>>(Builtin::RSQRT),
    UnaryRow<UnaryKernel<Unary::kExp>>(Builtin::EXP),
    UnaryRow<UnaryKernel<Unary::kLog>>(Builtin::LOG),
    UnaryRow<UnaryKernel<Unary::kCeil>>(Builtin::CEIL),
    UnaryRow<UnaryKernel<Unary::kElu>>(Builtin::ELU),
    UnaryRow<UnaryKernel<Unary::kHardSwish>>(Builtin::HARD_SWISH),
    UnaryRow<UnaryKernel<Unary::kRelu>>(Builtin::RELU),
    UnaryRow<UnaryKernel<Unary::kRelu6>>(Builtin::RELU6),
    UnaryRow<UnaryKernel<Unary::kReluN1To1>>(Builtin::RELU_N1_TO_1),
    UnaryRow<UnaryKernel<Unary::kRelu0To1>>(Builtin::RELU_0_TO_1),
    UnaryRow<LeakyReluKernel>(Builtin::LEAKY_RELU),
    UnaryRow<UnaryKernel<Unary::kSin>>(Builtin::SIN),
    UnaryRow<UnaryKernel<Unary::kCos>>(Builtin::COS),
    UnaryRow<UnaryKernel<Unary::kFloor>>(Builtin::FLOOR),
    UnaryRow<UnaryKernel<Unary::kRound>>(Builtin::ROUND),
    UnaryRow<UnaryKernel<Unary::kTanh>>(Builtin::TANH),
    UnaryRow<UnaryKernel<Unary::kLogistic>>(Builtin::LOGISTIC),
    UnaryRow<GeluKernel>(Builtin::GELU),
    BinaryRow<Binary::kAdd, tfl::AddOptions>(Builtin::ADD),
    BinaryRow<Binary::kSub, tfl::SubOptions>(Builtin::SUB),
    BinaryRow<Binary::kMul, tfl::MulOptions>(Builtin::MUL),
    BinaryRow<Binary::kDiv, tfl::DivOptions>(Builtin::DIV),
    BinaryRow<Binary::kSquaredDifference>(Builtin::SQUARED_DIFFERENCE),
    BinaryRow<Binary::kPrelu>(Builtin::PRELU),
    BinaryRow<Binary::kMaximum>(Builtin::MAXIMUM),
    BinaryRow<Binary::kMinimum>(Builtin::MINIMUM),
    BinaryRow<Binary::kAtan2>(Builtin::ATAN2),
    BinaryRow<Binary::kAdd>(Builtin::STABLEHLO_ADD),
    BinaryRow<Binary::kMul>(Builtin::STABLEHLO_MULTIPLY),
    BinaryRow<Binary::kMaximum>(Builtin::STABLEHLO_MAXIMUM),
    BinaryRow<Binary::kMinimum>(Builtin::STABLEHLO_MINIMUM),
    CompareRow<Comparison::kLess>(Builtin::LESS),
    CompareRow<Comparison::kLessEqual>(Builtin::LESS_EQUAL),
    CompareRow<Comparison::kGreater>(Builtin::GREATER),
    CompareRow<Comparison::kGreaterEqual>(Builtin::GREATER_EQUAL),
    CompareRow<Comparison::kEqual>(Builtin::EQUAL),
    CompareRow<Comparison::kNotEqual>(Builtin::NOT_EQUAL),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(half, kRows);
}  // namespace tflower::kernels
