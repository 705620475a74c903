// What is behind tflower::runtime::Model. Internal to the runtime.
#pragma once

#include <memory>

#include "../model/loader.h"
#include "../plan/kernel_source.h"
#include "../plan/shared_constants.h"
#include "tflower/runtime.h"

namespace tflower::runtime {

struct Model::Impl {
  Impl(std::unique_ptr<const LoadedModel> loaded, std::shared_ptr<const KernelSource> kernels)
      : loaded(std::move(loaded)), kernels(std::move(kernels)) {}

  std::unique_ptr<const LoadedModel> loaded;
  std::shared_ptr<const KernelSource> kernels;
  mutable SharedConstants shared;  // grows while sessions plan; has its own locks
  uint64_t load_ns = 0;
};

}  // namespace tflower::runtime
