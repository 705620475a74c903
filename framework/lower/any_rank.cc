// One lowering for each rank, compared.
#include "lower/any_rank.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include <fmt/format.h>

namespace tflower::lower {
namespace {

constexpr int kMaxRank = 5;

bool IsOpen(const tf::TensorInfo& input) { return input.encoding == tf::TensorInfo::Encoding::kDense && !input.shape; }

// Compares operators, options and constants of two models; the types of other values may differ.
class SameOperators {
 public:
  bool Compare(const ir::Model& a, const ir::Model& b) {
    if (a.subgraphs.size() != b.subgraphs.size()) return false;
    for (size_t g = 0; g < a.subgraphs.size(); ++g) graphs_[a.subgraphs[g].get()] = b.subgraphs[g].get();
    for (size_t g = 0; g < a.subgraphs.size(); ++g) if (!Compare(*a.subgraphs[g], *b.subgraphs[g])) return false;
    return true;
  }

 private:
  bool Compare(const ir::Subgraph& a, const ir::Subgraph& b) {
    if (!Pair(a.inputs, b.inputs)) return false;
    const std::vector<ir::Operator*> left = a.Sorted(), right = b.Sorted();
    if (left.size() != right.size()) return false;
    for (size_t i = 0; i < left.size(); ++i) if (!Compare(*left[i], *right[i])) return false;
    return std::ranges::equal(a.outputs, b.outputs, [this](const auto& x, const auto& y) { return x.key == y.key && Same(x.value, y.value); });
  }
  bool Pair(const std::vector<ir::SignatureTensor>& a, const std::vector<ir::SignatureTensor>& b) {
    if (a.size() != b.size()) return false;
    for (size_t i = 0; i < a.size(); ++i) values_[a[i].value] = b[i].value;
    return true;
  }
  bool Compare(const ir::Operator& a, const ir::Operator& b) {
    if (a.code != b.code || a.custom_code != b.custom_code || a.outputs.size() != b.outputs.size() || a.bodies.size() != b.bodies.size()) return false;
    if ((a.options == nullptr) != (b.options == nullptr) || (a.options != nullptr && !(*a.options == *b.options))) return false;
    for (size_t i = 0; i < a.bodies.size(); ++i) if (graphs_[a.bodies[i]] != b.bodies[i]) return false;
    if (!std::ranges::equal(a.inputs, b.inputs, [this](const ir::Value* x, const ir::Value* y) { return Same(x, y); })) return false;
    for (size_t i = 0; i < a.outputs.size(); ++i) values_[a.outputs[i]] = b.outputs[i];
    return true;
  }
  bool Same(const ir::Value* a, const ir::Value* b) {
    if (a == nullptr || b == nullptr) return a == b;
    if (a->constant && b->constant) return a->constant == b->constant || SameContents(*a->constant, *b->constant);
    const auto it = values_.find(a);
    return it != values_.end() && it->second == b;
  }
  static bool SameContents(ir::Constant& a, ir::Constant& b) {
    if (a.dtype() != b.dtype() || !std::ranges::equal(a.dims(), b.dims())) return false;
    const auto x = a.Bytes(), y = b.Bytes();
    return x.ok() && y.ok() && std::ranges::equal(x.value(), y.value());
  }

  std::unordered_map<const ir::Value*, const ir::Value*> values_;
  std::unordered_map<const ir::Subgraph*, const ir::Subgraph*> graphs_;
};

std::string OpenInputs(const tf::Graph& graph) {
  std::string names;
  for (const tf::Signature& signature : graph.signatures())
    for (const tf::TensorInfo& input : signature.inputs)
      if (IsOpen(input)) names += fmt::format("{}'{}'", names.empty() ? "" : ", ", input.key);
  return names;
}

}  // namespace

bool HasUnknownRank(const tf::Graph& graph) {
  return std::ranges::any_of(graph.signatures(), [](const tf::Signature& s) { return std::ranges::any_of(s.inputs, IsOpen); });
}

Result<ir::Model> LowerAnyRank(const tf::Graph& graph, const LowerAs& lower, LowerFailures& failures) {
  const std::string names = OpenInputs(graph);
  std::optional<ir::Model> found;
  std::optional<Error> refused;
  std::vector<int> fits;
  for (const bool open : {true, false}) {
    for (int rank = 0; rank <= kMaxRank; ++rank) {
      LowerFailures now;
      Result<ir::Model> model = lower({rank, open}, now);
      if (!model.ok()) {
        if (!refused || now.errors.size() < failures.errors.size()) refused = model.error(), failures = std::move(now);
        continue;
      }
      fits.push_back(rank);
      if (fits.size() == 1) found = std::move(model.value());
      else if (!open || !SameOperators().Compare(*found, model.value()))
        return Error(Code::kUnsupportedShape, fmt::format("has unknown rank, and ranks {} and {} give different operators", fits[0], rank)).File(graph.path())
            .What("input " + names).Hint("give its shape with --input-shape");
    }
    if (!fits.empty()) break;
  }
  if (fits.empty()) {
    refused->notes.push_back(fmt::format("input {} has unknown rank; ranks 0 to {} were tried; --input-shape gives its shape", names, kMaxRank));
    return *refused;
  }
  failures.errors.clear();
  found.reset();
  // Once more: what follows knows the last lowering's dimensions, and a rank that is sure need not stay open.
  TFLOWER_TRY(ir::Model model, lower({fits[0], fits.size() > 1}, failures));
  model.notes.push_back(fits.size() == 1 ? fmt::format("input {} of unknown rank has rank {}: no other fits", names, fits[0])
                                         : fmt::format("input {} of unknown rank takes any rank: resize it before use", names));
  return model;
}

}  // namespace tflower::lower
