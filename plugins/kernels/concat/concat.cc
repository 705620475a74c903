// CONCATENATION and PACK: tensors laid side by side along an axis. Source: TFLite ConcatenationOptions, PackOptions.
#include <limits>
#include <vector>

#include "common/check.h"
#include "common/copy.h"
#include "common/on_int4.h"
#include "common/planes.h"
#include "common/quantized.h"

namespace tflower::kernels {
namespace {

std::string OperandName(int i) { return "value " + std::to_string(i); }

// All operands have input 0's quantisation, as byte copies need.
Status CheckAlike(const Op& op) {
  if (op.code() == tfl::Builtin::CONCATENATION && op.Input(0).dtype() == DType::kInt16) return Ok();  // TFLite lays stored numbers side by side
  for (int i = 1; i < op.num_inputs(); ++i) {
    if (!SameQuantization(op.Input(i), op.Input(0))) {
      return OperandError(Code::kUnsupportedType, i, OperandName(i),
                          "scale or zero point differ from those of input 0: they must be equal");
    }
  }
  return Ok();
}

// As many operands as there are instructions for, of one element a row.
bool AreElements(const Op& op, int64_t outer) {
  for (int i = 0; i < op.num_inputs(); ++i) {
    if (op.Input(i).num_elements() != outer) return false;
  }
  return op.num_inputs() >= 2 && op.num_inputs() <= MostPlanes(ElementBytes(op.Input(0).dtype()));
}

// Copies [outer, inner bytes of operand i] to its place in [outer, sum of inner], all operands of a block of rows before the next: the result is written once.
void CopySideBySide(const Op& op, const EvalContext& eval, int axis) {
  const int64_t element = ElementBytes(op.Input(0).dtype());
  const Tensor output = op.Output(0);
  const int64_t outer = Product(output.dims(), 0, axis), row = Product(output.dims(), axis, output.rank()) * element;
  if (outer == 0 || row == 0) return;
  const int64_t stream_bytes = outer * row >= kStreamBytes ? 0 : kStreamBytes;  // what counts is the whole result
  if (AreElements(op, outer)) {
    eval.parallel().For(outer, kParallelBytes / row, [&](int64_t begin, int64_t end) {
      Planes planes{.joined = output.mutable_data<std::byte>() + begin * row, .count = op.num_inputs(), .size = end - begin, .stream = stream_bytes == 0};
      for (int i = 0; i < planes.count; ++i) planes.planes[i] = const_cast<std::byte*>(op.Input(i).data<std::byte>()) + begin * element;
      JoinPlanes(planes, element);
    });
    return;
  }
  const auto copy_rows = [&](int64_t begin, int64_t end, const Parallel& parallel) {
    auto* to = output.mutable_data<std::byte>() + begin * row;
    for (int i = 0; i < op.num_inputs(); ++i) {
      const Tensor input = op.Input(i);
      const int64_t part = input.num_elements() / outer * element;
      StridedCopy copy{.element_bytes = element, .stream_bytes = stream_bytes};
      copy.Add(end - begin, row, part);
      copy.Add(part / element, element, element);
      copy.Run(input.data<std::byte>() + begin * part, to, parallel);
      to += part;
    }
  };
  const int64_t block = kParallelBytes / row;
  if (block < 1) return copy_rows(0, outer, eval.parallel());
  eval.parallel().For((outer + block - 1) / block, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) copy_rows(i * block, std::min(outer, (i + 1) * block), Parallel());
  });
}

struct Concatenation {
  static Result<Shape> OutputShape(const Op& op) {
    TFLOWER_TRY(const int axis, ForOption("axis", NormalizeAxis(op.Options<tfl::ConcatenationOptions>().axis, op.Input(0).rank())));
    Shape dims(op.Input(0).dims());
    for (int i = 1; i < op.num_inputs(); ++i) {
      const Tensor input = op.Input(i);
      bool fits = input.rank() == dims.rank();
      for (int k = 0; fits && k < dims.rank(); ++k) fits = k == axis || input.dim(k) == dims[k];
      if (!fits) {
        return OperandError(
            Code::kUnsupportedShape, i, OperandName(i),
            Text("shape ", input.dims(), " must be that of input 0, ", op.Input(0).dims(), ", in every dimension but ", axis));
      }
      if (__builtin_add_overflow(dims[axis], input.dim(axis), &dims[axis]))
        return Error(Code::kLimit, "the sum of the sizes along the axis is too large");
    }
    return dims;
  }
  // What the fused activation clamps to; NONE is not clamped at all.
  static bool Clamps(tfl::ActivationFunctionType activation, float& low, float& high) {
    low = activation == tfl::ActivationFunctionType::RELU_N1_TO_1 ? -1.0f : 0.0f;
    high = activation == tfl::ActivationFunctionType::RELU6          ? 6.0f
           : activation == tfl::ActivationFunctionType::RELU_N1_TO_1 ? 1.0f
                                                                     : std::numeric_limits<float>::infinity();
    return activation != tfl::ActivationFunctionType::NONE;
  }
  static Status CheckActivation(const Op& op) {
    using Activation = tfl::ActivationFunctionType;
    const Activation a = op.Options<tfl::ConcatenationOptions>().fused_activation_function;
    if (a == Activation::NONE) return Ok();
    if (a != Activation::RELU && a != Activation::RELU6 && a != Activation::RELU_N1_TO_1) {
      return OptionError("fused_activation_function", Text("value ", static_cast<int>(a), " must be NONE, RELU, RELU_N1_TO_1 or RELU6"));
    }
    if (op.Input(0).dtype() == DType::kFloat32) return Ok();
    return OptionError("fused_activation_function", Text("must be NONE for ", NameOf(op.Input(0).dtype()), ": only float32 is clamped"));
  }
  static Status Infer(const Op& op, OpTypes& out) {
    if (op.Input(0).dtype() == DType::kUInt8) TFLOWER_CHECK(DeclineQuantized(op));
    TFLOWER_CHECK(CheckAlike(op));
    return InferShape(op, out);
  }
  static Status InferShape(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckActivation(op));
    TFLOWER_TRY(const Shape dims, OutputShape(op));
    return SetOutput(out, 0, op.Input(0).dtype(), dims);
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const auto options = op.Options<tfl::ConcatenationOptions>();
    const Tensor output = op.Output(0);
    if (output.dtype() != DType::kInt16 && !SameQuantization(op.Input(0), output))
      return Error(Code::kUnsupportedType, "scale or zero point of the output differ from those of the inputs: they must be equal");
    TFLOWER_TRY(const int axis, ForOption("axis", NormalizeAxis(options.axis, output.rank())));
    CopySideBySide(op, eval, axis);
    float low = 0, high = 0;
    if (!Clamps(options.fused_activation_function, low, high)) return Ok();
    float* const y = output.mutable_data<float>();
    eval.parallel().For(output.num_elements(), kParallelBytes / 4, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) y[i] = y[i] < low ? low : y[i] > high ? high : y[i];
    });
    return Ok();
  }
};

