// One .npy array: what is read can be written, and then reads the same.
#include <span>

#include "cli/npy.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tflower;
  using namespace tflower::fuzz;
  const auto array = cli::ParseNpy(std::as_bytes(std::span(data, size)));
  if (!Good(array)) return 0;
  const auto printed = cli::FormatNpy(array.value());
  if (!Good(printed)) return 0;
  const auto again = cli::ParseNpy(printed.value());
  if (!again.ok()) Broken("what is written can be read", again.error());
  if (again.value().dims != array.value().dims || again.value().bytes != array.value().bytes)
    Broken("what is written reads the same", Error(Code::kInternal, "another array"));
  return 0;
}
