// Element types of TFLite tensors: element and byte counts that cannot overflow, text.
#include "dtype.h"

namespace tflower::runtime {
namespace {

constexpr int64_t kMaxElements = int64_t{1} << 62;

}  // namespace

std::optional<int64_t> ElementCount(std::span<const int64_t> dims) {
  int64_t product = 1;
  bool empty = false;
  for (const int64_t dim : dims) {
    if (dim < 0) return std::nullopt;
    if (dim == 0) {
      empty = true;
      continue;
    }
    if (product > kMaxElements / dim) return std::nullopt;
    product *= dim;
  }
  return empty ? 0 : product;
}

std::optional<uint64_t> ByteSize(int32_t dtype, std::span<const int64_t> dims) {
  const uint64_t bits = static_cast<uint64_t>(DtypeBits(dtype));
  const std::optional<int64_t> count = ElementCount(dims);
  if (bits == 0 || !count) return std::nullopt;
  const uint64_t elements = static_cast<uint64_t>(*count);
  if (bits < 8) return (elements * bits + 7) / 8;
  if (elements > (UINT64_MAX >> 1) / (bits / 8)) return std::nullopt;
  return elements * (bits / 8);
}

std::string ShapeText(std::span<const int64_t> dims) {
  std::string text = "[";
  for (size_t i = 0; i < dims.size(); ++i) {
    if (i != 0) text += ", ";
    text += dims[i] < 0 ? std::string("?") : std::to_string(dims[i]);
  }
  return text + "]";
}

}  // namespace tflower::runtime
