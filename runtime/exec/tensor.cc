// TensorType helpers: text for messages, comparison, ABI views.
#include "tensor.h"

#include <algorithm>

namespace tflower::runtime {

TensorType MakeType(int32_t dtype, std::span<const int64_t> dims) {
  TensorType type = EmptyType();
  type.dtype = dtype;
  type.rank = static_cast<int32_t>(std::min<size_t>(dims.size(), TFLOWER_MAX_RANK));
  std::copy_n(dims.begin(), type.rank, type.dims);
  return type;
}

bool IsStatic(const TensorType& type) {
  return DtypeBits(type.dtype) != 0 && std::ranges::all_of(Shape(type), [](int64_t dim) { return dim >= 0; });
}

bool SameType(const TensorType& a, const TensorType& b) {
  return a.dtype == b.dtype && std::ranges::equal(Shape(a), Shape(b));
}

std::string TypeText(const TensorType& type) { return std::string(DtypeName(type.dtype)) + ShapeText(Shape(type)); }

tflower_tensor MakeTensor(const TensorType& type, void* data, uint64_t size_bytes, uint32_t flags) {
  tflower_tensor tensor{};
  tensor.struct_size = sizeof(tflower_tensor);
  tensor.flags = flags;
  tensor.dtype = type.dtype;
  tensor.rank = type.rank;
  tensor.dims = type.dims;
  tensor.data = data;
  tensor.size_bytes = size_bytes;
  return tensor;
}

}  // namespace tflower::runtime
