// tflower convert: a TensorFlow model to a .tflite file.
#include "convert.h"

#include <fmt/format.h>

#include "cli/cli.h"
#include "cli/shapes.h"

namespace tflower::cli {
namespace {

struct Args {
  std::string model, output, tags = "serve", inputs, outputs;
  std::vector<std::string> signatures, shapes;
  int64_t batch = 0;
  bool no_provenance = false;
};

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
  return options;
}

Result<int> Run(const Args& args, Context& context) {
  TFLOWER_TRY(ConvertOptions options, OptionsOf(args));
  TFLOWER_TRY(const std::unique_ptr<Registry> registry, context.OpenRegistry());
  lower::LowerFailures failures;
  Result<ConvertReport> report = [&] {
    Progress progress(context);
    options.progress = [&](const char* stage) { progress.Stage(stage); };
    return Convert(args.model, *registry, options, args.output, failures);
  }();
  context.LogWarnings(*registry);
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
  c.add_flag("--no-provenance", args->no_provenance, "Leave out which node, plugin and rule each operator comes from");
  AddRegistryOptions(c, context);
  c.callback([args, &context, &run] { run = [args, &context] { return Run(*args, context); }; });
}

}  // namespace tflower::cli
