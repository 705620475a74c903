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
constexpr tflower_kernel UnaryRow(Builtin code, DTypeSet types) {
  return Kernel<UnaryKernel<kOp>>(code, {.inputs = {types}, .outputs = {types}, .flags = TFLOWER_KERNEL_IN_PLACE});
}

template <Binary kOp, class OptionsT = void>
constexpr tflower_kernel BinaryRow(Builtin code, DTypeSet types) {
  return Kernel<BinaryKernel<kOp, OptionsT>>(code, {.inputs = {types, types}, .outputs = {types}, .flags = TFLOWER_KERNEL_IN_PLACE});
}

// No IN_PLACE: an operand of four bytes that repeats has the size of four booleans.
template <Comparison kOp>
constexpr tflower_kernel CompareRow(Builtin code, DTypeSet types) {
  return Kernel<CompareKernel<kOp>>(code, {.inputs = {types, types}, .outputs = {kBoolean}});
}

template <Logic kOp>
constexpr tflower_kernel LogicRow(Builtin code) {
  return Kernel<LogicKernel<kOp>>(code, {.inputs = {kBoolean, kBoolean}, .outputs = {kBoolean}, .flags = TFLOWER_KERNEL_IN_PLACE});
}

constexpr tflower_kernel kRows[] = {
    UnaryRow<Unary::kAbs>(Builtin::ABS, kFloatOrSigned),
    UnaryRow<Unary::kNeg>(Builtin::NEG, kFloatOrSigned),
    UnaryRow<Unary::kSign>(Builtin::SIGN, kFloatOrSigned),
    Kernel<SignDoubleKernel>(Builtin::SIGN, {.inputs = {Types({DType::kFloat64})}, .outputs = {Types({DType::kFloat64})}, .flags = TFLOWER_KERNEL_IN_PLACE}),
    UnaryRow<Unary::kSquare>(Builtin::SQUARE, kFloatOrSigned),
    UnaryRow<Unary::kSqrt>(Builtin::SQRT, kF32),
    UnaryRow<Unary::kRsqrt>(Builtin::RSQRT, kF32),
    UnaryRow<Unary::kExp>(Builtin::EXP, kF32),
    UnaryRow<Unary::kLog>(Builtin::LOG, kF32),
    UnaryRow<Unary::kSin>(Builtin::SIN, kF32),
    UnaryRow<Unary::kCos>(Builtin::COS, kF32),
    UnaryRow<Unary::kFloor>(Builtin::FLOOR, kF32),
    UnaryRow<Unary::kCeil>(Builtin::CEIL, kF32),
    UnaryRow<Unary::kRound>(Builtin::ROUND, kF32),
    UnaryRow<Unary::kTanh>(Builtin::TANH, kF32),
    UnaryRow<Unary::kLogistic>(Builtin::LOGISTIC, kF32),
    UnaryRow<Unary::kElu>(Builtin::ELU, kF32),
    UnaryRow<Unary::kHardSwish>(Builtin::HARD_SWISH, kF32),
    UnaryRow<Unary::kRelu>(Builtin::RELU, kF32),
    UnaryRow<Unary::kRelu6>(Builtin::RELU6, kF32),
    UnaryRow<Unary::kReluN1To1>(Builtin::RELU_N1_TO_1, kF32),
    UnaryRow<Unary::kRelu0To1>(Builtin::RELU_0_TO_1, kF32),
    Kernel<LeakyReluKernel>(Builtin::LEAKY_RELU, {.inputs = {kF32}, .outputs = {kF32}, .flags = TFLOWER_KERNEL_IN_PLACE}),
    Kernel<GeluKernel>(Builtin::GELU, {.inputs = {kF32}, .outputs = {kF32}, .flags = TFLOWER_KERNEL_IN_PLACE}),
    Kernel<LogicalNotKernel>(Builtin::LOGICAL_NOT, {.inputs = {kBoolean}, .outputs = {kBoolean}, .flags = TFLOWER_KERNEL_IN_PLACE}),

    BinaryRow<Binary::kAdd, tfl::AddOptions>(Builtin::ADD, kNumbers),
    BinaryRow<Binary::kSub, tfl::SubOptions>(Builtin::SUB, kNumbers),
    BinaryRow<Binary::kMul, tfl::MulOptions>(Builtin::MUL, kNumbers),
    BinaryRow<Binary::kDiv, tfl::DivOptions>(Builtin::DIV, kNumbers),
    BinaryRow<Binary::kMaximum>(Builtin::MAXIMUM, kNumbers),
    BinaryRow<Binary::kMinimum>(Builtin::MINIMUM, kNumbers),
    BinaryRow<Binary::kSquaredDifference>(Builtin::SQUARED_DIFFERENCE, kNumbers),
    BinaryRow<Binary::kPrelu>(Builtin::PRELU, kF32),
    BinaryRow<Binary::kPow>(Builtin::POW, kNumbers),
    BinaryRow<Binary::kFloorDiv>(Builtin::FLOOR_DIV, kNumbers),
    BinaryRow<Binary::kFloorMod>(Builtin::FLOOR_MOD, kNumbers),
    BinaryRow<Binary::kAtan2>(Builtin::ATAN2, kFloat32Or64),
    BinaryRow<Binary::kBitwiseXor>(Builtin::BITWISE_XOR, kIntegers),
    BinaryRow<Binary::kRightShift>(Builtin::RIGHT_SHIFT, kIntegers),

    CompareRow<Comparison::kLess>(Builtin::LESS, kNumbers),
    CompareRow<Comparison::kLessEqual>(Builtin::LESS_EQUAL, kNumbers),
    CompareRow<Comparison::kGreater>(Builtin::GREATER, kNumbers),
    CompareRow<Comparison::kGreaterEqual>(Builtin::GREATER_EQUAL, kNumbers),
    CompareRow<Comparison::kEqual>(Builtin::EQUAL, kNumbers | kBoolean),
    CompareRow<Comparison::kNotEqual>(Builtin::NOT_EQUAL, kNumbers | kBoolean),
    Kernel<StringCompareKernel<true>>(Builtin::EQUAL, {.inputs = {kStrings, kStrings}, .outputs = {kBoolean}}),
    Kernel<StringCompareKernel<false>>(Builtin::NOT_EQUAL, {.inputs = {kStrings, kStrings}, .outputs = {kBoolean}}),
    LogicRow<Logic::kAnd>(Builtin::LOGICAL_AND),
    LogicRow<Logic::kOr>(Builtin::LOGICAL_OR),

    Kernel<SelectKernel<false>>(Builtin::SELECT, {.inputs = {kBoolean, kPlain, kPlain}, .outputs = {kPlain}, .flags = TFLOWER_KERNEL_IN_PLACE}),
    Kernel<SelectKernel<true>>(Builtin::SELECT_V2, {.inputs = {kBoolean, kPlain, kPlain}, .outputs = {kPlain}, .flags = TFLOWER_KERNEL_IN_PLACE}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(elementwise, kRows);
}  // namespace tflower::kernels
