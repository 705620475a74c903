// tflower convert: a TensorFlow model to a .tflite file.
#include "convert.h"

#include <fmt/format.h>

#include "cli/cli.h"
#include "cli/document.h"
#include "cli/shapes.h"

namespace tflower::cli {
namespace {

struct Args {
  std::string model, output, tags = "serve", inputs, outputs;
  std::vector<std::string> signatures, shapes;
  int64_t batch = 0;
  std::string ops = "builtins", select_ops, dump, report;
  std::string rnn = "fused", rnn_state = "reset-step";
  bool no_provenance = false, allow_custom_ops = false, trust_implements = false;
};

// --ops and what goes with it.
Result<bool> CustomOpsAllowed(const Args& args) {
  bool custom = args.allow_custom_ops;
  for (const std::string& kind : SplitList(args.ops)) {
    if (kind == "custom") custom = true;
    else if (kind == "select") return Error(Code::kUsage, "this version has no select TF ops").What("--ops").Hint("custom makes an op that is not covered a custom operator");
    else if (kind != "builtins") return Error(Code::kUsage, "'" + kind + "' is none of builtins, select, custom").What("--ops");
  }
  if (!args.select_ops.empty()) return Error(Code::kUsage, "this version has no select TF ops").What("--select-ops");
  return custom;
}

Result<ConvertOptions> OptionsOf(const Args& args) {
  ConvertOptions options;
  options.load.tags = args.tags;
  options.load.signatures = args.signatures;
  options.load.inputs = SplitList(args.inputs);
  options.load.outputs = SplitList(args.outputs);
  options.load.batch = args.batch;
  for (const std::string& text : args.shapes) {
    TFLOWER_TRY(auto shape, ParseShape(text));
    if (!options.load.input_shapes.insert(std::move(shape)).second) return Error(Code::kUsage, "--input-shape names '" + text + "' twice");
  }
  options.provenance = !args.no_provenance;
  options.trust_implements = args.trust_implements;
  options.dump_folder = args.dump;
  options.lower.plugin_options = {{"rnn", args.rnn}, {"rnn-state", args.rnn_state}};
  TFLOWER_TRY(options.lower.allow_custom_ops, CustomOpsAllowed(args));
  if (args.rnn == "custom" && !options.lower.allow_custom_ops) return Error(Code::kUsage, "'custom' makes operators that only tflower's runtime has").What("--rnn").Hint("allow them with --allow-custom-ops");
  return options;
}

// What became of the model, for people and for CI.
Status WriteReport(const Args& args, const Result<ConvertReport>& result, const lower::LowerFailures& failures) {
  Document doc;
  doc.title = "Conversion of " + args.model;
  doc.data = {{"model", args.model}, {"converted", result.ok()}};
  if (result.ok()) {
    const ConvertReport& r = result.value();
    doc.data["output"] = args.output;
    doc.data["file_bytes"] = r.file_bytes;
    doc.data["min_runtime"] = r.min_runtime;
    doc.data["operators"] = r.emitted;
    doc.data["rules"] = std::map<std::string, uint64_t>(r.rules.begin(), r.rules.end());
    doc.data["notes"] = r.notes;
    doc.summary = fmt::format("{}: {} operators, {} bytes{}", args.output, r.operators, r.file_bytes, r.min_runtime.empty() ? "" : ", needs runtime " + r.min_runtime);
    Table operators{"Operators", {"operator", "count"}, {}}, rules{"Rules applied", {"rule", "count"}, {}}, notes{"Notes", {"note"}, {}};
    for (const auto& [op, n] : r.emitted) operators.rows.push_back({op, std::to_string(n)});
    for (const auto& [rule, n] : std::map<std::string, uint64_t>(r.rules.begin(), r.rules.end())) rules.rows.push_back({rule, std::to_string(n)});
    for (const std::string& note : r.notes) notes.rows.push_back({note});
    doc.tables = {std::move(operators), std::move(rules), std::move(notes)};
  } else {
    doc.data["error"] = {{"code", CodeName(result.error().code)}, {"message", result.error().ToString()}};
    doc.data["failures"] = Json::array();
    doc.summary = "Not converted: " + result.error().ToString();
    Table table{"Nodes that cannot be converted", {"op", "node", "why", "what to do"}, {}};
    for (const Error& e : failures.errors) {
      const std::string why = e.what.empty() ? e.message : e.what + ": " + e.message;
      doc.data["failures"].push_back({{"op", e.op}, {"node", e.node}, {"code", CodeName(e.code)}, {"message", why}, {"hint", e.hint}});
      table.rows.push_back({e.op, e.node, why, e.hint});
    }
    doc.tables = {std::move(table)};
  }
  return WriteDocument(doc, args.report);
}

Result<int> Run(const Args& args, Context& context) {
  TFLOWER_TRY(ConvertOptions options, OptionsOf(args));
  if (!args.report.empty()) TFLOWER_CHECK(FormatOf(args.report));
  TFLOWER_TRY(const std::unique_ptr<Registry> registry, context.OpenRegistry());
  lower::LowerFailures failures;
  Result<ConvertReport> report = [&] {
    Progress progress(context);
    options.progress = [&](const char* stage) { progress.Stage(stage); };
    return Convert(args.model, *registry, options, args.output, failures);
  }();
  context.LogWarnings(*registry);
  if (!args.report.empty()) TFLOWER_CHECK(WriteReport(args, report, failures));
  if (!report.ok()) {
    for (const Error& e : failures.errors) LogFailure(context, e);
    if (report.error().file.empty()) report.error().file = args.model;
    return report.error();
  }
  const ConvertReport& r = report.value();
  for (const std::string& note : r.notes) Log(context, Level::kInfo, "note: " + note);
  for (const auto& [rule, count] : r.rules) Log(context, Level::kDebug, fmt::format("rule {}: {}", rule, count));
  Log(context, Level::kInfo, fmt::format("{}: {} operators, {} bytes{}", args.output, r.operators, r.file_bytes,
                                         r.min_runtime.empty() ? "" : ", needs runtime " + r.min_runtime));
  return 0;
}

}  // namespace

void AddConvert(CLI::App& app, Context& context, Command& run) {
  auto args = std::make_shared<Args>();
  CLI::App& c = *app.add_subcommand("convert", "Convert a TensorFlow model to a .tflite file");
  c.add_option("MODEL", args->model, "SavedModel folder, or GraphDef (.pb, .pbtxt); told apart by content")->required();
  c.add_option("-o,--output", args->output, "File to write")->required()->type_name("OUT.tflite");
  c.add_option("--tags", args->tags, "Tag set of the meta graph, comma-separated")->capture_default_str();
  c.add_option("--signature", args->signatures, "Signature to convert (repeatable; default: all)")->type_name("KEY");
  c.add_option("--inputs", args->inputs, "Tensors to take as inputs, comma-separated")->type_name("A,B");
  c.add_option("--outputs", args->outputs, "Tensors to take as outputs, comma-separated")->type_name("C,D");
  c.add_option("--input-shape", args->shapes, "Shape of an input; ? = dynamic (repeatable)")->type_name("NAME=1,224,224,3");
  c.add_option("--batch", args->batch, "Replaces unknown leading dimensions")->type_name("N")->check(CLI::Range(int64_t{1}, int64_t{INT32_MAX}));
  c.add_option("--ops", args->ops, "Kinds of operators that may be made: builtins, select, custom, comma-separated")->capture_default_str();
  c.add_flag("--allow-custom-ops", args->allow_custom_ops, "An op that no plugin covers becomes a custom operator of its name (= --ops builtins,custom)");
  c.add_option("--select-ops", args->select_ops, "Select TF ops that may be made")->type_name("LIST|all");
  c.add_option("--rnn", args->rnn, "Recurrent loops: operators of their own, also those that tflower alone has (with --allow-custom-ops), or loops")->check(CLI::IsMember({"fused", "custom", "loop"}))->capture_default_str();
  c.add_option("--rnn-state", args->rnn_state, "Their state: set anew by each invocation, kept between invocations, or in a loop (no operators of their own)")
      ->check(CLI::IsMember({"reset-step", "variable", "loop"}))->capture_default_str();
  c.add_flag("--trust-implements", args->trust_implements, "Functions that say what they implement are not checked by running their bodies, too");
  c.add_option("--report", args->report, "Write what was made, by format of the name")->type_name("FILE.json|md|html");
  c.add_option("--dump-graph", args->dump, "Folder for each stage's graph as text and .tflite")->type_name("DIR");
  c.add_flag("--no-provenance", args->no_provenance, "Leave out which node, plugin and rule each operator comes from");
  AddRegistryOptions(c, context);
  c.callback([args, &context, &run] { run = [args, &context] { return Run(*args, context); }; });
}

}  // namespace tflower::cli
