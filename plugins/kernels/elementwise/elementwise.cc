// Rows of the elementwise operators on float32, plain integers and booleans. Quantised types have rows of their own elsewhere.
// Source: TFLite operators and versions.
#include "elementwise/binary_kernels.h"
#include "elementwise/string_compare.h"
#include "elementwise/unary_kernels.h"

namespace tflower::kernels {
namespace {

using tfl::Builtin;

constexpr DTypeSet kSigned = Types({DType::kInt8, DType::kInt16, DType::kInt32, DType::kInt64});
constexpr DTypeSet kFloatOrSigned = kF32 | kSigned;
constexpr DTypeSet kIntegers = kSigned | Types({DType::kUInt8, DType::kUInt16, DType::kUInt32, DType::kUInt64});
constexpr DTypeSet kNumbers = kIntegers | Types({DType::kFloat32, DType::kFloat64});
constexpr DTypeSet kFloat32Or64 = Types({DType::kFloat32, DType::kFloat64});

template <Unary kOp>
constexpr tflower_kernel UnaryRow(Builtin code, DTypeSet types, int32_t max_version) {
  return Kernel<UnaryKernel<kOp>>(code, {.inputs = {types}, .outputs = {types}, .versions = {1, max_version}, .flags = TFLOWER_KERNEL_IN_PLACE});
}

template <Binary kOp, class OptionsT = void>
constexpr tflower_kernel BinaryRow(Builtin code, DTypeSet types, int32_t max_version) {
  return Kernel<BinaryKernel<kOp, OptionsT>>(code, {.inputs = {types, types}, .outputs = {types}, .versions = {1, max_version}, .flags = TFLOWER_KERNEL_IN_PLACE});
}

// No IN_PLACE: an operand of four bytes that repeats has the size of four booleans.
template <Comparison kOp>
constexpr tflower_kernel CompareRow(Builtin code, DTypeSet types, int32_t max_version) {
  return Kernel<CompareKernel<kOp>>(code, {.inputs = {types, types}, .outputs = {kBoolean}, .versions = {1, max_version}});
}

template <Logic kOp>
constexpr tflower_kernel LogicRow(Builtin code) {
  return Kernel<LogicKernel<kOp>>(code, {.inputs = {kBoolean, kBoolean}, .outputs = {kBoolean}, .flags = TFLOWER_KERNEL_IN_PLACE});
}

constexpr tflower_kernel kRows[] = {
    UnaryRow<Unary::kAbs>(Builtin::ABS, kFloatOrSigned, 5),
    UnaryRow<Unary::kNeg>(Builtin::NEG, kFloatOrSigned, 1),
    UnaryRow<Unary::kSign>(Builtin::SIGN, kFloatOrSigned, 2),
    Kernel<SignDoubleKernel>(Builtin::SIGN, {.inputs = {Types({DType::kFloat64})}, .outputs = {Types({DType::kFloat64})}, .versions = {1, 2}, .flags = TFLOWER_KERNEL_IN_PLACE}),
    UnaryRow<Unary::kSquare>(Builtin::SQUARE, kFloatOrSigned, 1),
    UnaryRow<Unary::kSqrt>(Builtin::SQRT, kF32, 2),
    UnaryRow<Unary::kRsqrt>(Builtin::RSQRT, kF32, 3),
    UnaryRow<Unary::kExp>(Builtin::EXP, kF32, 2),
    UnaryRow<Unary::kLog>(Builtin::LOG, kF32, 2),
    UnaryRow<Unary::kSin>(Builtin::SIN, kF32, 2),
    UnaryRow<Unary::kCos>(Builtin::COS, kF32, 2),
    UnaryRow<Unary::kFloor>(Builtin::FLOOR, kF32, 1),
    UnaryRow<Unary::kCeil>(Builtin::CEIL, kF32, 1),
    UnaryRow<Unary::kRound>(Builtin::ROUND, kF32, 1),
    UnaryRow<Unary::kTanh>(Builtin::TANH, kF32, 3),
    UnaryRow<Unary::kLogistic>(Builtin::LOGISTIC, kF32, 3),
    UnaryRow<Unary::kElu>(Builtin::ELU, kF32, 1),
    UnaryRow<Unary::kHardSwish>(Builtin::HARD_SWISH, kF32, 1),
    UnaryRow<Unary::kRelu>(Builtin::RELU, kF32, 3),
    UnaryRow<Unary::kRelu6>(Builtin::RELU6, kF32, 3),
    UnaryRow<Unary::kReluN1To1>(Builtin::RELU_N1_TO_1, kF32, 1),
    UnaryRow<Unary::kRelu0To1>(Builtin::RELU_0_TO_1, kF32, 1),
    Kernel<LeakyReluKernel>(Builtin::LEAKY_RELU, {.inputs = {kF32}, .outputs = {kF32}, .versions = {1, 2}, .flags = TFLOWER_KERNEL_IN_PLACE}),
    Kernel<GeluKernel>(Builtin::GELU, {.inputs = {kF32}, .outputs = {kF32}, .versions = {1, 3}, .flags = TFLOWER_KERNEL_IN_PLACE}),
    Kernel<LogicalNotKernel>(Builtin::LOGICAL_NOT, {.inputs = {kBoolean}, .outputs = {kBoolean}, .flags = TFLOWER_KERNEL_IN_PLACE}),

    BinaryRow<Binary::kAdd, tfl::AddOptions>(Builtin::ADD, kNumbers, 6),
    BinaryRow<Binary::kSub, tfl::SubOptions>(Builtin::SUB, kNumbers, 5),
    BinaryRow<Binary::kMul, tfl::MulOptions>(Builtin::MUL, kNumbers, 8),
    BinaryRow<Binary::kDiv, tfl::DivOptions>(Builtin::DIV, kNumbers, 2),
    BinaryRow<Binary::kMaximum>(Builtin::MAXIMUM, kNumbers, 4),
    BinaryRow<Binary::kMinimum>(Builtin::MINIMUM, kNumbers, 4),
    BinaryRow<Binary::kSquaredDifference>(Builtin::SQUARED_DIFFERENCE, kNumbers, 2),
    BinaryRow<Binary::kPrelu>(Builtin::PRELU, kF32, 1),
    BinaryRow<Binary::kPow>(Builtin::POW, kNumbers, 1),
    BinaryRow<Binary::kFloorDiv>(Builtin::FLOOR_DIV, kNumbers, 3),
    BinaryRow<Binary::kFloorMod>(Builtin::FLOOR_MOD, kNumbers, 2),
    BinaryRow<Binary::kAtan2>(Builtin::ATAN2, kFloat32Or64, 1),
    BinaryRow<Binary::kBitwiseXor>(Builtin::BITWISE_XOR, kIntegers, 1),
    BinaryRow<Binary::kRightShift>(Builtin::RIGHT_SHIFT, kIntegers, 1),

    CompareRow<Comparison::kLess>(Builtin::LESS, kNumbers, 3),
    CompareRow<Comparison::kLessEqual>(Builtin::LESS_EQUAL, kNumbers, 2),
    CompareRow<Comparison::kGreater>(Builtin::GREATER, kNumbers, 2),
    CompareRow<Comparison::kGreaterEqual>(Builtin::GREATER_EQUAL, kNumbers, 3),
    CompareRow<Comparison::kEqual>(Builtin::EQUAL, kNumbers | kBoolean, 5),
    CompareRow<Comparison::kNotEqual>(Builtin::NOT_EQUAL, kNumbers | kBoolean, 4),
    Kernel<StringCompareKernel<true>>(Builtin::EQUAL, {.inputs = {kStrings, kStrings}, .outputs = {kBoolean}, .versions = {1, 5}}),
    Kernel<StringCompareKernel<false>>(Builtin::NOT_EQUAL, {.inputs = {kStrings, kStrings}, .outputs = {kBoolean}, .versions = {1, 4}}),
    LogicRow<Logic::kAnd>(Builtin::LOGICAL_AND),
    LogicRow<Logic::kOr>(Builtin::LOGICAL_OR),

    Kernel<SelectKernel<false>>(Builtin::SELECT, {.inputs = {kBoolean, kPlain, kPlain}, .outputs = {kPlain}, .versions = {1, 4}, .flags = TFLOWER_KERNEL_IN_PLACE}),
    Kernel<SelectKernel<true>>(Builtin::SELECT_V2, {.inputs = {kBoolean, kPlain, kPlain}, .outputs = {kPlain}, .versions = {1, 2}, .flags = TFLOWER_KERNEL_IN_PLACE}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(elementwise, kRows);
}  // namespace tflower::kernels
