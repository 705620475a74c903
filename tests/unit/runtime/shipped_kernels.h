// The shipped kernels, linked in or from this build's folder, and no other plugin.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <utility>

#include "registry/registry.h"
#include "runtime/plan/kernel_source.h"

namespace tflower::runtime::test {

inline std::shared_ptr<const KernelSource> ShippedKernels() {
  class Kernels final : public KernelSource {
   public:
    explicit Kernels(std::unique_ptr<Registry> registry) : registry_(std::move(registry)) {}
    Result<KernelRef> FindKernel(const KernelQuery& query) const override { return registry_->FindKernel(query); }

   private:
    std::unique_ptr<Registry> registry_;
  };
  RegistryOptions options;
  options.search_path.emplace();
#ifdef TFLOWER_TEST_PLUGINS
  options.search_path->push_back(TFLOWER_TEST_PLUGINS);
#endif
  auto opened = Registry::Open(options);
  REQUIRE_MESSAGE(opened.ok(), opened.error().ToString());
  return std::make_shared<Kernels>(std::move(opened.value()));
}

}  // namespace tflower::runtime::test
