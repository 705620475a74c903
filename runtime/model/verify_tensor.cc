// Verifies one tensor: type, shape, constant bytes, quantisation arrays, sparsity.
#include <algorithm>
#include <cmath>

#include "dtype.h"
#include "tflower/abi.h"
#include "verify_parts.h"

namespace tflower::runtime {
namespace {

Status VerifyShape(const tflite::Tensor& tensor, std::vector<int64_t>& dims) {
  const auto shape = SpanOf(tensor.shape());
  const auto signature = SpanOf(tensor.shape_signature());
  if (shape.size() > TFLOWER_MAX_RANK) {
    return Malformed("rank " + std::to_string(shape.size()) + " is above " + std::to_string(TFLOWER_MAX_RANK))
        .What("shape");
  }
  dims.assign(shape.begin(), shape.end());
  for (size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] < 0)
      return Malformed("dimension " + std::to_string(i) + " is " + std::to_string(dims[i])).What("shape");
  }
  if (!ElementCount(dims))
    return Malformed("the number of elements of " + ShapeText(dims) + " overflows").What("shape");
  if (signature.empty()) return Ok();
  if (signature.size() != shape.size()) {
    return Malformed("has " + std::to_string(signature.size()) + " dimensions, shape has " +
                     std::to_string(shape.size()))
        .What("shape_signature");
  }
  for (size_t i = 0; i < signature.size(); ++i) {
    if (signature[i] < -1)
      return Malformed("dimension " + std::to_string(i) + " is " + std::to_string(signature[i]))
          .What("shape_signature");
  }
  return Ok();
}

// A bool in C++ has one of two values; what kernels do with others is undefined.
Status VerifyTruthValues(VerifyContext& context, std::span<const std::byte> bytes) {
  TFLOWER_CHECK(context.Charge(bytes.size() / 64));  // read many at a time, and by each tensor that shares the buffer
  const auto bad = std::find_if(bytes.begin(), bytes.end(), [](std::byte b) { return std::to_integer<uint8_t>(b) > 1; });
  if (bad == bytes.end()) return Ok();
  return Malformed("element " + std::to_string(bad - bytes.begin()) + " of a bool is " + std::to_string(std::to_integer<int>(*bad))).What("buffer");
}

Status VerifyData(VerifyContext& context, const tflite::Tensor& tensor, std::span<const int64_t> dims) {
  const auto* buffers = context.model->buffers();
  if (tensor.external_buffer() != 0)
    return Malformed("external buffer " + std::to_string(tensor.external_buffer()) + " does not exist")
        .What("external_buffer");
  if (tensor.buffer() != 0 && tensor.buffer() >= SizeOf(buffers)) {
    return Malformed("buffer " + std::to_string(tensor.buffer()) + " of " + std::to_string(SizeOf(buffers)) +
                     " does not exist")
        .What("buffer");
  }
  if (tensor.buffer() == 0) return Ok();
  TFLOWER_TRY(const auto bytes, BufferBytes(context.file, At(buffers, tensor.buffer())));
  if (bytes.empty()) return Ok();
  const int32_t dtype = static_cast<int32_t>(tensor.type());
  if (dtype == kResource || dtype == kVariant)
    return Malformed("a " + std::string(DtypeName(dtype)) + " tensor cannot be a constant").What("buffer");
  if (dtype == kString || tensor.sparsity() != nullptr) return Ok();  // sizes depend on contents: checked when used
  const auto expected = ByteSize(dtype, dims);
  if (expected && *expected == bytes.size()) return dtype == static_cast<int32_t>(DType::kBool) ? VerifyTruthValues(context, bytes) : Ok();
  return Malformed("a constant " + std::string(DtypeName(dtype)) + ShapeText(dims) + " takes " +
                   (expected ? std::to_string(*expected) : "too many") + " bytes, the buffer has " +
                   std::to_string(bytes.size()))
      .What("buffer");
}

// Range of the stored integers; zero points of wider types are not bounded here.
bool ZeroPointFits(tflite::TensorType type, int64_t zero_point) {
  switch (type) {
    case tflite::TensorType::INT8: return zero_point >= -128 && zero_point <= 127;
    case tflite::TensorType::UINT8: return zero_point >= 0 && zero_point <= 255;
    case tflite::TensorType::INT16: return zero_point >= -32768 && zero_point <= 32767;
    case tflite::TensorType::INT4: return zero_point >= -8 && zero_point <= 7;
    default: return zero_point >= INT32_MIN && zero_point <= INT32_MAX;
  }
}

Status VerifyDetails(const tflite::SubGraph& subgraph, const tflite::QuantizationParameters& quant) {
  const auto in_range = [&](int32_t tensor) {
    return tensor >= -1 && tensor < static_cast<int64_t>(SizeOf(subgraph.tensors()));
  };
  if (const auto* blockwise = quant.details_as_BlockwiseQuantization()) {
    if (!in_range(blockwise->scales()) || !in_range(blockwise->zero_points()))
      return Malformed("blockwise scales name a tensor that does not exist");
  }
  if (const auto* multi = quant.details_as_MultiAxisQuantization()) {
    if (!in_range(multi->scales()) || !in_range(multi->zero_points()))
      return Malformed("multi-axis scales name a tensor that does not exist");
  }
  return Ok();
}

