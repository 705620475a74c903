// REDUCE_WINDOW: each element of the result combines an initial value with the elements below a window, which moves in strides.
// Source: TFLite schema; the StableHLO specification of reduce_window, without padding and base dilations.
#include <type_traits>

#include "common/check.h"

namespace tflower::kernels {
namespace {

using Function = tfl::ReduceWindowFunction;

// Unsigned, so that overflow wraps around.
template <class T, class F>
T Wrapped(T a, T b, const F& f) {
  if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
    return static_cast<T>(f(static_cast<uint64_t>(a), static_cast<uint64_t>(b)));
  } else {
    return static_cast<T>(f(a, b));
  }
}

template <class T>
T Combine(Function function, T a, T b) {
  switch (function) {
    case Function::ADD: return Wrapped(a, b, [](auto x, auto y) { return x + y; });
    case Function::MUL: return Wrapped(a, b, [](auto x, auto y) { return x * y; });
    case Function::MINIMUM: return b < a || b != b ? b : a;
    case Function::MAXIMUM: return a < b || b != b ? b : a;
    case Function::ALL: return static_cast<T>(a && b);
    default: return static_cast<T>(a || b);
  }
}

// Operands: input, initial value, window's dimensions, strides and dilations (int64, one for each dimension).
struct ReduceWindow {
  struct Window {
    Shape size, stride, dilation;
  };

  static Function FunctionOf(const Op& op) { return op.Options<tfl::ReduceWindowOptions>().reduce_function; }
  static Status CheckFunction(const Op& op) {
    const Function function = FunctionOf(op);
    const bool is_bool = op.Input(0).dtype() == DType::kBool, logic = function == Function::ALL || function == Function::ANY;
    if (function < Function::ADD || function > Function::ANY) return OptionError("reduce_function", Text(static_cast<int>(function), " is not a function"));
    if (is_bool == logic) return Ok();
    return OptionError("reduce_function", Text(static_cast<int>(function), " is not for ", op.Input(0).dtype(), ": booleans take ALL and ANY, numbers the others"));
  }
  static Result<Window> ReadWindow(const Op& op) {
    const char* const names[] = {"window_shape", "window_strides", "window_dilations"};
    Shape read[3];
    for (int k = 0; k < 3; ++k) {
      read[k] = IntsOf(op.Input(2 + k));
      for (const int64_t value : read[k]) {
        if (value < 1 || value > INT32_MAX) return OperandError(Code::kInvalidOperand, 2 + k, names[k], Text(value, " must be from 1 to ", INT32_MAX));
      }
    }
    return Window{read[0], read[1], read[2]};
  }
  static Shape OutputShape(const Op& op, const Window& w) {
    Shape dims(op.Input(0).dims());
    for (int i = 0; i < dims.rank(); ++i) {
      const int64_t covered = (w.size[i] - 1) * w.dilation[i] + 1;
      dims[i] = dims[i] < covered ? 0 : (dims[i] - covered) / w.stride[i] + 1;
    }
    return dims;
  }
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckFunction(op));
    const Tensor input = op.Input(0);
    bool known = true;
    for (int i = 2; i < 5; ++i) known = known && Known(op.Input(i));
    if (!known) return out.Unknown(0, input.dtype(), input.rank());
    TFLOWER_TRY(const Window window, ReadWindow(op));
    return SetOutput(out, 0, input.dtype(), OutputShape(op, window));
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    TFLOWER_TRY(const Window window, ReadWindow(op));
    const Shape dims = OutputShape(op, window);
    TFLOWER_CHECK(EnsureOutput(op, eval, 0, dims));
    VisitNumeric(op.Input(0).dtype(), [&](auto zero) { Run<decltype(zero)>(op, window, dims); });
    return Ok();
  }

 private:
  // The next position in `dims`, last dimension first; false after the last one.
  static bool Next(Shape& at, const Shape& dims) {
    for (int i = dims.rank() - 1; i >= 0; --i) {
      if (++at[i] < dims[i]) return true;
      at[i] = 0;
    }
    return false;
  }
  template <class T>
  static T Reduce(const Op& op, const Window& w, const Shape& at, Shape& inside) {
    const Tensor input = op.Input(0);
    T result = op.Input(1).data<T>()[0];
    do {
      int64_t offset = 0;
      for (int i = 0; i < input.rank(); ++i) offset = offset * input.dim(i) + at[i] * w.stride[i] + inside[i] * w.dilation[i];
      result = Combine<T>(FunctionOf(op), result, input.data<T>()[offset]);
    } while (Next(inside, w.size));
    return result;
  }
  template <class T>
  static void Run(const Op& op, const Window& w, const Shape& dims) {
    if (op.Output(0).num_elements() == 0) return;
    Shape at, inside;
    for (int i = 0; i < dims.rank(); ++i) {
      at.push_back(0);
      inside.push_back(0);
    }
    T* y = op.Output(0).mutable_data<T>();
    do *y++ = Reduce<T>(op, w, at, inside);
    while (Next(at, dims));
  }
};

constexpr DTypeSet kValues = Types({DType::kFloat32, DType::kFloat64, DType::kInt8, DType::kInt16, DType::kInt32, DType::kInt64, DType::kUInt8,
                                    DType::kUInt16, DType::kUInt32, DType::kUInt64, DType::kBool});
constexpr DTypeSet kInt64s = Types({DType::kInt64});
constexpr tflower_kernel kRows[] = {
    Kernel<ReduceWindow>(tfl::Builtin::REDUCE_WINDOW, {.inputs = {kValues, kValues, kInt64s, kInt64s, kInt64s}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(reduce_window, kRows);
}  // namespace tflower::kernels
