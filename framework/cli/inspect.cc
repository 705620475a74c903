// tflower inspect: what is in a model file.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "cli/cli.h"
#include "dump/dump.h"
#include "import/load.h"
#include "runtime/model/view.h"
#include "runtime/plan/find_kernel.h"
#include "runtime/plan/kernel_source.h"
#include "tflower/runtime.h"

namespace tflower::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string DTypeName(int32_t dtype) { return std::string(NameOf(static_cast<DType>(dtype))); }

// ---- .tflite

Json TensorJson(const runtime::TensorView& t) {
  Json o = {{"name", t.name}, {"type", DTypeName(t.dtype)}, {"shape", t.shape}};
  if (!std::equal(t.shape.begin(), t.shape.end(), t.signature.begin(), t.signature.end())) o["shape_signature"] = t.signature;
  if (t.constant) o["bytes"] = t.data.size();
  if (t.variable) o["variable"] = true;
  if (!t.quant.scale.empty()) o["quantization"] = {{"scales", t.quant.scale.size()}, {"axis", t.quant.axis}};
  return o;
}

Json OperatorJson(const Registry& registry, const runtime::SubgraphView& graph, const runtime::OperatorView& op) {
  Json o = {{"op", op.custom_code.empty() ? op.name : std::string_view("CUSTOM")}, {"version", op.version}, {"inputs", op.inputs}, {"outputs", op.outputs}};
  if (!op.custom_code.empty()) o["custom_code"] = op.custom_code;
  const Result<Provider> provider = runtime::FindProvider(runtime::RegistryKernels(registry), graph, op);
  o["provider"] = provider.ok() ? Json(provider.value().plugin_id) : Json(nullptr);  // null: nobody can run it here
  return o;
}

Json SignatureTensors(const runtime::SubgraphView& graph, std::span<const runtime::NamedTensor> tensors) {
  Json out = Json::array();
  for (const runtime::NamedTensor& t : tensors) {
    Json o = TensorJson(graph.tensors[static_cast<size_t>(t.tensor)]);
    o["tensor"] = t.tensor;
    o["tensor_name"] = o["name"];
    o["name"] = t.name;
    out.push_back(std::move(o));
  }
  return out;
}

Json ModelJson(const runtime::Model& model, const Registry& registry) {
  const runtime::ModelView& view = model.view();
  Json o = {{"format", "tflite"}, {"description", view.description()}, {"file_bytes", model.file_bytes()}};
  o["signatures"] = Json::array();
  for (const runtime::SignatureView& s : view.signatures()) {
    const runtime::SubgraphView& graph = view.subgraphs()[s.subgraph];
    o["signatures"].push_back({{"key", s.key}, {"subgraph", s.subgraph}, {"inputs", SignatureTensors(graph, s.inputs)}, {"outputs", SignatureTensors(graph, s.outputs)}});
  }
  o["subgraphs"] = Json::array();
  for (const runtime::SubgraphView& graph : view.subgraphs()) {
    Json g = {{"name", graph.name}, {"inputs", graph.inputs}, {"outputs", graph.outputs}, {"tensors", Json::array()}, {"operators", Json::array()}};
    for (const runtime::TensorView& t : graph.tensors) g["tensors"].push_back(TensorJson(t));
    for (const runtime::OperatorView& op : graph.operators) g["operators"].push_back(OperatorJson(registry, graph, op));
    o["subgraphs"].push_back(std::move(g));
  }
  o["metadata"] = Json::object();
  for (const runtime::MetadataView& m : view.metadata()) {
    const std::string text(reinterpret_cast<const char*>(m.data.data()), m.data.size());
    const std::string name(m.name);
    if (name == "min_runtime_version") o["metadata"][name] = text.c_str();
    else if (name == "tflower.provenance") o["metadata"][name] = Json::parse(text, nullptr, false).is_discarded() ? Json(m.data.size()) : Json::parse(text);
    else o["metadata"][name] = {{"bytes", m.data.size()}};
  }
  return o;
}

