// Verifies one tensor: type, shape, constant bytes. Quantisation and sparsity have files of their own.
#include <algorithm>

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
  if (tensor.is_variable())
    return Malformed("a variable has contents in the file, which no runtime would load: " + std::to_string(bytes.size()) + " bytes").What("buffer");
  const int32_t dtype = static_cast<int32_t>(tensor.type());
  if (dtype == kResource || dtype == kVariant)
    return Malformed("a " + std::string(DtypeName(dtype)) + " tensor cannot be a constant").What("buffer");
  if (dtype == kString) return Ok();  // its size depends on the contents: checked when used
  const auto expected = ByteSize(dtype, dims);
  if (tensor.sparsity() != nullptr || expected == bytes.size())  // of sparse ones VerifySparsity knows the size
    return dtype == static_cast<int32_t>(DType::kBool) ? VerifyTruthValues(context, bytes) : Ok();
  return Malformed("a constant " + std::string(DtypeName(dtype)) + ShapeText(dims) + " takes " +
                   (expected ? std::to_string(*expected) : "too many") + " bytes, the buffer has " +
                   std::to_string(bytes.size()))
      .What("buffer");
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
  const std::string part = status.error().what;
  return std::move(status.error()).What(TensorLabel(subgraph, index) + (part.empty() ? "" : ": " + part)).At(context.OffsetOf(&tensor));
}

}  // namespace tflower::runtime
