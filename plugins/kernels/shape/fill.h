// FILL, ZEROS_LIKE, RANGE: tensors made from few numbers.
#pragma once

#include <cmath>

#include "common/check.h"
#include "common/copy.h"

namespace tflower::kernels {

// output[...] = value, with the dims of operand 0.
struct FillKernel {
  static Result<Shape> OutputShape(const Op& op) {
    const Shape dims = IntsOf(op.Input(0));
    TFLOWER_TRY([[maybe_unused]] const int64_t count, ForInput(0, "dims", CountElements(dims, op.Input(1).dtype())));
    return dims;
  }
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckShapeOperand(op, 0, "dims"));
    const DType dtype = op.Input(1).dtype();
    if (!Known(op.Input(0))) return out.Unknown(0, dtype, static_cast<int>(op.Input(0).dim(0)));
    TFLOWER_TRY(const Shape dims, OutputShape(op));
    return out.Set(0, dtype, dims);
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    TFLOWER_TRY(const Shape dims, OutputShape(op));
    TFLOWER_ENSURE_OUTPUT(op, eval, 0, dims);
    Fill(op.Input(1).raw(), ElementBytes(op.Input(1).dtype()), op.Output(0).mutable_raw(), Product(dims), eval.parallel());
    return Ok();
  }
};

// Zeros of the operand's type and shape.
struct ZerosLike {
  static Status Infer(const Op& op, OpTypes& out) {
    return out.SameAs(0, op.Input(0));
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const uint8_t zero = 0;
    Fill(&zero, 1, op.Output(0).mutable_raw(), static_cast<int64_t>(op.Output(0).size_bytes()), eval.parallel());
    return Ok();
  }
};

// output[i] = start + i * delta, for as long as it is before limit. Each element is computed from i, so errors do not add up.
template <class T>
struct RangeKernel {
  // Unsigned for integers: i * delta may wrap around on the way to an element that fits.
  using Wide = std::conditional_t<std::is_integral_v<T>, uint64_t, T>;

  static T At(const Op& op, int i) { return op.Input(i).data<T>()[0]; }

  static Result<int64_t> Count(T start, T limit, T delta) {
    const auto text = [&] { return Text("start ", start, ", limit ", limit, ", delta ", delta); };
    if (delta == T{0}) return Error(Code::kInvalidOperand, Text(text(), ": delta must not be 0")).What(NameOfInput(2, "delta"));
    if (start != limit && (start < limit) != (delta > T{0})) {
      return Error(Code::kInvalidOperand, Text(text(), ": delta must lead from start to limit")).What(NameOfInput(2, "delta"));
    }
    if constexpr (std::is_floating_point_v<T>) {
      const T count = std::ceil(std::abs((limit - start) / delta));
      if (!(count < T{1LL << 53}))
        return Error(Code::kInvalidOperand, Text(text(), ": the number of elements must be finite and below 2^53"));
      return static_cast<int64_t>(count);
    } else {
      const uint64_t distance = start < limit ? static_cast<uint64_t>(limit) - static_cast<uint64_t>(start)
                                              : static_cast<uint64_t>(start) - static_cast<uint64_t>(limit);
      const uint64_t step = delta > 0 ? static_cast<uint64_t>(delta) : uint64_t{0} - static_cast<uint64_t>(delta);
      const uint64_t count = distance / step + (distance % step != 0 ? 1 : 0);
      if (count > uint64_t{1} << 53) return Error(Code::kInvalidOperand, Text(text(), ": the number of elements must be below 2^53"));
      return static_cast<int64_t>(count);
    }
  }
  static Status Infer(const Op& op, OpTypes& out) {
    if (!Known(op.Input(0)) || !Known(op.Input(1)) || !Known(op.Input(2))) return out.Unknown(0, DTypeOf<T>::value, 1);
    TFLOWER_TRY(const int64_t count, Count(At(op, 0), At(op, 1), At(op, 2)));
    return SetOutput(out, 0, DTypeOf<T>::value, Shape{count});
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const T start = At(op, 0), delta = At(op, 2);
    TFLOWER_TRY(const int64_t count, Count(start, At(op, 1), delta));
    TFLOWER_ENSURE_OUTPUT(op, eval, 0, Shape{count});
    T* const output = op.Output(0).mutable_data<T>();
    eval.parallel().For(count, kParallelBytes / static_cast<int64_t>(sizeof(T)), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        output[i] = static_cast<T>(static_cast<Wide>(start) + static_cast<Wide>(i) * static_cast<Wide>(delta));
      }
    });
    return Ok();
  }
};

}  // namespace tflower::kernels
