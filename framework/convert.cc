// Convert: import, lower, rewrite, export.
#include "convert.h"

#include "deep_stack.h"
#include "export/metadata.h"
#include "export/tflite_writer.h"
#include "rules/driver.h"

namespace tflower {
namespace {

Result<ConvertReport> Run(const std::string& path, const Registry& registry, const ConvertOptions& options, const std::string& output,
                              lower::LowerFailures& failures) {
  const auto stage = [&](const char* name) { if (options.progress) options.progress(name); };
  stage("reading");
  TFLOWER_TRY(const tf::Graph source, tf::LoadModel(path, options.load));                               // bytes -> nodes, functions, variables
  lower::Typer typer(registry);
  stage("lowering");
  TFLOWER_TRY(ir::Model model, lower::Lower(source, registry, typer, options.lower, failures));        // every TF node -> typed operators
  TFLOWER_CHECK(source.VerifyCheckpoint());                                                            // also what no signature reads
  stage("rewriting");
  TFLOWER_TRY(rules::Applied applied, rules::Apply(model, registry, typer));                           // fusions, to a fixed point
  stage("writing");
  TFLOWER_TRY(exporter::WriteStats stats, exporter::Write(model, exporter::MetadataFor(model, source, options.provenance), output));
  ConvertReport report{0, stats.file_bytes, std::move(stats.min_runtime), std::move(applied.count), std::move(model.notes)};
  for (const auto& graph : model.subgraphs) report.operators += graph->num_operators();
  return report;
}

}  // namespace

Result<ConvertReport> Convert(const std::string& path, const Registry& registry, const ConvertOptions& options, const std::string& output,
                              lower::LowerFailures& failures) {
  Result<ConvertReport> report = Error();
  OnDeepStack([&] { report = Run(path, registry, options, output, failures); });
  return report;
}

}  // namespace tflower
