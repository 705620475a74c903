#include "registry/manifest.h"

#include <doctest/doctest.h>

#include "example.h"

namespace tflower {
namespace {

const std::string kFile = "/p/com.acme.audio.tflower.json";

// The example with one piece of text replaced.
std::string With(const std::string& from, const std::string& to) {
  std::string text = kExample;
  const size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

struct Broken {
  const char *from, *to, *pointer, *words;
};

constexpr Broken kBroken[] = {
    {"\"1.0\"", "\"2.0\"", "/format", "must be \"1.0\""},
    {"\"1.0\"", "1.0", "/format", "must be a string"},
    {" \"format\": \"1.0\",\n", "", "document", "the key \"format\" is missing"},
    {"com.acme.audio", "Acme Audio", "/id", "must be a reverse domain name"},
    {"\"com.acme.audio\"", "null", "/id", "must be a string, but here is null"},
    {"\"1.2.0\"", "\"1.2\"", "/version", "must be a semantic version"},
    {"\"major\": 1", "\"major\": 0", "/abi/major", "must be between 1 and 65535"},
    {"\"major\": 1", "\"major\": 1e400", "/abi/major", "must be an integer"},
    {"\"major\": 1", "\"major\": 18446744073709551617", "/abi/major", "must be between 1 and 65535"},
    {", \"built\": 2", "", "/abi", "the key \"built\" is missing"},
    {"{\"major\": 1, \"min\": 0, \"built\": 2}", "[]", "/abi", "must be an object, but here is an array"},
    {"lib/libacme.so", "../libacme.so", "/platforms/0/library", "without \"..\""},
    {"lib/libacme.so", "/lib/libacme.so", "/platforms/0/library", "must be a path below the manifest's folder"},
    {"0123456789abcdef\"", "0123456789ABCDEF\"", "/platforms/0/sha256", "hexadecimal"},
    {"0123456789abcdef\"", "\"", "/platforms/0/sha256", "is shorter than 64 bytes"},
    {"14400", "-1", "/platforms/0/size", "must be between 1 and"},
    {"14400", "\"14400\"", "/platforms/0/size", "must be an integer, but here is a string"},
    {"\"op\": \"STFT\"", "\"op\": \"\"", "/provides/lowerings/0/op", "must not be empty"},
    {"\"RFFT2D\"", "\"RFFT 2D\"", "/provides/lowerings/0/emits/0", "without spaces"},
    {"\"priority\": 100", "\"priority\": -1", "/provides/lowerings/0/priority", "must be between 0 and 2147483647"},
    {", \"priority\": 0", "", "/provides/lowerings/1", "the key \"priority\" is missing"},
    {"\"pattern\"", "\"graph\"", "/provides/rules/0/kind", "must be \"pattern\", \"composite\" or \"loop\""},
    {"\"implements\": \"AcmeCell\", ", "", "/provides/rules/1", "a composite rule needs \"implements\""},
    {"\"pattern\"", "\"pattern\", \"implements\": \"X\"", "/provides/rules/0", "only a composite rule"},
    {"\"op\": \"ADD\"", "\"op\": \"Add\"", "/provides/kernels/0/op", "\"Add\" is no builtin operator"},
    {"\"op\": \"ADD\"", "\"op\": \"CUSTOM\"", "/provides/kernels/0/op", "is no builtin operator"},
    {"\"op\": \"ADD\", ", "", "/provides/kernels/0", "either \"op\" or \"custom_code\""},
    {"\"op\": \"ADD\"", "\"op\": \"ADD\", \"custom_code\": \"x\"", "/provides/kernels/0", "either \"op\" or \"custom_code\""},
    {"\"1-3\"", "\"3-1\"", "/provides/kernels/0/versions", "a range of them"},
    {"\"1-3\"", "\"0\"", "/provides/kernels/0/versions", "a range of them"},
    {"\"1-3\"", "\"1-\"", "/provides/kernels/0/versions", "a range of them"},
    {"\"1-3\"", "\"-3\"", "/provides/kernels/0/versions", "a range of them"},
    {"\"1-3\"", "\"1-99999\"", "/provides/kernels/0/versions", "a range of them"},
    {"\"1-3\"", "3", "/provides/kernels/0/versions", "must be a string"},
    {"[[\"float32\"], [],", "[[\"float33\"], [],", "/provides/kernels/0/inputs/0/0", "is no element type"},
    {"[[\"float32\"], [],", "[[],[],[],[],[],[],[],[],", "/provides/kernels/0/inputs", "has more than 8 elements"},
    {"[[\"float32\"], [],", "[7, [],", "/provides/kernels/0/inputs/0", "must be an array"},
    {"{\"anything\"", "{\"anything\": 1, \"anything\"", "/x-acme", "stands here twice"},
};

}  // namespace

TEST_CASE("every key arrives") {
  const auto parsed = ParseManifest(kExample, kFile);
  REQUIRE(parsed.ok());
  const Manifest& m = parsed.value();
  CHECK(m.id == "com.acme.audio");
  CHECK(m.version == "1.2.0");
  CHECK(m.vendor == "Acme");
  CHECK(m.homepage == "https://acme.example/audio");
  CHECK(m.abi_built == 2);
  REQUIRE(m.platforms.size() == 1);
  CHECK(m.platforms[0].library == "lib/libacme.so");
  CHECK(m.platforms[0].size == 14400);
  CHECK(m.provides.lowerings == std::vector<LoweringDecl>{{"STFT", "RFFT2D acme.Stft", 100}, {"Rare", "", 0}});
  CHECK(m.provides.rules == std::vector<RuleDecl>{{"acme/relu", RuleKind::kPattern, "", "RELU", 3}, {"acme/cell", RuleKind::kComposite, "AcmeCell", "", -3}});
  REQUIRE(m.provides.kernels.size() == 2);
  const KernelDecl& add = m.provides.kernels[0];
  CHECK(add.code == 0);
  CHECK(add.min_version == 1);
  CHECK(add.max_version == 3);
  CHECK(add.inputs == std::array<uint64_t, 8>{1, 0, 1 | 1 << 9});
  CHECK(add.outputs == std::array<uint64_t, 4>{1});
  CHECK(add.flags == 15);
  CHECK(m.provides.kernels[1].custom_code == "acme.Stft");
  CHECK(m.provides.kernels[1].max_version == 2);
  CHECK(m.warnings.empty());
}

TEST_CASE("what is printed reads back") {
  const Manifest m = ParseManifest(kExample, kFile).value();
  const auto text = PrintManifest(m);
  REQUIRE(text.ok());
  const Manifest again = ParseManifest(text.value(), kFile).value();
  CHECK(again.provides.lowerings == m.provides.lowerings);
  CHECK(again.provides.rules == m.provides.rules);
  CHECK(again.provides.kernels == m.provides.kernels);
  CHECK(again.platforms == m.platforms);
  CHECK(again.name == m.name);
  Manifest bad = m;
  bad.provides.lowerings[0].op = std::string(300, 'x');
  CHECK(PrintManifest(bad).error().code == Code::kManifest);
  bad = m;
  bad.provides.kernels[0].inputs[0] = uint64_t{1} << 63;  // a dtype that has no name
  CHECK(PrintManifest(bad).error().code == Code::kManifest);
}

TEST_CASE("broken rules are named with file, pointer and reason") {
  for (const Broken& broken : kBroken) {
    CAPTURE(broken.from);
    CAPTURE(broken.to);
    const auto parsed = ParseManifest(With(broken.from, broken.to), kFile);
    REQUIRE_FALSE(parsed.ok());
    const Error& error = parsed.error();
    CHECK(error.code == Code::kManifest);
    CHECK(error.file == kFile);
    CHECK(error.byte_offset.has_value());
    CHECK(error.what == broken.pointer);
    CAPTURE(error.message);
    CHECK(error.message.find(broken.words) != std::string::npos);
  }
}

TEST_CASE("unknown keys warn, x- keys do not") {
  const auto parsed = ParseManifest(With("\"benefit\": 3", "\"benefit\": 3, \"colour\": {\"x\": 1}, \"x-y\": 1"), kFile);
  REQUIRE(parsed.ok());
  CHECK(parsed.value().warnings == std::vector<std::string>{"unknown key /provides/rules/0/colour"});
  const auto flag = ParseManifest(With("\"view\"", "\"shiny\""), kFile);
  REQUIRE(flag.ok());
  CHECK(flag.value().warnings.size() == 1);
  CHECK(flag.value().provides.kernels[0].flags == 14);
}

TEST_CASE("truncated at every byte") {
  const std::string text = kExample;
  for (size_t keep = 0; keep + 2 < text.size(); ++keep) {  // the last two bytes are "}\n"
    const auto parsed = ParseManifest(std::string_view(text).substr(0, keep), kFile);
    REQUIRE_FALSE(parsed.ok());
    REQUIRE(parsed.error().code == Code::kManifest);
  }
}

TEST_CASE("every bit flipped: an error or a value, never anything else") {
  const std::string text = kExample;
  for (size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string flipped = text;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    const auto parsed = ParseManifest(flipped, kFile);
    if (parsed.ok()) continue;
    REQUIRE(parsed.error().code == Code::kManifest);
    REQUIRE_FALSE(parsed.error().message.empty());
  }
}

TEST_CASE("size limit") {
  CHECK(ParseManifest(std::string(kMaxManifestBytes + 1, ' '), kFile).error().code == Code::kManifest);
}

}  // namespace tflower
