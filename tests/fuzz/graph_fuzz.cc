// The model reader: the input is the saved_model.pb (or GraphDef, or text) of a folder whose checkpoint is sound.
#include "fuzz.h"
#include "import/canonical.h"
#include "import/load.h"
#include "tests/unit/import/files.h"

namespace {

using namespace tflower;
using namespace tflower::fuzz;

constexpr uint64_t kLimitBytes = 1 << 20;

void ReadScope(const tf::Scope& scope) {
  for (const tf::Node& node : scope.nodes())
    for (const tf::Attr& attr : node.attrs) {
      (void)Good(tf::AttrTensor(attr, kLimitBytes));
      (void)Good(tf::AttrShape(attr));
    }
}

void ReadAll(const tf::Graph& graph) {
  ReadScope(graph.main());
  for (const std::string_view name : graph.FunctionNames())
    if (const auto function = graph.FindFunction(name); Good(function)) ReadScope(function.value()->body);
  for (const tf::Node& node : graph.nodes()) {
    (void)graph.FindAsset(node.name);
    if (const auto variable = graph.FindVariable(node.name); Good(variable)) (void)Good(variable.value()->Data());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const tf::TempFolder folder;
  static const std::string model = folder.Copy("keras_export");
  static const bool without_fingerprint = std::filesystem::remove(model + "/fingerprint.pb");
  (void)without_fingerprint;
  std::string bytes(Text(data, size));
  tf::WriteFile(model + "/saved_model.pb", bytes);
  if (const auto graph = tf::LoadModel(model + "/saved_model.pb"); Good(graph)) ReadAll(graph.value());
  (void)tf::SortMaps(bytes);
  return 0;
}
