// A .tflite model as text.
#include <cstring>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>
#include <tflower/flex_map.h>

#include "dump/dump.h"
#include "sdk/schema/op_table.h"
#include "sdk/schema/options_io.h"
#include "tflower/dtype.h"

namespace tflower::dump {
namespace {

using Json = nlohmann::ordered_json;

// Terminals must not be moved by hostile names.
std::string Clean(std::string_view text) {
  std::string out(text);
  for (char& c : out) if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '.';
  return out;
}

template <class T>
std::string Plain(const char* at) {
  T x;
  std::memcpy(&x, at, sizeof x);
  if constexpr (sizeof(T) == 1) return std::to_string(static_cast<int>(x));
  else return fmt::format("{}", x);
}

std::string ScalarText(tfl::FieldType type, const char* at) {
  switch (type) {
    case tfl::FieldType::kBool: return *at != 0 ? "true" : "false";
    case tfl::FieldType::kInt8: return Plain<int8_t>(at);
    case tfl::FieldType::kUint8: return Plain<uint8_t>(at);
    case tfl::FieldType::kInt16: return Plain<int16_t>(at);
    case tfl::FieldType::kUint16: return Plain<uint16_t>(at);
    case tfl::FieldType::kInt32: return Plain<int32_t>(at);
    case tfl::FieldType::kUint32: return Plain<uint32_t>(at);
    case tfl::FieldType::kInt64: return Plain<int64_t>(at);
    case tfl::FieldType::kUint64: return Plain<uint64_t>(at);
    case tfl::FieldType::kFloat32: return Plain<float>(at);
    case tfl::FieldType::kFloat64: return Plain<double>(at);
    default: return "?";
  }
}

std::string FieldText(const tfl::FieldInfo& field, const char* options) {
  const char* at = options + field.struct_offset;
  if (field.type == tfl::FieldType::kString) {
    tfl::Str text;
    std::memcpy(&text, at, sizeof text);
    return "\"" + Clean({text.data, text.size}) + "\"";
  }
  if (field.type != tfl::FieldType::kVector) return ScalarText(field.type, at);
  tfl::Span<char> list;
  std::memcpy(&list, at, sizeof list);
  const size_t step = field.element == tfl::FieldType::kBool ? 1 : tfl::ScalarSize(field.element);
  std::string out;
  for (size_t i = 0; i < list.size && i < 16 && step != 0; ++i) out += (i == 0 ? "" : ",") + ScalarText(field.element, list.data + i * step);
  return "[" + out + (list.size > 16 ? ",..." : "") + "]";
}

std::string CustomText(tflower_bytes options) {
  const FlexMap map(std::span(static_cast<const uint8_t*>(options.data), options.size));
  const Result<std::vector<std::string>> keys = map.Keys();
  if (!keys.ok()) return fmt::format("{} bytes", options.size);
  std::string out;
  for (const std::string& key : keys.value()) {
    std::string value = "?";
    if (const auto i = map.Int(key, 0); i.ok()) value = std::to_string(i.value());
    else if (const auto f = map.Float(key, 0); f.ok()) value = fmt::format("{}", f.value());
    else if (const auto s = map.String(key, ""); s.ok()) value = "\"" + s.value() + "\"";
    else if (const auto l = map.Ints(key); l.ok()) value = fmt::format("[{}]", fmt::join(l.value(), ","));
    else if (const auto m = map.Floats(key); m.ok()) value = fmt::format("[{}]", fmt::join(m.value(), ","));
    out += (out.empty() ? "" : " ") + Clean(key) + "=" + Clean(value.substr(0, 80));
  }
  return out;
}

// Where operators come from, if the file says it: text for operator `op` of subgraph `graph`.
class Provenance {
 public:
  explicit Provenance(const runtime::ModelView& model) {
    for (const runtime::MetadataView& m : model.metadata())
      if (m.name == "tflower.provenance") all_ = Json::parse(std::string_view(reinterpret_cast<const char*>(m.data.data()), m.data.size()), nullptr, false);
  }
  std::string Of(size_t graph, size_t op) const {
    if (!all_.is_object() || !all_.contains("subgraphs")) return "";
    const Json& graphs = all_["subgraphs"];
    if (!graphs.is_array() || graph >= graphs.size() || !graphs[graph].is_array() || op >= graphs[graph].size()) return "";
    const Json& entry = graphs[graph][op];
    if (!entry.is_object() || !entry.contains("node") || !entry["node"].is_string()) return "";
    std::string out = "  # " + Clean(entry["node"].get<std::string>());
    if (entry.contains("rule") && entry["rule"].is_string()) out += " (" + Clean(entry["rule"].get<std::string>()) + ")";
    return out;
  }

