// BuildModelTable: tensors, operators, signatures and metadata as a flatbuffer.
#include "export/model_table.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <map>
#include <unordered_map>

#include <tflower/schema_generated.h>

#include "export/op_version.h"
#include "runtime/model/checksum.h"
#include "sdk/schema/op_table.h"
#include "sdk/schema/options_io.h"

namespace tflower::exporter {
namespace {

using flatbuffers::Offset;
template <class T> using Offsets = std::vector<Offset<T>>;

std::array<int, 3> ParseVersion(const char* text) {
  std::array<int, 3> v{};
  std::sscanf(text, "%d.%d.%d", &v[0], &v[1], &v[2]);
  return v;
}

class ModelBuilder {
 public:
  ModelBuilder(const WriteOptions& options, BufferTable& buffers, bool large) : options_(options), buffers_(buffers), large_(large) {}

  Result<ModelTable> Build(const ir::Model& model) {
    for (uint32_t i = 0; i < model.subgraphs.size(); ++i) subgraph_index_.emplace(model.subgraphs[i].get(), static_cast<int32_t>(i));
    Offsets<tflite::SubGraph> subgraphs;
    Offsets<tflite::SignatureDef> signatures;
    for (const auto& graph : model.subgraphs) {
      const std::string name = subgraphs.empty() ? "main" : graph->name;
      TFLOWER_TRY(const Offset<tflite::SubGraph> subgraph, AddSubgraph(*graph, name));
      if (!graph->signature_key.empty()) signatures.push_back(AddSignature(*graph, static_cast<uint32_t>(subgraphs.size())));
      subgraphs.push_back(subgraph);
    }
    Offsets<tflite::Metadata> metadata;
    std::string runtime = min_runtime_;
    runtime.resize(16, '\0');  // fixed width, zero padded
    metadata.push_back(AddMetadata("min_runtime_version", runtime));
    for (const MetadataEntry& m : options_.metadata) metadata.push_back(AddMetadata(m.name, m.bytes));
    const auto buffers = AddBuffers();
    const auto codes = b_.CreateVector(codes_);
    const auto all_subgraphs = b_.CreateVector(subgraphs);
    const auto description = b_.CreateString(options_.description);
    const auto all_metadata = b_.CreateVector(metadata);
    const auto all_signatures = b_.CreateVector(signatures);
    b_.Finish(tflite::CreateModel(b_, 3, codes, all_subgraphs, description, buffers, 0, all_metadata, all_signatures), tflite::ModelIdentifier());
    return Finish();
  }

 private:
  Result<Offset<tflite::SubGraph>> AddSubgraph(const ir::Subgraph& graph, const std::string& name) {
    indices_.clear();
    tensors_.clear();
    std::vector<int32_t> inputs, outputs;
    for (const ir::SignatureTensor& t : graph.inputs) {
      TFLOWER_TRY(const int32_t index, TensorIndex(t.value));
      inputs.push_back(index);
    }
    Offsets<tflite::Operator> operators;
    const std::vector<ir::Operator*> sorted = graph.Sorted();
    TFLOWER_CHECK(CheckAllSorted(graph, sorted.size()));
    for (const ir::Operator* op : sorted) {
      TFLOWER_TRY(const Offset<tflite::Operator> o, AddOperator(*op));
      operators.push_back(o);
    }
    for (const ir::SignatureTensor& t : graph.outputs) {
      TFLOWER_TRY(const int32_t index, TensorIndex(t.value));
      outputs.push_back(index);
    }
    const auto tensors = b_.CreateVector(tensors_);
    const auto in = b_.CreateVector(inputs), out = b_.CreateVector(outputs);
    const auto ops = b_.CreateVector(operators);
    const auto label = b_.CreateString(name);
    return tflite::CreateSubGraph(b_, tensors, in, out, ops, label);
  }

  // Operators of a circle are never sorted: a rule has joined what it must not.
  static Status CheckAllSorted(const ir::Subgraph& graph, size_t sorted) {
    size_t live = 0;
    const ir::Operator* waiting = nullptr;
    for (const auto& op : graph.operators()) {
      live += !op->dead;
      if (!op->dead && op->waiting != 0 && (waiting == nullptr || !op->rule.empty())) waiting = op.get();
    }
    if (live == sorted || waiting == nullptr) return Ok();
    const std::string by = waiting->rule.empty() ? "" : "; rule '" + std::string(waiting->rule) + "' made one of them";
    return Error(Code::kInternal, "operators wait for each other's results" + by).Node(waiting->node);
  }

