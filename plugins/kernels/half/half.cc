// Rows of the elementwise operators on float16 and bfloat16: those that LiteRT computes in these types. Source: TFLite operators and versions.
#include "common/on_half.h"
#include "elementwise/binary_kernels.h"
#include "elementwise/unary_kernels.h"

namespace tflower::kernels {
namespace {

using tfl::Builtin;

template <class K>
constexpr tflower_kernel UnaryRow(Builtin code, int32_t max_version) {
  return Kernel<OnHalf<K>>(code, {.inputs = {kHalves}, .outputs = {kHalves}, .versions = {1, max_version}, .flags = TFLOWER_KERNEL_IN_PLACE});
}
template <Binary kOp, class OptionsT = void>
constexpr tflower_kernel BinaryRow(Builtin code, int32_t max_version) {
  return Kernel<OnHalf<BinaryKernel<kOp, OptionsT>>>(code, {.inputs = {kHalves, kHalves}, .outputs = {kHalves}, .versions = {1, max_version}, .flags = TFLOWER_KERNEL_IN_PLACE});
}
template <Comparison kOp>
constexpr tflower_kernel CompareRow(Builtin code, int32_t max_version) {
  return Kernel<OnHalf<CompareKernel<kOp>>>(code, {.inputs = {kHalves, kHalves}, .outputs = {kBoolean}, .versions = {1, max_version}});
}

constexpr tflower_kernel kRows[] = {
    UnaryRow<UnaryKernel<Unary::kNeg>>(Builtin::NEG, 1),
    UnaryRow<UnaryKernel<Unary::kSin>>(Builtin::SIN, 2),
    UnaryRow<UnaryKernel<Unary::kCos>>(Builtin::COS, 2),
    UnaryRow<UnaryKernel<Unary::kFloor>>(Builtin::FLOOR, 1),
    UnaryRow<UnaryKernel<Unary::kRound>>(Builtin::ROUND, 1),
    UnaryRow<UnaryKernel<Unary::kTanh>>(Builtin::TANH, 3),
    UnaryRow<UnaryKernel<Unary::kLogistic>>(Builtin::LOGISTIC, 3),
    UnaryRow<GeluKernel>(Builtin::GELU, 3),
    BinaryRow<Binary::kAdd, tfl::AddOptions>(Builtin::ADD, 6),
    BinaryRow<Binary::kMul, tfl::MulOptions>(Builtin::MUL, 8),
    BinaryRow<Binary::kMaximum>(Builtin::MAXIMUM, 4),
    BinaryRow<Binary::kMinimum>(Builtin::MINIMUM, 4),
    BinaryRow<Binary::kAtan2>(Builtin::ATAN2, 1),
    BinaryRow<Binary::kAdd>(Builtin::STABLEHLO_ADD, 1),
    BinaryRow<Binary::kMul>(Builtin::STABLEHLO_MULTIPLY, 1),
    BinaryRow<Binary::kMaximum>(Builtin::STABLEHLO_MAXIMUM, 1),
    BinaryRow<Binary::kMinimum>(Builtin::STABLEHLO_MINIMUM, 1),
    CompareRow<Comparison::kLess>(Builtin::LESS, 3),
    CompareRow<Comparison::kLessEqual>(Builtin::LESS_EQUAL, 2),
    CompareRow<Comparison::kGreater>(Builtin::GREATER, 2),
    CompareRow<Comparison::kGreaterEqual>(Builtin::GREATER_EQUAL, 3),
    CompareRow<Comparison::kEqual>(Builtin::EQUAL, 5),
    CompareRow<Comparison::kNotEqual>(Builtin::NOT_EQUAL, 4),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(half, kRows);
}  // namespace tflower::kernels
