// Decodes verified flatbuffer tables into plain structs.
#include "view.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <tuple>

#include "check_contracts.h"
#include "dtype.h"
#include "sdk/schema/contract.h"
#include "sdk/schema/options_io.h"
#include "tflower/body.h"
#include "tflower/half.h"
#include "verify.h"
#include "verify_parts.h"

namespace tflower::runtime {
namespace {

// Elements must lie at multiples of their size. More is not asked for: widely used writers lose the 16-byte alignment that the
// schema demands of buffers, and copying the weights of all their files would double load time and memory.
uintptr_t AlignmentOf(int32_t dtype) {
  constexpr int kLargestScalar = 8;  // COMPLEX128 is two of them
  return static_cast<uintptr_t>(std::clamp(DtypeBits(dtype) / 8, 1, kLargestScalar));
}

// Where the pointer of a constant without bytes points to.
alignas(64) constexpr std::byte kNothing[64] = {};

}  // namespace

class ModelDecoder {
 public:
  ModelDecoder(std::span<const std::byte> file, ModelView& view)
      : file_(file), model_(*tflite::GetModel(file.data())), view_(view), buffers_(SizeOf(model_.buffers())) {}

  Status Run() {
    const auto subgraphs = Make<SubgraphView>(SizeOf(model_.subgraphs()));
    for (size_t i = 0; i < subgraphs.size(); ++i) TFLOWER_CHECK(ReadSubgraph(At(model_.subgraphs(), i), subgraphs[i]));
    view_.subgraphs_ = subgraphs;
    view_.description_ = Text(model_.description());
    ReadSignatures();
    return ReadMetadata();
  }

 private:
  // Default-initialised elements in the view's memory; never destroyed, so plain data only.
  template <class T>
  std::span<T> Make(size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    T* data = static_cast<T*>(view_.memory_.allocate(std::max<size_t>(count, 1) * sizeof(T), alignof(T)));
    std::uninitialized_value_construct_n(data, count);
    return {data, count};
  }

  std::span<const int64_t> Widen(std::span<const int32_t> values) {
    const auto wide = Make<int64_t>(values.size());
    std::ranges::copy(values, wide.begin());
    return wide;
  }

  // A copy of a vector that the file keeps at an odd address, as some old writers do.
  std::span<const int64_t> Aligned(std::span<const int64_t> values) {
    if (reinterpret_cast<uintptr_t>(values.data()) % alignof(int64_t) == 0) return values;
    const auto copy = Make<int64_t>(values.size());
    for (size_t i = 0; i < values.size(); ++i) copy[i] = Int64At(values, i);
    return copy;
  }

  // Copies a buffer at an odd address once, however many tensors share it.
  Result<std::span<const std::byte>> Buffer(size_t index, uintptr_t alignment) {
    std::span<const std::byte>& known = buffers_[index];
    if (known.empty()) {
      TFLOWER_TRY(known, BufferBytes(file_, At(model_.buffers(), index)));
    }
    const std::span<const std::byte> bytes = known;
    if (reinterpret_cast<uintptr_t>(bytes.data()) % alignment == 0) return bytes;
    AlignedBuffer copy;
    if (!copy.Reserve(bytes.size()))
      return Error(Code::kLimit, "no memory for a copy of buffer " + std::to_string(index));
    std::memcpy(copy.data(), bytes.data(), bytes.size());
    known = {copy.data(), bytes.size()};
    view_.copies_.push_back(std::move(copy));
    return known;
  }

  Status ReadTensor(const tflite::Tensor& from, TensorView& to) {
    to.name = Text(from.name());
    to.dtype = static_cast<int32_t>(from.type());
    to.shape = Widen(SpanOf(from.shape()));
    to.signature = SizeOf(from.shape_signature()) == 0 ? to.shape : Widen(SpanOf(from.shape_signature()));
    to.variable = from.is_variable();
    to.sparsity = from.sparsity();
    if (from.buffer() != 0) {
      TFLOWER_TRY(to.data, Buffer(from.buffer(), AlignmentOf(to.dtype)));
    }
    ReadQuantization(from.quantization(), to);
    return Ok();
  }

  void ReadQuantization(const tflite::QuantizationParameters* from, TensorView& to) {
    if (from == nullptr) return;
    to.block_quantized = from->details_type() == tflite::QuantizationDetails::BlockwiseQuantization ||
                         from->details_type() == tflite::QuantizationDetails::MultiAxisQuantization;
    to.quant.scale = SpanOf(from->scale());
    to.quant.zero_point = Aligned(SpanOf(from->zero_point()));
    to.quant.axis = from->quantized_dimension();
    if (to.quant.zero_point.size() != to.quant.scale.size()) to.quant.zero_point = Make<int64_t>(to.quant.scale.size());
  }

