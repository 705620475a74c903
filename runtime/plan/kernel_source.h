// KernelSource: where the runtime gets kernels from: the registry in the program, a small table in tests.
#pragma once

#include "registry/registry.h"
#include "tflower/status.h"

namespace tflower::runtime {

class KernelSource {
 public:
  virtual ~KernelSource() = default;
  // The kernel for one operator; query.skip = candidates that declined so far. Rows live as long as the process.
  // Errors: kMissingKernel, and 4xx when a plugin is at fault. Thread: any, concurrently.
  virtual Result<KernelRef> FindKernel(const KernelQuery& query) const = 0;
};

// Asks a registry, which must outlive it.
class RegistryKernels final : public KernelSource {
 public:
  explicit RegistryKernels(const Registry& registry) : registry_(registry) {}
  Result<KernelRef> FindKernel(const KernelQuery& query) const override { return registry_.FindKernel(query); }

 private:
  const Registry& registry_;
};

}  // namespace tflower::runtime
