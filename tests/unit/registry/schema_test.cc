// The schema is the published contract and the parser the fast gate: what the parser accepts, the schema accepts.
#include "registry/schema.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "example.h"
#include "registry/manifest.h"

namespace tflower {
namespace {

bool SchemaAccepts(const std::string& text) { return ValidateManifest(text, "f").ok(); }

// All values of a document, for mutation.
void Collect(nlohmann::json& node, std::vector<nlohmann::json*>& out) {
  out.push_back(&node);
  if (!node.is_structured()) return;
  for (auto& child : node) Collect(child, out);
}

nlohmann::json Odd(std::mt19937& random) {
  static const nlohmann::json kOdd[] = {nullptr, true, 0, -1, 1, 99999, 1e300, 2147483648, "", "x", "1", "1-2", "2-1", "..", "a/b", "a.b",
                                        "ADD", "CUSTOM", "float32", nlohmann::json::array(), nlohmann::json::object(),
                                        nlohmann::json::array({"int8"}), nlohmann::json::array({nlohmann::json::array()}),
                                        std::string(300, 'y'), "é", "composite", "pattern", "1.0.0-rc.1", "lib\\x"};
  return kOdd[random() % std::size(kOdd)];
}

}  // namespace

TEST_CASE("the example fits; the schema is JSON") {
  const Status status = ValidateManifest(kExample, "f");
  INFO((status.ok() ? std::string() : status.error().ToString()));
  CHECK(status.ok());
  CHECK(nlohmann::json::parse(ManifestSchema()).at("title").is_string());
}

TEST_CASE("errors name file, pointer and rule") {
  auto document = nlohmann::json::parse(kExample);
  document["abi"]["major"] = "one";
  const Status status = ValidateManifest(document.dump(), "/p/x.tflower.json");
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code == Code::kManifest);
  CHECK(status.error().file == "/p/x.tflower.json");
  CHECK(status.error().what == "/abi/major");
  CHECK(status.error().message.find("breaks its schema") != std::string::npos);
  CHECK(ValidateManifest("{", "f").error().message.find("broken manifest") == 0);
  CHECK(ValidateManifest(std::string(1 << 20, '['), "f").error().message.find("nested deeper") != std::string::npos);
  CHECK_FALSE(SchemaAccepts("[]"));
}

TEST_CASE("what the parser accepts, the schema accepts") {
  std::mt19937 random(11);
  int accepted = 0, refused = 0;
  for (int i = 0; i < 1500; ++i) {
    auto document = nlohmann::json::parse(kExample);
    std::vector<nlohmann::json*> nodes;
    Collect(document, nodes);
    nlohmann::json* node = nodes[1 + random() % (nodes.size() - 1)];
    if (node->is_object() && !node->empty() && random() % 2 == 0) node->erase(std::next(node->begin(), static_cast<long>(random() % node->size())));
    else *node = Odd(random);
    const std::string text = document.dump();
    const bool parsed = ParseManifest(text, "f").ok();
    ++(parsed ? accepted : refused);
    CAPTURE(text);
    if (parsed) REQUIRE(SchemaAccepts(text));
  }
  CHECK(accepted > 150);
  CHECK(refused > 500);
}

}  // namespace tflower
