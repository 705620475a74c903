#include "find_kernel.h"

#include "../exec/host_ops.h"
#include "../exec/small_array.h"

namespace tflower::runtime {
namespace {

// As the model declares them; -1 for absent operands.
void GatherDtypes(const SubgraphView& subgraph, std::span<const int32_t> tensors, std::span<int32_t> dtypes) {
  for (size_t i = 0; i < tensors.size(); ++i) dtypes[i] = tensors[i] < 0 ? -1 : subgraph.tensors[static_cast<size_t>(tensors[i])].dtype;
}

}  // namespace

Result<KernelRef> FindKernel(const KernelSource& kernels, const SubgraphView& subgraph, const OperatorView& op, uint32_t skip) {
  SmallArray<int32_t, 32> dtypes(op.inputs.size() + op.outputs.size());
  const auto inputs = dtypes.span().first(op.inputs.size()), outputs = dtypes.span().subspan(op.inputs.size());
  GatherDtypes(subgraph, op.inputs, inputs);
  GatherDtypes(subgraph, op.outputs, outputs);
  KernelQuery query;
  query.code = op.code;
  query.custom_code = op.custom_code;
  query.version = op.version;
  query.input_dtypes = inputs;
  query.output_dtypes = outputs;
  query.skip = skip;
  return kernels.FindKernel(query);
}

Result<Provider> FindProvider(const KernelSource& kernels, const SubgraphView& subgraph, const OperatorView& op) {
  if (IsHostOp(op.code)) return Provider{kRuntimeProvider, ""};
  TFLOWER_TRY(const KernelRef found, FindKernel(kernels, subgraph, op));
  return found.provider;
}

}  // namespace tflower::runtime
