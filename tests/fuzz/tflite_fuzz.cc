// The runtime on whole files: verify, decode, plan, run. Builtin operators have the shipped kernels, customs those of the unit tests.
#include <span>

#include "plugins.h"
#include "run_model.h"
#include "tests/unit/runtime/test_kernels.h"

namespace {

using namespace tflower;

class Kernels final : public runtime::KernelSource {
 public:
  Result<KernelRef> FindKernel(const KernelQuery& query) const override {
    constexpr int32_t kCustom = 32;
    return query.code == kCustom ? customs_->FindKernel(query) : fuzz::Plugins().FindKernel(query);
  }

 private:
  std::shared_ptr<const runtime::KernelSource> customs_ = runtime::test::MakeKernels();
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto kernels = std::make_shared<Kernels>();
  const auto model = runtime::Model::FromBytes(std::as_bytes(std::span(data, size)), kernels);
  if (fuzz::Good(model)) fuzz::RunModel(model.value());
  return 0;
}