void PrintModel(const Json& o) {
  fmt::print("tflite, {} bytes, {}\n", o["file_bytes"].get<uint64_t>(), o["description"].get<std::string>());
  if (o["metadata"].contains("min_runtime_version")) fmt::print("needs runtime {}\n", o["metadata"]["min_runtime_version"].get<std::string>());
  const auto shape = [](const Json& t) { return (t.contains("shape_signature") ? t["shape_signature"] : t["shape"]).dump(); };
  for (const Json& s : o["signatures"]) {
    fmt::print("signature {}\n", s["key"].get<std::string>());
    for (const char* side : {"inputs", "outputs"})
      for (const Json& t : s[side]) fmt::print("  {} {}: {} {}\n", side[0] == 'i' ? "in " : "out", t["name"].get<std::string>(), t["type"].get<std::string>(), shape(t));
  }
  for (const Json& g : o["subgraphs"]) {
    std::map<std::string, int> count;
    for (const Json& op : g["operators"]) ++count[(op.contains("custom_code") ? op["custom_code"] : op["op"]).get<std::string>() + (op["provider"].is_null() ? " (no kernel)" : "")];
    fmt::print("subgraph {}: {} tensors, {} operators\n", g["name"].get<std::string>(), g["tensors"].size(), g["operators"].size());
    for (const auto& [op, n] : count) fmt::print("  {:>5} {}\n", n, op);
  }
}

// ---- TensorFlow models

Json GraphTensors(const std::vector<tf::TensorInfo>& tensors) {
  Json out = Json::array();
  for (const tf::TensorInfo& t : tensors) {
    out.push_back({{"name", t.key}, {"tensor_name", t.name}, {"type", tf::DataTypeName(t.dtype)}, {"shape", t.shape ? Json(*t.shape) : Json(nullptr)}});
  }
  return out;
}

Json GraphJson(const tf::Graph& graph) {
  Json o = {{"format", graph.is_saved_model() ? "saved_model" : "graph_def"}, {"tensorflow_version", graph.tensorflow_version()}, {"producer", graph.producer_version()}};
  o["signatures"] = Json::array();
  for (const tf::Signature& s : graph.signatures()) o["signatures"].push_back({{"key", s.key}, {"inputs", GraphTensors(s.inputs)}, {"outputs", GraphTensors(s.outputs)}});
  std::map<std::string, int> ops;
  for (const tf::Node& node : graph.nodes()) ++ops[std::string(node.op)];
  o["nodes"] = graph.nodes().size();
  o["ops"] = ops;
  o["functions"] = graph.FunctionNames().size();
  return o;
}

void PrintGraph(const Json& o) {
  fmt::print("{}, TensorFlow {}, {} nodes, {} functions\n", o["format"].get<std::string>(), o["tensorflow_version"].get<std::string>(), o["nodes"].get<uint64_t>(), o["functions"].get<uint64_t>());
  for (const Json& s : o["signatures"]) {
    fmt::print("signature {}\n", s["key"].get<std::string>());
    for (const char* side : {"inputs", "outputs"})
      for (const Json& t : s[side]) fmt::print("  {} {}: {} {}\n", side[0] == 'i' ? "in " : "out", t["name"].get<std::string>(), t["type"].get<std::string>(), t["shape"].dump());
  }
}

struct Args {
  std::string model, tags = "serve";
  bool json = false, graph = false;
};

Result<int> Run(const Args& args, Context& context) {
  tf::LoadOptions load;
  load.tags = args.tags;
  Json o;
  std::string text;
  if (Result<tf::Graph> graph = tf::LoadModel(args.model, load); graph.ok()) {
    if (args.graph) text = dump::Text(graph.value());
    o = GraphJson(graph.value());
  } else {
    if (graph.error().code != Code::kUnknownFormat) return std::move(graph.error());
    TFLOWER_TRY(const std::unique_ptr<Registry> registry, context.OpenRegistry());
    Result<std::shared_ptr<const runtime::Model>> model = runtime::Model::FromFile(args.model, std::make_shared<runtime::RegistryKernels>(*registry), {.verify_checksum = true});
    if (!model.ok()) return model.error().code == Code::kUnknownFormat ? std::move(graph.error()) : std::move(model.error());
    if (args.graph) text = dump::Text(model.value()->view());
    o = ModelJson(*model.value(), *registry);
  }
  if (args.graph) fmt::print("{}", text);
  else if (args.json) fmt::print("{}\n", o.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  else if (o["format"] == "tflite") PrintModel(o);
  else PrintGraph(o);
  return 0;
}

}  // namespace

void AddInspect(CLI::App& app, Context& context, Command& run) {
  auto args = std::make_shared<Args>();
  CLI::App& c = *app.add_subcommand("inspect", "Show what is in a model of any format");
  c.add_option("MODEL", args->model, "SavedModel, GraphDef or .tflite")->required();
  c.add_option("--tags", args->tags, "Tag set of a SavedModel's meta graph")->capture_default_str();
  c.add_flag("--json", args->json, "One JSON object on standard output");
  c.add_flag("--graph", args->graph, "Every node or operator as a line of text");
  AddRegistryOptions(c, context);
  c.callback([args, &context, &run] { run = [args, &context] { return Run(*args, context); }; });
}

}  // namespace tflower::cli
