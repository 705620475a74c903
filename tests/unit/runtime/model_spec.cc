// Writes a ModelSpec with the schema's builders.
#include "model_spec.h"

#include <tflower/schema_generated.h>

namespace tflower::runtime::test {
namespace {

class Writer {
 public:
  explicit Writer(const ModelSpec& spec) : spec_(spec) {}

  Bytes Run() {
    buffers_.push_back(spec_.data_in_buffer_0 ? MakeBuffer({1, 2, 3, 4}) : tflite::CreateBuffer(b_));
    std::vector<flatbuffers::Offset<tflite::SubGraph>> subgraphs;
    for (const SubgraphSpec& subgraph : spec_.subgraphs) subgraphs.push_back(MakeSubgraph(subgraph));
    std::vector<flatbuffers::Offset<tflite::SignatureDef>> signatures;
    for (const SignatureSpec& signature : spec_.signatures) signatures.push_back(MakeSignature(signature));
    for (const FarBuffer& far : spec_.far_buffers)
      buffers_.push_back(tflite::CreateBuffer(b_, 0, far.offset, far.size));
    std::vector<flatbuffers::Offset<tflite::Metadata>> metadata;
    if (spec_.metadata_buffer)
      metadata.push_back(tflite::CreateMetadata(b_, b_.CreateString("meta"), *spec_.metadata_buffer));
    const auto model = tflite::CreateModel(b_, spec_.version, b_.CreateVector(codes_), b_.CreateVector(subgraphs),
                                           b_.CreateString("test"), b_.CreateVector(buffers_), 0,
                                           b_.CreateVector(metadata), b_.CreateVector(signatures));
    tflite::FinishModelBuffer(b_, model);
    return Bytes(b_.GetBufferPointer(), b_.GetBufferPointer() + b_.GetSize());
  }

 private:
  flatbuffers::Offset<tflite::Buffer> MakeBuffer(const Bytes& data) {
    b_.ForceVectorAlignment(data.size(), 1, 16);
    return tflite::CreateBuffer(b_, b_.CreateVector(data));
  }

  uint32_t BufferOf(const TensorSpec& tensor) {
    if (tensor.buffer) return *tensor.buffer;
    if (tensor.data.empty()) return 0;
    buffers_.push_back(MakeBuffer(tensor.data));
    return static_cast<uint32_t>(buffers_.size() - 1);
  }

  flatbuffers::Offset<tflite::Tensor> MakeTensor(const TensorSpec& tensor) {
    const uint32_t buffer = BufferOf(tensor);
    const auto name = b_.CreateString(tensor.name);
    const auto shape = b_.CreateVector(tensor.shape);
    const auto signature = tensor.signature.empty() ? 0 : b_.CreateVector(tensor.signature);
    flatbuffers::Offset<tflite::QuantizationParameters> quant;
    if (tensor.quantization) {
      quant = tensor.quantization(b_).o;
    } else if (!tensor.scale.empty() || !tensor.zero_point.empty()) {
      quant = tflite::CreateQuantizationParameters(b_, 0, 0, b_.CreateVector(tensor.scale),
                                                   b_.CreateVector(tensor.zero_point),
                                                   tflite::QuantizationDetails::NONE, 0, tensor.axis);
    }
    flatbuffers::Offset<tflite::SparsityParameters> sparsity;
    if (tensor.sparsity) sparsity = tensor.sparsity(b_).o;
    return tflite::CreateTensor(b_, shape, static_cast<tflite::TensorType>(tensor.dtype), buffer, name, quant,
                                tensor.variable, sparsity, signature);
  }

  uint32_t CodeOf(const OpSpec& op) {
    if (op.opcode_index) return *op.opcode_index;
    const auto custom = op.custom.empty() ? 0 : b_.CreateString(op.custom);
    codes_.push_back(tflite::CreateOperatorCode(b_, op.deprecated_code, custom, op.version,
                                                static_cast<tflite::BuiltinOperator>(op.code)));
    return static_cast<uint32_t>(codes_.size() - 1);
  }

