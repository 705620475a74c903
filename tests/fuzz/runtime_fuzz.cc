// Fuzzes the runtime with whole files: verify, decode, plan, and run with small test kernels and zeros as inputs.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "tests/unit/runtime/test_kernels.h"
#include "tflower/runtime.h"

using namespace tflower::runtime;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto kernels = test::MakeKernels();
  const auto model = Model::FromBytes(std::as_bytes(std::span(data, size)), kernels);
  if (!model.ok()) return 0;
  auto session = Session::Create(model.value(), {.max_bytes = uint64_t{1} << 24});
  if (!session.ok()) return 0;
  // A WHILE may be endless by right.
  int operators = 0;
  session.value()->SetOperatorHook([&](std::string_view, std::string_view, uint64_t) {
    if (++operators > 1000) session.value()->Cancel();
  });
  for (size_t i = 0; i < session.value()->num_inputs(); ++i) {
    auto input = session.value()->InputData(i);
    if (input.ok()) std::fill(input.value().begin(), input.value().end(), std::byte{0});
  }
  (void)session.value()->Invoke().ok();
  return 0;
}
