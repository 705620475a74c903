// Rows of the elementwise operators: one operand, two operands with broadcasting, comparisons, logic, selection.
// Source: TFLite operators of the same names; AddOptions and kin for the fused activation.
#include <cmath>

#include "common/check.h"
#include "elementwise/binary.h"
#include "elementwise/select.h"
#include "elementwise/unary.h"
#include "gemm/activation.h"

namespace tflower::kernels {
namespace {

// Calls f(T{}) for the types that have plain integer or double forms.
template <class F>
Status VisitPlain(DType t, F&& f) {
  Status status = Error(Code::kUnsupportedType, "type " + std::string(NameOf(t)) + " has no kernel");
  VisitNumeric(t, [&](auto zero) {
    if constexpr (!std::is_same_v<decltype(zero), float> && !std::is_same_v<decltype(zero), bool>) status = f(zero);
  });
  return status;
}

// ---- one operand

template <Unary kOp>
struct UnaryFloat {
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckArity(op, 1, 1));
    return out.SameAs(0, op.Input(0));
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    UnaryF32(kOp, op.Input(0).data<float>(), static_cast<size_t>(op.Input(0).num_elements()), 0.0f, op.Output(0).mutable_data<float>(), eval.parallel());
    return Ok();
  }
};

struct LeakyRelu {
  static Status Infer(const Op& op, OpTypes& out) { return UnaryFloat<Unary::kLeakyRelu>::Infer(op, out); }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const float alpha = op.Options<tfl::LeakyReluOptions>().alpha;
    UnaryF32(Unary::kLeakyRelu, op.Input(0).data<float>(), static_cast<size_t>(op.Input(0).num_elements()), alpha, op.Output(0).mutable_data<float>(), eval.parallel());
    return Ok();
  }
};

struct Gelu {
  static Status Infer(const Op& op, OpTypes& out) { return UnaryFloat<Unary::kGeluErf>::Infer(op, out); }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const Unary form = op.Options<tfl::GeluOptions>().approximate ? Unary::kGeluTanh : Unary::kGeluErf;
    UnaryF32(form, op.Input(0).data<float>(), static_cast<size_t>(op.Input(0).num_elements()), 0.0f, op.Output(0).mutable_data<float>(), eval.parallel());
    return Ok();
  }
};

template <Unary kOp>
struct UnaryInteger {
  static Status Infer(const Op& op, OpTypes& out) { return UnaryFloat<kOp>::Infer(op, out); }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const Tensor x = op.Input(0);
    const auto run = [&]<class T>(T) {
      UnaryInt<T>(kOp, x.data<T>(), static_cast<size_t>(x.num_elements()), op.Output(0).mutable_data<T>(), eval.parallel());
      return Ok();
    };
    switch (x.dtype()) {
      case DType::kInt8: return run(int8_t{});
      case DType::kInt16: return run(int16_t{});
      case DType::kInt32: return run(int32_t{});
      default: return run(int64_t{});
    }
  }
};

struct NotKernel {
  static Status Infer(const Op& op, OpTypes& out) { return UnaryFloat<Unary::kAbs>::Infer(op, out); }
  static Status Eval(const Op& op, const EvalContext& eval) {
    LogicalNot(op.Input(0).data<bool>(), static_cast<size_t>(op.Input(0).num_elements()), op.Output(0).mutable_data<bool>(), eval.parallel());
    return Ok();
  }
};

// ---- two operands

Result<BroadcastPlan> PlanOf(const Op& op) {
  const std::span<const int64_t> shapes[] = {op.Input(0).dims(), op.Input(1).dims()};
  return PlanBroadcast(shapes);
}

Status InferBroadcast(const Op& op, OpTypes& out, DType result) {
  TFLOWER_CHECK(CheckArity(op, 2, 2));
  TFLOWER_CHECK(CheckSameType(op, 1, "rhs", 0));
  const std::span<const int64_t> shapes[] = {op.Input(0).dims(), op.Input(1).dims()};
  TFLOWER_TRY(const Shape shape, BroadcastOf(shapes));
  return SetOutput(out, 0, result, shape);
}

struct NoOptions {};

// The clamp of the fused activation; operators without one have NoOptions.
template <class Options>
Result<Clamp> ClampOfOp(const Op& op) {
  if constexpr (std::is_same_v<Options, NoOptions>) return Clamp{};
  else return ClampOf(op.Options<Options>().fused_activation_function);
}

template <class T>
ClampRange<T> RangeOf(const Clamp& clamp) {
  ClampRange<T> range;
  if (std::isfinite(clamp.lo)) range.lo = static_cast<T>(std::is_unsigned_v<T> ? std::max(clamp.lo, 0.0f) : clamp.lo);
  if (std::isfinite(clamp.hi)) range.hi = static_cast<T>(clamp.hi);
  return range;
}