  flatbuffers::Offset<tflite::Operator> MakeOperator(const OpSpec& op) {
    const uint32_t code = CodeOf(op);
    const auto inputs = b_.CreateVector(op.inputs);
    const auto outputs = b_.CreateVector(op.outputs);
    const auto custom_options = op.custom_options.empty() ? 0 : b_.CreateVector(op.custom_options);
    const auto options = op.options ? op.options(b_) : flatbuffers::Offset<void>();
    const auto intermediates = op.intermediates.empty() ? 0 : b_.CreateVector(op.intermediates);
    tflite::OperatorBuilder table(b_);
    table.add_opcode_index(code);
    table.add_inputs(inputs);
    table.add_outputs(outputs);
    table.add_custom_options(custom_options);
    table.add_intermediates(intermediates);
    table.add_large_custom_options_offset(op.large_custom_options.offset);
    table.add_large_custom_options_size(op.large_custom_options.size);
    if (op.options_2_type != 0) {
      table.add_builtin_options_2_type(static_cast<tflite::BuiltinOptions2>(op.options_2_type));
      table.add_builtin_options_2(options);
    } else {
      table.add_builtin_options_type(static_cast<tflite::BuiltinOptions>(op.options_type));
      table.add_builtin_options(options);
    }
    return table.Finish();
  }

  flatbuffers::Offset<tflite::SubGraph> MakeSubgraph(const SubgraphSpec& subgraph) {
    std::vector<flatbuffers::Offset<tflite::Tensor>> tensors;
    for (const TensorSpec& tensor : subgraph.tensors) tensors.push_back(MakeTensor(tensor));
    std::vector<flatbuffers::Offset<tflite::Operator>> operators;
    for (const OpSpec& op : subgraph.ops) operators.push_back(MakeOperator(op));
    return tflite::CreateSubGraph(b_, b_.CreateVector(tensors), b_.CreateVector(subgraph.inputs),
                                  b_.CreateVector(subgraph.outputs), b_.CreateVector(operators),
                                  b_.CreateString("main"));
  }

  auto MakeMaps(const std::vector<std::pair<std::string, uint32_t>>& names) {
    std::vector<flatbuffers::Offset<tflite::TensorMap>> maps;
    for (const auto& [name, tensor] : names) maps.push_back(tflite::CreateTensorMap(b_, b_.CreateString(name), tensor));
    return b_.CreateVector(maps);
  }

  flatbuffers::Offset<tflite::SignatureDef> MakeSignature(const SignatureSpec& signature) {
    const auto inputs = MakeMaps(signature.inputs);
    const auto outputs = MakeMaps(signature.outputs);
    return tflite::CreateSignatureDef(b_, inputs, outputs, b_.CreateString(signature.key), signature.subgraph);
  }

  const ModelSpec& spec_;
  Builder b_;
  std::vector<flatbuffers::Offset<tflite::Buffer>> buffers_;
  std::vector<flatbuffers::Offset<tflite::OperatorCode>> codes_;
};

}  // namespace

Bytes Build(const ModelSpec& spec) { return Writer(spec).Run(); }

ModelSpec AddModel() {
  ModelSpec model;
  SubgraphSpec& main = model.subgraphs.emplace_back();
  main.tensors = {{.name = "x", .shape = {2, 3}},
                  {.name = "ones", .shape = {2, 3}, .data = Pack<float>({1, 1, 1, 1, 1, 1})},
                  {.name = "y", .shape = {2, 3}}};
  main.ops = {{.code = 0, .inputs = {0, 1}, .outputs = {2}}};
  main.inputs = {0};
  main.outputs = {2};
  model.signatures = {{"serving_default", 0, {{"in", 0}}, {{"out", 2}}}};
  return model;
}

}  // namespace tflower::runtime::test
