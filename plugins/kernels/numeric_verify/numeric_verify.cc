// NumericVerify: what quantisation changed: the real numbers of a quantised or float16 tensor minus a float tensor's. Debug models hold it.
// Source: options as TFLite's quantisation debugger writes them.
#include <cmath>

#include "tflower/half.h"
#include "common/quantized.h"
#include "tflower/flex_map.h"

namespace tflower::kernels {
namespace {

// Operands: the tensor, the reference. With log_if_failed and a tolerance of at least 0.1 steps, larger differences are errors.
struct NumericVerify {
  Affine x;
  float allowed = 0;  // 0: everything

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckArity(op, 2, 2));
    if (op.Input(0).dtype() != DType::kFloat16) TFLOWER_CHECK(CheckQuantized(op, 1));
    if (op.Input(0).num_elements() != op.Input(1).num_elements())
      return OperandError(Code::kUnsupportedShape, 1, "reference", Text("shape ", op.Input(1).dims(), " must have as many elements as input 0, ", op.Input(0).dims()));
    return out.Set(0, DType::kFloat32, op.Input(0).dims());
  }
  Status Prepare(const Op& op, PrepareContext&) {
    if (op.Input(0).dtype() != DType::kFloat16) {
      TFLOWER_TRY(x, InputAffine(op, 0));
    }
    const FlexMap options(op.custom_options());
    TFLOWER_TRY(const float tolerance, options.Float("tolerance", 0));
    TFLOWER_TRY(const bool fail, options.Bool("log_if_failed", false));
    if (fail && static_cast<double>(tolerance) >= 0.1) allowed = tolerance * (op.Input(0).dtype() == DType::kFloat16 ? 0 : x.scale);
    limited = fail && static_cast<double>(tolerance) >= 0.1;
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext&) const {
    if (op.Input(0).dtype() == DType::kFloat16) return Run<uint16_t>(op, [](uint16_t q) { return FloatFromHalf(q); });
    return VisitQuantized(op.Input(0).dtype(), [&]<class T>(T) { return Run<T>(op, [this](T q) { return x.scale * static_cast<float>(q - x.zero); }); });
  }

 private:
  bool limited = false;

  template <class T, class F>
  Status Run(const Op& op, const F& real) const {
    const float* const reference = op.Input(1).data<float>();
    float* const y = op.Output(0).mutable_data<float>();
    for (int64_t i = 0, n = op.Output(0).num_elements(); i < n; ++i) {
      const float value = real(op.Input(0).data<T>()[i]);
      y[i] = value - reference[i];
      if (limited && std::abs(y[i]) > allowed) {
        return OperandError(Code::kInvalidOperand, 0, "tensor", Text("element ", i, " is ", value, ", the reference ", reference[i], ": they differ by more than the tolerance, ", allowed));
      }
    }
    return Ok();
  }
};

constexpr DTypeSet kVerified = kQuantized | Types({DType::kFloat16});
constexpr tflower_kernel kRows[] = {
    Kernel<NumericVerify>(tfl::Builtin::CUSTOM, {.inputs = {kVerified, kF32}, .outputs = {kF32}, .custom_code = "NumericVerify"}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(numeric_verify, kRows);
}  // namespace tflower::kernels
