// Registry: which plugin covers which TF op, TFLite operator or composite function, and the row that does it.
//
// Open() finds plugins and reads their manifests; it maps no library. A library is opened when one of its rows is asked
// for, once, and stays mapped until the process ends. So rows and Provider strings live as long as the process, also
// after the Registry is gone.
//
// Which candidate wins (docs/plugins.md): a pin, then higher priority; a tie between different plugins is kConflict.
// The answer does not depend on the order in which plugins were found. A plugin that cannot be opened is passed over;
// if nothing else covers the op, its fault is the error (4xx: exit code 4).
//
// Thread-safety: all members of Registry are const and may be called from any thread at the same time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tflower/abi.h>
#include <tflower/status.h>

#include "static_plugins.h"

namespace tflower {

struct RegistryOptions {
  std::vector<std::string> plugins;  // --plugin: manifest, library or folder; before everything else. Broken = error of Open
  std::vector<std::string> pins;     // --resolve: "OP=PLUGIN_ID"
  std::vector<std::string> disable;  // globs of plugin ids; TFLOWER_PLUGINS_DISABLE is added
  std::optional<std::vector<std::string>> search_path;  // set: only these folders, no environment, no standard places
  std::span<const StaticPlugin> static_plugins;         // in addition to LinkedPlugins()
  bool linked_plugins = true;                           // false: leave LinkedPlugins() out
  bool tolerate_broken = false;  // broken manifests are never an error of Open, only a state (`plugins list`, `doctor`)
};

// Views live as long as the process.
struct Provider {
  std::string_view plugin_id;
  std::string_view plugin_version;
};

struct LoweringRef {
  const tflower_lowering* row = nullptr;
  Provider provider;
};

struct RuleRef {
  const tflower_rule* row = nullptr;
  Provider provider;
};

struct KernelRef {
  const tflower_kernel* row = nullptr;
  Provider provider;
};

// One operator for which a kernel is wanted. dtypes: TensorType numbers.
struct KernelQuery {
  int32_t code = 0;                          // BuiltinOperator; 32 = CUSTOM
  std::string_view custom_code;              // CUSTOM only
  int32_t version = 1;
  std::span<const int32_t> input_dtypes;     // -1 = absent operand
  std::span<const int32_t> output_dtypes;    // may be empty = not known yet; -1 = not known
  bool reference_only = false;               // only rows with TFLOWER_KERNEL_REFERENCE (tests)
  uint32_t skip = 0;                         // candidates that declined so far
};

enum class RowKind : uint8_t { kLowering, kPattern, kComposite, kKernel };
std::string_view RowKindName(RowKind kind);  // "lowering", "pattern", "composite", "kernel"

enum class PluginState : uint8_t {
  kDeclared,  // its manifest was read; the library has not been asked for
  kOpen,      // the library is mapped and its tables agree with the manifest
  kStatic,    // linked into the program
  kFaulty,    // fault says why
  kDisabled,  // by RegistryOptions::disable or TFLOWER_PLUGINS_DISABLE
  kShadowed,  // another copy with the same id was found first (or is newer, in the same folder)
};
std::string_view PluginStateName(PluginState state);

// What is known of one plugin, without opening it.
struct PluginInfo {
  std::string id;       // empty when the manifest could not be read
  std::string version;
  std::string name;
  std::string license;
  std::string manifest;  // absolute path; empty for a static plugin
  std::string library;   // absolute path; empty when no platform fits
  std::string origin;    // why it was looked at: "--plugin", "TFLOWER_PLUGIN_PATH", "beside the program", ...
  PluginState state = PluginState::kDeclared;
  std::string reason;    // of kDisabled and kShadowed
  std::optional<Error> fault;
  std::vector<std::string> warnings;  // unknown keys and the like
  uint32_t lowerings = 0, rules = 0, kernels = 0;
  uint32_t abi_major = 0, abi_min = 0, abi_built = 0;
  std::vector<std::string> lowering_ops, rule_ids, kernel_ops;  // sorted, each once
  std::vector<std::string> composites;  // implements-names, likewise
};

// One plugin's claim to an op, and what became of it.
struct Candidate {
  RowKind kind = RowKind::kLowering;
  std::string plugin_id, plugin_version, library;
  std::string detail;   // kernel: versions and dtypes; lowering: what it emits; rule: its id
  int32_t priority = 0; // rule: benefit
  bool chosen = false;
  bool tied = false;
  std::string verdict;  // "chosen: highest priority", "lower priority (10 < 20)", "cannot be opened: ..."
};

struct Resolution {
  std::string op;
  std::vector<Candidate> candidates;  // best first
  std::optional<Error> error;         // why nothing was chosen
};

class Registry {
 public:
  // Errors: a path in options.plugins with nothing there (kPluginLoad) or a broken manifest (kManifest); a broken manifest
  // of a plugin that is installed with the program (kManifest: the installation is damaged); kUsage for a pin that is not
  // OP=ID, or whose plugin does not cover OP. Broken manifests elsewhere are no error here: see Warnings().
  static Result<std::unique_ptr<Registry>> Open(const RegistryOptions& options);
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // The lowering of a TF op; opens the library it needs. skip = candidates that returned TFLOWER_DECLINED so far.
  // kUnsupportedOp: nobody covers it. kConflict: two plugins claim it. Other 4xx: who covers it is at fault, or a manifest
  // that could not be read may have covered it. kDeclined: `skip` went through all candidates.
  Result<LoweringRef> FindLowering(std::string_view tf_op, uint32_t skip = 0) const;

  // The kernel of one operator. Rows that are not TFLOWER_KERNEL_REFERENCE go first, then higher priority.
  // kMissingKernel names operator, version, dtypes and what comes near. kConflict and other 4xx as above.
  Result<KernelRef> FindKernel(const KernelQuery& query) const;

  // The rule that lowers calls of functions with this implements-name. kNotFound when none; 4xx as above.
  Result<RuleRef> FindComposite(std::string_view implements_name, uint32_t skip = 0) const;

  // All pattern rules, higher benefit first, then by id, then by plugin. Opens every library that declares one. One at
  // fault is an error (4xx): without its rules the result would be worse in silence.
  Result<std::vector<RuleRef>> PatternRules() const;
  // All loop rules, likewise.
  Result<std::vector<RuleRef>> LoopRules() const;

  // Everything that was found, by id; disabled, shadowed and faulty ones too. Opens nothing.
  std::vector<PluginInfo> Plugins() const;

  // What the user should know although work goes on: broken manifests, plugins that could not be opened and were passed
  // over, unknown keys. Grows while libraries are opened.
  std::vector<Error> Warnings() const;

  // How `op` (TF op, TFLite operator or implements-name) is resolved; opens the libraries concerned.
  Resolution Explain(std::string_view op) const;

  // Opens every plugin, comparing each library's full SHA-256 with its manifest. Afterwards Plugins() shows the outcome.
  void OpenAll() const;

 private:
  struct Impl;
  explicit Registry(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tflower
