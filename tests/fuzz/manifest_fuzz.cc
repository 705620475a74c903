// Manifests of plugins: what the parser accepts is valid by the schema, and can be printed and read again.
#include "fuzz.h"
#include "registry/manifest.h"
#include "registry/schema.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tflower;
  using namespace tflower::fuzz;
  const std::string_view text = Text(data, size);
  const auto manifest = ParseManifest(text, "fuzz.tflower.json");
  const Status valid = ValidateManifest(text, "fuzz.tflower.json");
  if (!Good(manifest)) return 0;
  if (!valid.ok()) Broken("what the parser accepts is valid", valid.error());
  const auto printed = PrintManifest(manifest.value());
  if (!printed.ok()) Broken("what was parsed can be printed", printed.error());
  const auto again = ParseManifest(printed.value(), "printed.tflower.json");
  if (!again.ok()) Broken("what was printed can be parsed", again.error());
  return 0;
}
