// STABLEHLO_GATHER: slices of an operand at indices that come at run time; slices that would reach beyond the operand are moved into it.
// Source: the StableHLO specification of gather, without batching dimensions.
#include "common/copy.h"
#include "stablehlo/index_space.h"

namespace tflower::kernels {
namespace {

using Options = tfl::StablehloGatherOptions;

struct StablehloGather {
  static Status CheckOptions(const Op& op, const Options& options) {
    const Tensor operand = op.Input(0);
    if (options.slice_sizes.size != static_cast<size_t>(operand.rank()))
      return OptionError("slice_sizes", Text(options.slice_sizes.size, " entries, must be as many as the operand's rank, ", operand.rank()));
    for (int i = 0; i < operand.rank(); ++i) {
      const int64_t size = options.slice_sizes[static_cast<size_t>(i)];
      if (size < 0 || size > operand.dim(i)) return OptionError("slice_sizes", Text("entry ", i, " = ", size, " must be from 0 to ", operand.dim(i)));
    }
    TFLOWER_CHECK(CheckAscending("collapsed_slice_dims", options.collapsed_slice_dims, operand.rank()));
    for (const int64_t dim : options.collapsed_slice_dims) {
      const int64_t size = options.slice_sizes[static_cast<size_t>(dim)];
      if (size > 1) return OptionError("collapsed_slice_dims", Text("the slice has size ", size, " in dimension ", dim, ", must have at most 1"));
    }
    if (options.offset_dims.size + options.collapsed_slice_dims.size != static_cast<size_t>(operand.rank()))
      return OptionError("offset_dims", Text(options.offset_dims.size, " entries, must be ", static_cast<int64_t>(operand.rank()) - static_cast<int64_t>(options.collapsed_slice_dims.size)));
    TFLOWER_CHECK(CheckDistinct("start_index_map", options.start_index_map, operand.rank()));
    TFLOWER_CHECK(IndexVectors::Check(op, 1, "start_indices", options.index_vector_dim, options.start_index_map.size));
    const int64_t rank = op.Input(1).rank() - (options.index_vector_dim < op.Input(1).rank() ? 1 : 0) + static_cast<int64_t>(options.offset_dims.size);
    if (rank > kMaxRank) return OperandError(Code::kUnsupportedShape, 1, "start_indices", Text("the output would have a rank above ", kMaxRank));
    return CheckAscending("offset_dims", options.offset_dims, static_cast<int>(rank));
  }
  // The slice's dimensions that are in the result.
  static Shape OffsetSizes(const Options& options) {
    Shape sizes;
    for (size_t i = 0; i < options.slice_sizes.size; ++i)
      if (!Contains(options.collapsed_slice_dims, static_cast<int64_t>(i))) sizes.push_back(options.slice_sizes[i]);
    return sizes;
  }
  static Status Infer(const Op& op, OpTypes& out) {
    const auto options = op.Options<Options>();
    TFLOWER_CHECK(CheckOptions(op, options));
    const Shape batch = IndexVectors(op.Input(1), options.index_vector_dim).BatchDims(), offset = OffsetSizes(options);
    Shape dims;
    for (int i = 0, b = 0, o = 0; i < batch.rank() + offset.rank(); ++i) dims.push_back(Contains(options.offset_dims, i) ? offset[o++] : batch[b++]);
    return SetOutput(out, 0, op.Input(0).dtype(), dims);
  }
  // Slice by slice: of each, the box at its start goes to the result's offset dimensions.
  static Status Eval(const Op& op, const EvalContext& eval) {
    const auto options = op.Options<Options>();
    const Tensor operand = op.Input(0), output = op.Output(0);
    const IndexVectors starts(op.Input(1), options.index_vector_dim);
    const Shape batch_dims = starts.BatchDims(), from = StridesOf(operand.dims()), to = StridesOf(output.dims());
    const int64_t element = ElementBytes(operand.dtype());
    StridedCopy slice{.element_bytes = element};
    Shape batch_strides;
    for (int i = 0, o = 0; i < output.rank(); ++i) {
      if (!Contains(options.offset_dims, i)) {
        batch_strides.push_back(to[i]);
        continue;
      }
      while (Contains(options.collapsed_slice_dims, o)) ++o;
      slice.Add(output.dim(i), to[i] * element, from[o++] * element);
    }
    Shape batch = Shape::Filled(batch_dims.rank(), 0);
    do {
      int64_t source = 0, target = 0;
      for (size_t k = 0; k < options.start_index_map.size; ++k) {
        const auto dim = static_cast<int>(options.start_index_map[k]);
        source += std::clamp<int64_t>(starts.At(batch, static_cast<int64_t>(k)), 0, operand.dim(dim) - options.slice_sizes[static_cast<size_t>(dim)]) * from[dim];
      }
      for (int i = 0; i < batch.rank(); ++i) target += batch[i] * batch_strides[i];
      slice.Run(operand.data<std::byte>() + source * element, output.mutable_data<std::byte>() + target * element, eval.parallel());
    } while (NextIndex(batch, batch_dims));
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {Kernel<StablehloGather>(tfl::Builtin::STABLEHLO_GATHER, {.inputs = {kPlain, kIndex}})};

}  // namespace
TFLOWER_KERNEL_FAMILY(stablehlo_gather, kRows);
}  // namespace tflower::kernels
