// Damaged models: every answer is an error with words or a model, quickly, and never a crash.
#include <doctest/doctest.h>

#include <functional>

#include "files.h"
#include "import/canonical.h"
#include "import/load.h"
#include "tflower/farm_hash.h"

namespace tflower::tf {
namespace {

// Reads everything there is to read; returns the first error.
Status ReadAll(const std::string& path) {
  TFLOWER_TRY(const Graph graph, LoadModel(path));
  const auto constants = [](const Scope& scope) -> Status {
    for (const Node& node : scope.nodes())
      if (const Attr* value = node.op == "Const" ? node.Find("value") : nullptr) TFLOWER_CHECK(AttrTensor(*value, 1 << 20));
    return Ok();
  };
  TFLOWER_CHECK(constants(graph.main()));
  for (const std::string_view name : graph.FunctionNames()) {
    TFLOWER_TRY(const Function* function, graph.FindFunction(name));
    TFLOWER_CHECK(constants(function->body));
  }
  for (const Node& node : graph.nodes()) {
    if (node.op != "VarHandleOp" && node.op != "VariableV2") continue;
    TFLOWER_TRY(const Variable* variable, graph.FindVariable(node.name));
    TFLOWER_CHECK(variable->Data());
  }
  return Ok();
}

// A pseudo-random sequence that is the same everywhere.
struct Random {
  uint32_t state = 1;
  uint32_t operator()(size_t below) {
    state = state * 1664525 + 1013904223;
    return static_cast<uint32_t>((uint64_t{state >> 8} * below) >> 24);
  }
};

// Writes damaged versions of `file` and judges each error.
struct Damage {
  TempFolder folder;
  std::string model, file, good;
  Damage(const std::string& fixture, const std::string& name) {
    model = folder.Copy(fixture);
    file = name.empty() ? model : model + "/" + name;
    good = ReadFile(file);
  }
  Status With(const std::string& bytes) {
    WriteFile(file, bytes);
    Status status = ReadAll(model);
    if (!status.ok()) {
      const Error& error = status.error();
      CHECK_FALSE(error.message.empty());
      CHECK(error.code != Code::kInternal);
      CHECK(error.ToString().find('\n') == std::string::npos);
    }
    return status;
  }
};

}  // namespace

TEST_CASE("hostile: saved_model.pb cut anywhere is malformed, with a byte offset") {
  Damage damage("two_names", "saved_model.pb");
  for (size_t size = 0; size < damage.good.size(); size += size < 300 ? 1 : 13) {
    const Status status = damage.With(damage.good.substr(0, size));
    REQUIRE_MESSAGE(!status.ok(), "size ", size);
    REQUIRE_MESSAGE(status.error().code == Code::kMalformed, "size ", size, ": ", status.error().ToString());
    CHECK(status.error().file == damage.file);
    CHECK(status.error().byte_offset.has_value());
  }
}

TEST_CASE("hostile: every flipped bit of saved_model.pb is found by its fingerprint") {
  Random random;
  for (const char* fixture : {"keras_export", "two_names", "asset"}) {
    Damage damage(fixture, "saved_model.pb");
    for (int round = 0; round < 400; ++round) {
      std::string bad = damage.good;
      const size_t at = random(bad.size());
      bad[at] = static_cast<char>(bad[at] ^ (1 << random(8)));
      const Status status = damage.With(bad);
      REQUIRE_MESSAGE(!status.ok(), fixture, " byte ", at);
      CHECK_MESSAGE(ExitCode(status.error().code) == 3, fixture, " byte ", at, ": ", status.error().ToString());
    }
  }
}

TEST_CASE("hostile: flipped bytes without a fingerprint give an error or a model") {
  Random random;
  for (const char* fixture : {"keras_export", "two_names", "asset", "tf1"}) {
    Damage damage(fixture, "saved_model.pb");
    std::filesystem::remove(damage.model + "/fingerprint.pb");
    for (int round = 0; round < 500; ++round) {
      std::string bad = damage.good;
      for (int flips = 0; flips < 1 + round % 4; ++flips) bad[random(bad.size())] = static_cast<char>(random(256));
      (void)damage.With(bad).ok();
    }
  }
}

TEST_CASE("hostile: frozen graphs, binary and text") {
  Random random;
  for (const char* fixture : {"frozen.pb", "frozen.pbtxt"}) {
    Damage damage(fixture, "");
    for (size_t size = 0; size < damage.good.size(); size += 3) (void)damage.With(damage.good.substr(0, size)).ok();
    for (int round = 0; round < 1000; ++round) {
      std::string bad = damage.good;
      bad[random(bad.size())] = static_cast<char>(random(256));
      (void)damage.With(bad).ok();
    }
  }
}

TEST_CASE("hostile: index and shards cut anywhere are refused, and refused by name") {
  for (const char* name : {"variables/variables.index", "variables/variables.data-00002-of-00003"}) {
    Damage damage("sharded", name);
    for (size_t size = 0; size < damage.good.size(); ++size) {
      const Status status = damage.With(damage.good.substr(0, size));
      REQUIRE_MESSAGE(!status.ok(), name, " size ", size);
      CHECK_MESSAGE(status.error().code == Code::kMalformed, status.error().ToString());
      CHECK(status.error().file == damage.file);
    }
    std::filesystem::remove(damage.file);
    CHECK(ReadAll(damage.model).error().code == Code::kUnreadable);
  }
}

TEST_CASE("hostile: a file full of length bytes, tags or zeros") {
  const TempFolder folder;
  for (const char fill : {'\x0a', '\x12', '\xff', '\x00', '\x80', 'n'}) {
    WriteFile(folder.Path("saved_model.pb"), std::string(1 << 20, fill));
    CHECK_FALSE(ReadAll(folder.Path()).ok());
    CHECK_FALSE(ReadAll(folder.Path("saved_model.pb")).ok());
  }
}

TEST_CASE("hostile: a model changed on purpose loads when its fingerprint is deleted") {
  Damage damage("two_names", "saved_model.pb");
  std::string changed = damage.good;
  const size_t at = changed.find("2.21.0");
  REQUIRE(at != std::string::npos);
  changed[at] = '3';
  const Status refused = damage.With(changed);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().hint.find("fingerprint.pb") != std::string::npos);
  std::filesystem::remove(damage.model + "/fingerprint.pb");
  CHECK(damage.With(changed).ok());
}

