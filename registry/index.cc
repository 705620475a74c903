#include "index.h"

#include <algorithm>
#include <tuple>

#include "names.h"

namespace tflower {
namespace {

const Claims kNone;

bool Before(const Claim& a, const Claim& b) {
  if (a.reference != b.reference) return b.reference;
  if (a.priority != b.priority) return a.priority > b.priority;
  return std::tie(a.plugin->id(), a.row) < std::tie(b.plugin->id(), b.row);
}

// Patterns of equal benefit run in the order of their ids, whoever owns them.
bool PatternBefore(const Claim& a, const Claim& b) {
  if (a.priority != b.priority) return a.priority > b.priority;
  const std::string& left = a.plugin->manifest().provides.rules[a.row].id;
  const std::string& right = b.plugin->manifest().provides.rules[b.row].id;
  return std::tie(left, a.plugin->id(), a.row) < std::tie(right, b.plugin->id(), b.row);
}

void SortAll(auto& map) {
  for (auto& [key, claims] : map) std::sort(claims.begin(), claims.end(), Before);
}

}  // namespace

Index::Index(const std::vector<std::unique_ptr<Plugin>>& plugins) {
  for (const auto& plugin : plugins) {
    if (plugin->active()) Add(*plugin);
  }
  SortAll(lowerings_), SortAll(refusals_), SortAll(composites_), SortAll(customs_), SortAll(kernels_);
  for (Claims* claims : {&patterns_, &loops_}) std::sort(claims->begin(), claims->end(), PatternBefore);
}

void Index::Add(const Plugin& plugin) {
  const Provides& provides = plugin.manifest().provides;
  for (uint32_t i = 0; i < provides.lowerings.size(); ++i) {
    const LoweringDecl& row = provides.lowerings[i];
    (row.refused.empty() ? lowerings_ : refusals_)[row.op].push_back({&plugin, i, row.priority});
  }
  for (uint32_t i = 0; i < provides.rules.size(); ++i) {
    const RuleDecl& row = provides.rules[i];
    (row.composite() ? composites_[row.implements] : row.kind == RuleKind::kLoop ? loops_ : patterns_).push_back({&plugin, i, row.benefit});
  }
  for (uint32_t i = 0; i < provides.kernels.size(); ++i) {
    const KernelDecl& row = provides.kernels[i];
    Claims& claims = row.code == kCustomOperator ? customs_[row.custom_code] : kernels_[row.code];
    claims.push_back({&plugin, i, row.priority, (row.flags & TFLOWER_KERNEL_REFERENCE) != 0});
  }
}

const Claims& Index::Find(const ByName& map, std::string_view name) {
  const auto at = map.find(name);
  return at == map.end() ? kNone : at->second;
}

const Claims& Index::Composites(std::string_view implements) const {
  if (const Claims& exact = Find(composites_, implements); !exact.empty()) return exact;
  const Claims* best = &kNone;
  size_t longest = 0;
  for (const auto& [name, claims] : composites_) {
    if (!name.ends_with('*') || name.size() <= longest || !implements.starts_with(name.substr(0, name.size() - 1))) continue;
    best = &claims;
    longest = name.size();
  }
  return *best;
}

const Claims& Index::Kernels(int32_t code, std::string_view custom_code) const {
  if (code == kCustomOperator) return Find(customs_, custom_code);
  const auto at = kernels_.find(code);
  return at == kernels_.end() ? kNone : at->second;
}

}  // namespace tflower
