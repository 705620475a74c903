// Packs the groups of a layer's weights.
#include "integer_gemm/packed_weights.h"

#include <vector>

#include "common/packed_int.h"

namespace tflower::kernels {

void PackedWeights::Prepare(const Op& op, IntegerType type, int32_t zero, size_t groups, size_t columns, size_t depth, bool transposed) {
  const Tensor w = op.Input(1);
  bytes_ = MultipliesBytes(type, w.dtype() == DType::kUInt8, zero);
  constant_ = w.is_constant();
  transposed_ = transposed;
  zero_ = zero;
  groups_ = groups, columns_ = columns, depth_ = depth;
  group_bytes_ = (IntegerPackedBytes(bytes_, depth, columns) + 63) / 64 * 64;
}

void PackedWeights::PackFrom(const Op& op, const int8_t* data, char* packed) const {
  for (size_t g = 0; g < groups_; ++g) {
    const IntegerWeights w{data + g * columns_ * depth_, op.Input(1).dtype() == DType::kUInt8, zero_, transposed_ ? columns_ : 1, transposed_ ? 1 : depth_, depth_, columns_};
    PackIntegerWeights(w, bytes_, packed + g * group_bytes_);
  }
}

void PackedWeights::Pack(const Op& op, void* packed) const {
  if (!IsSubByte(op.Input(1).dtype())) return PackFrom(op, static_cast<const int8_t*>(op.Input(1).raw()), static_cast<char*>(packed));
  std::vector<int8_t> whole(static_cast<size_t>(op.Input(1).num_elements()));
  UnpackInts(op.Input(1), whole.data());
  PackFrom(op, whole.data(), static_cast<char*>(packed));
}

}  // namespace tflower::kernels
