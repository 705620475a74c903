// ParseManifest: manifest text to structs, one function per object of the format.
#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "json_reader.h"
#include "manifest.h"
#include "names.h"
#include "semver.h"

namespace tflower {
namespace {

constexpr int64_t kMaxInt32 = std::numeric_limits<int32_t>::max();
constexpr size_t kMaxRows = 100000;
constexpr size_t kMaxName = 255;

// What one object must have, and has had. At most eight keys, all string literals.
class Required {
 public:
  Required(JsonReader& json, std::initializer_list<std::string_view> keys) : json_(json), count_(keys.size()) {
    std::copy(keys.begin(), keys.end(), missing_.begin());
  }
  void Seen(std::string_view key) {
    const auto end = missing_.begin() + static_cast<ptrdiff_t>(count_);
    count_ = static_cast<size_t>(std::remove(missing_.begin(), end, key) - missing_.begin());
  }
  void Check() const {
    if (count_ > 0) json_.Fail("the key \"" + std::string(missing_.front()) + "\" is missing");
  }

 private:
  JsonReader& json_;
  std::array<std::string_view, 8> missing_;
  size_t count_;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : json_(text) {}

  Manifest ReadAll() {
    Manifest m;
    Required required(json_, {"format", "id", "version", "abi", "platforms", "provides"});
    json_.Object([&](std::string_view key) {
      required.Seen(key);
      if (key == "format") ReadFormat();
      else if (key == "id") ReadId(m);
      else if (key == "version") ReadVersion(m);
      else if (key == "name") m.name = json_.String(0, kMaxName);
      else if (key == "license") m.license = json_.String(0, kMaxName);
      else if (key == "vendor") m.vendor = json_.String(0, kMaxName);
      else if (key == "homepage") m.homepage = json_.String(0, kMaxName);
      else if (key == "abi") ReadAbi(m);
      else if (key == "platforms") json_.Array(64, [&] { m.platforms.push_back(ReadPlatform()); });
      else if (key == "provides") ReadProvides(m.provides);
      else Unknown(key);
    });
    required.Check();
    if (m.platforms.empty()) json_.Fail("\"platforms\" must have at least one element");
    json_.Finish();
    m.warnings = std::move(warnings_);
    return m;
  }

  const JsonReader& json() const { return json_; }

 private:
  void Unknown(std::string_view key) {
    if (!key.starts_with("x-")) {
      constexpr size_t kEnough = 20;
      if (warnings_.size() < kEnough) warnings_.push_back("unknown key " + json_.Pointer());
    }
    json_.Skip();
  }

  void ReadFormat() {
    if (const std::string format = json_.String(0, kMaxName); json_.ok() && format != "1.0") {
      json_.Fail("must be \"1.0\" (this is what this version of tflower reads), but is \"" + format + "\"");
    }
  }

  void ReadId(Manifest& m) {
    m.id = json_.String(1, 63);
    if (json_.ok() && !IsPluginId(m.id)) {
      json_.Fail("must be a reverse domain name such as \"org.example.my_ops\", but is \"" + m.id + "\"");
    }
  }

  void ReadVersion(Manifest& m) {
    m.version = json_.String(1, 63);
    if (json_.ok() && !IsSemver(m.version)) json_.Fail("must be a semantic version such as \"1.2.0\", but is \"" + m.version + "\"");
  }

  void ReadAbi(Manifest& m) {
    Required required(json_, {"major", "min", "built"});
    json_.Object([&](std::string_view key) {
      required.Seen(key);
      if (key == "major") m.abi_major = static_cast<uint32_t>(json_.Int(1, 65535));
      else if (key == "min") m.abi_min = static_cast<uint32_t>(json_.Int(0, 65535));
      else if (key == "built") m.abi_built = static_cast<uint32_t>(json_.Int(0, 65535));
      else Unknown(key);
    });
    required.Check();
  }

  Platform ReadPlatform() {
    Platform p;
    Required required(json_, {"os", "arch", "library", "sha256", "size"});
    json_.Object([&](std::string_view key) {
      required.Seen(key);
      if (key == "os") p.os = json_.String(1, 32);
      else if (key == "arch") p.arch = json_.String(1, 32);
      else if (key == "library") ReadLibrary(p);
      else if (key == "sha256") ReadSha256(p);
      else if (key == "size") p.size = static_cast<uint64_t>(json_.Int(1, int64_t{1} << 40));
      else Unknown(key);
    });
    required.Check();
    return p;
  }

