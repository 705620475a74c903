// REDUCE_WINDOW and STABLEHLO_REDUCE_WINDOW: each element of the result combines an initial value with the elements below a window, which
// moves in strides over the input; the latter over an input that was spread out and padded with initial values first.
// Source: TFLite schema; the StableHLO specification of reduce_window with one operand, whose function is one operator.
#include <type_traits>

#include "common/check.h"
#include "tflower/body.h"

namespace tflower::kernels {
namespace {

using Function = tfl::ReduceWindowFunction;

// Unsigned, so that overflow wraps around; the sum of booleans says whether any is true.
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
    case Function::MINIMUM: return a <= b ? a : b;
    case Function::MAXIMUM: return a >= b ? a : b;
    case Function::ALL: return static_cast<T>(a && b);
    default: return static_cast<T>(a || b);
  }
}

// base: how far apart the input's elements are moved; low, high: padding in front and behind, below 0 what is cut off.
struct Window {
  Shape size, stride, dilation, base, low, high;

  // A dimension of the input when it is spread out and padded.
  int64_t Padded(int64_t dim, int i) const { return (dim == 0 ? 0 : (dim - 1) * base[i] + 1) + low[i] + high[i]; }
};

Status CheckFunction(Function function, std::string_view option) {
  if (function >= Function::ADD && function <= Function::ANY) return Ok();
  return OptionError(option, Text(static_cast<int>(function), " is not a function"));
}

Status CheckPositive(std::string_view name, int64_t value) {
  if (value >= 1 && value <= INT32_MAX) return Ok();
  return Error(Code::kInvalidOperand, Text(value, " must be from 1 to ", INT32_MAX)).What(std::string(name));
}

Shape OutputShape(const Op& op, const Window& w) {
  Shape dims;
  for (int i = 0; i < op.Input(0).rank(); ++i) {
    const int64_t padded = w.Padded(op.Input(0).dim(i), i), covered = (w.size[i] - 1) * w.dilation[i] + 1;
    dims.push_back(padded < covered ? 0 : (padded - covered) / w.stride[i] + 1);
  }
  return dims;
}

// The walk over windows; the function is known.
class Walk {
 public:
  Walk(const Op& op, const Window& window, Function function) : op_(op), w_(window), function_(function), strides_(StridesOf(op.Input(0).dims())) {}

  template <class T>
  void Run(const Shape& dims) {
    Shape at = Shape::Filled(dims.rank(), 0);
    T* y = op_.Output(0).mutable_data<T>();
    do *y++ = Reduce<T>(at);
    while (Next(at, dims));
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
  // The element below the window's place `inside`; padding is null.
  template <class T>
  const T* Element(const Shape& at, const Shape& inside) const {
    int64_t offset = 0;
    for (int i = 0; i < at.rank(); ++i) {
      const int64_t place = at[i] * w_.stride[i] + inside[i] * w_.dilation[i] - w_.low[i];
      if (place < 0 || place % w_.base[i] != 0 || place / w_.base[i] >= op_.Input(0).dim(i)) return nullptr;
      offset += place / w_.base[i] * strides_[i];
    }
    return op_.Input(0).data<T>() + offset;
  }
  template <class T>
  T Reduce(const Shape& at) const {
    const T start = op_.Input(1).data<T>()[0];
    T result = start;
    Shape inside = Shape::Filled(at.rank(), 0);
    do {
      const T* const x = Element<T>(at, inside);
      result = Combine<T>(function_, result, x == nullptr ? start : *x);
    } while (Next(inside, w_.size));
    return result;
  }

  const Op& op_;
  const Window& w_;
  Function function_;
  Shape strides_;
};

Status RunWindows(const Op& op, const EvalContext& eval, const Window& window, Function function) {
  const Shape dims = OutputShape(op, window);
  TFLOWER_ENSURE_OUTPUT(op, eval, 0, dims);
  VisitNumeric(op.Input(0).dtype(), [&](auto zero) { Walk(op, window, function).Run<decltype(zero)>(dims); });
  return Ok();
}

// Operands: input, initial value, window's dimensions, strides and dilations (int64, one for each dimension).
struct ReduceWindow {
  static Function FunctionOf(const Op& op) { return op.Options<tfl::ReduceWindowOptions>().reduce_function; }
  static Result<Window> ReadWindow(const Op& op) {
    const char* const names[] = {"window_shape", "window_strides", "window_dilations"};
    const int rank = op.Input(0).rank();
    Shape read[3];
    for (int k = 0; k < 3; ++k) {
      read[k] = IntsOf(op.Input(2 + k));
      for (const int64_t value : read[k]) TFLOWER_CHECK(CheckPositive(NameOfInput(2 + k, names[k]), value));
    }
    return Window{read[0], read[1], read[2], Shape::Filled(rank, 1), Shape::Filled(rank, 0), Shape::Filled(rank, 0)};
  }
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckFunction(FunctionOf(op), "reduce_function"));
    const Tensor input = op.Input(0);
    bool known = true;
    for (int i = 2; i < 5; ++i) known = known && Known(op.Input(i));
    if (!known) return out.Unknown(0, input.dtype(), input.rank());
    TFLOWER_TRY(const Window window, ReadWindow(op));
    return SetOutput(out, 0, input.dtype(), OutputShape(op, window));
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    TFLOWER_TRY(const Window window, ReadWindow(op));
    return RunWindows(op, eval, window, FunctionOf(op));
  }
};

