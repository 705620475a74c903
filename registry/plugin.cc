#include "plugin.h"

#include <algorithm>
#include <cerrno>

#include "file.h"
#include "library_check.h"
#include "plugin_library.h"
#include "schema.h"

namespace tflower {
namespace {

std::vector<std::string> SortedNames(const auto& rows, auto name) {
  std::vector<std::string> out;
  for (const auto& row : rows) out.push_back(name(row));
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace

Plugin::Plugin(FoundPlugin found) : found_(std::move(found)), fault_(found_.fault) {
  if (!found_.linked) return;
  rows_ = std::make_unique<MatchedRows>(MatchedRows{.id = found_.linked->id,
                                                    .version = found_.linked->version,
                                                    .lowerings = found_.linked->lowerings,
                                                    .rules = found_.linked->rules,
                                                    .kernels = found_.linked->kernels});
  open_ = rows_.get();
}

Result<const Platform*> Plugin::HostPlatform() const {
  std::string others;
  for (const Platform& platform : manifest().platforms) {
    if (platform.os == HostOs() && platform.arch == HostArch()) return &platform;
    others += (others.empty() ? "" : ", ") + platform.os + "/" + platform.arch;
  }
  return Error(Code::kPluginLoad, "the plugin has no library for " + std::string(HostOs()) + "/" + std::string(HostArch()) +
                                      ", only for " + others)
      .File(found_.file);
}

std::string Plugin::LibraryPath() const {
  const auto platform = HostPlatform();
  return platform.ok() && !found_.linked ? found_.folder + "/" + platform.value()->library : std::string();
}

// What the manifest says is enough to refuse: a library from the future is not mapped to find out.
Status Plugin::CheckAbi() const {
  const Manifest& m = manifest();
  if (m.abi_major == TFLOWER_ABI_MAJOR && m.abi_min <= TFLOWER_ABI_MINOR) return Ok();
  return Error(Code::kPluginAbi, "needs plugin ABI " + std::to_string(m.abi_major) + "." + std::to_string(m.abi_min) +
                                     ", but this program has " + std::to_string(TFLOWER_ABI_MAJOR) + "." +
                                     std::to_string(TFLOWER_ABI_MINOR))
      .File(found_.file)
      .Hint("install a version of the plugin that was made for this version of tflower");
}

Status Plugin::CheckFiles(bool hash) const {
  struct stat status;
  if (stat(found_.file.c_str(), &status) != 0) {
    return Error(Code::kPluginLoad, "the manifest has gone: " + ErrnoText(errno)).File(found_.file);
  }
  TFLOWER_CHECK(CheckOwner(status, found_.file));
  TFLOWER_TRY(const Platform* platform, HostPlatform());
  return CheckLibrary({.folder = found_.folder, .path = LibraryPath(), .platform = platform, .hash = hash});
}

Result<MatchedRows> Plugin::OpenLibrary(bool hash) const {
  TFLOWER_CHECK(CheckAbi());
  TFLOWER_CHECK(CheckFiles(hash));
  const std::string path = LibraryPath();
  TFLOWER_TRY(const tflower_plugin_main_fn entry, MapLibrary(path));
  TFLOWER_TRY(const PluginTables tables, ReadTables(entry, path));
  return MatchRows(manifest(), tables, path);
}

Result<const MatchedRows*> Plugin::Rows() const {
  if (const MatchedRows* rows = open_.load(std::memory_order_acquire)) return rows;
  const std::lock_guard lock(mutex_);
  if (fault_) return *fault_;
  if (rows_ == nullptr) {
    auto opened = OpenLibrary(found_.trust == Trust::kExplicit || found_.trust == Trust::kUser);
    if (!opened.ok()) {
      fault_ = std::move(opened.error());
      return *fault_;
    }
    rows_ = std::make_unique<const MatchedRows>(std::move(opened.value()));
    open_.store(rows_.get(), std::memory_order_release);
  }
  return rows_.get();
}

Status Plugin::CheckAll() const {
  if (const auto rows = Rows(); !rows.ok()) return rows.error();
  if (found_.linked) return Ok();
  Status status = CheckFiles(true);
  if (status.ok()) {
    auto text = ReadTextFile(found_.file, kMaxManifestBytes);
    status = text.ok() ? ValidateManifest(text.value(), found_.file) : Status(std::move(text.error()));
  }
  if (!status.ok()) {
    const std::lock_guard lock(mutex_);
    fault_ = status.error();
  }
  return status;
}

PluginState Plugin::state() const {
  const std::lock_guard lock(mutex_);
  if (found_.state == PluginState::kDisabled || found_.state == PluginState::kShadowed) return found_.state;
  if (fault_) return PluginState::kFaulty;
  if (found_.linked) return PluginState::kStatic;
  return rows_ != nullptr ? PluginState::kOpen : PluginState::kDeclared;
}

std::optional<Error> Plugin::fault() const {
  const std::lock_guard lock(mutex_);
  return fault_;
}

PluginInfo Plugin::Info() const {
  const Manifest& m = manifest();
  const Provides& p = m.provides;
  PluginInfo info{.id = m.id,
                  .version = m.version,
                  .name = m.name,
                  .license = m.license,
                  .manifest = found_.file,
                  .library = LibraryPath(),
                  .origin = found_.origin,
                  .state = state(),
                  .reason = found_.reason,
                  .fault = fault(),
                  .warnings = m.warnings,
                  .lowerings = static_cast<uint32_t>(p.lowerings.size()),
                  .rules = static_cast<uint32_t>(p.rules.size()),
                  .kernels = static_cast<uint32_t>(p.kernels.size()),
                  .abi_major = m.abi_major,
                  .abi_min = m.abi_min,
                  .abi_built = m.abi_built};
  std::vector<LoweringDecl> covering;
  for (const LoweringDecl& row : p.lowerings) if (row.refused.empty()) covering.push_back(row);
  info.lowerings = static_cast<uint32_t>(covering.size());
  info.lowering_ops = SortedNames(covering, [](const LoweringDecl& row) { return row.op; });
  std::vector<RuleDecl> composites;
  for (const RuleDecl& row : p.rules) if (row.composite()) composites.push_back(row);
  info.composites = SortedNames(composites, [](const RuleDecl& row) { return row.implements; });
  info.rule_ids = SortedNames(p.rules, [](const RuleDecl& row) { return row.id; });
  info.kernel_ops = SortedNames(p.kernels, [](const KernelDecl& row) { return OperatorText(row); });
  return info;
}

}  // namespace tflower
