#include "import/load.h"

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "import/control_flow_v1.h"
#include "import/detect.h"
#include "import/fingerprint.h"
#include "import/graph_impl.h"
#include "import/message.h"
#include "import/meta_graph.h"
#include "import/proto/graph.pb.h"
#include "import/scope_builder.h"
#include "import/signatures.h"
#include "import/tensor_ref.h"
#include "import/text_format.h"
#include "import/wire.h"

namespace tflower::tf {
namespace {

namespace fs = std::filesystem;

size_t CountNodes(std::string_view graph_def) {
  size_t count = 0;
  Wire wire(graph_def);
  while (wire.Next()) {
    count += wire.tag() == Wire::Len(1);
    wire.Skip();
  }
  return count;
}

Status ReadVersions(const FileBytes& file, std::string_view bytes, int& producer) {
  TFLOWER_TRY(const auto versions, ParseMessage<proto::VersionDef>(file, bytes, "the graph's version"));
  producer = versions.producer();
  return Ok();
}

Status ReadGraphDef(std::string_view graph_def, Graph::Impl& graph) {
  ScopeBuilder builder(graph.file, graph.main);
  builder.Reserve(CountNodes(graph_def));
  Wire wire(graph_def);
  while (wire.Next()) switch (wire.tag()) {
      case Wire::Len(1): TFLOWER_CHECK(builder.Add(wire.Bytes())); break;
      case Wire::Len(2): TFLOWER_CHECK(graph.library.Add(wire.Bytes())); break;
      case Wire::Len(4): TFLOWER_CHECK(ReadVersions(graph.file, wire.Bytes(), graph.producer)); break;
      default: wire.Skip();
    }
  if (!wire.ok()) return graph.file.Malformed(wire.position(), "the graph is broken");
  TFLOWER_CHECK(builder.Index());
  return builder.Link([&](std::string_view ref) { return ResolveInMain(graph.main, ref); });
}

// asset_file_def: which tensor carries the path of which file in the folder assets/.
Status ReadAssets(const MetaGraphView& meta, const fs::path& folder, Graph::Impl& graph) {
  for (const std::string_view bytes : meta.assets) {
    TFLOWER_TRY(const auto asset, ParseMessage<proto::AssetFileDef>(graph.file, bytes, "an asset"));
    const fs::path name = asset.filename();
    const bool escapes = name.is_absolute() || std::find(name.begin(), name.end(), fs::path("..")) != name.end();
    if (name.empty() || escapes || asset.filename().find('\0') != std::string::npos)
      return graph.file.Malformed(bytes.data(), "an asset's file '" + asset.filename() + "' is not inside the assets folder");
    const std::string& tensor = asset.tensor_info().name();
    graph.assets.emplace(tensor.substr(0, tensor.find(':')), (folder / "assets" / name).string());
  }
  return Ok();
}

// TF2 names the initialiser in a signature, TF1 in a collection (and, before that, in another).
Status ReadInitOp(const MetaGraphView& meta, Graph::Impl& graph) {
  TFLOWER_TRY(graph.init_op, ReadInitSignature(graph.file, meta.signatures));
  for (const std::string_view bytes : meta.collections) {
    TFLOWER_TRY(const auto entry, ParseMessage<proto::MetaGraphDef::CollectionEntry>(graph.file, bytes, "a collection"));
    const bool names_init = entry.key() == "saved_model_main_op" || entry.key() == "legacy_init_op";
    const auto& nodes = entry.value().node_list().value();
    if (names_init && graph.init_op.empty() && !nodes.empty()) graph.init_op = nodes.Get(0);
  }
  graph.init_op.resize(std::min(graph.init_op.find(':'), graph.init_op.size()));
  return Ok();
}

Status MakeVariables(const MetaGraphView& meta, const fs::path& folder, Graph::Impl& graph) {
  TFLOWER_TRY(const auto saver, ParseMessage<proto::SaverDef>(graph.file, meta.saver_def, "the saver"));
  std::error_code ignored;
  // A TF1 model without variables has an empty folder.
  const bool has_checkpoint = fs::exists(folder / "variables", ignored) && !fs::is_empty(folder / "variables", ignored);
  VariableSources sources{graph.file, graph.main, graph.library, graph.assets,
                          has_checkpoint ? (folder / "variables" / "variables").string() : "", meta.object_graph, saver.restore_op_name()};
  graph.variables = std::make_unique<VariableTable>(std::move(sources));
  return Ok();
}

Status ChooseSignatures(std::vector<Signature> all, const LoadOptions& options, Graph::Impl& graph) {
  if (!graph.saved_model || !options.inputs.empty() || !options.outputs.empty()) {
    TFLOWER_TRY(Signature cut, MakeSignature(graph.main, graph.ops, options));
    all.clear();
    all.push_back(std::move(cut));
  }
  TFLOWER_TRY(graph.signatures, SelectSignatures(std::move(all), options.signatures));
  return ApplyShapes(options, graph.signatures);
}

// TF1 control flow, as far as signatures and the initialiser need it.
void MakeMainFunctional(Graph::Impl& graph) {
  std::vector<Input> roots;
  std::vector<int32_t> cuts;
  for (const Signature& signature : graph.signatures) {
    for (const TensorInfo& output : signature.outputs)
      if (output.node >= 0) roots.push_back(TensorOf(output.node, output.output));
    for (const TensorInfo& input : signature.inputs)
      if (input.node >= 0) cuts.push_back(input.node);
  }
  if (const Node* init = graph.init_op.empty() ? nullptr : graph.main.FindNode(graph.init_op)) roots.push_back(TensorOf(static_cast<int32_t>(graph.main.IndexOf(*init)), kControl));
  MakeFunctional(graph.main, roots, cuts, graph.library);
}

Status ReadSavedModel(const fs::path& folder, const LoadOptions& options, Graph::Impl& graph) {
  graph.saved_model = true;
  TFLOWER_TRY(const MetaGraphView meta, ChooseMetaGraph(graph.file, options.tags));
  graph.tensorflow_version = meta.tensorflow_version;
  TFLOWER_CHECK(graph.ops.Add(graph.file, meta.op_list));
  TFLOWER_CHECK(ReadGraphDef(meta.graph_def, graph));
  TFLOWER_CHECK(ReadAssets(meta, folder, graph));
  TFLOWER_CHECK(ReadInitOp(meta, graph));
  TFLOWER_CHECK(MakeVariables(meta, folder, graph));
  TFLOWER_TRY(std::vector<Signature> signatures, ReadSignatures(graph.file, meta.signatures, graph.main));
  TFLOWER_CHECK(ChooseSignatures(std::move(signatures), options, graph));
  MakeMainFunctional(graph);
  return Ok();
}

Result<Graph> FromSavedModel(const std::string& path, const fs::path& folder, FileBytes file, const LoadOptions& options) {
  auto graph = std::make_unique<Graph::Impl>(path, std::move(file));
  Status read = ReadSavedModel(folder, options, *graph);
  // An error with a place is the better one; but one that blames the model may be due to damage, and so may be no error at all.
  if (read.ok() || read.error().code != Code::kMalformed)
    TFLOWER_CHECK(CheckFingerprint(graph->file, (folder / "fingerprint.pb").string()));
  if (!read.ok()) return std::move(read.error());
  return Graph(std::move(graph));
}

Result<Graph> FromSavedModelText(const std::string& path, const fs::path& folder, const FileBytes& text, const LoadOptions& options) {
  TFLOWER_TRY(FileBytes binary, SavedModelFromText(text));
  auto graph = std::make_unique<Graph::Impl>(path, std::move(binary));
  TFLOWER_CHECK(ReadSavedModel(folder, options, *graph));
  return Graph(std::move(graph));
}

Result<Graph> FromGraphDef(const std::string& path, FileBytes file, const LoadOptions& options) {
  auto graph = std::make_unique<Graph::Impl>(path, std::move(file));
  TFLOWER_CHECK(ReadGraphDef(graph->file.bytes(), *graph));
  if (graph->main.nodes().empty()) return graph->file.Malformed(graph->file.bytes().data(), "the graph has no nodes");
  TFLOWER_CHECK(MakeVariables({}, {}, *graph));
  TFLOWER_CHECK(ChooseSignatures({}, options, *graph));
  MakeMainFunctional(*graph);
  return Graph(std::move(graph));
}

Error Refuse(const std::string& path, const std::string& what, const std::string& hint) {
  return Error(Code::kUnknownFormat, what).File(path).Hint(hint);
}

Result<Graph> FromFolder(const std::string& path, const LoadOptions& options) {
  const fs::path folder = path;
  std::error_code ignored;
  if (const fs::path binary = folder / "saved_model.pb"; fs::exists(binary, ignored)) {
    TFLOWER_TRY(FileBytes file, FileBytes::Map(binary.string()));
    return FromSavedModel(path, folder, std::move(file), options);
  }
  if (const fs::path text = folder / "saved_model.pbtxt"; fs::exists(text, ignored)) {
    TFLOWER_TRY(const FileBytes file, FileBytes::Map(text.string()));
    return FromSavedModelText(path, folder, file, options);
  }
  if (fs::exists(folder / "saved_model.cpb", ignored))
    return Refuse(path, "a SavedModel split into chunks (saved_model.cpb)", "save it without experimental_image_format");
  return Refuse(path, "the folder holds no saved_model.pb and no saved_model.pbtxt", "give the folder that tf.saved_model.save or model.export wrote");
}

}  // namespace

Result<Graph> LoadModel(const std::string& path, const LoadOptions& options) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return FromFolder(path, options);
  TFLOWER_TRY(FileBytes file, FileBytes::Map(path));
  if (file.bytes().empty()) return Error(Code::kMalformed, "the file is empty").File(path);
  constexpr auto kExport = "export a SavedModel (model.export) and convert that";
  switch (DetectFormat(file.bytes())) {
    case Format::kSavedModelBinary: return FromSavedModel(path, fs::path(path).parent_path(), std::move(file), options);
    case Format::kSavedModelText: return FromSavedModelText(path, fs::path(path).parent_path(), file, options);
    case Format::kGraphDefBinary: return FromGraphDef(path, std::move(file), options);
    case Format::kGraphDefText: {
      TFLOWER_TRY(FileBytes binary, GraphDefFromText(file));
      return FromGraphDef(path, std::move(binary), options);
    }
    case Format::kKerasHdf5:
    case Format::kKerasZip: return Refuse(path, "reading Keras files is not supported by this version", kExport);
    case Format::kHlo: return Refuse(path, "reading HLO is not supported by this version", "export a SavedModel and convert that");
    case Format::kTflite: return Refuse(path, "this is a TensorFlow Lite model already", "run it with: tflower run");
    case Format::kUnknown: break;
  }
  return Refuse(path, "neither a SavedModel nor a GraphDef", "give a SavedModel folder, or a frozen GraphDef (.pb, .pbtxt)");
}

}  // namespace tflower::tf
