// Index: which plugins claim which op, made from manifests, in the order in which candidates are tried.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "plugin.h"

namespace tflower {

// One row of one plugin.
struct Claim {
  const Plugin* plugin = nullptr;
  uint32_t row = 0;         // index into the manifest's lowerings, rules or kernels
  int32_t priority = 0;     // rule: benefit
  bool reference = false;   // kernel with TFLOWER_KERNEL_REFERENCE: after all others

  // Neither goes before the other by right: with different plugins this is a conflict.
  bool SameRank(const Claim& other) const { return reference == other.reference && priority == other.priority; }
};

using Claims = std::vector<Claim>;

class Index {
 public:
  // Claims of the active plugins. Keys point into the plugins, which must outlive the index and not move.
  explicit Index(const std::vector<std::unique_ptr<Plugin>>& plugins);

  // Best first: not reference, higher priority, then plugin id and row. Empty when nobody claims the op.
  const Claims& Lowerings(std::string_view tf_op) const { return Find(lowerings_, tf_op); }
  // Who says why the op stays out. Asked when nobody covers it.
  const Claims& Refusals(std::string_view tf_op) const { return Find(refusals_, tf_op); }
  // Of rules for this name; where there is none, of those for the longest beginning of it ("acme_*").
  const Claims& Composites(std::string_view implements) const;
  const Claims& Kernels(int32_t code, std::string_view custom_code) const;
  const Claims& Patterns() const { return patterns_; }
  const Claims& Loops() const { return loops_; }

 private:
  using ByName = std::unordered_map<std::string_view, Claims>;
  static const Claims& Find(const ByName& map, std::string_view name);
  void Add(const Plugin& plugin);

  ByName lowerings_, refusals_, composites_, customs_;
  std::unordered_map<int32_t, Claims> kernels_;
  Claims patterns_, loops_;
};

}  // namespace tflower
