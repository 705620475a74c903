#include "registry.h"

#include <algorithm>

#include "discover.h"
#include "names.h"
#include "registry_impl.h"

namespace tflower {
namespace {

std::string Title(const Plugin& plugin) { return plugin.id() + " " + plugin.manifest().version; }

std::string Signature(std::span<const int32_t> dtypes) {
  std::string out = "(";
  for (size_t i = 0; i < dtypes.size(); ++i) out += (i == 0 ? "" : ", ") + DtypeName(dtypes[i]);
  return out + ")";
}

bool Covers(const Plugin& plugin, std::string_view op) {
  const Provides& provides = plugin.manifest().provides;
  const auto any = [](const auto& rows, auto test) { return std::any_of(rows.begin(), rows.end(), test); };
  return any(provides.lowerings, [&](const LoweringDecl& row) { return row.op == op && row.refused.empty(); }) ||
         any(provides.rules, [&](const RuleDecl& row) { return row.implements == op; }) ||
         any(provides.kernels, [&](const KernelDecl& row) { return OperatorText(row) == op; });
}

}  // namespace

std::string_view RowKindName(RowKind kind) {
  switch (kind) {
    case RowKind::kLowering: return "lowering";
    case RowKind::kPattern: return "pattern";
    case RowKind::kComposite: return "composite";
    case RowKind::kKernel: return "kernel";
  }
  return "row";
}

std::string_view PluginStateName(PluginState state) {
  switch (state) {
    case PluginState::kDeclared: return "declared";
    case PluginState::kOpen: return "open";
    case PluginState::kStatic: return "static";
    case PluginState::kFaulty: return "faulty";
    case PluginState::kDisabled: return "disabled";
    case PluginState::kShadowed: return "shadowed";
  }
  return "unknown";
}

Registry::Registry(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Registry::~Registry() = default;

Result<std::unique_ptr<Registry>> Registry::Open(const RegistryOptions& options) {
  TFLOWER_TRY(std::vector<FoundPlugin> found, Discover(options));
  auto impl = std::make_unique<Impl>();
  for (FoundPlugin& plugin : found) impl->plugins.push_back(std::make_unique<Plugin>(std::move(plugin)));
  impl->index = std::make_unique<Index>(impl->plugins);
  TFLOWER_TRY(impl->pins, ParsePins(options.pins));
  for (const auto& [op, id] : impl->pins) TFLOWER_CHECK(impl->CheckPin(op, id));
  return std::unique_ptr<Registry>(new Registry(std::move(impl)));
}

Status Registry::Impl::CheckPin(const std::string& op, const std::string& id) const {
  for (const auto& plugin : plugins) {
    if (!plugin->active() || plugin->id() != id) continue;
    if (Covers(*plugin, op)) return Ok();
    return Error(Code::kUsage, "plugin " + Title(*plugin) + " does not cover '" + op + "'").What("--resolve");
  }
  return Error(Code::kUsage, "no plugin '" + id + "' was found").What("--resolve").Hint("see tflower plugins list --all");
}

Error Registry::Impl::Uncovered(std::string_view op, const Choice& choice, Error absent) const {
  if (!choice.faults.empty()) {
    Error error = choice.faults.front();
    error.op = op;
    error.message = "the plugin that covers it cannot be used: " + error.message;
    for (size_t i = 1; i < choice.faults.size(); ++i) error.notes.push_back(choice.faults[i].ToString());
    return error;
  }
  for (const auto& plugin : plugins) {
    if (plugin->found().state == PluginState::kDisabled && Covers(*plugin, op)) {
      absent.notes.push_back(Title(*plugin) + " covers it, but is " + plugin->found().reason);
    }
  }
  const auto unreadable = [](const auto& plugin) { return plugin->found().fault.has_value(); };
  const auto first = std::find_if(plugins.begin(), plugins.end(), unreadable);
  if (first == plugins.end()) return absent;
  Error error = *(*first)->found().fault;
  error.op = op;
  error.message = absent.message + "; perhaps the plugin whose manifest is unusable would: " + error.message;
  error.notes = absent.notes;
  return error;
}

Error Registry::Impl::NoLowering(std::string_view op, const Choice& choice) const {
  if (choice.skipped) return Error(Code::kDeclined, "every plugin that covers it has declined").Op(op);
  Error absent = Error(Code::kUnsupportedOp, "no plugin covers this op")
                     .Op(op)
                     .Hint("--plugin PATH adds a plugin that covers it; --allow-custom-ops makes it a custom operator, for a kernel of your own");
  if (const Claims& refusals = index->Refusals(op); !refusals.empty()) {
    const Claim& first = refusals.front();
    absent.message = first.plugin->manifest().provides.lowerings[first.row].refused;
    absent.hint = "--plugin PATH adds a plugin that covers it; --allow-custom-ops makes it a custom operator";
  }
  for (const Claim& claim : index->Lowerings(op)) {
    if (claim.priority == 0) absent.hint = "--resolve " + std::string(op) + "=" + claim.plugin->id() + " uses the plugin that covers it on request";
  }
  return Uncovered(op, choice, std::move(absent));
}

Result<LoweringRef> Registry::FindLowering(std::string_view tf_op, uint32_t skip) const {
  TFLOWER_TRY(const Choice choice,
              Choose(impl_->index->Lowerings(tf_op), impl_->pins, {.op = tf_op, .zero_needs_pin = true, .skip = skip}));
  if (choice.claim == nullptr) return impl_->NoLowering(tf_op, choice);
  return LoweringRef{choice.rows->lowerings[choice.claim->row], impl_->ProviderOf(choice)};
}

Result<RuleRef> Registry::FindComposite(std::string_view implements_name, uint32_t skip) const {
  TFLOWER_TRY(const Choice choice,
              Choose(impl_->index->Composites(implements_name), impl_->pins, {.op = implements_name, .skip = skip}));
  if (choice.claim != nullptr) return RuleRef{choice.rows->rules[choice.claim->row], impl_->ProviderOf(choice)};
  if (choice.skipped) return Error(Code::kDeclined, "every rule for this function has declined").Op(implements_name);
  Error absent = Error(Code::kNotFound, "no plugin has a rule for functions of this name").Op(implements_name);
  // An unreadable manifest is no reason to fail here: the function is inlined, and what it holds is asked for.
  return choice.faults.empty() ? absent : impl_->Uncovered(implements_name, choice, std::move(absent));
}

Error Registry::Impl::NoKernel(const KernelQuery& query, std::string_view op, const Choice& choice) const {
  if (choice.skipped) return Error(Code::kDeclined, "every kernel for this operator has declined").Op(op);
  std::string asked = "version " + std::to_string(query.version) + " with " + Signature(query.input_dtypes);
  if (!query.output_dtypes.empty()) asked += " -> " + Signature(query.output_dtypes);
  Error absent = Error(Code::kMissingKernel, "no kernel for " + asked).Op(op);
  const Claims& near = index->Kernels(query.code, query.custom_code);
  constexpr size_t kShown = 4;
  for (size_t i = 0; i < std::min(near.size(), kShown); ++i) {
    absent.notes.push_back(Title(*near[i].plugin) + " has " + Describe(near[i].plugin->manifest().provides.kernels[near[i].row]));
  }
  if (near.size() > kShown) absent.notes.push_back("and " + std::to_string(near.size() - kShown) + " more");
  if (near.empty()) absent.hint = "--plugin PATH adds a plugin; tflower plugins list shows which there are";
  return Uncovered(op, choice, std::move(absent));
}

Result<KernelRef> Registry::FindKernel(const KernelQuery& query) const {
  const std::string name = query.code == kCustomOperator ? std::string(query.custom_code) : OperatorName(query.code);
  const Question question{.op = name, .reference_only = query.reference_only, .kernel = &query, .skip = query.skip};
  TFLOWER_TRY(const Choice choice, Choose(impl_->index->Kernels(query.code, query.custom_code), impl_->pins, question));
  if (choice.claim == nullptr) return impl_->NoKernel(query, name, choice);
  return KernelRef{choice.rows->kernels[choice.claim->row], impl_->ProviderOf(choice)};
}

namespace {

Result<std::vector<RuleRef>> OpenRules(const Claims& claims) {
  std::vector<RuleRef> out;
  for (const Claim& claim : claims) {
    auto rows = claim.plugin->Rows();
    if (!rows.ok()) {
      Error error = std::move(rows.error());
      error.notes.push_back("its rewrite rules would be missing without a word; TFLOWER_PLUGINS_DISABLE=" + claim.plugin->id() + " goes on without them");
      return error;
    }
    out.push_back({rows.value()->rules[claim.row], {rows.value()->id, rows.value()->version}});
  }
  return out;
}

}  // namespace

Result<std::vector<RuleRef>> Registry::PatternRules() const { return OpenRules(impl_->index->Patterns()); }
Result<std::vector<RuleRef>> Registry::LoopRules() const { return OpenRules(impl_->index->Loops()); }

std::vector<PluginInfo> Registry::Plugins() const {
  std::vector<PluginInfo> out;
  for (const auto& plugin : impl_->plugins) out.push_back(plugin->Info());
  std::stable_sort(out.begin(), out.end(), [](const PluginInfo& a, const PluginInfo& b) { return a.id < b.id; });
  return out;
}

std::vector<Error> Registry::Warnings() const {
  std::vector<Error> out;
  for (const auto& plugin : impl_->plugins) {
    if (plugin->state() == PluginState::kFaulty) out.push_back(*plugin->fault());
    for (const std::string& warning : plugin->manifest().warnings) out.push_back(Error(Code::kManifest, warning).File(plugin->found().file));
  }
  return out;
}

void Registry::OpenAll() const {
  for (const auto& plugin : impl_->plugins) {
    if (plugin->active()) (void)plugin->CheckAll();  // the outcome is the plugin's state
  }
}

}  // namespace tflower
