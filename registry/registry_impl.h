// The state of a Registry; shared by registry.cc and explain.cc.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "index.h"
#include "registry.h"
#include "resolve.h"

namespace tflower {

struct Registry::Impl {
  std::vector<std::unique_ptr<Plugin>> plugins;  // in the order of discovery
  std::unique_ptr<Index> index;
  Pins pins;

  Provider ProviderOf(const Choice& choice) const { return {choice.rows->id, choice.rows->version}; }

  Resolution Explain(std::string_view op) const;

  // A pin that cannot work is a slip of the pen; silence would give another plugin than the one wanted. kUsage.
  Status CheckPin(const std::string& op, const std::string& id) const;

  // Why nobody serves: a plugin's fault (4xx), a manifest that could not be read (kManifest), or plain absence (`absent`).
  Error Uncovered(std::string_view op, const Choice& choice, Error absent) const;
  Error NoLowering(std::string_view op, const Choice& choice) const;
  Error NoKernel(const KernelQuery& query, std::string_view op, const Choice& choice) const;
};

}  // namespace tflower
