// tflower resolve OP: which plugin provides a TF op, a TFLite operator or a composite function, and why.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/cli.h"

namespace tflower::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Args {
  std::string op;
  bool explain = false, json = false;
};

Json ToJson(const Resolution& resolution) {
  Json candidates = Json::array();
  for (const Candidate& c : resolution.candidates) {
    candidates.push_back({{"kind", RowKindName(c.kind)}, {"plugin", c.plugin_id}, {"version", c.plugin_version}, {"library", c.library},
                          {"priority", c.priority}, {"detail", c.detail}, {"chosen", c.chosen}, {"tied", c.tied}, {"verdict", c.verdict}});
  }
  Json out = {{"op", resolution.op}, {"candidates", candidates}};
  if (resolution.error) out["error"] = {{"code", CodeName(resolution.error->code)}, {"message", resolution.error->ToString()}};
  return out;
}

void PrintTable(const std::vector<Candidate>& candidates) {
  size_t plugin = 6, detail = 6;
  const auto title = [](const Candidate& c) { return c.plugin_id + " " + c.plugin_version; };
  for (const Candidate& c : candidates) {
    plugin = std::max(plugin, title(c).size());
    detail = std::max(detail, c.detail.size());
  }
  fmt::print("{:<9}  {:>8}  {:<{}}  {:<{}}  {}\n", "KIND", "PRIORITY", "PLUGIN", plugin, "DETAIL", detail, "VERDICT");
  for (const Candidate& c : candidates) {
    fmt::print("{:<9}  {:>8}  {:<{}}  {:<{}}  {}\n", RowKindName(c.kind), c.priority, title(c), plugin, c.detail, detail, c.verdict);
  }
}

void PrintChosen(const std::vector<Candidate>& candidates) {
  for (const Candidate& c : candidates) {
    if (c.chosen) fmt::print("{} {} {}  {}\n", RowKindName(c.kind), c.plugin_id, c.plugin_version, c.detail);
  }
}

Result<int> Run(const Args& args, Context& context) {
  TFLOWER_TRY(const std::unique_ptr<Registry> registry, context.OpenRegistry());
  const Resolution resolution = registry->Explain(args.op);
  if (args.json) fmt::print("{}\n", ToJson(resolution).dump(1, ' ', false, Json::error_handler_t::replace));
  else if (args.explain && !resolution.candidates.empty()) PrintTable(resolution.candidates);
  else PrintChosen(resolution.candidates);
  if (resolution.error) return *resolution.error;
  return 0;
}

}  // namespace

void AddResolve(CLI::App& app, Context& context, Command& run) {
  auto args = std::make_shared<Args>();
  CLI::App& c = *app.add_subcommand("resolve", "Show which plugin provides an op");
  c.add_option("OP", args->op, "TF op, TFLite operator, custom code or implements-name")->required();
  c.add_flag("--explain", args->explain, "Every candidate, and why it won or lost");
  c.add_flag("--json", args->json, "Print JSON");
  AddRegistryOptions(c, context);
  c.callback([args, &context, &run] { run = [args, &context] { return Run(*args, context); }; });
}

}  // namespace tflower::cli
