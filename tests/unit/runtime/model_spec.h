// ModelSpec: a .tflite model as editable structs, and the bytes of it. Nothing is checked, so that tests can build broken files.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <flatbuffers/flatbuffers.h>

namespace tflower::runtime::test {

using Builder = flatbuffers::FlatBufferBuilder;
using Bytes = std::vector<uint8_t>;

// A buffer that is described by offset and size instead of bytes in the flatbuffer.
struct FarBuffer {
  uint64_t offset = 0, size = 0;
};

struct TensorSpec {
  std::string name;
  int dtype = 0;
  std::vector<int32_t> shape;
  std::vector<int32_t> signature;
  Bytes data;                      // empty = no buffer
  std::optional<uint32_t> buffer;  // instead of the buffer made of data
  bool variable = false;
  std::vector<float> scale;
  std::vector<int64_t> zero_point;
  int32_t axis = 0;
  std::function<flatbuffers::Offset<void>(Builder&)> sparsity;
  std::function<flatbuffers::Offset<void>(Builder&)> quantization;  // instead of scale, zero_point and axis
};

struct OpSpec {
  int32_t code = 0;
  std::vector<int32_t> inputs, outputs;
  std::string custom;
  int32_t version = 1;
  uint8_t options_type = 0;
  uint8_t options_2_type = 0;  // not 0: the options are of the second union
  std::function<flatbuffers::Offset<void>(Builder&)> options;
  std::optional<uint32_t> opcode_index;
  int8_t deprecated_code = 0;  // added to the entry of operator_codes when not 0
  Bytes custom_options;
  std::vector<int32_t> intermediates;
  FarBuffer large_custom_options;
};

struct SubgraphSpec {
  std::vector<TensorSpec> tensors;
  std::vector<OpSpec> ops;
  std::vector<int32_t> inputs, outputs;
};

struct SignatureSpec {
  std::string key;
  uint32_t subgraph = 0;
  std::vector<std::pair<std::string, uint32_t>> inputs, outputs;
};

struct ModelSpec {
  uint32_t version = 3;
  std::vector<SubgraphSpec> subgraphs;
  std::vector<SignatureSpec> signatures;
  std::vector<FarBuffer> far_buffers;  // after the ordinary ones
  std::optional<uint32_t> metadata_buffer;
  bool data_in_buffer_0 = false;
};

Bytes Build(const ModelSpec& spec);

template <class T>
Bytes Pack(const std::vector<T>& values) {
  Bytes bytes(values.size() * sizeof(T));
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

inline std::span<const std::byte> AsBytes(const Bytes& bytes) { return std::as_bytes(std::span(bytes)); }

template <class T>
std::vector<T> Values(std::span<const std::byte> bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return values;
}

// y = x + c, with x, y: float32[2, 3] and c a constant of ones. Valid, with a signature.
ModelSpec AddModel();

}  // namespace tflower::runtime::test