// Values by TensorFlow's Fingerprint op; one for each of the hash's ranges of length.
TEST_CASE("hostile: FarmHash64") {
  std::string text;
  uint32_t state = 1;
  const std::map<size_t, uint64_t> expected = {
      {0, 0x9ae16a3b2f90404f},  {3, 0xe03b3f5862191816},  {7, 0x1d84739639398987},  {15, 0xf1ab04add3c2b8cc},  {31, 0x8179f9c9c90028e8},
      {63, 0xfb25bbd2e5eab78e}, {64, 0xf4d9c088bae10cb6}, {65, 0x7b1cb673d33f637f}, {128, 0x61e30440abf6af19}, {399, 0xfba35f41ca8a5f8f}};
  for (size_t size = 0; size < 400; ++size) {
    if (const auto value = expected.find(size); value != expected.end()) CHECK(FarmHash64(text) == value->second);
    text += static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  }
}

TEST_CASE("hostile: sorting maps of damaged bytes stays within them") {
  Random random;
  const std::string good = ReadFile(Fixture("two_names/saved_model.pb"));
  std::string sorted = good;
  REQUIRE(SortMaps(sorted));
  std::string again = sorted;
  CHECK(SortMaps(again));
  CHECK(again == sorted);
  for (int round = 0; round < 2000; ++round) {
    std::string bad = good.substr(0, random(good.size()) + 1);
    bad[random(bad.size())] = static_cast<char>(random(256));
    const size_t size = bad.size();
    (void)SortMaps(bad);
    REQUIRE(bad.size() == size);
  }
}

}  // namespace tflower::tf
