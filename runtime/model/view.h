// ModelView: a verified .tflite model as plain structs: subgraphs, tensors, operators with their options, signatures, metadata.
//
// Nothing is copied but small arrays: names, weights, quantisation arrays and operand lists point into the file's bytes, which
// must outlive the view. Immutable after Decode. Thread: any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <span>
#include <string_view>
#include <vector>

#include "../exec/buffer.h"
#include "tflower/abi.h"
#include "tflower/status.h"

namespace tflite {
struct SparsityParameters;  // schema_generated.h
}

namespace tflower::runtime {

// real = scale[i] * (stored - zero_point[i]), i = index along `axis`, or 0 when there is one scale. A matrix quantised in blocks of its rows has
// axis 1 and scales [rows, blocks].
struct QuantView {
  std::span<const float> scale;         // empty = not quantised
  std::span<const int64_t> zero_point;  // as many as scale
  int32_t axis = 0;
};

struct TensorView {
  std::string_view name;
  int32_t dtype = 0;
  std::span<const int64_t> shape;      // >= 0; what is unknown until run time is 1
  std::span<const int64_t> signature;  // as shape, with -1 for what is unknown until run time
  std::span<const std::byte> data;     // constants; aligned for their elements
  bool constant = false;               // with data, or without elements and written by nobody
  bool variable = false;               // state that lives from one invocation to the next
  bool filled = false;                 // a variable that an operator writes, in front of the one whose state it is: it lives for one invocation
  const tflite::SparsityParameters* sparsity = nullptr;  // data is in the sparse form
  bool block_quantized = false;        // scales are in another tensor, in a form that cannot be read
  QuantView quant;
};

struct OperatorView {
  int32_t code = 0;  // BuiltinOperator
  int32_t version = 1;
  std::string_view name;            // "CONV_2D", or the custom code
  std::string_view custom_code;     // of CUSTOM only
  tflower_bytes options = {};       // the operator's struct of tfl_ops.h; CUSTOM: its bytes
  std::span<const int32_t> inputs;  // tensor indices; -1 = absent
  std::span<const int32_t> outputs;
  std::span<const int32_t> intermediates;  // declared for their quantisation; -1 = absent
};

struct SubgraphView {
  std::string_view name;
  std::span<const TensorView> tensors;
  std::span<const OperatorView> operators;
  std::span<const int32_t> inputs;
  std::span<const int32_t> outputs;
};

struct NamedTensor {
  std::string_view name;
  int32_t tensor = 0;
};

struct SignatureView {
  std::string_view key;
  uint32_t subgraph = 0;
  std::span<const NamedTensor> inputs;
  std::span<const NamedTensor> outputs;
};

struct MetadataView {
  std::string_view name;
  std::span<const std::byte> data;
};

class ModelView {
 public:
  // Verifies, then decodes. file: 16-byte aligned, outlives the view. Errors: those of Verify and CheckContracts; kLimit without memory.
  static Result<std::unique_ptr<const ModelView>> Decode(std::span<const std::byte> file);

  std::span<const SubgraphView> subgraphs() const { return subgraphs_; }
  std::span<const SignatureView> signatures() const { return signatures_; }
  std::span<const MetadataView> metadata() const { return metadata_; }
  std::string_view description() const { return description_; }

 private:
  friend class ModelDecoder;
  ModelView() = default;

  std::pmr::monotonic_buffer_resource memory_{1 << 14};
  std::vector<AlignedBuffer> copies_;  // of constants that the file keeps at odd addresses
  std::span<const SubgraphView> subgraphs_;
  std::span<const SignatureView> signatures_;
  std::span<const MetadataView> metadata_;
  std::string_view description_;
};

}  // namespace tflower::runtime