  Result<int32_t> TensorIndex(const ir::Value* v) {
    if (v == nullptr) return -1;
    if (const auto it = indices_.find(v); it != indices_.end()) return it->second;
    uint32_t buffer = 0;
    if (v->constant) {
      TFLOWER_TRY(buffer, buffers_.Add(v->constant));
    }
    std::vector<int32_t> shape, signature;
    for (const ir::Dim& d : v->dims) {
      if (d.known() && (d.value() > INT32_MAX || d.value() < 0)) return Error(Code::kLimit, "a dimension of " + std::to_string(d.value()) + " does not fit TFLite's int32").Node(v->name);
      shape.push_back(d.known() ? static_cast<int32_t>(d.value()) : 1);
      signature.push_back(static_cast<int32_t>(d.value()));
    }
    for (size_t i = 0; i < v->open.size(); ++i) if (v->open[i]) signature[i] = -1;
    const bool dynamic_shape = std::find(signature.begin(), signature.end(), -1) != signature.end();
    const auto name = b_.CreateString(v->name);
    const auto dims = b_.CreateVector(shape);
    const bool has_rank = v->rank == ir::Rank::kFixed;
    const auto dynamic = !dynamic_shape || !has_rank ? 0 : b_.CreateVector(signature);
    const auto quantization = AddQuantization(*v);
    tensors_.push_back(tflite::CreateTensor(b_, dims, static_cast<tflite::TensorType>(v->dtype), buffer, name, quantization, v->state, 0, dynamic, has_rank));
    const int32_t index = static_cast<int32_t>(tensors_.size()) - 1;
    indices_.emplace(v, index);
    return index;
  }

  Offset<tflite::QuantizationParameters> AddQuantization(const ir::Value& v) {
    if (v.scale.empty()) return 0;
    const auto scale = b_.CreateVector(v.scale);
    const auto zero_point = b_.CreateVector(v.zero_point);
    return tflite::CreateQuantizationParameters(b_, 0, 0, scale, zero_point, tflite::QuantizationDetails::NONE, 0, v.quant_axis);
  }

  Result<Offset<tflite::Operator>> AddOperator(const ir::Operator& op) {
    const int32_t version = OperatorVersion(op);
    std::vector<int32_t> inputs, outputs;
    for (const ir::Value* v : op.inputs) {
      TFLOWER_TRY(const int32_t index, TensorIndex(v));
      inputs.push_back(index);
    }
    for (const ir::Value* v : op.outputs) {
      TFLOWER_TRY(const int32_t index, TensorIndex(v));
      outputs.push_back(index);
    }
    const tfl::OpInfo& info = *tfl::FindOp(op.code);
    const bool custom = info.code == tfl::Builtin::CUSTOM;
    if (!custom) NeedRuntime(tfl::MinRuntime(info, version));
    const tflower_bytes options = op.options->bytes();
    // Operators that call subgraphs have nothing but their indices as options.
    std::vector<int32_t> callees;
    for (const ir::Subgraph* body : op.bodies) callees.push_back(subgraph_index_.at(body));
    const Offset<void> table = custom ? 0 : tfl::WriteOptions(b_, info, callees.empty() ? options.data : callees.data());
    const auto custom_options = custom ? b_.CreateVector(static_cast<const uint8_t*>(options.data), options.size) : 0;
    const auto in = b_.CreateVector(inputs), out = b_.CreateVector(outputs);
    const uint32_t code = CodeIndex(op, version);
    tflite::OperatorBuilder o(b_);
    o.add_opcode_index(code);
    o.add_inputs(in);
    o.add_outputs(out);
    if (custom) o.add_custom_options(custom_options);
    if (info.options_union == 1) {
      o.add_builtin_options_type(static_cast<tflite::BuiltinOptions>(info.union_member));
      o.add_builtin_options(table);
    } else if (info.options_union == 2) {
      o.add_builtin_options_2_type(static_cast<tflite::BuiltinOptions2>(info.union_member));
      o.add_builtin_options_2(table);
    }
    return o.Finish();
  }

  uint32_t CodeIndex(const ir::Operator& op, int32_t version) {
    const auto key = std::make_tuple(op.code, version, op.custom_code);
    const auto [it, is_new] = code_index_.try_emplace(key, static_cast<uint32_t>(codes_.size()));
    if (!is_new) return it->second;
    const auto custom = op.custom_code.empty() ? 0 : b_.CreateString(op.custom_code);
    const int8_t deprecated = static_cast<int8_t>(std::min(op.code, 127));  // what readers before version 3a look at
    codes_.push_back(tflite::CreateOperatorCode(b_, deprecated, custom, version, static_cast<tflite::BuiltinOperator>(op.code)));
    return it->second;
  }