template <Binary kOp, class Options>
struct BinaryKernel {
  BroadcastPlan plan;
  Clamp clamp;

  static Status Infer(const Op& op, OpTypes& out) { return InferBroadcast(op, out, op.Input(0).dtype()); }
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_TRY(clamp, ClampOfOp<Options>(op));
    TFLOWER_TRY(plan, PlanOf(op));
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    const Tensor a = op.Input(0), b = op.Input(1), y = op.Output(0);
    if (a.dtype() == DType::kFloat32) return BinaryF32(kOp, plan, a.data<float>(), b.data<float>(), RangeOf<float>(clamp), y.mutable_data<float>(), eval.parallel());
    return VisitPlain(a.dtype(), [&]<class T>(T) -> Status {
      return BinaryPlain<T>(kOp, plan, a.data<T>(), b.data<T>(), RangeOf<T>(clamp), y.mutable_data<T>(), eval.parallel());
    });
  }
};

template <Comparison kOp>
struct CompareKernel {
  BroadcastPlan plan;

  static Status Infer(const Op& op, OpTypes& out) { return InferBroadcast(op, out, DType::kBool); }
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_TRY(plan, PlanOf(op));
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    const Tensor a = op.Input(0), b = op.Input(1);
    VisitNumeric(a.dtype(), [&]<class T>(T) { Compare<T>(kOp, plan, a.data<T>(), b.data<T>(), op.Output(0).mutable_data<bool>(), eval.parallel()); });
    return Ok();
  }
};

template <Logic kOp>
struct LogicKernel {
  BroadcastPlan plan;

  static Status Infer(const Op& op, OpTypes& out) { return InferBroadcast(op, out, DType::kBool); }
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_TRY(plan, PlanOf(op));
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    LogicalBinary(kOp, plan, op.Input(0).data<bool>(), op.Input(1).data<bool>(), op.Output(0).mutable_data<bool>(), eval.parallel());
    return Ok();
  }
};

// ---- selection

template <bool kBroadcasts>
struct SelectKernel {
  BroadcastPlan plan;

  static Result<Shape> ConditionShape(const Op& op) {
    if (kBroadcasts) return Shape(op.Input(0).dims());
    return SelectConditionShape(op.Input(0).dims(), op.Input(1).dims());
  }
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckArity(op, 3, 3));
    TFLOWER_CHECK(CheckSameType(op, 2, "y", 1));
    TFLOWER_TRY(const Shape condition, ConditionShape(op));
    const std::span<const int64_t> shapes[] = {condition, op.Input(1).dims(), op.Input(2).dims()};
    TFLOWER_TRY(const Shape shape, BroadcastOf(shapes));
    return SetOutput(out, 0, op.Input(1).dtype(), shape);
  }
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_TRY(const Shape condition, ConditionShape(op));
    const std::span<const int64_t> shapes[] = {condition, op.Input(1).dims(), op.Input(2).dims()};
    TFLOWER_TRY(plan, PlanBroadcast(shapes));
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    const Tensor x = op.Input(1);
    kernels::Select(plan, op.Input(0).data<bool>(), x.raw(), op.Input(2).raw(), static_cast<size_t>(ElementBytes(x.dtype())), op.Output(0).mutable_raw(), eval.parallel());
    return Ok();
  }
};

// ---- rows

constexpr DTypeSet kInts = Types({DType::kInt8, DType::kInt16, DType::kInt32, DType::kInt64});
constexpr DTypeSet kNumbers = Types({DType::kFloat32, DType::kFloat64, DType::kInt8, DType::kInt16, DType::kInt32, DType::kInt64, DType::kUInt8, DType::kUInt16,
    DType::kUInt32, DType::kUInt64});
constexpr DTypeSet kComparable = kNumbers | kBoolean;
constexpr DTypeSet kBits = Types({DType::kInt8, DType::kInt16, DType::kInt32, DType::kInt64, DType::kUInt8, DType::kUInt16, DType::kUInt32, DType::kUInt64});

constexpr KernelTraits kFloatTraits{.inputs = {kF32}, .outputs = {kF32}, .versions = {1, 5}, .flags = TFLOWER_KERNEL_IN_PLACE};
constexpr KernelTraits kIntTraits{.inputs = {kInts}, .outputs = {kInts}, .versions = {1, 5}, .flags = TFLOWER_KERNEL_IN_PLACE};
constexpr KernelTraits kBinaryTraits{.inputs = {kNumbers, kNumbers}, .outputs = {kNumbers}, .versions = {1, 8}, .flags = TFLOWER_KERNEL_IN_PLACE};
constexpr KernelTraits kFloatPairTraits{.inputs = {kF32, kF32}, .outputs = {kF32}, .versions = {1, 5}, .flags = TFLOWER_KERNEL_IN_PLACE};
constexpr KernelTraits kBitTraits{.inputs = {kBits, kBits}, .outputs = {kBits}, .flags = TFLOWER_KERNEL_IN_PLACE};
constexpr KernelTraits kCompareTraits{.inputs = {kComparable, kComparable}, .outputs = {kBoolean}, .versions = {1, 5}};
constexpr KernelTraits kLogicTraits{.inputs = {kBoolean, kBoolean}, .outputs = {kBoolean}, .flags = TFLOWER_KERNEL_IN_PLACE};
constexpr KernelTraits kSelectTraits{.inputs = {kBoolean, kPlain, kPlain}, .outputs = {kPlain}, .versions = {1, 4}};

