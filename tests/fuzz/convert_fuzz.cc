// The whole converter, and then the runtime, on a hostile model with a sound checkpoint. What is written can be read.
#include "convert.h"
#include "plugins.h"
#include "run_model.h"
#include "runtime/plan/kernel_source.h"
#include "tests/unit/import/files.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tflower;
  using namespace tflower::fuzz;
  static const tf::TempFolder folder;
  static const std::string source = folder.Copy("keras_export"), output = folder.Path("out.tflite");
  static const bool without_fingerprint = std::filesystem::remove(source + "/fingerprint.pb");
  (void)without_fingerprint;
  tf::WriteFile(source + "/saved_model.pb", std::string(Text(data, size)));
  lower::LowerFailures failures;
  ConvertOptions options;
  options.lower.allow_custom_ops = size % 2 == 0;  // half of the inputs: an op that nobody covers becomes a custom operator
  const auto report = Convert(source + "/saved_model.pb", Plugins(), options, output, failures);
  for (const Error& error : failures.errors) CheckError(error);
  if (!Good(report)) return 0;
  const auto model = runtime::Model::FromFile(output, std::make_shared<runtime::RegistryKernels>(Plugins()));
  if (!model.ok()) Broken("what is written can be read", model.error());
  RunModel(model.value());
  return 0;
}
