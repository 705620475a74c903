// Convert: import, lower, rewrite, export.
#include "convert.h"

#include "deep_stack.h"
#include "dump/stages.h"
#include "export/metadata.h"
#include "export/tflite_writer.h"
#include "probe/probe.h"
#include "rules/driver.h"
#include "sdk/schema/op_table.h"

namespace tflower {
namespace {

Result<ConvertReport> Run(const std::string& path, const Registry& registry, const ConvertOptions& options, const std::string& output,
                              lower::LowerFailures& failures) {
  const auto stage = [&](const char* name) { if (options.progress) options.progress(name); };
  stage("reading");
  TFLOWER_TRY(const tf::Graph source, tf::LoadModel(path, options.load));                               // bytes -> nodes, functions, variables
  const dump::Stages dump(options.dump_folder);
  TFLOWER_CHECK(dump.Imported("1_imported", source));
  lower::Typer typer(registry);
  lower::LowerOptions lowering = options.lower;
  if (!options.trust_implements) lowering.probe = [&](const ir::Model& pair) { return probe::RunPair(pair, registry); };
  stage("lowering");
  TFLOWER_TRY(ir::Model model, lower::Lower(source, registry, typer, lowering, failures));        // every TF node -> typed operators
  TFLOWER_CHECK(source.VerifyCheckpoint());                                                            // also what no signature reads
  TFLOWER_CHECK(dump.Target("2_lowered", model, source));
  stage("rewriting");
  TFLOWER_TRY(rules::Applied applied, rules::Apply(model, registry, typer));                           // fusions, to a fixed point
  TFLOWER_CHECK(dump.Target("3_rewritten", model, source));
  stage("writing");
  TFLOWER_TRY(exporter::WriteStats stats, exporter::Write(model, exporter::MetadataFor(model, source, options.provenance), output));
  TFLOWER_CHECK(dump.Exported("4_exported", output));  // OUT itself is this stage's .tflite
  ConvertReport report{0, stats.file_bytes, std::move(stats.min_runtime), std::move(applied.count), std::move(model.notes), {}};
  for (const auto& graph : model.subgraphs)
    for (const auto& op : graph->operators()) {
      if (op->dead) continue;
      ++report.operators;
      ++report.emitted[op->custom_code.empty() ? std::string(tfl::FindOp(op->code)->name) : op->custom_code];
    }
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
