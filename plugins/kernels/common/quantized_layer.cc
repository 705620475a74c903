// Reads the quantisation of integer layers.
#include "common/quantized_layer.h"

#include "common/packed_int.h"

namespace tflower::kernels {
namespace {

std::string FilterName(int i) { return NameOfInput(i, "weights"); }

Result<int32_t> ZeroOfWeights(const Tensor& w, int i) {
  const IntBounds bounds = BoundsOf(w.dtype());
  const int64_t zero = w.zero_points()[0];
  if (zero < bounds.lo || zero > bounds.hi) return std::move(Error(Code::kInvalidGraph, Text("zero point ", zero, " is no ", w.dtype()))).What(FilterName(i));
  for (const int64_t z : w.zero_points()) {
    if (z != zero) return std::move(Error(Code::kUnsupportedType, "zero points differ between channels")).What(FilterName(i));
  }
  return static_cast<int32_t>(zero);
}

}  // namespace

Status CheckQuantizedLayer(const Op& op, int input, int filter, int bias, int axis) {
  const Tensor x = op.Input(input), w = op.Input(filter);
  TFLOWER_TRY([[maybe_unused]] const Affine affine, InputAffine(op, input));
  if (w.scales().empty()) return std::move(Error(Code::kUnsupportedType, Text("is ", w.dtype(), " without scale and zero point"))).What(FilterName(filter));
  if (w.scales().size() != 1 && (w.quantized_dimension() != axis || w.dim(axis) != static_cast<int64_t>(w.scales().size()))) {
    return std::move(Error(Code::kUnsupportedType, Text(w.scales().size(), " scales for dimension ", w.quantized_dimension(), " must be one, or one for each output channel: dimension ", axis, " of ", w.dims())))
        .What(FilterName(filter));
  }
  // There is a multiplier and an offset for each channel, also when no weight bears that there are so many.
  constexpr int64_t kMostEmptyChannels = 1 << 16;
  if (w.num_elements() == 0 && w.dim(axis) > kMostEmptyChannels) {
    return std::move(Error(Code::kInvalidGraph, Text(w.dims(), " has no elements and claims ", w.dim(axis), " output channels"))).What(FilterName(filter));
  }
  TFLOWER_TRY([[maybe_unused]] const int32_t zero, ZeroOfWeights(w, filter));
  if ((w.dtype() == DType::kUInt8) != (x.dtype() == DType::kUInt8)) {
    return std::move(Error(Code::kUnsupportedType, Text(w.dtype(), " weights for ", x.dtype(), " activations"))).What(FilterName(filter));
  }
  if (IsSubByte(w.dtype()) && !w.is_constant()) return std::move(Error(Code::kUnsupportedType, Text(w.dtype(), " weights must be constant"))).What(FilterName(filter));
  if (!op.HasInput(bias)) return Ok();
  const DType type = op.Input(bias).dtype();
  if (type == DType::kInt32 || (type == DType::kInt64 && x.dtype() == DType::kInt16)) return Ok();
  return OperandError(Code::kUnsupportedType, bias, "bias", Text("is ", type, ", must be int32, or int64 for int16 activations"));
}

Status QuantizedLayer::Prepare(const Op& op, int input, int filter, int bias, int axis, tfl::ActivationFunctionType activation) {
  TFLOWER_CHECK(CheckQuantizedLayer(op, input, filter, bias, axis));
  const Tensor w = op.Input(filter);
  TFLOWER_TRY(x, InputAffine(op, input));
  TFLOWER_TRY(y, OutputAffine(op));
  TFLOWER_TRY(w_zero, ZeroOfWeights(w, filter));
  TFLOWER_TRY(bounds, ActivationBounds(activation, op.Output(0).dtype(), y));
  wide = op.Input(input).dtype() == DType::kInt16 && (!op.HasInput(bias) || op.Input(bias).dtype() == DType::kInt64);
  // TFLite multiplies the scales of uint8 layers in float, those of others in double.
  const auto product = [&](float scale) { return w.dtype() == DType::kUInt8 ? static_cast<double>(x.scale * scale) : x.real_scale() * static_cast<double>(scale); };
  multipliers.clear();
  for (const float scale : w.scales()) multipliers.push_back(MultiplierOf(product(scale) / y.real_scale()));
  return Ok();
}

void ByteWeights::Prepare(const Op& op, PrepareContext& want) {
  unpack_ = IsSubByte(op.Input(1).dtype());
  if (unpack_) want.Packed(static_cast<uint64_t>(op.Input(1).num_elements()));
}

void UnpackInts(const Tensor& from, int8_t* to) {
  const DType type = from.dtype();
  for (int64_t i = 0, n = from.num_elements(); i < n; ++i) to[i] = PackedIntAt(from.raw(), i, type);
}

Status ByteWeights::Pack(const Op& op, void* packed) const {
  if (unpack_) UnpackInts(op.Input(1), static_cast<int8_t*>(packed));
  return Ok();
}

}  // namespace tflower::kernels