template <Unary kOp>
constexpr tflower_kernel F(tfl::Builtin code) { return Kernel<UnaryFloat<kOp>>(code, kFloatTraits); }
template <Unary kOp>
constexpr tflower_kernel I(tfl::Builtin code) { return Kernel<UnaryInteger<kOp>>(code, kIntTraits); }
template <Binary kOp, class Options = NoOptions>
constexpr tflower_kernel B(tfl::Builtin code, const KernelTraits& traits = kBinaryTraits) { return Kernel<BinaryKernel<kOp, Options>>(code, traits); }
template <Comparison kOp>
constexpr tflower_kernel C(tfl::Builtin code) { return Kernel<CompareKernel<kOp>>(code, kCompareTraits); }

using enum tfl::Builtin;

constexpr tflower_kernel kRows[] = {
    F<Unary::kAbs>(ABS), F<Unary::kNeg>(NEG), F<Unary::kSquare>(SQUARE), F<Unary::kSqrt>(SQRT), F<Unary::kRsqrt>(RSQRT), F<Unary::kSign>(SIGN),
    F<Unary::kFloor>(FLOOR), F<Unary::kCeil>(CEIL), F<Unary::kRound>(ROUND), F<Unary::kRelu>(RELU), F<Unary::kRelu6>(RELU6), F<Unary::kReluN1To1>(RELU_N1_TO_1),
    F<Unary::kRelu0To1>(RELU_0_TO_1), F<Unary::kHardSwish>(HARD_SWISH), F<Unary::kExp>(EXP), F<Unary::kLog>(LOG), F<Unary::kSin>(SIN), F<Unary::kCos>(COS),
    F<Unary::kTanh>(TANH), F<Unary::kLogistic>(LOGISTIC), F<Unary::kElu>(ELU),
    I<Unary::kAbs>(ABS), I<Unary::kNeg>(NEG), I<Unary::kSquare>(SQUARE), I<Unary::kSign>(SIGN),
    Kernel<LeakyRelu>(LEAKY_RELU, kFloatTraits),
    Kernel<Gelu>(GELU, kFloatTraits),
    Kernel<NotKernel>(LOGICAL_NOT, {.inputs = {kBoolean}, .outputs = {kBoolean}, .flags = TFLOWER_KERNEL_IN_PLACE}),
    B<Binary::kAdd, tfl::AddOptions>(ADD), B<Binary::kSub, tfl::SubOptions>(SUB), B<Binary::kMul, tfl::MulOptions>(MUL), B<Binary::kDiv, tfl::DivOptions>(DIV),
    B<Binary::kMaximum>(MAXIMUM), B<Binary::kMinimum>(MINIMUM), B<Binary::kSquaredDifference>(SQUARED_DIFFERENCE), B<Binary::kPow>(POW),
    B<Binary::kFloorDiv>(FLOOR_DIV), B<Binary::kFloorMod>(FLOOR_MOD), B<Binary::kPrelu>(PRELU, kFloatPairTraits), B<Binary::kAtan2>(ATAN2, kFloatPairTraits),
    B<Binary::kBitwiseXor>(BITWISE_XOR, kBitTraits), B<Binary::kRightShift>(RIGHT_SHIFT, kBitTraits),
    C<Comparison::kLess>(LESS), C<Comparison::kLessEqual>(LESS_EQUAL), C<Comparison::kGreater>(GREATER), C<Comparison::kGreaterEqual>(GREATER_EQUAL),
    C<Comparison::kEqual>(EQUAL), C<Comparison::kNotEqual>(NOT_EQUAL),
    Kernel<LogicKernel<Logic::kAnd>>(LOGICAL_AND, kLogicTraits), Kernel<LogicKernel<Logic::kOr>>(LOGICAL_OR, kLogicTraits),
    Kernel<SelectKernel<false>>(SELECT, kSelectTraits), Kernel<SelectKernel<true>>(SELECT_V2, kSelectTraits),
};

}  // namespace

TFLOWER_KERNEL_FAMILY(elementwise, kRows);

}  // namespace tflower::kernels
