#include "import/tensor_proto.h"

#include <cstdlib>
#include <string>

#include "import/attr.h"
#include "import/checked.h"
#include "import/wire.h"

namespace tflower::tf {
namespace {

constexpr size_t kMaxRank = 254;  // TensorFlow's own limit

struct Header {
  DataType dtype = DataType::kInvalid;
  std::vector<int64_t> dims;
  uint64_t count = 0;          // elements
  std::string_view content;    // tensor_content
};

Error Broken() { return Error(Code::kMalformed, "the tensor's bytes break the wire format"); }

std::string Describe(const Header& header) {
  std::string text = std::string(DataTypeName(header.dtype)) + "[";
  for (size_t i = 0; i < header.dims.size(); ++i) text += (i ? "," : "") + std::to_string(header.dims[i]);
  return text + "]";
}

Result<std::vector<int64_t>> ReadDims(std::string_view bytes) {
  TFLOWER_TRY(PartialShape shape, DecodeShape(bytes));
  if (!shape) return Error(Code::kInvalidGraph, "a tensor with contents has an unknown rank");
  if (shape->size() > kMaxRank)
    return Error(Code::kInvalidGraph, "a tensor has the rank " + std::to_string(shape->size()) + ", more than 254");
  return std::move(*shape);
}

Result<Header> ReadHeader(std::string_view proto) {
  Header header;
  Wire wire(proto);
  while (wire.Next()) switch (wire.tag()) {
      case Wire::Varint(1): header.dtype = ToDataType(wire.Uint()); break;
      case Wire::Len(2): {
        TFLOWER_TRY(header.dims, ReadDims(wire.Bytes()));
        break;
      }
      case Wire::Len(4): header.content = wire.Bytes(); break;
      default: wire.Skip();
    }
  if (!wire.ok()) return Broken();
  const auto count = CheckedProduct(header.dims);
  if (!count) return Error(Code::kInvalidGraph, "the tensor's shape is not possible: " + Describe(header));
  header.count = *count;
  return header;
}

// Where TensorProto keeps the values of a dtype when they are not in tensor_content.
struct ValueField {
  uint32_t field = 0;
  uint32_t wire_type = 0;  // of one value: 0 varint, 1 fixed64, 2 one byte each in a bytes field, 5 fixed32
  size_t part_size = 0;    // bytes kept of one listed value
};

ValueField FieldOf(DataType dtype) {
  switch (dtype) {
    case DataType::kFloat: return {5, 5, 4};
    case DataType::kDouble: return {6, 1, 8};
    case DataType::kComplex64: return {9, 5, 4};    // real, imaginary, real...
    case DataType::kComplex128: return {12, 1, 8};
    case DataType::kInt64: return {10, 0, 8};
    case DataType::kBool: return {11, 0, 1};
    case DataType::kUint32: return {16, 0, 4};
    case DataType::kUint64: return {17, 0, 8};
    case DataType::kHalf:
    case DataType::kBfloat16: return {13, 0, 2};
    case DataType::kFloat8E5m2:
    case DataType::kFloat8E4m3fn:
    case DataType::kFloat8E4m3fnuz:
    case DataType::kFloat8E4m3b11fnuz:
    case DataType::kFloat8E5m2fnuz: return {18, 2, 1};
    default: return {7, 0, ElementSize(dtype)};     // int_val, for int32 and all that is narrower
  }
}

uint64_t ReadValue(Wire& wire, uint32_t wire_type) {
  if (wire_type == 0) return wire.Uint();
  return wire_type == 1 ? wire.Quad() : wire.Word();
}

// The typed value list of one tensor, written into a buffer of `size` bytes; `filled` counts bytes.
struct ListReader {
  ValueField value;
  std::byte* out;
  uint64_t size;
  uint64_t filled = 0;

  Status Put(uint64_t bits) {
    if (size - filled < value.part_size) return Error(Code::kInvalidGraph, "the tensor lists more values than its shape has");
    std::memcpy(out + filled, &bits, value.part_size);
    filled += value.part_size;
    return Ok();
  }

  Status Packed(std::string_view bytes) {
    if (value.wire_type == 2) {
      for (const char byte : bytes) TFLOWER_CHECK(Put(static_cast<uint8_t>(byte)));
      return Ok();
    }
    Wire packed(bytes);
    while (packed.more()) {
      const uint64_t bits = ReadValue(packed, value.wire_type);
      if (packed.ok()) TFLOWER_CHECK(Put(bits));
    }
    return packed.ok() ? Ok() : Status(Broken());
  }

  Status Read(std::string_view proto) {
    Wire wire(proto);
    while (wire.Next()) {
      if (wire.tag() == Wire::Len(value.field)) {
        TFLOWER_CHECK(Packed(wire.Bytes()));
      } else if (wire.tag() == (value.field << 3 | value.wire_type)) {
        const uint64_t bits = ReadValue(wire, value.wire_type);
        if (wire.ok()) TFLOWER_CHECK(Put(bits));
      } else {
        wire.Skip();
      }
    }
    return wire.ok() ? Ok() : Status(Broken());
  }

