// tflower plugins list | info | doctor: what is there, what it covers, and whether it works.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/cli.h"
#include "registry/search_path.h"

namespace tflower::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Args {
  bool json = false, all = false;
  std::string id;
};

void Print(const Json& json) { fmt::print("{}\n", json.dump(1, ' ', false, Json::error_handler_t::replace)); }

bool IsHidden(const PluginInfo& plugin) { return plugin.state == PluginState::kDisabled || plugin.state == PluginState::kShadowed; }

Json ToJson(const PluginInfo& p) {
  Json out = {{"id", p.id}, {"version", p.version}, {"name", p.name}, {"license", p.license}, {"state", PluginStateName(p.state)},
              {"origin", p.origin}, {"manifest", p.manifest}, {"library", p.library},
              {"abi", {{"major", p.abi_major}, {"min", p.abi_min}, {"built", p.abi_built}}},
              {"counts", {{"lowerings", p.lowerings}, {"rules", p.rules}, {"kernels", p.kernels}}}};
  if (!p.reason.empty()) out["reason"] = p.reason;
  if (p.fault) out["fault"] = {{"code", CodeName(p.fault->code)}, {"message", p.fault->ToString()}};
  if (!p.warnings.empty()) out["warnings"] = p.warnings;
  return out;
}

std::string Text(const std::string& text) { return text.empty() ? "-" : text; }

// Where it comes from: its manifest, or that it is linked in.
std::string Place(const PluginInfo& plugin) { return plugin.manifest.empty() ? plugin.origin : plugin.manifest; }

// Broken manifests are shown, not fatal: these commands are how one finds out.
Result<std::unique_ptr<Registry>> OpenTolerant(Context context) {
  context.registry.tolerate_broken = true;
  return Registry::Open(context.registry);
}

void PrintTable(const std::vector<PluginInfo>& plugins) {
  size_t id = 2, version = 7;
  for (const PluginInfo& p : plugins) {
    id = std::max(id, p.id.size());
    version = std::max(version, p.version.size());
  }
  fmt::print("{:<{}}  {:<{}}  {:<8}  {:>9}  {:>5}  {:>7}  {}\n", "ID", id, "VERSION", version, "STATE", "LOWERINGS", "RULES", "KERNELS", "PATH");
  for (const PluginInfo& p : plugins) {
    fmt::print("{:<{}}  {:<{}}  {:<8}  {:>9}  {:>5}  {:>7}  {}\n", Text(p.id), id, Text(p.version), version, PluginStateName(p.state),
               p.lowerings, p.rules, p.kernels, Place(p));
  }
}

Result<int> List(const Args& args, const Context& context) {
  TFLOWER_TRY(const std::unique_ptr<Registry> registry, OpenTolerant(context));
  std::vector<PluginInfo> plugins = registry->Plugins();
  if (!args.all) std::erase_if(plugins, IsHidden);
  if (args.json) {
    Json list = Json::array();
    for (const PluginInfo& plugin : plugins) list.push_back(ToJson(plugin));
    Print({{"plugins", list}});
  } else {
    PrintTable(plugins);
  }
  for (const Error& warning : registry->Warnings()) Log(context, Level::kWarning, warning.ToString());
  return 0;
}

void PrintNames(const char* title, const std::vector<std::string>& names) {
  if (names.empty()) return;
  fmt::print("  {} ({}):\n", title, names.size());
  for (const std::string& name : names) fmt::print("    {}\n", name);
}

void PrintInfo(const PluginInfo& p) {
  fmt::print("{} {}\n  name: {}\n  license: {}\n  state: {}{}\n  found: {}\n  manifest: {}\n  library: {}\n  ABI: {}.{} (built with {}.{})\n",
             p.id, p.version, Text(p.name), Text(p.license), PluginStateName(p.state), p.reason.empty() ? "" : ", " + p.reason, p.origin,
             Text(p.manifest), Text(p.library), p.abi_major, p.abi_min, p.abi_major, p.abi_built);
  PrintNames("TF ops", p.lowering_ops);
  PrintNames("rules", p.rule_ids);
  PrintNames("kernels", p.kernel_ops);
  for (const std::string& warning : p.warnings) fmt::print("  warning: {}\n", warning);
}

