// Lower: walks over the graph until the samples of unknown dimensions agree with the model.
#include <algorithm>

#include "lower/any_rank.h"
#include "lower/walk.h"

namespace tflower::lower {
namespace {

constexpr int kMaxTries = 32;  // with other samples of unknown dimensions

Result<ir::Model> LowerWithSizes(const tf::Graph& graph, const Registry& registry, Typer& typer, const LowerOptions& options, AssumedRank rank, LowerFailures& failures) {
  typer.symbols() = Symbols();
  Result<ir::Model> first = Walk(graph, registry, typer, options, rank).Run(failures);
  LowerFailures now = failures;
  // Samples of unknown dimensions that contradict the model are chosen anew, a few times; then the first failures are reported.
  for (int tries = 0; !first.ok() && tries < kMaxTries; ++tries) {
    const auto failed = [&](std::string_view node) { return std::ranges::any_of(now.errors, [&](const Error& e) { return e.node == node; }); };
    if (tries == kMaxTries - 1 ? !typer.symbols().ShareByAxis() : !typer.symbols().Revise(failed)) break;
    now.errors.clear();
    Result<ir::Model> again = Walk(graph, registry, typer, options, rank).Run(now);
    if (!again.ok()) continue;
    failures.errors.clear();
    for (std::string& note : typer.symbols().Notes()) again.value().notes.push_back(std::move(note));
    return again;
  }
  return first;
}

// Custom operators take what contradicts itself at all sizes, but not what does so at some.
Result<ir::Model> LowerWithRank(const tf::Graph& graph, const Registry& registry, Typer& typer, const LowerOptions& options, AssumedRank rank, LowerFailures& failures) {
  if (!options.allow_custom_ops) return LowerWithSizes(graph, registry, typer, options, rank, failures);
  LowerOptions careful = options;
  careful.custom_in_doubt = false;
  LowerFailures none;
  Result<ir::Model> made = LowerWithSizes(graph, registry, typer, careful, rank, none);
  return made.ok() ? std::move(made) : LowerWithSizes(graph, registry, typer, options, rank, failures);
}

}  // namespace

Result<ir::Model> Lower(const tf::Graph& graph, const Registry& registry, Typer& typer, const LowerOptions& options, LowerFailures& failures) {
  if (!HasUnknownRank(graph)) return LowerWithRank(graph, registry, typer, options, {}, failures);
  return LowerAnyRank(graph, [&](AssumedRank rank, LowerFailures& now) { return LowerWithRank(graph, registry, typer, options, rank, now); }, failures);
}

}  // namespace tflower::lower