Status VerifyQuantization(VerifyContext& context, const tflite::SubGraph& subgraph, const tflite::Tensor& tensor,
                          std::span<const int64_t> dims) {
  const auto* quant = tensor.quantization();
  if (quant == nullptr) return Ok();
  TFLOWER_CHECK(VerifyDetails(subgraph, *quant));
  const auto scales = SpanOf(quant->scale());
  const auto zero_points = SpanOf(quant->zero_point());
  // The FlatBuffers verifier asks for the alignment of a vector's length alone, 4 bytes; writers align no more of an empty one.
  if (!zero_points.empty() && reinterpret_cast<uintptr_t>(zero_points.data()) % alignof(int64_t) != 0)
    return Malformed("the zero points are not aligned to 8 bytes");
  if (scales.empty()) return Ok();
  TFLOWER_CHECK(context.Charge(scales.size() + zero_points.size()));
  if (!zero_points.empty() && zero_points.size() != scales.size()) {
    return Malformed(std::to_string(zero_points.size()) + " zero points for " + std::to_string(scales.size()) +
                     " scales");
  }
  for (size_t i = 0; i < scales.size(); ++i) {
    if (!std::isfinite(scales[i]) || scales[i] <= 0)
      return Malformed("scale " + std::to_string(i) + " is " + std::to_string(scales[i]) +
                       "; it must be finite and positive");
  }
  for (size_t i = 0; i < zero_points.size(); ++i) {
    if (!ZeroPointFits(tensor.type(), zero_points[i]))
      return Malformed("zero point " + std::to_string(i) + " is " + std::to_string(zero_points[i]) +
                       ", outside of the type's range");
  }
  if (scales.size() == 1) return Ok();
  const int32_t axis = quant->quantized_dimension();
  if (axis < 0 || static_cast<size_t>(axis) >= dims.size())
    return Malformed("quantized_dimension " + std::to_string(axis) + " is not a dimension of " + ShapeText(dims));
  if (dims[static_cast<size_t>(axis)] == static_cast<int64_t>(scales.size())) return Ok();
  return Malformed(std::to_string(scales.size()) + " scales for dimension " + std::to_string(axis) + " of " +
                   ShapeText(dims));
}

size_t IndexCount(const tflite::DimensionMetadata& dim, bool segments) {
  const void* vector = segments ? dim.array_segments() : dim.array_indices();
  if (vector == nullptr) return 0;
  switch (segments ? dim.array_segments_type() : dim.array_indices_type()) {
    case tflite::SparseIndexVector::Int32Vector:
      return SizeOf(static_cast<const tflite::Int32Vector*>(vector)->values());
    case tflite::SparseIndexVector::Uint16Vector:
      return SizeOf(static_cast<const tflite::Uint16Vector*>(vector)->values());
    case tflite::SparseIndexVector::Uint8Vector:
      return SizeOf(static_cast<const tflite::Uint8Vector*>(vector)->values());
    default: return 0;
  }
}

// The form only: which dimensions there are and how each is stored. Positions are checked by who expands the tensor.
Status VerifySparsity(VerifyContext& context, const tflite::Tensor& tensor, std::span<const int64_t> dims) {
  const auto* sparsity = tensor.sparsity();
  if (sparsity == nullptr) return Ok();
  const auto order = SpanOf(sparsity->traversal_order());
  const auto blocks = SpanOf(sparsity->block_map());
  const size_t total = dims.size() + blocks.size();
  if (order.size() != total || SizeOf(sparsity->dim_metadata()) != total) {
    return Malformed("traversal_order and dim_metadata must have " + std::to_string(total) + " entries");
  }
  TFLOWER_CHECK(context.Charge(total));
  std::vector<bool> seen(total, false);
  for (const int32_t dim : order) {
    if (dim < 0 || static_cast<size_t>(dim) >= total || seen[static_cast<size_t>(dim)])
      return Malformed("traversal_order is no permutation: " + std::to_string(dim));
    seen[static_cast<size_t>(dim)] = true;
  }
  for (const int32_t dim : blocks) {
    if (dim < 0 || static_cast<size_t>(dim) >= dims.size())
      return Malformed("block_map names dimension " + std::to_string(dim));
  }
  for (size_t i = 0; i < total; ++i) {
    const tflite::DimensionMetadata& dim = At(sparsity->dim_metadata(), i);
    const bool dense = dim.format() == tflite::DimensionType::DENSE;
    if (dense && dim.dense_size() < 1)
      return Malformed("dense_size of dimension " + std::to_string(i) + " is " + std::to_string(dim.dense_size()));
    if (!dense && IndexCount(dim, true) < 2)
      return Malformed("dimension " + std::to_string(i) + " has no array_segments");
  }
  return Ok();
}

Status VerifyParts(VerifyContext& context, const tflite::SubGraph& subgraph, const tflite::Tensor& tensor) {
  std::vector<int64_t> dims;
  if (!IsDtype(static_cast<int32_t>(tensor.type())))
    return Malformed("type " + std::to_string(static_cast<int>(tensor.type())) + " is not in the schema").What("type");
  TFLOWER_CHECK(VerifyShape(tensor, dims));
  TFLOWER_CHECK(VerifyData(context, tensor, dims));
  auto quant = VerifyQuantization(context, subgraph, tensor, dims);
  if (!quant.ok()) return std::move(quant.error()).What("quantization");
  auto sparsity = VerifySparsity(context, tensor, dims);
  if (!sparsity.ok()) return std::move(sparsity.error()).What("sparsity");
  return Ok();
}

}  // namespace

Status VerifyTensor(VerifyContext& context, const tflite::SubGraph& subgraph, size_t index) {
  const tflite::Tensor& tensor = At(subgraph.tensors(), index);
  auto status = VerifyParts(context, subgraph, tensor);
  if (status.ok()) return Ok();
  return std::move(status.error()).Node(TensorLabel(subgraph, index)).At(context.OffsetOf(&tensor));
}

}  // namespace tflower::runtime