  Offset<tflite::SignatureDef> AddSignature(const ir::Subgraph& graph, uint32_t subgraph) {
    const auto maps = [&](const std::vector<ir::SignatureTensor>& tensors) {
      Offsets<tflite::TensorMap> out;
      for (const ir::SignatureTensor& t : tensors) {
        const auto name = b_.CreateString(t.key);
        out.push_back(tflite::CreateTensorMap(b_, name, static_cast<uint32_t>(indices_.at(t.value))));
      }
      return b_.CreateVector(out);
    };
    const auto inputs = maps(graph.inputs), outputs = maps(graph.outputs);
    const auto key = b_.CreateString(graph.signature_key);
    return tflite::CreateSignatureDef(b_, inputs, outputs, key, subgraph);
  }

  Offset<tflite::Metadata> AddMetadata(const std::string& name, std::string bytes) {
    const uint32_t buffer = buffers_.AddBytes(std::move(bytes));
    const auto label = b_.CreateString(name);
    return tflite::CreateMetadata(b_, label, buffer);
  }

  // Each data field refers to one placeholder; the writer patches it to where the contents will lie.
  Offset<flatbuffers::Vector<Offset<tflite::Buffer>>> AddBuffers() {
    const uint8_t zero = 0;
    b_.ForceVectorAlignment(1, 1, 16);
    const auto hole = b_.CreateVector(&zero, 1);
    Offsets<tflite::Buffer> out{tflite::CreateBuffer(b_)};
    for (const ir::ConstantRef& c : buffers_.constants()) {
      if (c->size_bytes() == 0) out.push_back(tflite::CreateBuffer(b_));
      else if (large_) out.push_back(tflite::CreateBuffer(b_, 0, 1, 1));
      else out.push_back(tflite::CreateBuffer(b_, hole));
    }
    return b_.CreateVector(out);
  }

  void NeedRuntime(const char* runtime) {
    if (runtime == nullptr) return;
    if (min_runtime_.empty() || ParseVersion(min_runtime_.c_str()) < ParseVersion(runtime)) min_runtime_ = runtime;
  }

  Result<ModelTable> Finish() {
    ModelTable table;
    table.bytes.assign(b_.GetBufferPointer(), b_.GetBufferPointer() + b_.GetSize());
    // A gap for the checksum, in which no offset but the first reaches over; its size keeps the alignment of everything.
    table.bytes.insert(table.bytes.begin() + runtime::kChecksumAt, runtime::kChecksumBytes, 0);
    flatbuffers::uoffset_t root = 0;
    std::memcpy(&root, table.bytes.data(), sizeof root);
    root += static_cast<flatbuffers::uoffset_t>(runtime::kChecksumBytes);
    std::memcpy(table.bytes.data(), &root, sizeof root);
    table.min_runtime = min_runtime_;
    const auto* model = tflite::GetModel(table.bytes.data());
    const auto position = [&](const tflite::Buffer* buffer, flatbuffers::voffset_t field) {
      const uint8_t* at = reinterpret_cast<const flatbuffers::Table*>(buffer)->GetAddressOf(field);
      return at == nullptr ? 0 : static_cast<uint64_t>(at - table.bytes.data());
    };
    for (flatbuffers::uoffset_t i = 1; i < model->buffers()->size(); ++i) {
      const tflite::Buffer* buffer = model->buffers()->Get(i);
      table.data_fields.push_back(position(buffer, large_ ? tflite::Buffer::VT_OFFSET : tflite::Buffer::VT_DATA));
      table.size_fields.push_back(large_ ? position(buffer, tflite::Buffer::VT_SIZE) : 0);
    }
    return table;
  }

  const WriteOptions& options_;
  BufferTable& buffers_;
  bool large_;
  flatbuffers::FlatBufferBuilder b_{1 << 16};
  std::unordered_map<const ir::Subgraph*, int32_t> subgraph_index_;
  std::unordered_map<const ir::Value*, int32_t> indices_;
  Offsets<tflite::Tensor> tensors_;
  Offsets<tflite::OperatorCode> codes_;
  std::map<std::tuple<int32_t, int32_t, std::string>, uint32_t> code_index_;
  std::string min_runtime_;
};

}  // namespace

Result<ModelTable> BuildModelTable(const ir::Model& model, const WriteOptions& options, BufferTable& buffers, bool large) {
  return ModelBuilder(options, buffers, large).Build(model);
}

}  // namespace tflower::exporter
