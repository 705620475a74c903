// Rows of the elementwise operators on float32, plain integers and booleans. Quantised types have rows of their own elsewhere.
// Source: TFLite operators and versions.
#include "elementwise/binary_kernels.h"
#include "elementwise/unary_kernels.h"

namespace tflower::kernels {
namespace {

using tfl::Builtin;

constexpr DTypeSet kFloat32 = kF32;
constexpr DTypeSet kFloatOrInt = Types({DType::kFloat32, DType::kInt32, DType::kInt64});
constexpr DTypeSet kArithmetic = kFloatOrInt | Types({DType::kUInt32, DType::kFloat64});
constexpr DTypeSet kExtremum = kArithmetic | Types({DType::kInt8, DType::kUInt8, DType::kInt16});
constexpr DTypeSet kDivision = kFloatOrInt | Types({DType::kInt8, DType::kInt16});
constexpr DTypeSet kBits = Types({DType::kInt8, DType::kUInt8, DType::kInt16, DType::kUInt16, DType::kInt32, DType::kUInt32});
constexpr DTypeSet kOrdered = kArithmetic | Types({DType::kInt16});
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
    UnaryRow<Unary::kAbs>(Builtin::ABS, kFloatOrInt, 5),
    UnaryRow<Unary::kNeg>(Builtin::NEG, kFloatOrInt, 1),
    UnaryRow<Unary::kSign>(Builtin::SIGN, kFloatOrInt, 2),
    UnaryRow<Unary::kSquare>(Builtin::SQUARE, kFloatOrInt, 1),
    UnaryRow<Unary::kSqrt>(Builtin::SQRT, kFloat32, 2),
    UnaryRow<Unary::kRsqrt>(Builtin::RSQRT, kFloat32, 3),
    UnaryRow<Unary::kExp>(Builtin::EXP, kFloat32, 2),
    UnaryRow<Unary::kLog>(Builtin::LOG, kFloat32, 2),
    UnaryRow<Unary::kSin>(Builtin::SIN, kFloat32, 2),
    UnaryRow<Unary::kCos>(Builtin::COS, kFloat32, 2),
    UnaryRow<Unary::kFloor>(Builtin::FLOOR, kFloat32, 1),
    UnaryRow<Unary::kCeil>(Builtin::CEIL, kFloat32, 1),
    UnaryRow<Unary::kRound>(Builtin::ROUND, kFloat32, 1),
    UnaryRow<Unary::kTanh>(Builtin::TANH, kFloat32, 3),
    UnaryRow<Unary::kLogistic>(Builtin::LOGISTIC, kFloat32, 3),
    UnaryRow<Unary::kElu>(Builtin::ELU, kFloat32, 1),
    UnaryRow<Unary::kHardSwish>(Builtin::HARD_SWISH, kFloat32, 1),
    UnaryRow<Unary::kRelu>(Builtin::RELU, kFloat32, 3),
    UnaryRow<Unary::kRelu6>(Builtin::RELU6, kFloat32, 3),
    UnaryRow<Unary::kReluN1To1>(Builtin::RELU_N1_TO_1, kFloat32, 1),
    UnaryRow<Unary::kRelu0To1>(Builtin::RELU_0_TO_1, kFloat32, 1),
    Kernel<LeakyReluKernel>(Builtin::LEAKY_RELU, {.inputs = {kF32}, .outputs = {kF32}, .versions = {1, 2}, .flags = TFLOWER_KERNEL_IN_PLACE}),
    Kernel<GeluKernel>(Builtin::GELU, {.inputs = {kF32}, .outputs = {kF32}, .versions = {1, 3}, .flags = TFLOWER_KERNEL_IN_PLACE}),
    Kernel<LogicalNotKernel>(Builtin::LOGICAL_NOT, {.inputs = {kBoolean}, .outputs = {kBoolean}, .flags = TFLOWER_KERNEL_IN_PLACE}),

    BinaryRow<Binary::kAdd, tfl::AddOptions>(Builtin::ADD, kArithmetic, 6),
    BinaryRow<Binary::kSub, tfl::SubOptions>(Builtin::SUB, kArithmetic, 5),
    BinaryRow<Binary::kMul, tfl::MulOptions>(Builtin::MUL, kArithmetic, 8),
    BinaryRow<Binary::kDiv, tfl::DivOptions>(Builtin::DIV, kArithmetic, 2),
    BinaryRow<Binary::kMaximum>(Builtin::MAXIMUM, kExtremum, 4),
    BinaryRow<Binary::kMinimum>(Builtin::MINIMUM, kExtremum, 4),
    BinaryRow<Binary::kSquaredDifference>(Builtin::SQUARED_DIFFERENCE, kFloatOrInt, 2),
    BinaryRow<Binary::kPrelu>(Builtin::PRELU, kFloat32, 1),
    BinaryRow<Binary::kPow>(Builtin::POW, kFloatOrInt, 1),
    BinaryRow<Binary::kFloorDiv>(Builtin::FLOOR_DIV, kDivision, 3),
    BinaryRow<Binary::kFloorMod>(Builtin::FLOOR_MOD, kDivision, 2),
    BinaryRow<Binary::kAtan2>(Builtin::ATAN2, kFloat32Or64, 1),
    BinaryRow<Binary::kBitwiseXor>(Builtin::BITWISE_XOR, kBits, 1),
    BinaryRow<Binary::kRightShift>(Builtin::RIGHT_SHIFT, kBits, 1),

    CompareRow<Comparison::kLess>(Builtin::LESS, kOrdered, 3),
    CompareRow<Comparison::kLessEqual>(Builtin::LESS_EQUAL, kOrdered, 2),
    CompareRow<Comparison::kGreater>(Builtin::GREATER, kOrdered, 2),
    CompareRow<Comparison::kGreaterEqual>(Builtin::GREATER_EQUAL, kOrdered, 3),
    CompareRow<Comparison::kEqual>(Builtin::EQUAL, kOrdered | kBoolean, 5),
    CompareRow<Comparison::kNotEqual>(Builtin::NOT_EQUAL, kOrdered | kBoolean, 4),
    LogicRow<Logic::kAnd>(Builtin::LOGICAL_AND),
    LogicRow<Logic::kOr>(Builtin::LOGICAL_OR),

    Kernel<SelectKernel<false>>(Builtin::SELECT, {.inputs = {kBoolean, kPlain, kPlain}, .outputs = {kPlain}, .versions = {1, 4}, .flags = TFLOWER_KERNEL_IN_PLACE}),
    Kernel<SelectKernel<true>>(Builtin::SELECT_V2, {.inputs = {kBoolean, kPlain, kPlain}, .outputs = {kPlain}, .versions = {1, 2}, .flags = TFLOWER_KERNEL_IN_PLACE}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(elementwise, kRows);
}  // namespace tflower::kernels
