#include "export/op_version.h"

#include <vector>

#include "sdk/schema/contract.h"

namespace tflower::exporter {
namespace {

// Values as the contract's expressions see them: types, dims and quantisation, no contents.
class Tensors {
 public:
  explicit Tensors(std::span<ir::Value* const> values) : dims_(values.size()), tensors_(values.size()), pointers_(values.size()) {
    for (size_t i = 0; i < values.size(); ++i) {
      if (values[i] != nullptr) pointers_[i] = View(*values[i], dims_[i], tensors_[i]);
    }
  }
  tflower_tensor* const* data() const { return pointers_.data(); }
  uint32_t size() const { return static_cast<uint32_t>(pointers_.size()); }

 private:
  static tflower_tensor* View(const ir::Value& v, std::vector<int64_t>& dims, tflower_tensor& t) {
    dims = v.Shape();
    t.struct_size = sizeof t;
    t.flags = v.is_constant() ? TFLOWER_TENSOR_CONSTANT : 0;
    t.dtype = static_cast<int32_t>(v.dtype);
    t.rank = static_cast<int32_t>(dims.size());
    t.dims = dims.data();
    t.scale = v.scale.data();
    t.zero_point = v.zero_point.data();
    t.quant_count = static_cast<uint32_t>(v.scale.size());
    t.quant_axis = v.quant_axis;
    return &t;
  }

  std::vector<std::vector<int64_t>> dims_;
  std::vector<tflower_tensor> tensors_;
  std::vector<tflower_tensor*> pointers_;
};

}  // namespace

int32_t OperatorVersion(int32_t code, tflower_bytes options, std::span<ir::Value* const> inputs, std::span<ir::Value* const> outputs) {
  const tfl::Contract* contract = tfl::FindContract(code);
  if (contract == nullptr) return 1;
  const Tensors in(inputs), out(outputs);
  tflower_op op{};
  op.struct_size = sizeof op;
  op.code = code;
  op.options = options;
  op.num_inputs = in.size();
  op.inputs = in.data();
  op.num_outputs = out.size();
  op.outputs = outputs.empty() ? nullptr : out.data();
  return tfl::VersionOf(*contract, op);
}

int32_t OperatorVersion(const ir::Operator& op) { return OperatorVersion(op.code, op.options->bytes(), op.inputs, op.outputs); }

}  // namespace tflower::exporter
