// Verifies a tensor's quantisation: counts, axis, scales, zero points, and the tensors that hold the scales of blocks.
#include <cmath>

#include "dtype.h"
#include "verify_parts.h"

namespace tflower::runtime {
namespace {

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

bool IsTensor(const tflite::SubGraph& subgraph, int32_t tensor) { return tensor >= 0 && static_cast<size_t>(tensor) < SizeOf(subgraph.tensors()); }

// The tensor with one scale for each block of a row. -1 = absent, for zero points.
Status VerifyBlocks(const tflite::SubGraph& subgraph, const tflite::BlockwiseQuantization& blocks, std::span<const int64_t> dims) {
  if (!IsTensor(subgraph, blocks.scales())) return Malformed("tensor " + std::to_string(blocks.scales()) + ", with the scales of blocks, does not exist");
  if (blocks.zero_points() < -1 || (blocks.zero_points() >= 0 && !IsTensor(subgraph, blocks.zero_points())))
    return Malformed("tensor " + std::to_string(blocks.zero_points()) + ", with the zero points of blocks, does not exist");
  if (SizeOf(blocks.block_shape()) != 0) return Ok();  // its form is not fixed yet: who runs it must check it
  if (blocks.block_size() < 1) return Malformed("block_size is " + std::to_string(blocks.block_size()));
  if (dims.empty() || dims.back() % blocks.block_size() != 0)
    return Malformed("blocks of " + std::to_string(blocks.block_size()) + " do not divide the rows of " + ShapeText(dims));
  const tflite::Tensor& scales = At(subgraph.tensors(), static_cast<size_t>(blocks.scales()));
  const auto type = scales.type();
  if (type == tflite::TensorType::FLOAT16 || type == tflite::TensorType::FLOAT32) return Ok();
  return Malformed("the scales of blocks are " + std::string(DtypeName(static_cast<int32_t>(type))) + ", not float16 or float32")
      .Note("in " + TensorLabel(subgraph, static_cast<size_t>(blocks.scales())));
}

Status VerifyDetails(const tflite::SubGraph& subgraph, const tflite::QuantizationParameters& quant, std::span<const int64_t> dims) {
  if (const auto* blocks = quant.details_as_BlockwiseQuantization()) return VerifyBlocks(subgraph, *blocks, dims);
  if (const auto* multi = quant.details_as_MultiAxisQuantization()) {
    const auto known = [&](int32_t tensor) { return tensor == -1 || IsTensor(subgraph, tensor); };
    if (!known(multi->scales())) return Malformed("tensor " + std::to_string(multi->scales()) + ", with multi-axis scales, does not exist");
    if (!known(multi->zero_points())) return Malformed("tensor " + std::to_string(multi->zero_points()) + ", with multi-axis zero points, does not exist");
    for (const int32_t axis : SpanOf(multi->quantized_dimensions())) {
      if (axis < 0 || static_cast<size_t>(axis) >= dims.size()) return Malformed("quantized_dimension " + std::to_string(axis) + " is not a dimension of " + ShapeText(dims));
    }
  }
  return Ok();
}

Status VerifyValues(tflite::TensorType type, std::span<const float> scales, std::span<const int64_t> zero_points) {
  for (size_t i = 0; i < scales.size(); ++i) {
    if (!std::isfinite(scales[i]) || scales[i] <= 0)
      return Malformed("scale " + std::to_string(i) + " is " + std::to_string(scales[i]) + "; it must be finite and positive");
  }
  for (size_t i = 0; i < zero_points.size(); ++i) {
    const int64_t zero_point = Int64At(zero_points, i);
    if (!ZeroPointFits(type, zero_point))
      return Malformed("zero point " + std::to_string(i) + " is " + std::to_string(zero_point) + ", outside of the type's range");
  }
  return Ok();
}

}  // namespace

Status VerifyQuantization(VerifyContext& context, const tflite::SubGraph& subgraph, const tflite::Tensor& tensor, std::span<const int64_t> dims) {
  const auto* quant = tensor.quantization();
  if (quant == nullptr) return Ok();
  TFLOWER_CHECK(context.Charge(quant->details_as_MultiAxisQuantization() == nullptr ? 0 : SizeOf(quant->details_as_MultiAxisQuantization()->quantized_dimensions())));
  TFLOWER_CHECK(VerifyDetails(subgraph, *quant, dims));
  const auto scales = SpanOf(quant->scale());
  const auto zero_points = SpanOf(quant->zero_point());
  if (scales.empty()) return Ok();
  TFLOWER_CHECK(context.Charge(scales.size() + zero_points.size()));
  if (!zero_points.empty() && zero_points.size() != scales.size())
    return Malformed(std::to_string(zero_points.size()) + " zero points for " + std::to_string(scales.size()) + " scales");
  TFLOWER_CHECK(VerifyValues(tensor.type(), scales, zero_points));
  if (scales.size() == 1) return Ok();
  const int32_t axis = quant->quantized_dimension();
  if (axis < 0 || static_cast<size_t>(axis) >= dims.size())
    return Malformed("quantized_dimension " + std::to_string(axis) + " is not a dimension of " + ShapeText(dims));
  if (dims[static_cast<size_t>(axis)] == static_cast<int64_t>(scales.size())) return Ok();
  return Malformed(std::to_string(scales.size()) + " scales for dimension " + std::to_string(axis) + " of " + ShapeText(dims));
}

}  // namespace tflower::runtime
