// Rows of SUM, MEAN, REDUCE_PROD, REDUCE_MAX, REDUCE_MIN, REDUCE_ANY and REDUCE_ALL. Source: TFLite ReducerOptions.keep_dims.
#include "reduce/reduce.h"

#include <bitset>

#include "common/check.h"

namespace tflower::kernels {
namespace {

// Axes from the end of the shape count back from its rank; each counts once.
Result<std::bitset<kMaxReduceRank>> AxesOf(const Op& op) {
  const int rank = op.Input(0).rank();
  std::bitset<kMaxReduceRank> axes;
  for (int64_t i = 0, n = op.Input(1).num_elements(); i < n; ++i) {
    const int64_t a = IntAt(op.Input(1), i);
    if (a < -rank || a >= rank) return OperandError(Code::kInvalidOperand, 1, "axes", std::to_string(a) + " is outside of rank " + std::to_string(rank));
    axes.set(static_cast<size_t>(a < 0 ? a + rank : a));
  }
  return axes;
}

Shape ReducedShape(const Tensor& x, const std::bitset<kMaxReduceRank>& axes, bool keep_dims) {
  Shape dims;
  for (int i = 0; i < x.rank(); ++i) {
    if (!axes.test(static_cast<size_t>(i))) dims.push_back(x.dim(i));
    else if (keep_dims) dims.push_back(1);
  }
  return dims;
}

template <Reduction kOp>
struct Reduce {
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckArity(op, 2, 2));
    TFLOWER_CHECK(CheckRank(op, 1, "axes", 0, 1));
    const Tensor x = op.Input(0);
    // Extrema of quantised values are extrema of their bytes; sums and products of the bytes mean nothing.
    if (kOp != Reduction::kMax && kOp != Reduction::kMin && !x.scales().empty()) {
      return OperandError(Code::kMissingKernel, 0, "input", "is quantised, and the kernel is for plain " + std::string(NameOf(x.dtype())));
    }
    const bool keep_dims = op.Options<tfl::ReducerOptions>().keep_dims;
    if (!Known(op.Input(1))) {  // as many dimensions disappear as there are axes, which must differ
      const int64_t axes = op.Input(1).num_elements();
      if (axes > x.rank()) return OperandError(Code::kUnsupportedShape, 1, "axes", Text(axes, " axes for an input of rank ", x.rank()));
      return out.Unknown(0, x.dtype(), x.rank() - (keep_dims ? 0 : static_cast<int>(axes)));
    }
    TFLOWER_TRY(const auto axes, AxesOf(op));
    return SetOutput(out, 0, x.dtype(), ReducedShape(x, axes, keep_dims));
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const Tensor x = op.Input(0);
    TFLOWER_TRY(const auto set, AxesOf(op));
    TFLOWER_CHECK(EnsureOutput(op, eval, 0, ReducedShape(x, set, op.Options<tfl::ReducerOptions>().keep_dims)));
    std::array<int32_t, kMaxReduceRank> axes;
    size_t n = 0;
    for (int i = 0; i < x.rank(); ++i) if (set.test(static_cast<size_t>(i))) axes[n++] = i;
    TFLOWER_TRY(const ReducePlan plan, PlanReduce(x.dims(), std::span<const int32_t>(axes.data(), n)));
    return Run(plan, x, op.Output(0), eval.parallel());
  }
  static Status Run(const ReducePlan& plan, const Tensor& x, const Tensor& y, const Parallel& parallel) {
    if constexpr (kOp == Reduction::kAny || kOp == Reduction::kAll) {
      ReduceBool(kOp, plan, x.data<bool>(), y.mutable_data<bool>(), parallel);
      return Ok();
    } else {
      switch (x.dtype()) {
        case DType::kFloat32: return ReduceF32(kOp, plan, x.data<float>(), y.mutable_data<float>(), parallel);
        case DType::kInt32: return ReduceInt<int32_t>(kOp, plan, x.data<int32_t>(), y.mutable_data<int32_t>(), parallel);
        case DType::kInt64: return ReduceInt<int64_t>(kOp, plan, x.data<int64_t>(), y.mutable_data<int64_t>(), parallel);
        case DType::kInt16: return ReduceInt<int16_t>(kOp, plan, x.data<int16_t>(), y.mutable_data<int16_t>(), parallel);
        case DType::kInt8: return ReduceInt<int8_t>(kOp, plan, x.data<int8_t>(), y.mutable_data<int8_t>(), parallel);
        default: return ReduceInt<uint8_t>(kOp, plan, x.data<uint8_t>(), y.mutable_data<uint8_t>(), parallel);
      }
    }
  }
};

constexpr DTypeSet kNumbers = Types({DType::kFloat32, DType::kInt32, DType::kInt64, DType::kInt16, DType::kInt8, DType::kUInt8});
constexpr KernelTraits kTraits{.inputs = {kNumbers, kIndex}, .outputs = {kNumbers}, .versions = {1, 3}};
constexpr KernelTraits kBoolTraits{.inputs = {kBoolean, kIndex}, .outputs = {kBoolean}};

constexpr tflower_kernel kRows[] = {
    Kernel<Reduce<Reduction::kSum>>(tfl::Builtin::SUM, kTraits),
    Kernel<Reduce<Reduction::kMean>>(tfl::Builtin::MEAN, kTraits),
    Kernel<Reduce<Reduction::kProd>>(tfl::Builtin::REDUCE_PROD, kTraits),
    Kernel<Reduce<Reduction::kMax>>(tfl::Builtin::REDUCE_MAX, kTraits),
    Kernel<Reduce<Reduction::kMin>>(tfl::Builtin::REDUCE_MIN, kTraits),
    Kernel<Reduce<Reduction::kAny>>(tfl::Builtin::REDUCE_ANY, kBoolTraits),
    Kernel<Reduce<Reduction::kAll>>(tfl::Builtin::REDUCE_ALL, kBoolTraits),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(reduce, kRows);
}  // namespace tflower::kernels
