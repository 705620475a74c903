// The weights of a layer, operand 1, packed for integer matrix products: once when they are constant, else in each call.
#pragma once

#include "common/quantized_layer.h"
#include "integer_gemm/integer_gemm.h"

namespace tflower::kernels {

inline IntegerType IntegerTypeOf(DType type) {
  return type == DType::kUInt8 ? IntegerType::kUInt8 : type == DType::kInt16 ? IntegerType::kInt16 : IntegerType::kInt8;
}

// `groups` matrices, one behind the other, of `columns` x `depth` ([depth, columns] when transposed).
class PackedWeights {
 public:
  void Prepare(const Op& op, IntegerType type, int32_t zero, size_t groups, size_t columns, size_t depth, bool transposed = false);
  bool bytes() const { return bytes_; }
  bool constant() const { return constant_; }
  size_t Bytes() const { return group_bytes_ * groups_; }      // of all groups, packed
  uint64_t Key() const { return bytes_; }
  void Pack(const Op& op, void* packed) const;                  // int4 and int2, which are constant, are unpacked into memory of its own
  const char* Group(const char* packed, size_t g) const { return packed + g * group_bytes_; }

 private:
  void PackFrom(const Op& op, const int8_t* data, char* packed) const;
  bool bytes_ = false, constant_ = true, transposed_ = false;
  int32_t zero_ = 0;
  size_t groups_ = 1, columns_ = 0, depth_ = 0, group_bytes_ = 0;
};

}  // namespace tflower::kernels