Json WithNames(const PluginInfo& plugin) {
  Json out = ToJson(plugin);
  out["lowerings"] = plugin.lowering_ops;
  out["rules"] = plugin.rule_ids;
  out["kernels"] = plugin.kernel_ops;
  return out;
}

Result<int> Info(const Args& args, const Context& context) {
  TFLOWER_TRY(const std::unique_ptr<Registry> registry, OpenTolerant(context));
  std::vector<PluginInfo> plugins = registry->Plugins();
  std::erase_if(plugins, [&](const PluginInfo& p) { return p.id != args.id; });
  if (plugins.empty()) return Error(Code::kNotFound, "no plugin has this id").What(args.id).Hint("tflower plugins list --all");
  std::stable_sort(plugins.begin(), plugins.end(), [](const PluginInfo& a, const PluginInfo& b) { return IsHidden(a) < IsHidden(b); });
  if (args.json) Print(WithNames(plugins.front()));
  else for (const PluginInfo& plugin : plugins) PrintInfo(plugin);
  return 0;
}

std::string Finding(const PluginInfo& plugin) {
  switch (plugin.state) {
    case PluginState::kFaulty: return "FAULT: " + plugin.fault->ToString();
    case PluginState::kOpen: return "ok: manifest, owner, hash, ABI and tables agree";
    case PluginState::kStatic: return "ok: linked into the program";
    default: return std::string(PluginStateName(plugin.state)) + ": " + plugin.reason;
  }
}

void PrintFindings(const std::vector<PluginInfo>& plugins, const Context& context) {
  fmt::print("searched, first one first:\n");
  for (const SearchPlace& place : SearchPlaces(context.registry)) fmt::print("  {}  ({})\n", place.path, place.origin);
  for (const PluginInfo& p : plugins) {
    fmt::print("{} {}\n  {}\n  {}\n", p.id.empty() ? "(unreadable manifest)" : p.id, p.version, Place(p), Finding(p));
    for (const std::string& warning : p.warnings) fmt::print("  warning: {}\n", warning);
  }
}

Result<int> Doctor(const Args& args, const Context& context) {
  TFLOWER_TRY(const std::unique_ptr<Registry> registry, OpenTolerant(context));
  registry->OpenAll();
  const std::vector<PluginInfo> plugins = registry->Plugins();
  if (args.json) {
    Json list = Json::array();
    for (const PluginInfo& plugin : plugins) list.push_back(ToJson(plugin));
    Json places = Json::array();
    for (const SearchPlace& place : SearchPlaces(context.registry)) places.push_back({{"path", place.path}, {"origin", place.origin}});
    Print({{"searched", places}, {"plugins", list}});
  } else {
    PrintFindings(plugins, context);
  }
  const auto faulty = [](const PluginInfo& p) { return p.state == PluginState::kFaulty; };
  const auto first = std::find_if(plugins.begin(), plugins.end(), faulty);
  if (first == plugins.end()) return 0;
  return Error(*first->fault).Note(fmt::format("{} of {} plugins cannot be used", std::count_if(plugins.begin(), plugins.end(), faulty), plugins.size()));
}

using Action = Result<int> (*)(const Args&, const Context&);

CLI::App& AddAction(CLI::App& parent, const char* name, const char* help, Action action, const std::shared_ptr<Args>& args, Context& context, Command& run) {
  CLI::App& c = *parent.add_subcommand(name, help);
  c.add_flag("--json", args->json, "Print JSON");
  c.callback([action, args, &context, &run] { run = [action, args, &context] { return action(*args, context); }; });
  return c;
}

}  // namespace

void AddPlugins(CLI::App& app, Context& context, Command& run) {
  auto args = std::make_shared<Args>();
  CLI::App& c = *app.add_subcommand("plugins", "Show the plugins that are found, and whether they work");
  c.require_subcommand(1);
  AddRegistryOptions(c, context);
  CLI::App& list = AddAction(c, "list", "List plugins from their manifests; opens nothing", &List, args, context, run);
  list.add_flag("--all", args->all, "Also those that are switched off or shadowed by another copy");
  CLI::App& info = AddAction(c, "info", "Everything one plugin declares", &Info, args, context, run);
  info.add_option("ID", args->id, "The plugin's id")->required();
  AddAction(c, "doctor", "Open every plugin and check it against its manifest; exit code 4 on any fault", &Doctor, args, context, run);
}

}  // namespace tflower::cli
