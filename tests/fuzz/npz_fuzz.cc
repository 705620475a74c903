// .npz archives.
#include "cli/npz.h"
#include "fuzz.h"
#include "tests/unit/import/files.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tflower;
  using namespace tflower::fuzz;
  constexpr uint64_t kMaxBytes = 1 << 20;
  static const tf::TempFolder folder;
  const std::string path = folder.Path("in.npz"), copy = folder.Path("out.npz");
  tf::WriteFile(path, std::string(Text(data, size)));
  const auto arrays = cli::ReadNpz(path, kMaxBytes);
  if (Good(arrays)) (void)Good(cli::WriteNpz(copy, arrays.value()));
  return 0;
}