  // Constants are what has data, and empty tensors that nobody writes. A subgraph input is never one.
  void MarkConstants(const SubgraphView& subgraph, std::span<TensorView> tensors) {
    std::vector<bool> written(tensors.size(), false);
    for (const int32_t input : subgraph.inputs) written[static_cast<size_t>(input)] = true;
    for (const OperatorView& op : subgraph.operators) {
      for (const int32_t output : op.outputs) written[static_cast<size_t>(output)] = true;
    }
    for (size_t i = 0; i < tensors.size(); ++i) {
      TensorView& tensor = tensors[i];
      tensor.filled = written[i] && tensor.variable;
      if (written[i] || tensor.variable) continue;
      tensor.constant = !tensor.data.empty() || ElementCount(tensor.shape) == 0;
      if (tensor.constant && tensor.data.empty()) tensor.data = {kNothing, 0};
    }
  }

  Status ReadSubgraph(const tflite::SubGraph& from, SubgraphView& to) {
    to.name = Text(from.name());
    to.inputs = SpanOf(from.inputs());
    to.outputs = SpanOf(from.outputs());
    const auto tensors = Make<TensorView>(SizeOf(from.tensors()));
    for (size_t i = 0; i < tensors.size(); ++i) TFLOWER_CHECK(ReadTensor(At(from.tensors(), i), tensors[i]));
    const auto operators = Make<OperatorView>(SizeOf(from.operators()));
    for (size_t i = 0; i < operators.size(); ++i) {
      ReadOperator(At(from.operators(), i), tensors, operators[i]);
      OverruleTypes(operators[i], tensors);
    }
    to.operators = operators;
    MarkConstants(to, tensors);
    to.tensors = tensors;
    for (size_t i = 0; i < tensors.size(); ++i) ReadBlockScales(At(from.tensors(), i), tensors, tensors[i]);
    return Ok();
  }

  // Scales that are a constant tensor [rows, blocks] of float16 or float32 become the matrix's own.
  void ReadBlockScales(const tflite::Tensor& from, std::span<const TensorView> tensors, TensorView& to) {
    const auto* blockwise = from.quantization() == nullptr ? nullptr : from.quantization()->details_as_BlockwiseQuantization();
    if (blockwise == nullptr || blockwise->scales() < 0 || blockwise->zero_points() >= 0 || blockwise->block_size() < 1 || to.shape.size() != 2) return;
    const TensorView& scales = tensors[static_cast<size_t>(blockwise->scales())];
    const size_t count = static_cast<size_t>(ElementCount(scales.shape).value_or(0));
    if (!scales.constant || scales.sparsity != nullptr || to.shape[1] % blockwise->block_size() != 0 ||
        static_cast<int64_t>(count) != to.shape[0] * (to.shape[1] / blockwise->block_size()))
      return;
    if (scales.dtype != static_cast<int32_t>(DType::kFloat32) && scales.dtype != static_cast<int32_t>(DType::kFloat16)) return;
    to.quant = BlockScales(scales, count);
    to.block_quantized = false;
  }

  // Made once for each buffer, however many tensors share it.
  const QuantView& BlockScales(const TensorView& scales, size_t count) {
    QuantView& known = block_scales_[{scales.data.data(), count, scales.dtype}];
    if (!known.scale.empty()) return known;
    const auto floats = Make<float>(count);
    for (size_t i = 0; i < count; ++i) {
      floats[i] = scales.dtype == static_cast<int32_t>(DType::kFloat32) ? reinterpret_cast<const float*>(scales.data.data())[i]
                                                                        : FloatFromHalf(reinterpret_cast<const uint16_t*>(scales.data.data())[i]);
    }
    return known = {floats, Make<int64_t>(count), 1};
  }

  void ReadOperator(const tflite::Operator& from, std::span<const TensorView> tensors, OperatorView& to) {
    const tflite::OperatorCode& code = At(model_.operator_codes(), from.opcode_index());
    const tfl::OpInfo& info = *tfl::FindOp(EffectiveCode(code));
    to.code = static_cast<int32_t>(info.code);
    to.version = code.version();
    to.inputs = SpanOf(from.inputs());
    to.outputs = SpanOf(from.outputs());
    to.intermediates = SpanOf(from.intermediates());
    to.name = info.name;
    if (info.code == tfl::Builtin::CUSTOM) {
      to.name = to.custom_code = Text(code.custom_code());
      to.options = CustomOptions(from);
      return;
    }
    if (info.options_size == 0) return;
    const auto field = std::ranges::find_if(info.fields, [](const tfl::FieldInfo& f) { return f.type != tfl::FieldType::kVector && NamesSubgraph(f); });
    const bool has_body = field != info.fields.end();
    const size_t size = info.options_size + (has_body ? sizeof(Body) : 0);
    auto* const options = static_cast<std::byte*>(view_.memory_.allocate(size, alignof(std::max_align_t)));
    std::memset(options, 0, size);  // padding too: options are compared bytewise
    tfl::ReadOptions(info, tfl::OptionsTable(info, from), options);
    if (info.code == tfl::Builtin::CAST) UseTensorTypes(to, tensors, *reinterpret_cast<tfl::CastOptions*>(options));
    if (has_body) {
      uint32_t subgraph = 0;
      std::memcpy(&subgraph, options + field->struct_offset, sizeof subgraph);
      const Body body = BodyOf(subgraph);
      std::memcpy(options + info.options_size, &body, sizeof body);
    }
    to.options = {options, size};
  }

