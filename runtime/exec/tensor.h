// TensorType and OwnedTensor: what the runtime says about a tensor, and one that brings its memory.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "../model/dtype.h"
#include "buffer.h"
#include "tflower/abi.h"

namespace tflower::runtime {

// dtype, rank and dims inside the value, so that infer writes into it directly. A dim of -1 depends on contents.
using TensorType = tflower_type;

inline TensorType EmptyType() {
  TensorType type{};
  type.struct_size = sizeof(TensorType);
  type.dtype = TFLOWER_DTYPE_NONE;
  return type;
}

// dims.size() <= TFLOWER_MAX_RANK.
TensorType MakeType(int32_t dtype, std::span<const int64_t> dims);

inline std::span<const int64_t> Shape(const TensorType& type) { return {type.dims, static_cast<size_t>(type.rank)}; }
inline std::span<const int64_t> Shape(const tflower_tensor& tensor) {
  return {tensor.dims, static_cast<size_t>(tensor.rank)};
}

// All dims known and elements of fixed size: the bytes can be allocated before eval.
bool IsStatic(const TensorType& type);
bool SameType(const TensorType& a, const TensorType& b);

// "float32[1, 224, 224, 3]", for messages; unknown dims as '?'.
std::string TypeText(const TensorType& type);

// The ABI's view of memory. dims are not copied: type.dims (or dims) must outlive the view.
tflower_tensor MakeTensor(const TensorType& type, void* data, uint64_t size_bytes, uint32_t flags = 0);

// A tensor with its own 64-byte aligned memory.
struct OwnedTensor {
  TensorType type = EmptyType();
  AlignedBuffer data;
  uint64_t size_bytes = 0;
};

}  // namespace tflower::runtime
