// A plugin's manifest, <id>.tflower.json: what the plugin provides, known without opening its library.
//
// Manifests are written by the tool tflower-manifest from the library's own tables; docs/plugins.md describes the format
// and registry/schema/manifest.schema.json is its JSON Schema. Thread-safety: plain values and functions.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tflower/abi.h>
#include <tflower/status.h>

namespace tflower {

inline constexpr size_t kMaxManifestBytes = 4u << 20;
inline constexpr const char* kManifestSuffix = ".tflower.json";

struct Platform {
  std::string os, arch;  // "linux", "x86_64" | "aarch64"
  std::string library;   // relative to the manifest's folder, without ".."
  std::string sha256;    // 64 lower-case hexadecimal digits
  uint64_t size = 0;     // bytes of the library

  bool operator==(const Platform&) const = default;
};

struct LoweringDecl {
  std::string op;     // TF op
  std::string emits;  // operator names, separated by one space
  int32_t priority = 0;
  std::string refused;  // not empty: the op stays out, and why

  auto operator<=>(const LoweringDecl&) const = default;
};

enum class RuleKind : uint8_t { kPattern, kComposite, kLoop };
std::string_view RuleKindName(RuleKind kind);  // "pattern", "composite", "loop"

struct RuleDecl {
  std::string id;
  RuleKind kind = RuleKind::kPattern;
  std::string implements;  // composite only
  std::string emits;
  int32_t benefit = 0;

  bool composite() const { return kind == RuleKind::kComposite; }
  auto operator<=>(const RuleDecl&) const = default;
};

// Dtype sets are bits by TensorType number, 0 = any; see tflower_kernel.
struct KernelDecl {
  int32_t code = 0;  // BuiltinOperator; 32 = CUSTOM
  std::string custom_code;
  int32_t min_version = 1, max_version = 1;
  int32_t priority = 0;
  uint32_t flags = 0;  // TFLOWER_KERNEL_*
  std::array<uint64_t, 8> inputs{};
  std::array<uint64_t, 4> outputs{};

  auto operator<=>(const KernelDecl&) const = default;
};

// Rows in the order of the plugin's tables.
struct Provides {
  std::vector<LoweringDecl> lowerings;
  std::vector<RuleDecl> rules;
  std::vector<KernelDecl> kernels;
};

struct Manifest {
  std::string id, version;
  std::string name, license, vendor, homepage;  // may be empty
  uint32_t abi_major = 0, abi_min = 0, abi_built = 0;
  std::vector<Platform> platforms;
  Provides provides;
  std::vector<std::string> warnings;  // unknown keys
};

// Reads manifest text. `file` is for messages only. Everything that the schema demands is checked here too, so that a
// text which is accepted is valid (tests prove it against the schema). kManifest: names file, JSON pointer and rule.
Result<Manifest> ParseManifest(std::string_view text, const std::string& file);

// Manifest text for m: valid JSON, one row a line, ends with a newline. Errors: kManifest when m cannot be expressed.
Result<std::string> PrintManifest(const Manifest& m);

// Rules that the parser, the tools and the schema share.
bool IsPluginId(std::string_view id);           // reverse DNS: "org.example.my_ops", at most 63 bytes
bool IsSafeRelativePath(std::string_view path);  // relative, no "..", no empty step, no backslash

// Bit of one kernel flag by its name in manifests ("view", "impure", "in_place", "reference"); 0 when unknown.
uint32_t KernelFlag(std::string_view name);

}  // namespace tflower