 private:
  Json all_;
};

std::string TypeText(const runtime::TensorView& t) {
  std::string dims;
  for (int64_t d : t.signature) dims += (dims.empty() ? "" : ",") + (d < 0 ? "?" : std::to_string(d));
  return fmt::format("{}[{}]{}", NameOf(static_cast<DType>(t.dtype)), dims, t.quant.scale.empty() ? "" : fmt::format(" q{}", t.quant.scale.size()));
}

std::string OperandText(const runtime::SubgraphView& graph, int32_t index) {
  if (index < 0) return "-";
  const runtime::TensorView& t = graph.tensors[static_cast<size_t>(index)];
  return t.constant ? "const " + TypeText(t) : fmt::format("%{}", index);
}

void AddSubgraph(const runtime::SubgraphView& graph, size_t index, const Provenance& provenance, std::string& out) {
  out += fmt::format("\nsubgraph {} {}\n", index, Clean(graph.name));
  for (int32_t i : graph.inputs) out += fmt::format("  %{}: {} = input '{}'\n", i, TypeText(graph.tensors[static_cast<size_t>(i)]), Clean(graph.tensors[static_cast<size_t>(i)].name));
  for (size_t k = 0; k < graph.operators.size(); ++k) {
    const runtime::OperatorView& op = graph.operators[k];
    std::string results, operands;
    for (int32_t i : op.outputs) results += (results.empty() ? "" : ", ") + fmt::format("%{}: {}", i, TypeText(graph.tensors[static_cast<size_t>(i)]));
    for (int32_t i : op.inputs) operands += (operands.empty() ? "" : ", ") + OperandText(graph, i);
    const std::string options = OptionsText(op);
    out += fmt::format("  {}{}{}.{}({}){}{}\n", results, results.empty() ? "" : " = ", Clean(op.name), op.version, operands, options.empty() ? "" : " " + options, provenance.Of(index, k));
  }
  std::vector<std::string> results;
  for (int32_t i : graph.outputs) results.push_back(OperandText(graph, i));
  out += fmt::format("  return {}\n", fmt::join(results, ", "));
}

}  // namespace

std::string OptionsText(const runtime::OperatorView& op) {
  if (op.options.data == nullptr || op.options.size == 0) return "";
  if (op.code == static_cast<int32_t>(tfl::Builtin::CUSTOM)) return CustomText(op.options);
  const tfl::OpInfo* info = tfl::FindOp(op.code);
  if (info == nullptr || info->options_size != op.options.size) return "";
  std::vector<uint64_t> memory(info->options_size / sizeof(uint64_t) + 1);
  tfl::DefaultOptions(*info, memory.data());
  std::string out;
  for (const tfl::FieldInfo& field : info->fields) {
    const std::string value = FieldText(field, static_cast<const char*>(op.options.data));
    if (value != FieldText(field, reinterpret_cast<const char*>(memory.data()))) out += fmt::format("{}{}={}", out.empty() ? "" : " ", field.name, value);
  }
  return out;
}

std::string Text(const runtime::ModelView& model) {
  std::string out;
  for (const runtime::SignatureView& s : model.signatures()) {
    const runtime::SubgraphView& graph = model.subgraphs()[s.subgraph];
    out += fmt::format("signature {} (subgraph {})\n", Clean(s.key), s.subgraph);
    for (const runtime::NamedTensor& t : s.inputs) out += fmt::format("  in  {}: {} = %{}\n", Clean(t.name), TypeText(graph.tensors[static_cast<size_t>(t.tensor)]), t.tensor);
    for (const runtime::NamedTensor& t : s.outputs) out += fmt::format("  out {}: {} = %{}\n", Clean(t.name), TypeText(graph.tensors[static_cast<size_t>(t.tensor)]), t.tensor);
  }
  const Provenance provenance(model);
  for (size_t i = 0; i < model.subgraphs().size(); ++i) AddSubgraph(model.subgraphs()[i], i, provenance, out);
  return out;
}

}  // namespace tflower::dump
