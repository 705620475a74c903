// STABLEHLO_PAD: elements moved apart by interior padding, then padding at the edges, which crops where it is negative.
// Source: the StableHLO specification of pad.
#include "common/copy.h"
#include "stablehlo/index_space.h"

namespace tflower::kernels {
namespace {

struct StablehloPad {
  struct Dim {
    int64_t low, high, step;  // step: 1 + interior padding
  };

  static Result<Dim> DimOf(const tfl::StablehloPadOptions& options, int i) {
    const auto k = static_cast<size_t>(i);
    const int64_t low = options.edge_padding_low[k], high = options.edge_padding_high[k], interior = options.interior_padding[k];
    const bool edges = std::min(low, high) >= -INT32_MAX && std::max(low, high) <= INT32_MAX;
    if (!edges) return OptionError("edge_padding", Text("dimension ", i, ": ", low, " and ", high, " must be 32-bit numbers"));
    if (interior < 0 || interior >= INT32_MAX) return OptionError("interior_padding", Text("entry ", i, " = ", interior, " must be from 0 to ", INT32_MAX - 1));
    return Dim{low, high, interior + 1};
  }
  static Result<Shape> OutputShape(const Op& op) {
    const auto options = op.Options<tfl::StablehloPadOptions>();
    const Tensor input = op.Input(0);
    const std::pair<const char*, size_t> lists[] = {
        {"edge_padding_low", options.edge_padding_low.size}, {"edge_padding_high", options.edge_padding_high.size}, {"interior_padding", options.interior_padding.size}};
    for (const auto& [name, size] : lists)
      if (size != static_cast<size_t>(input.rank())) return OptionError(name, Text(size, " entries, must be as many as the operand's rank, ", input.rank()));
    Shape dims;
    for (int i = 0; i < input.rank(); ++i) {
      TFLOWER_TRY(const Dim d, DimOf(options, i));
      if (input.dim(i) > INT32_MAX) return OperandError(Code::kUnsupportedShape, 0, "operand", Text("dimension ", input.dim(i), " is above ", INT32_MAX));
      const int64_t spread = input.dim(i) == 0 ? 0 : (input.dim(i) - 1) * d.step + 1;
      dims.push_back(spread + d.low + d.high);
      if (dims[i] < 0) return OptionError("edge_padding", Text("dimension ", i, ": ", d.low, " and ", d.high, " crop more than there is, ", spread));
    }
    return dims;
  }
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_TRY(const Shape dims, OutputShape(op));
    return SetOutput(out, 0, op.Input(0).dtype(), dims);
  }
  // Input element i of a dimension goes to low + i * step, if that is in [0, dim).
  static Status Eval(const Op& op, const EvalContext& eval) {
    const auto options = op.Options<tfl::StablehloPadOptions>();
    const Tensor input = op.Input(0), output = op.Output(0);
    const int64_t element = ElementBytes(input.dtype());
    Fill(op.Input(1).raw(), element, output.mutable_raw(), output.num_elements(), eval.parallel());
    if (input.num_elements() == 0) return Ok();
    const Shape from = StridesOf(input.dims()), to = StridesOf(output.dims());
    StridedCopy copy{.element_bytes = element};
    int64_t source = 0, target = 0;
    for (int i = 0; i < input.rank(); ++i) {
      TFLOWER_TRY(const Dim d, DimOf(options, i));
      const int64_t first = d.low >= 0 ? 0 : (-d.low + d.step - 1) / d.step, end = output.dim(i) - d.low;  // places below `end` are inside
      const int64_t last = end <= 0 ? 0 : std::min(input.dim(i), (end - 1) / d.step + 1);
      if (last <= first) return Ok();
      source += first * from[i] * element;
      target += (d.low + first * d.step) * to[i] * element;
      copy.Add(last - first, d.step * to[i] * element, from[i] * element);
    }
    copy.Run(input.data<std::byte>() + source, output.mutable_data<std::byte>() + target, eval.parallel());
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {Kernel<StablehloPad>(tfl::Builtin::STABLEHLO_PAD, {.inputs = {kPlain, kPlain}})};

}  // namespace
TFLOWER_KERNEL_FAMILY(stablehlo_pad, kRows);
}  // namespace tflower::kernels
