#include "names.h"

#include <algorithm>
#include <array>

namespace tflower {
namespace {

struct Name {
  std::string_view name;
  int32_t number;
};

constexpr Name kOperators[] = {
#define TFLOWER_NAME(name, number) {#name, number},
#include "operator_names.inc"
#undef TFLOWER_NAME
};

constexpr Name kDtypes[] = {
#define TFLOWER_NAME(name, number) {#name, number},
#include "dtype_names.inc"
#undef TFLOWER_NAME
};

// The operators sorted by name, for binary search: the registry looks up hundreds at every start.
constexpr auto kOperatorsByName = [] {
  std::array<Name, std::size(kOperators)> out;
  std::copy(std::begin(kOperators), std::end(kOperators), out.begin());
  std::sort(out.begin(), out.end(), [](const Name& a, const Name& b) { return a.name < b.name; });
  return out;
}();

constexpr char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::optional<int32_t> OperatorCode(std::string_view name) {
  const auto at = std::lower_bound(kOperatorsByName.begin(), kOperatorsByName.end(), name,
                                   [](const Name& a, std::string_view b) { return a.name < b; });
  if (at == kOperatorsByName.end() || at->name != name) return std::nullopt;
  return at->number;
}

std::string OperatorName(int32_t code) {
  const auto at = std::find_if(std::begin(kOperators), std::end(kOperators), [&](const Name& n) { return n.number == code; });
  return at != std::end(kOperators) ? std::string(at->name) : "operator " + std::to_string(code);
}

std::optional<int32_t> DtypeNumber(std::string_view name) {
  for (const Name& dtype : kDtypes) {
    if (std::equal(dtype.name.begin(), dtype.name.end(), name.begin(), name.end(),
                   [](char upper, char given) { return Lower(upper) == given; })) {
      return dtype.number;
    }
  }
  return std::nullopt;
}

std::string DtypeName(int32_t dtype) {
  if (dtype == -1) return "none";
  for (const Name& name : kDtypes) {
    if (name.number != dtype) continue;
    std::string out(name.name);
    std::transform(out.begin(), out.end(), out.begin(), Lower);
    return out;
  }
  return "dtype " + std::to_string(dtype);
}

std::string DtypeSetName(uint64_t dtypes) {
  if (dtypes == 0) return "any";
  std::string out;
  for (int32_t i = 0; i < 64; ++i) {
    if ((dtypes >> i & 1) != 0) out += (out.empty() ? "" : "|") + DtypeName(i);
  }
  return out;
}

}  // namespace tflower
