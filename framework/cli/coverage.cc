// tflower coverage: what becomes of every op of models, or of all ops that there are, without converting.
#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/cli.h"
#include "cli/document.h"
#include "cli/shapes.h"
#include "coverage/coverage.h"
#include "import/load.h"
#include "runtime/model/loader.h"

namespace tflower::cli {
namespace {

using coverage::Entry;
using coverage::State;

constexpr size_t kShownNodes = 5;

struct Args {
  std::vector<std::string> models;
  std::string format = "md", output, fail_on, tags = "serve";
  bool registry = false;
};

Json ToJson(const Entry& e, bool of_model) {
  Json out = {{"op", e.op}, {"state", coverage::StateName(e.state)}, {"plugin", e.plugin.empty() ? Json(nullptr) : Json(e.plugin)}, {"version", e.version.empty() ? Json(nullptr) : Json(e.version)}, {"emits", e.emits}, {"note", e.note}};
  if (of_model) out["count"] = e.nodes.size(), out["nodes"] = e.nodes;
  return out;
}

Json ToJson(const std::vector<Entry>& entries, bool of_model) {
  Json out = Json::array();
  for (const Entry& e : entries) out.push_back(ToJson(e, of_model));
  return out;
}

size_t Count(const std::vector<Entry>& entries, State state) { return static_cast<size_t>(std::ranges::count(entries, state, &Entry::state)); }

Json Counts(const std::vector<Entry>& entries) {
  Json out;
  for (State state : {State::kBuiltin, State::kSelect, State::kCustom, State::kMissing}) out[std::string(coverage::StateName(state))] = Count(entries, state);
  return out;
}

std::string CountsText(const std::vector<Entry>& entries) {
  std::string out;
  for (State state : {State::kBuiltin, State::kSelect, State::kCustom, State::kMissing})
    if (const size_t n = Count(entries, state); n != 0) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", n, coverage::StateName(state));
  return out.empty() ? "nothing" : out;
}

Table OpsTable(std::string heading, const std::vector<Entry>& entries, const char* what, bool missing) {
  Table table{std::move(heading), {what, "state", "plugin", "emits", "limits"}, {}, 1};
  for (const Entry& e : entries)
    if ((e.state == State::kMissing) == missing) table.rows.push_back({e.op, std::string(coverage::StateName(e.state)), e.plugin, e.emits, e.note});
  if (missing) {
    table.columns = {what, "state", "why"};
    for (auto& row : table.rows) row = {row[0], row[1], row[4]};
  }
  return table;
}

void AddRegistry(const Registry& registry, Document& doc, std::vector<Entry>& all) {
  const std::vector<Entry> ops = coverage::TensorflowOps(registry), operators = coverage::Operators(registry);
  doc.data["ops"] = ToJson(ops, false);
  doc.data["op_counts"] = Counts(ops);
  doc.data["operators"] = ToJson(operators, false);
  doc.data["operator_counts"] = Counts(operators);
  // No counts here: docs/supported_ops.md is this text, and every new op would change the same line.
  doc.summary += "Written by `tflower coverage --registry`. TensorFlow ops that are not listed are not covered by any plugin. That an op is covered does not say that each of its "
                 "uses is: types, attributes and shapes decide, and `tflower convert` tells.";
  const auto missing = registry.FindLowering("");  // what the registry says of an op that nobody has heard of
  const std::string plain = missing.ok() ? "" : missing.error().message;
  Table refused = OpsTable("TensorFlow ops that stay out", ops, "op", true);
  std::erase_if(refused.rows, [&](const auto& row) { return row[2] == plain; });
  for (auto& row : refused.rows) row = {row[0], row[2]};
  refused.columns = {"op", "why"};
  refused.state_column = -1;
  doc.tables.push_back(OpsTable("TensorFlow ops and composite functions that are covered", ops, "op", false));
  doc.tables.push_back(std::move(refused));
  Table kernels = OpsTable("TFLite operators that the runtime runs", operators, "operator", false);
  kernels.columns = {"operator", "state", "plugin", "versions and types"};
  for (auto& row : kernels.rows) row.resize(4);
  doc.tables.push_back(std::move(kernels));
  doc.tables.push_back(OpsTable("TFLite operators without kernel", operators, "operator", true));
  all.insert(all.end(), ops.begin(), ops.end());
}

Result<std::vector<Entry>> ReadModel(const std::string& path, const std::string& tags, const Registry& registry) {
  tf::LoadOptions load;
  load.tags = tags;
  Result<tf::Graph> graph = tf::LoadModel(path, load);
  if (graph.ok()) return coverage::OfModel(registry, graph.value());
  if (graph.error().code != Code::kUnknownFormat) return std::move(graph.error());
  Result<std::unique_ptr<const runtime::LoadedModel>> model = runtime::LoadedModel::FromFile(path);
  if (!model.ok()) return model.error().code == Code::kUnknownFormat ? std::move(graph.error()) : std::move(model.error());
  return coverage::OfModel(registry, model.value()->view());
}

void AddModel(const std::string& path, const std::vector<Entry>& entries, Document& doc) {
  doc.data["models"].push_back({{"model", path}, {"counts", Counts(entries)}, {"ops", ToJson(entries, true)}});
  doc.summary += fmt::format("{}{}: {}.", doc.summary.empty() ? "" : " ", path, CountsText(entries));
  Table table{path, {"op", "state", "count", "nodes", "plugin", "emits", "limits, or why not"}, {}, 1};
  for (const Entry& e : entries) {
    const size_t shown = std::min(e.nodes.size(), kShownNodes);
    std::string nodes = fmt::format("{}", fmt::join(e.nodes.begin(), e.nodes.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
    if (shown < e.nodes.size()) nodes += ", ...";
    table.rows.push_back({e.op, std::string(coverage::StateName(e.state)), std::to_string(e.nodes.size()), nodes, e.plugin, e.emits, e.note});
  }
  std::ranges::stable_sort(table.rows, {}, [](const auto& row) { return row[1] != "missing"; });
  doc.tables.push_back(std::move(table));
}

Result<std::vector<std::string>> FailStates(const Args& args) {
  std::vector<std::string> out = SplitList(args.fail_on);
  for (const std::string& state : out)
    if (state != "missing" && state != "select" && state != "custom") return Error(Code::kUsage, "'" + state + "' is none of missing, select, custom").What("--fail-on");
  return out;
}

Result<int> Run(const Args& args, Context& context) {
  if (args.models.empty() && !args.registry) return Error(Code::kUsage, "neither a model nor --registry is given");
  TFLOWER_TRY(const Format format, ParseFormat(args.format));
  TFLOWER_TRY(const std::vector<std::string> fail_on, FailStates(args));
  TFLOWER_TRY(const std::unique_ptr<Registry> registry, context.OpenRegistry());
  Document doc;
  doc.title = args.registry ? "Supported ops" : "Coverage";
  doc.data = {{"format", "1"}, {"models", Json::array()}};
  std::vector<Entry> all;
  if (args.registry) AddRegistry(*registry, doc, all);
  for (const std::string& path : args.models) {
    TFLOWER_TRY(const std::vector<Entry> entries, ReadModel(path, args.tags, *registry));
    AddModel(path, entries, doc);
    all.insert(all.end(), entries.begin(), entries.end());
  }
  context.LogWarnings(*registry);
  const std::string text = Render(doc, format);
  if (args.output.empty()) std::fwrite(text.data(), 1, text.size(), stdout);
  else TFLOWER_CHECK(WriteTextFile(args.output, text));
  for (const Entry& e : all) {
    if (std::ranges::find(fail_on, coverage::StateName(e.state)) == fail_on.end()) continue;
    return Error(Code::kUnsupportedOp, fmt::format("is {}{}", coverage::StateName(e.state), e.note.empty() ? "" : ": " + e.note)).Op(e.op).What("--fail-on");
  }
  return 0;
}

}  // namespace

void AddCoverage(CLI::App& app, Context& context, Command& run) {
  auto args = std::make_shared<Args>();
  CLI::App& c = *app.add_subcommand("coverage", "Show which ops are covered, by which plugin, without converting");
  c.add_option("MODEL", args->models, "SavedModels, GraphDefs or .tflite files");
  c.add_flag("--registry", args->registry, "Every TensorFlow op and TFLite operator that there is");
  c.add_option("--format", args->format, "json, md or html")->capture_default_str();
  c.add_option("-o,--output", args->output, "File to write (default: standard output)")->type_name("F");
  c.add_option("--fail-on", args->fail_on, "Exit with 1 when an op is in one of these states: missing, select, custom")->type_name("STATES");
  c.add_option("--tags", args->tags, "Tag set of a SavedModel's meta graph")->capture_default_str();
  AddRegistryOptions(c, context);
  c.callback([args, &context, &run] { run = [args, &context] { return Run(*args, context); }; });
}

}  // namespace tflower::cli