// uint8 operands may have quantisations of their own, which are brought to the output's in float.
struct QuantizedConcatenation {
  std::vector<Affine> from;
  Affine to;
  int axis = 0;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckQuantized(op, op.num_inputs()));
    return Concatenation::InferShape(op, out);
  }
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_TRY(axis, NormalizeAxis(op.Options<tfl::ConcatenationOptions>().axis, op.Input(0).rank()));
    TFLOWER_TRY(to, OutputAffine(op));
    for (int i = 0; i < op.num_inputs(); ++i) {
      TFLOWER_TRY(const Affine affine, InputAffine(op, i));
      from.push_back(affine);
    }
    return Ok();
  }
  void Rescale(const Affine& x, const uint8_t* in, int64_t n, uint8_t* out) const {
    const float scale = x.scale * (1 / to.scale), bias = static_cast<float>(-x.zero) * scale;
    for (int64_t i = 0; i < n; ++i) {
      out[i] = static_cast<uint8_t>(BoundsOf(DType::kUInt8).Clamp(RoundedInt(static_cast<float>(in[i]) * scale + bias) + to.zero));
    }
  }
  Status Eval(const Op& op, const EvalContext&) const {
    const Tensor output = op.Output(0);
    const int64_t outer = Product(output.dims(), 0, axis), row = Product(output.dims(), axis, output.rank());
    int64_t place = 0;
    for (int i = 0; i < op.num_inputs(); ++i) {
      const int64_t part = outer == 0 ? 0 : op.Input(i).num_elements() / outer;
      const bool same = from[static_cast<size_t>(i)].scale == to.scale && from[static_cast<size_t>(i)].zero == to.zero;
      for (int64_t r = 0; r < outer; ++r) {
        const uint8_t* const in = op.Input(i).data<uint8_t>() + r * part;
        uint8_t* const out = output.mutable_data<uint8_t>() + r * row + place;
        if (same) std::copy_n(in, part, out);
        else Rescale(from[static_cast<size_t>(i)], in, part, out);
      }
      place += part;
    }
    return Ok();
  }
};

// A new axis of size values_count; all operands have one shape.
struct Pack {
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckAlike(op));
    TFLOWER_CHECK(CheckRank(op, 0, "value 0", 0, kMaxRank - 1));
    const auto options = op.Options<tfl::PackOptions>();
    const Tensor first = op.Input(0);
    for (int i = 1; i < op.num_inputs(); ++i) {
      const auto dims = op.Input(i).dims();
      if (std::equal(dims.begin(), dims.end(), first.dims().begin(), first.dims().end())) continue;
      return OperandError(Code::kUnsupportedShape, i, OperandName(i), Text("shape ", dims, " must be that of input 0, ", first.dims()));
    }
    TFLOWER_TRY(const int axis, ForOption("axis", NormalizeAxis(options.axis, first.rank() + 1)));
    Shape dims;
    for (int i = 0; i <= first.rank(); ++i) {
      if (i == axis) dims.push_back(op.num_inputs());
      if (i < first.rank()) dims.push_back(first.dim(i));
    }
    return SetOutput(out, 0, first.dtype(), dims);
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    if (!SameQuantization(op.Input(0), op.Output(0)))
      return Error(Code::kUnsupportedType, "scale or zero point of the output differ from those of the inputs: they must be equal");
    TFLOWER_TRY(const int axis, ForOption("axis", NormalizeAxis(op.Options<tfl::PackOptions>().axis, op.Output(0).rank())));
    CopySideBySide(op, eval, axis);
    return Ok();
  }
};

constexpr DTypeSet k = kPlain;
constexpr tflower_kernel kRows[] = {
    Kernel<QuantizedConcatenation>(tfl::Builtin::CONCATENATION, {.inputs = {kUInt8, kUInt8, kUInt8, kUInt8, kUInt8, kUInt8, kUInt8, kUInt8}, .outputs = {kUInt8}, .priority = kQuantizedPriority}),
    Kernel<Concatenation>(tfl::Builtin::CONCATENATION, {.inputs = {k, k, k, k, k, k, k, k}}),
    Kernel<OnInt4<Concatenation>>(tfl::Builtin::CONCATENATION, {.inputs = {kInt4, kInt4, kInt4, kInt4, kInt4, kInt4, kInt4, kInt4}, .outputs = {kInt4}}),
    Kernel<Pack>(tfl::Builtin::PACK, {.inputs = {k, k, k, k, k, k, k, k}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(concat, kRows);
}  // namespace tflower::kernels
