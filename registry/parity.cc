#include "parity.h"

#include <algorithm>
#include <numeric>

namespace tflower {
namespace {

struct Differences {
  std::vector<std::string> missing, undeclared;
};

std::vector<size_t> Sorted(const auto& rows) {
  std::vector<size_t> order(rows.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return rows[a] < rows[b]; });
  return order;
}

// Pairs declarations with real rows; both sides may be in any order.
template <class Row, class Decl>
std::vector<const Row*> Match(const std::vector<Decl>& declared, const std::vector<const Row*>& real, Differences& differences) {
  std::vector<Decl> present;
  for (const Row* row : real) present.push_back(Declare(*row));
  if (declared == present) return real;  // the usual case: tflower-manifest wrote them in this order
  std::vector<const Row*> matched(declared.size(), nullptr);
  const std::vector<size_t> left = Sorted(declared), right = Sorted(present);
  size_t i = 0, k = 0;
  while (i < left.size() || k < right.size()) {
    if (k == right.size() || (i < left.size() && declared[left[i]] < present[right[k]])) {
      differences.missing.push_back(Describe(declared[left[i++]]));
    } else if (i == left.size() || present[right[k]] < declared[left[i]]) {
      differences.undeclared.push_back(Describe(present[right[k++]]));
    } else {
      matched[left[i++]] = real[right[k++]];
    }
  }
  return matched;
}

void AddNotes(const char* what, const std::vector<std::string>& rows, Error& error) {
  constexpr size_t kShown = 8;
  for (size_t i = 0; i < std::min(rows.size(), kShown); ++i) error.notes.push_back(what + rows[i]);
  if (rows.size() > kShown) error.notes.push_back("and " + std::to_string(rows.size() - kShown) + " more");
}

Error Mismatch(const std::string& file, std::string message) {
  return Error(Code::kParity, std::move(message)).File(file).Hint("install the plugin again; after rebuilding it by hand, run tflower-manifest");
}

}  // namespace

Result<MatchedRows> MatchRows(const Manifest& manifest, const PluginTables& tables, const std::string& file) {
  if (manifest.id != tables.id || manifest.version != tables.version) {
    return Mismatch(file, "says that it is " + std::string(tables.id) + " " + tables.version + ", but its manifest says " + manifest.id +
                              " " + manifest.version);
  }
  Differences differences;
  MatchedRows rows{.id = tables.id, .version = tables.version};
  rows.lowerings = Match(manifest.provides.lowerings, tables.lowerings, differences);
  rows.rules = Match(manifest.provides.rules, tables.rules, differences);
  rows.kernels = Match(manifest.provides.kernels, tables.kernels, differences);
  if (differences.missing.empty() && differences.undeclared.empty()) return rows;
  Error error = Mismatch(file, "does not contain what its manifest declares: " + std::to_string(differences.missing.size()) +
                                   " rows are missing, " + std::to_string(differences.undeclared.size()) + " are not declared");
  AddNotes("missing: ", differences.missing, error);
  AddNotes("not declared: ", differences.undeclared, error);
  return error;
}

}  // namespace tflower
