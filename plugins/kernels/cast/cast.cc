// CAST, BITCAST, and DEQUANTIZE of half floats: other element types for the same shape. Source: TFLite CastOptions.
#include "cast/convert.h"
#include "common/check.h"
#include "common/copy.h"

namespace tflower::kernels {
namespace {

void ConvertAll(const Tensor& input, const Tensor& output, const Parallel& parallel) {
  const int64_t from = ElementBytes(input.dtype()), to = ElementBytes(output.dtype());
  if (input.dtype() == output.dtype())
    return CopyBytes(input.raw(), output.mutable_raw(), static_cast<int64_t>(input.size_bytes()), parallel);
  parallel.For(input.num_elements(), kParallelBytes / std::max(from, to), [&](int64_t begin, int64_t end) {
    Convert(input.dtype(), input.data<std::byte>() + begin * from, output.dtype(), output.mutable_data<std::byte>() + begin * to,
            end - begin);
  });
}

struct Cast {
  static Status Infer(const Op& op, OpTypes& out) {
    const auto type = static_cast<DType>(op.Options<tfl::CastOptions>().out_data_type);
    if (!Contains(kConvertible, type)) return OptionError("out_data_type", Text(NameOf(type), " is none of the types that CAST gives"));
    return SetOutput(out, 0, type, op.Input(0).dims());
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    ConvertAll(op.Input(0), op.Output(0), eval.parallel());
    return Ok();
  }
};

// Half floats kept as float16 or bfloat16 weights, as floats.
struct DequantizeHalf {
  static Status Infer(const Op& op, OpTypes& out) {
    return SetOutput(out, 0, DType::kFloat32, op.Input(0).dims());
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    ConvertAll(op.Input(0), op.Output(0), eval.parallel());
    return Ok();
  }
};

// The same bytes read as kOut: [..., n] -> [..., n, a / b] for smaller elements, [..., n, b / a] -> [..., n] for larger ones. Nothing in
// the operator but its output says what kOut is, hence a row for each.
template <DType kOut>
struct Bitcast {
  static Status Infer(const Op& op, OpTypes& out) {
    const Tensor input = op.Input(0);
    const int64_t from = ElementBytes(input.dtype()), to = ElementBytes(kOut);
    Shape dims(input.dims());
    if (from > to) {
      if (dims.rank() == kMaxRank)
        return OperandError(Code::kUnsupportedShape, 0, "input", Text("the output would have a rank above ", kMaxRank));
      dims.push_back(from / to);
    } else if (from < to) {
      if (dims.empty() || input.dim(-1) != to / from) {
        return OperandError(
            Code::kUnsupportedShape, 0, "input",
            Text("the last dimension of ", dims, " must be ", to / from, " to make ", NameOf(kOut), " from ", NameOf(input.dtype())));
      }
      dims = Shape(input.dims().first(input.dims().size() - 1));
    }
    return SetOutput(out, 0, kOut, dims);
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    CopyBytes(op.Input(0).raw(), op.Output(0).mutable_raw(), static_cast<int64_t>(op.Input(0).size_bytes()), eval.parallel());
    return Ok();
  }
};

template <DType kOut>
constexpr tflower_kernel BitcastRow() {
  return Kernel<Bitcast<kOut>>(tfl::Builtin::BITCAST, {.inputs = {kPlain}, .outputs = {Types({kOut})}});
}

constexpr tflower_kernel kRows[] = {
    Kernel<Cast>(tfl::Builtin::CAST, {.inputs = {kConvertible}, .outputs = {kConvertible}}),
    Kernel<DequantizeHalf>(tfl::Builtin::DEQUANTIZE,
                           {.inputs = {Types({DType::kFloat16, DType::kBFloat16})}, .outputs = {kF32}}),
    BitcastRow<DType::kFloat32>(),
    BitcastRow<DType::kFloat64>(),
    BitcastRow<DType::kFloat16>(),
    BitcastRow<DType::kBFloat16>(),
    BitcastRow<DType::kInt8>(),
    BitcastRow<DType::kInt16>(),
    BitcastRow<DType::kInt32>(),
    BitcastRow<DType::kInt64>(),
    BitcastRow<DType::kUInt8>(),
    BitcastRow<DType::kUInt16>(),
    BitcastRow<DType::kUInt32>(),
    BitcastRow<DType::kUInt64>(),
    BitcastRow<DType::kComplex64>(),
    BitcastRow<DType::kComplex128>(),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(cast, kRows);
}  // namespace tflower::kernels
