#include "check_contracts.h"

#include <charconv>
#include <string>
#include <vector>

#include "sdk/schema/contract.h"

namespace tflower::runtime {
namespace {

// The tensors of one subgraph as the contract's expressions see them. The type and shape that a file declares of a computed tensor need not be those
// that it gets: some of TFLite's kernels overrule them.
std::vector<tflower_tensor> Tensors(const SubgraphView& subgraph) {
  std::vector<tflower_tensor> out(subgraph.tensors.size());
  std::vector<bool> computed(out.size(), false);
  for (const OperatorView& op : subgraph.operators) {
    for (const int32_t output : op.outputs) computed[static_cast<size_t>(output)] = true;
  }
  for (size_t i = 0; i < out.size(); ++i) {
    const TensorView& from = subgraph.tensors[i];
    const bool shaped = from.constant && from.sparsity == nullptr;
    tflower_tensor& to = out[i];
    to.struct_size = sizeof to;
    to.flags = from.constant ? TFLOWER_TENSOR_CONSTANT : 0;
    to.dtype = computed[i] ? TFLOWER_DTYPE_NONE : from.dtype;
    to.rank = shaped ? static_cast<int32_t>(from.shape.size()) : -1;
    to.dims = shaped ? from.shape.data() : nullptr;
    to.scale = from.quant.scale.data();
    to.zero_point = from.quant.zero_point.data();
    to.quant_count = static_cast<uint32_t>(from.quant.scale.size());
    to.quant_axis = from.quant.axis;
  }
  return out;
}

// Operand lists are short; one pair of arrays serves all operators of a subgraph.
class Checker {
 public:
  explicit Checker(const SubgraphView& subgraph) : tensors_(Tensors(subgraph)) {}

  Status Check(const OperatorView& op) {
    const tfl::Contract* contract = tfl::FindContract(op.code);
    if (contract == nullptr) return Ok();
    tflower_op abi{};
    abi.struct_size = sizeof abi;
    abi.code = op.code;
    abi.version = op.version;
    abi.options = op.options;
    abi.num_inputs = static_cast<uint32_t>(op.inputs.size());
    abi.num_outputs = static_cast<uint32_t>(op.outputs.size());
    abi.inputs = Pointers(op.inputs, inputs_);
    abi.outputs = Pointers(op.outputs, outputs_);
    return tfl::CheckContract(*contract, abi);
  }

 private:
  tflower_tensor* const* Pointers(std::span<const int32_t> indices, std::vector<tflower_tensor*>& pointers) {
    pointers.clear();
    for (const int32_t i : indices) pointers.push_back(i < 0 ? nullptr : &tensors_[static_cast<size_t>(i)]);
    return pointers.data();
  }

  std::vector<tflower_tensor> tensors_;
  std::vector<tflower_tensor*> inputs_, outputs_;
};

}  // namespace

Error NameOperand(Error error, const SubgraphView& subgraph, const OperatorView& op) {
  constexpr std::string_view kInput = "input ";
  const std::string_view what = error.what;
  size_t i = 0;
  if (!what.starts_with(kInput) || std::from_chars(what.data() + kInput.size(), what.data() + what.size(), i).ec != std::errc()) return error;
  if (i >= op.inputs.size() || op.inputs[i] < 0) return error;
  const std::string tensor = std::to_string(op.inputs[i]), name(subgraph.tensors[static_cast<size_t>(op.inputs[i])].name.substr(0, 200));
  return std::move(error).Note("input " + std::to_string(i) + " is tensor " + tensor + " '" + name + "'");
}

Status CheckContracts(const ModelView& model) {
  for (size_t s = 0; s < model.subgraphs().size(); ++s) {
    const SubgraphView& subgraph = model.subgraphs()[s];
    Checker checker(subgraph);
    for (size_t i = 0; i < subgraph.operators.size(); ++i) {
      auto status = checker.Check(subgraph.operators[i]);
      if (status.ok()) continue;
      Error error = NameOperand(std::move(status.error()), subgraph, subgraph.operators[i]);
      error.code = Code::kMalformed;
      return std::move(error).Op(subgraph.operators[i].name).Node("operator " + std::to_string(i)).Note("in subgraph " + std::to_string(s));
    }
  }
  return Ok();
}

}  // namespace tflower::runtime
