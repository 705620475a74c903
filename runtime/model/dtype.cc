// Element types of TFLite tensors: names, sizes, byte counts.
#include "dtype.h"

namespace tflower::runtime {
namespace {

struct Row {
  std::string_view name;
  int bits;
};

// In the order of the schema's TensorType.
constexpr Row kRows[kDtypeCount] = {
    {"FLOAT32", 32}, {"FLOAT16", 16},    {"INT32", 32},   {"UINT8", 8},          {"INT64", 64},  {"STRING", 0},
    {"BOOL", 8},     {"INT16", 16},      {"COMPLEX64", 64}, {"INT8", 8},         {"FLOAT64", 64}, {"COMPLEX128", 128},
    {"UINT64", 64},  {"RESOURCE", 32},   {"VARIANT", 0},  {"UINT32", 32},        {"UINT16", 16}, {"INT4", 4},
    {"BFLOAT16", 16}, {"INT2", 2},       {"UINT4", 4},    {"FLOAT8_E4M3FN", 8},  {"FLOAT8_E5M2", 8},
};

constexpr int64_t kMaxElements = int64_t{1} << 62;

}  // namespace

std::string_view DtypeName(int32_t dtype) { return IsDtype(dtype) ? kRows[dtype].name : "?"; }

int DtypeBits(int32_t dtype) { return IsDtype(dtype) ? kRows[dtype].bits : 0; }

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
  const int bits = DtypeBits(dtype);
  const std::optional<int64_t> count = ElementCount(dims);
  if (bits == 0 || !count) return std::nullopt;
  const uint64_t elements = static_cast<uint64_t>(*count);
  if (bits < 8) return (elements * static_cast<uint64_t>(bits) + 7) / 8;
  const uint64_t bytes = static_cast<uint64_t>(bits) / 8;
  if (elements > UINT64_MAX / 2 / bytes) return std::nullopt;
  return elements * bytes;
}

}  // namespace tflower::runtime