  Body BodyOf(uint32_t subgraph) const {
    if (subgraph >= SizeOf(model_.subgraphs())) return {};
    const auto* operators = At(model_.subgraphs(), subgraph).operators();
    Body body{.num_operators = static_cast<int32_t>(SizeOf(operators))};
    if (body.num_operators > 0) body.first = static_cast<tfl::Builtin>(EffectiveCode(At(model_.operator_codes(), At(operators, 0).opcode_index())));
    return body;
  }

  // Results get the types that TFLite's kernels give them: what follows sees no others.
  void OverruleTypes(const OperatorView& op, std::span<TensorView> tensors) {
    const tfl::Contract* const contract = tfl::FindContract(op.code);
    if (contract == nullptr || contract->results.empty()) return;
    operands_.assign(op.inputs.size(), {});
    operand_pointers_.assign(op.inputs.size(), nullptr);
    for (size_t i = 0; i < op.inputs.size(); ++i) {
      if (op.inputs[i] < 0) continue;
      operands_[i].dtype = tensors[static_cast<size_t>(op.inputs[i])].dtype;
      operand_pointers_[i] = &operands_[i];
    }
    tflower_op abi{};
    abi.code = op.code;
    abi.options = op.options;
    abi.num_inputs = static_cast<uint32_t>(op.inputs.size());
    abi.inputs = operand_pointers_.data();
    for (size_t i = 0; i < op.outputs.size(); ++i) {
      const DType type = tfl::ResultType(*contract, abi, i);
      if (type != DType::kNone) tensors[static_cast<size_t>(op.outputs[i])].dtype = static_cast<int32_t>(type);
    }
  }

  // TFLite goes by the tensors' types, and writers leave these options away. The operands are not counted yet.
  static void UseTensorTypes(const OperatorView& op, std::span<const TensorView> tensors, tfl::CastOptions& options) {
    if (op.inputs.empty() || op.inputs[0] < 0 || op.outputs.empty()) return;
    options.in_data_type = static_cast<tfl::TensorType>(tensors[static_cast<size_t>(op.inputs[0])].dtype);
    options.out_data_type = static_cast<tfl::TensorType>(tensors[static_cast<size_t>(op.outputs[0])].dtype);
  }

  tflower_bytes CustomOptions(const tflite::Operator& from) const {
    const auto inside = SpanOf(from.custom_options());
    if (!inside.empty() || from.large_custom_options_offset() <= 1) return {inside.data(), inside.size()};
    const auto range = RangeInFile(file_, from.large_custom_options_offset(), from.large_custom_options_size());
    return range.ok() ? tflower_bytes{range.value().data(), range.value().size()} : tflower_bytes{};
  }

  std::span<const NamedTensor> ReadNames(const flatbuffers::Vector<flatbuffers::Offset<tflite::TensorMap>>* maps) {
    const auto names = Make<NamedTensor>(SizeOf(maps));
    for (size_t i = 0; i < names.size(); ++i) {
      names[i] = {Text(At(maps, i).name()), static_cast<int32_t>(At(maps, i).tensor_index())};
    }
    return names;
  }

  void ReadSignatures() {
    const auto signatures = Make<SignatureView>(SizeOf(model_.signature_defs()));
    for (size_t i = 0; i < signatures.size(); ++i) {
      const tflite::SignatureDef& from = At(model_.signature_defs(), i);
      signatures[i] = {Text(from.signature_key()), from.subgraph_index(), ReadNames(from.inputs()),
                       ReadNames(from.outputs())};
    }
    view_.signatures_ = signatures;
  }

  Status ReadMetadata() {
    const auto metadata = Make<MetadataView>(SizeOf(model_.metadata()));
    for (size_t i = 0; i < metadata.size(); ++i) {
      const tflite::Metadata& from = At(model_.metadata(), i);
      metadata[i].name = Text(from.name());
      if (from.buffer() != 0) {
        TFLOWER_TRY(metadata[i].data, Buffer(from.buffer(), 1));
      }
    }
    view_.metadata_ = metadata;
    return Ok();
  }

  std::span<const std::byte> file_;
  const tflite::Model& model_;
  ModelView& view_;
  std::vector<std::span<const std::byte>> buffers_;  // by index; empty = not looked at
  std::map<std::tuple<const std::byte*, size_t, int32_t>, QuantView> block_scales_;
  std::vector<tflower_tensor> operands_;  // of the operator whose results' types are looked up
  std::vector<const tflower_tensor*> operand_pointers_;
};

Result<std::unique_ptr<const ModelView>> ModelView::Decode(std::span<const std::byte> file) {
  TFLOWER_CHECK(Verify(file));
  std::unique_ptr<ModelView> view(new ModelView());
  TFLOWER_CHECK(ModelDecoder(file, *view).Run());
  TFLOWER_CHECK(CheckContracts(*view));
  return std::unique_ptr<const ModelView>(std::move(view));
}

}  // namespace tflower::runtime
