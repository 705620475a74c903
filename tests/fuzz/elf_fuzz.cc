// The check of shared libraries that stands before the system's loader.
#include "fuzz.h"
#include "registry/library_check.h"
#include "tests/unit/import/files.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tflower;
  using namespace tflower::fuzz;
  static const tf::TempFolder folder;
  const std::string path = folder.Path("library.so");
  tf::WriteFile(path, std::string(Text(data, size)));
  const auto file = OpenFile::Open(path, true);
  if (Good(file)) (void)Good(CheckElf(file.value(), path));
  return 0;
}
