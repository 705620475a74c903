// The parts of the verifier, and what they share. Internal to runtime/model.
#pragma once

#include <tflower/schema_generated.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/schema/op_table.h"
#include "tflower/status.h"

namespace tflower::runtime {

// One entry of operator_codes, understood.
struct OperatorCodeInfo {
  const tfl::OpInfo* info = nullptr;
  std::string_view name;  // "CONV_2D", or the custom code
};

struct VerifyContext {
  std::span<const std::byte> file;
  const tflite::Model* model = nullptr;
  std::vector<OperatorCodeInfo> codes;
  // Entries of vectors that may still be looked at. One vector may be referred to from many tables, so without a bound a
  // small file could demand quadratic work; in an honest file every entry takes a byte or more.
  uint64_t entries_left = 0;

  // Before walking `entries` entries of a vector.
  Status Charge(uint64_t entries);
  uint64_t OffsetOf(const void* part) const {
    return static_cast<uint64_t>(static_cast<const std::byte*>(part) - file.data());
  }
};

// The bytes of one buffer, inside or behind the flatbuffer; empty when it has none. Errors: the range leaves the file.
Result<std::span<const std::byte>> BufferBytes(std::span<const std::byte> file, const tflite::Buffer& buffer);
Result<std::span<const std::byte>> RangeInFile(std::span<const std::byte> file, uint64_t offset, uint64_t size);

// max(deprecated_builtin_code, builtin_code).
int32_t EffectiveCode(const tflite::OperatorCode& code);

std::string_view Text(const flatbuffers::String* text);
template <class T>
size_t SizeOf(const flatbuffers::Vector<T>* vector) {
  return vector == nullptr ? 0 : vector->size();
}
template <class T>
std::span<const T> SpanOf(const flatbuffers::Vector<T>* vector) {
  return vector == nullptr ? std::span<const T>() : std::span<const T>(vector->data(), vector->size());
}
inline std::span<const uint8_t> SpanOf(const flatbuffers::Vector<uint8_t>* vector) {
  return vector == nullptr ? std::span<const uint8_t>() : std::span<const uint8_t>(vector->data(), vector->size());
}
// Element i of a vector of the file that may lie at any address: the FlatBuffers verifier asks for the alignment of a vector's length alone.
inline int64_t Int64At(std::span<const int64_t> values, size_t i) {
  int64_t value;
  std::memcpy(&value, reinterpret_cast<const char*>(values.data()) + i * sizeof(value), sizeof(value));
  return value;
}
// The table at `index` of a vector; verified vectors hold no null.
template <class T>
const T& At(const flatbuffers::Vector<flatbuffers::Offset<T>>* vector, size_t index) {
  return *vector->Get(static_cast<flatbuffers::uoffset_t>(index));
}

// Options that name subgraphs all have it in their field names: then_subgraph_index, branch_subgraph_indices, subgraph.
inline bool NamesSubgraph(const tfl::FieldInfo& field) { return std::string_view(field.name).find("subgraph") != std::string_view::npos; }

// kMalformed.
Error Malformed(std::string message, SourceLocation where = SourceLocation::current());
// "tensor 12 'conv1/weights'".
std::string TensorLabel(const tflite::SubGraph& subgraph, size_t index);

// Type, shape, buffer, quantisation and sparsity of one tensor.
Status VerifyTensor(VerifyContext& context, const tflite::SubGraph& subgraph, size_t index);
Status VerifyQuantization(VerifyContext& context, const tflite::SubGraph& subgraph, const tflite::Tensor& tensor, std::span<const int64_t> dims);
// A sparse tensor must have a buffer; dims are those of the dense tensor.
Status VerifySparsity(VerifyContext& context, const tflite::Tensor& tensor, std::span<const int64_t> dims);
// Operators of one subgraph: codes, operands, options, order.
Status VerifyOperators(VerifyContext& context, size_t subgraph_index);
// Calls between subgraphs, and signatures.
Status VerifyCalls(VerifyContext& context);
Status VerifySignatures(VerifyContext& context);

}  // namespace tflower::runtime
