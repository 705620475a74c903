// Holds the generated operator table and finds rows in it.
#include "sdk/schema/op_table.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <type_traits>  // the generated checks

namespace tflower::tfl {
namespace {

#include <tflower/tfl_op_table.inc>

constexpr bool CodesAreIndices() {
  for (size_t i = 0; i < std::size(kOps); ++i)
    if (static_cast<size_t>(kOps[i].code) != i) return false;
  return true;
}
static_assert(CodesAreIndices());

// Indices of kOps in the order of their names.
constexpr auto kByName = [] {
  std::array<uint16_t, std::size(kOps)> order{};
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<uint16_t>(i);
  std::sort(order.begin(), order.end(),
            [](uint16_t a, uint16_t b) { return std::string_view(kOps[a].name) < std::string_view(kOps[b].name); });
  return order;
}();

}  // namespace

std::span<const OpInfo> AllOps() { return kOps; }

const OpInfo* FindOp(int32_t code) {
  return code >= 0 && static_cast<size_t>(code) < std::size(kOps) ? &kOps[code] : nullptr;
}

const OpInfo* FindOp(std::string_view name) {
  const auto found = std::lower_bound(kByName.begin(), kByName.end(), name,
                                      [](uint16_t i, std::string_view wanted) { return kOps[i].name < wanted; });
  return found != kByName.end() && kOps[*found].name == name ? &kOps[*found] : nullptr;
}

const FieldInfo* FindField(const OpInfo& op, std::string_view name) {
  for (const FieldInfo& field : op.fields)
    if (field.name == name) return &field;
  return nullptr;
}

const char* MinRuntime(const OpInfo& op, int32_t op_version) {
  for (const RuntimeVersion& version : op.min_runtime)
    if (version.op_version == op_version) return version.runtime;
  return nullptr;
}

}  // namespace tflower::tfl