  // The last listed element fills what is left; nothing listed leaves the zeros.
  Status Splat(size_t element_size) {
    if (filled % element_size) return Error(Code::kInvalidGraph, "the tensor lists half a complex number");
    if (filled == 0) return Ok();
    const std::byte* last = out + filled - element_size;
    bool zero = true;
    for (size_t i = 0; i < element_size; ++i) zero = zero && last[i] == std::byte{0};
    if (!zero)
      for (uint64_t at = filled; at < size; at += element_size) std::memcpy(out + at, last, element_size);
    return Ok();
  }
};

Result<std::shared_ptr<std::byte>> Allocate(uint64_t size, uint64_t limit, const Header& header) {
  if (size > limit)
    return Error(Code::kLimit, "the constant " + Describe(header) + " would take " + std::to_string(size) +
                                   " bytes, the limit is " + std::to_string(limit));
  // calloc: a splat of zeros, the usual kind, costs no memory until it is read.
  auto* bytes = static_cast<std::byte*>(std::calloc(size ? size : 1, 1));
  if (!bytes) return Error(Code::kLimit, "no memory for the constant " + Describe(header));
  return std::shared_ptr<std::byte>(bytes, [](std::byte* p) { std::free(p); });
}

Status FillFixed(std::string_view proto, const Header& header, uint64_t limit, TensorData& tensor) {
  const size_t element_size = ElementSize(header.dtype);
  const auto size = CheckedMul(header.count, element_size);
  if (!size) return Error(Code::kInvalidGraph, "the tensor's shape is not possible: " + Describe(header));
  if (!header.content.empty()) {
    if (header.content.size() != *size)
      return Error(Code::kInvalidGraph, "tensor_content has " + std::to_string(header.content.size()) + " bytes, " +
                                            Describe(header) + " needs " + std::to_string(*size));
    tensor.bytes = std::as_bytes(std::span(header.content));
    return Ok();
  }
  TFLOWER_TRY(std::shared_ptr<std::byte> owner, Allocate(*size, limit, header));
  ListReader list{FieldOf(header.dtype), owner.get(), *size};
  TFLOWER_CHECK(list.Read(proto));
  TFLOWER_CHECK(list.Splat(element_size));
  tensor.bytes = {owner.get(), static_cast<size_t>(*size)};
  tensor.owner = std::move(owner);
  return Ok();
}

// tensor_content of strings: all lengths as varints, then all bytes.
Status FillPackedStrings(const Header& header, TensorData& tensor) {
  const Error mismatch(Code::kInvalidGraph, "tensor_content does not hold the strings of " + Describe(header));
  if (header.count > header.content.size()) return mismatch;
  Wire wire(header.content);
  std::vector<uint64_t> lengths;
  for (uint64_t i = 0; i < header.count; ++i) lengths.push_back(wire.Uint());
  if (!wire.ok()) return mismatch;
  std::string_view rest = header.content.substr(static_cast<size_t>(wire.position() - header.content.data()));
  for (const uint64_t length : lengths) {
    if (length > rest.size()) return mismatch;
    tensor.strings.push_back(rest.substr(0, length));
    rest.remove_prefix(length);
  }
  return rest.empty() ? Ok() : Status(mismatch);
}

Status FillStrings(std::string_view proto, const Header& header, uint64_t limit, TensorData& tensor) {
  if (!header.content.empty()) return FillPackedStrings(header, tensor);
  Wire wire(proto);
  while (wire.Next()) {
    if (wire.tag() == Wire::Len(8)) tensor.strings.push_back(wire.Bytes());
    else wire.Skip();
  }
  if (!wire.ok()) return Broken();
  if (tensor.strings.size() > header.count)
    return Error(Code::kInvalidGraph, "the tensor lists more values than its shape has");
  const auto size = CheckedMul(header.count, sizeof(std::string_view));
  if (!size || *size > limit)
    return Error(Code::kLimit, "the constant " + Describe(header) + " has more strings than the limit of " +
                                   std::to_string(limit) + " bytes allows");
  tensor.strings.resize(header.count, tensor.strings.empty() ? std::string_view() : tensor.strings.back());
  return Ok();
}

}  // namespace

Result<TensorData> DecodeTensor(std::string_view proto, uint64_t limit_bytes) {
  TFLOWER_TRY(const Header header, ReadHeader(proto));
  TensorData tensor;
  tensor.dtype = header.dtype;
  tensor.dims = header.dims;
  if (header.dtype == DataType::kString) {
    TFLOWER_CHECK(FillStrings(proto, header, limit_bytes, tensor));
  } else if (ElementSize(header.dtype) == 0) {
    return Error(Code::kUnsupportedType, "a constant of type " + std::string(DataTypeName(header.dtype)));
  } else {
    TFLOWER_CHECK(FillFixed(proto, header, limit_bytes, tensor));
  }
  return tensor;
}

}  // namespace tflower::tf