// Operands: input, initial value. Lists that are empty in the file have the specification's defaults.
struct StablehloReduceWindow {
  using Options = tfl::StablehloReduceWindowOptions;

  static Result<Function> FunctionOf(const Op& op) {
    const Body body = op.Options<WithBody<Options>>().body;
    if (body.num_operators == 1) {
      switch (body.first) {
        case tfl::Builtin::ADD:
        case tfl::Builtin::STABLEHLO_ADD: return Function::ADD;
        case tfl::Builtin::MUL:
        case tfl::Builtin::STABLEHLO_MULTIPLY: return Function::MUL;
        case tfl::Builtin::MAXIMUM:
        case tfl::Builtin::STABLEHLO_MAXIMUM: return Function::MAXIMUM;
        case tfl::Builtin::MINIMUM:
        case tfl::Builtin::STABLEHLO_MINIMUM: return Function::MINIMUM;
        case tfl::Builtin::LOGICAL_AND:
        case tfl::Builtin::STABLEHLO_AND: return Function::ALL;
        case tfl::Builtin::LOGICAL_OR:
        case tfl::Builtin::STABLEHLO_OR: return Function::ANY;
        default: break;
      }
    }
    return OptionError("body_subgraph_index", Text("the subgraph has ", body.num_operators,
                                                   " operators; it must have one: a sum, a product, a maximum, a minimum, a logical and or or"));
  }
  static Result<Shape> ReadList(const char* name, tfl::Span<int64_t> list, int rank, bool may_be_missing) {
    if (list.size == 0 && may_be_missing) return Shape::Filled(rank, 1);
    if (list.size != static_cast<size_t>(rank)) return OptionError(name, Text(list.size, " entries, must be as many as the input's rank, ", rank));
    for (const int64_t value : list) TFLOWER_CHECK(CheckPositive(name, value));
    return Shape(std::span(list.data, list.size));
  }
  static Result<Window> ReadWindow(const Op& op) {
    const auto options = op.Options<Options>();
    const int rank = op.Input(0).rank();
    Window w;
    TFLOWER_TRY(w.size, ReadList("window_dimensions", options.window_dimensions, rank, false));
    TFLOWER_TRY(w.stride, ReadList("window_strides", options.window_strides, rank, true));
    TFLOWER_TRY(w.dilation, ReadList("window_dilations", options.window_dilations, rank, true));
    TFLOWER_TRY(w.base, ReadList("base_dilations", options.base_dilations, rank, true));
    if (options.padding.size != 0 && options.padding.size != 2 * static_cast<size_t>(rank))
      return OptionError("padding", Text(options.padding.size, " entries, must be twice the input's rank, ", rank));
    Shape padded;
    for (int i = 0; i < rank; ++i) {
      for (Shape* const side : {&w.low, &w.high}) {
        const int64_t by = options.padding.size == 0 ? 0 : options.padding[2 * static_cast<size_t>(i) + (side == &w.high ? 1 : 0)];
        if (by < -INT32_MAX || by > INT32_MAX) return OptionError("padding", Text(by, " must be a 32-bit number"));
        side->push_back(by);
      }
      padded.push_back(w.Padded(op.Input(0).dim(i), i));
      if (padded[i] < 0) return OptionError("padding", Text("dimension ", i, ": more is cut off than there is"));
    }
    // The walk passes each element of the padded input, though it is never made.
    TFLOWER_TRY(const int64_t elements, ForOption("padding", CountElements(padded)));
    if (elements > INT32_MAX) return OptionError("padding", Text("the padded input would have ", elements, " elements, must have at most ", INT32_MAX));
    return w;
  }
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_TRY(const Function function, FunctionOf(op));
    TFLOWER_CHECK(CheckFunction(function, "body_subgraph_index"));
    TFLOWER_TRY(const Window window, ReadWindow(op));
    return SetOutput(out, 0, op.Input(0).dtype(), OutputShape(op, window));
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    TFLOWER_TRY(const Window window, ReadWindow(op));
    TFLOWER_TRY(const Function function, FunctionOf(op));
    return RunWindows(op, eval, window, function);
  }
};

constexpr DTypeSet kValues = Types({DType::kFloat32, DType::kFloat64, DType::kInt8, DType::kInt16, DType::kInt32, DType::kInt64, DType::kUInt8,
                                    DType::kUInt16, DType::kUInt32, DType::kUInt64, DType::kBool});
constexpr DTypeSet kInt64s = Types({DType::kInt64});
constexpr tflower_kernel kRows[] = {
    Kernel<ReduceWindow>(tfl::Builtin::REDUCE_WINDOW, {.inputs = {kValues, kValues, kInt64s, kInt64s, kInt64s}}),
    Kernel<StablehloReduceWindow>(tfl::Builtin::STABLEHLO_REDUCE_WINDOW, {.inputs = {kValues, kValues}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(reduce_window, kRows);
}  // namespace tflower::kernels
