// Variables of a session.
#include "variables.h"

#include <cstring>

namespace tflower::runtime {

Result<void*> Variables::TensorMemory(uint32_t subgraph, uint32_t index, const TensorView& view) {
  Tensor& tensor = tensors_[{subgraph, index}];
  if (tensor.value.data.data() != nullptr) return static_cast<void*>(tensor.value.data.data());
  tensor.value.type = MakeType(view.dtype, view.shape);
  tensor.value.size_bytes = ByteSize(view.dtype, view.shape).value_or(0);
  const bool int8 = view.dtype == static_cast<int32_t>(DType::kInt8);
  tensor.fill = int8 && view.quant.zero_point.size() == 1 ? static_cast<int>(view.quant.zero_point[0]) : 0;
  if (!tensor.value.data.Reserve(tensor.value.size_bytes)) {
    return Error(Code::kLimit, "no memory for a variable of " + std::to_string(tensor.value.size_bytes) + " bytes")
        .Node(view.name);
  }
  std::memset(tensor.value.data.data(), tensor.fill, tensor.value.size_bytes);
  return static_cast<void*>(tensor.value.data.data());
}

int32_t Variables::ResourceId(std::string_view container, std::string_view name) {
  const auto [entry, is_new] =
      ids_.try_emplace({std::string(container), std::string(name)}, static_cast<int32_t>(resources_.size()));
  if (is_new) resources_.emplace_back().name = name;
  return entry->second;
}

Variables::Resource* Variables::FindResource(int32_t id) {
  return id >= 0 && static_cast<size_t>(id) < resources_.size() ? &resources_[static_cast<size_t>(id)] : nullptr;
}

void Variables::Reset() {
  for (auto& [key, tensor] : tensors_) {
    if (tensor.value.data.data() != nullptr)
      std::memset(tensor.value.data.data(), tensor.fill, tensor.value.size_bytes);
  }
  for (Resource& resource : resources_) resource.assigned = false;
  called_.clear();
}

}  // namespace tflower::runtime