  void ReadLibrary(Platform& p) {
    p.library = json_.String(1, 1024);
    if (json_.ok() && !IsSafeRelativePath(p.library)) {
      json_.Fail("must be a path below the manifest's folder, without \"..\", but is \"" + p.library + "\"");
    }
  }

  void ReadSha256(Platform& p) {
    p.sha256 = json_.String(64, 64);
    if (json_.ok() && p.sha256.find_first_not_of("0123456789abcdef") != std::string::npos) {
      json_.Fail("must be 64 lower-case hexadecimal digits");
    }
  }

  void ReadProvides(Provides& provides) {
    json_.Object([&](std::string_view key) {
      if (key == "lowerings") json_.Array(kMaxRows, [&] { provides.lowerings.push_back(ReadLowering()); });
      else if (key == "rules") json_.Array(kMaxRows, [&] { provides.rules.push_back(ReadRule()); });
      else if (key == "kernels") json_.Array(kMaxRows, [&] { provides.kernels.push_back(ReadKernel()); });
      else Unknown(key);
    });
  }

  LoweringDecl ReadLowering() {
    LoweringDecl row;
    Required required(json_, {"op", "priority"});
    json_.Object([&](std::string_view key) {
      required.Seen(key);
      if (key == "op") row.op = json_.String(1, kMaxName);
      else if (key == "emits") row.emits = ReadEmits();
      else if (key == "priority") row.priority = static_cast<int32_t>(json_.Int(0, kMaxInt32));
      else if (key == "refused") row.refused = json_.String(1, kMaxName);
      else Unknown(key);
    });
    required.Check();
    return row;
  }

  RuleDecl ReadRule() {
    RuleDecl row;
    Required required(json_, {"id", "kind", "benefit"});
    bool has_implements = false;
    json_.Object([&](std::string_view key) {
      required.Seen(key);
      if (key == "id") row.id = json_.String(1, kMaxName);
      else if (key == "kind") row.kind = ReadRuleKind();
      else if (key == "implements") has_implements = true, row.implements = json_.String(1, kMaxName);
      else if (key == "benefit") row.benefit = static_cast<int32_t>(json_.Int(-kMaxInt32, kMaxInt32));
      else if (key == "emits") row.emits = ReadEmits();
      else Unknown(key);
    });
    required.Check();
    if (has_implements != row.composite()) {
      json_.Fail(row.composite() ? "a composite rule needs \"implements\"" : "only a composite rule can have \"implements\"");
    }
    return row;
  }

  RuleKind ReadRuleKind() {
    const std::string name = json_.String(1, 32);
    for (const RuleKind kind : {RuleKind::kPattern, RuleKind::kComposite, RuleKind::kLoop})
      if (name == RuleKindName(kind)) return kind;
    if (json_.ok()) json_.Fail("must be \"pattern\", \"composite\" or \"loop\", but is \"" + name + "\"");
    return RuleKind::kPattern;
  }

  std::string ReadEmits() {
    std::string out;
    json_.Array(64, [&] {
      const std::string name = json_.String(1, kMaxName);
      if (name.find_first_of(" \t\n") != std::string::npos) json_.Fail("must be one name, without spaces");
      out += (out.empty() ? "" : " ") + name;
    });
    return out;
  }

  KernelDecl ReadKernel() {
    KernelDecl row;
    Required required(json_, {"versions", "priority"});
    std::optional<int32_t> code;
    json_.Object([&](std::string_view key) {
      required.Seen(key);
      if (key == "op") code = ReadOperator();
      else if (key == "custom_code") row.custom_code = json_.String(1, kMaxName);
      else if (key == "versions") ReadVersions(row);
      else if (key == "inputs") ReadSignature(row.inputs.data(), row.inputs.size());
      else if (key == "outputs") ReadSignature(row.outputs.data(), row.outputs.size());
      else if (key == "priority") row.priority = static_cast<int32_t>(json_.Int(-kMaxInt32, kMaxInt32));
      else if (key == "flags") json_.Array(32, [&] { row.flags |= ReadFlag(); });
      else Unknown(key);
    });
    required.Check();
    if (code.has_value() == !row.custom_code.empty()) json_.Fail("a kernel has either \"op\" or \"custom_code\"");
    row.code = code.value_or(kCustomOperator);
    return row;
  }

  int32_t ReadOperator() {
    const std::string name = json_.String(1, kMaxName);
    const std::optional<int32_t> code = OperatorCode(name);
    if (json_.ok() && (!code || *code == kCustomOperator)) json_.Fail("\"" + name + "\" is no builtin operator of TFLite");
    return code.value_or(0);
  }

  // "3" or "1-3"
  void ReadVersions(KernelDecl& row) {
    const std::string text = json_.String(1, 11);
    const size_t dash = std::min(text.find('-'), text.size());
    const auto number = [&](size_t begin, size_t end) -> int32_t {
      int32_t value = 0;
      const auto [at, error] = std::from_chars(text.data() + begin, text.data() + end, value);
      return error == std::errc() && at == text.data() + end && text[begin] != '0' ? value : 0;
    };
    row.min_version = dash > 0 ? number(0, dash) : 0;
    row.max_version = dash == text.size() ? row.min_version : dash + 1 < text.size() ? number(dash + 1, text.size()) : 0;
    if (row.min_version < 1 || row.max_version < row.min_version || row.max_version > 65535) {
      json_.Fail("must be a version or a range of them, such as \"2\" or \"1-3\", but is \"" + text + "\"");
    }
  }

  void ReadSignature(uint64_t* sets, size_t size) {
    size_t i = 0;
    json_.Array(size, [&] {
      uint64_t& set = sets[i++];
      json_.Array(64, [&] {
        const std::string name = json_.String(1, 32);
        const std::optional<int32_t> dtype = DtypeNumber(name);
        if (json_.ok() && !dtype) json_.Fail("\"" + name + "\" is no element type of TFLite");
        set |= uint64_t{1} << (dtype.value_or(0) & 63);
      });
    });
  }

  // Flags of later minors are hints that this host does not have: a warning, not an error.
  uint32_t ReadFlag() {
    const std::string name = json_.String(1, 32);
    const uint32_t flag = KernelFlag(name);
    if (json_.ok() && flag == 0) warnings_.push_back("unknown kernel flag \"" + name + "\" at " + json_.Pointer());
    return flag;
  }

  JsonReader json_;
  std::vector<std::string> warnings_;
};

}  // namespace

bool IsPluginId(std::string_view id) {
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  if (id.size() > 63 || id.find('.') == id.npos) return false;
  bool first = true;
  for (bool more = true; more; first = false) {
    const size_t end = std::min(id.find('.'), id.size());
    more = end < id.size();
    const std::string_view part = id.substr(0, end);
    if (part.empty() || !is_lower(part[0])) return false;
    for (const char c : part) {
      if (!is_lower(c) && !(c >= '0' && c <= '9') && c != '-' && (c != '_' || first)) return false;
    }
    id.remove_prefix(more ? end + 1 : end);
  }
  return true;
}

bool IsSafeRelativePath(std::string_view path) {
  if (path.empty() || path.find('\\') != path.npos || path.find('\0') != path.npos) return false;
  for (bool more = true; more;) {
    const size_t end = std::min(path.find('/'), path.size());
    more = end < path.size();
    const std::string_view step = path.substr(0, end);
    if (step.empty() || step == "." || step == "..") return false;
    path.remove_prefix(more ? end + 1 : end);
  }
  return true;
}

uint32_t KernelFlag(std::string_view name) {
  if (name == "view") return TFLOWER_KERNEL_VIEW;
  if (name == "impure") return TFLOWER_KERNEL_IMPURE;
  if (name == "in_place") return TFLOWER_KERNEL_IN_PLACE;
  if (name == "reference") return TFLOWER_KERNEL_REFERENCE;
  return 0;
}

Result<Manifest> ParseManifest(std::string_view text, const std::string& file) {
  if (text.size() > kMaxManifestBytes) {
    return Error(Code::kManifest, "the manifest is larger than " + std::to_string(kMaxManifestBytes) + " bytes").File(file);
  }
  Parser parser(text);
  Manifest manifest = parser.ReadAll();
  if (const JsonReader& json = parser.json(); !json.ok()) {
    return Error(Code::kManifest, "broken manifest: " + json.message())
        .File(file)
        .At(json.offset())
        .What(json.pointer().empty() ? "document" : json.pointer());
  }
  return manifest;
}

}  // namespace tflower
