// Typer: makes an operator of the target graph, typed and folded, by asking its own kernel.
//
// One shape rule and one evaluator per operator: infer and eval of the kernel that the runtime would use. With unknown dimensions both run
// once per world (ir/dim.h). Operators whose inputs are all constants become constants, lazily when they are large. Not thread-safe.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ir/graph.h"
#include "lower/symbols.h"
#include "registry/registry.h"

namespace tflower::lower {

struct EmitRequest {
  int32_t code = 0;
  std::string_view custom_code;
  tflower_bytes options{};
  std::vector<ir::Value*> inputs;  // null = absent operand
  uint32_t num_outputs = 1;
  std::vector<int32_t> output_dtypes;  // empty = whatever the kernel gives
  // Provenance
  std::string_view node, plugin, rule;
  uint64_t order = 0;  // 0 = at the end
  bool state = false;  // results are an operator's state: written at run time even where they are known
};

// Type of a result by declaration, where no kernel tells it.
struct DeclaredType {
  DType dtype = DType::kNone;
  bool ranked = false;
  std::vector<ir::Dim> dims;
};

class Typer {
 public:
  explicit Typer(const Registry& registry) : registry_(registry) {}

  // The values that the operator gives: constants when it folds, else results of a new operator at the end of `graph`.
  Result<std::vector<ir::Value*>> Emit(ir::Subgraph& graph, const EmitRequest& request);

  // A CUSTOM operator whose kernel need not be installed here: without one its results have the types given, and it is
  // taken to be pure unless `stateful`.
  Result<std::vector<ir::Value*>> EmitDeclared(ir::Subgraph& graph, const EmitRequest& request, std::span<const DeclaredType> types, bool stateful);
  // Each unknown dimension becomes one of its own.
  DeclaredType Declare(const tflower_type& type);

  // The state of an operator, to be filled with `initial` by an operator of its own in front of that; `from` says for whom.
  Result<ir::Value*> EmitState(ir::Subgraph& graph, ir::Value* initial, EmitRequest from);
  // A new constant value in `graph`.
  ir::Value* AddConstant(ir::Subgraph& graph, ir::ConstantRef constant);

  // A dimension that nothing is known of.
  ir::Dim FreshDim() { return symbols_.Fresh(NewStructure()); }
  // Of unknown dimensions: what contradicts itself in some world leaves a proposal there.
  Symbols& symbols() { return symbols_; }

  // The kernel for an operator with these operands. Cached.
  Result<KernelRef> FindKernel(const EmitRequest& request, int32_t version);

 private:
  struct Typed;
  static std::unique_ptr<ir::Operator> MakeOperator(const EmitRequest& request);
  Result<Typed> Infer(const EmitRequest& request);
  uint64_t StructureOf(ir::Value* value);
  uint64_t StructureOf(const EmitRequest& request, const Typed& typed, const ir::Options* options);
  static bool IsPure(const EmitRequest& request, const Typed& typed);
  uint64_t NewStructure() { return structures_ += uint64_t{1} << 20; }  // room for an operator's results and their dims
  Result<Typed> InferWorlds(const EmitRequest& request);
  void ProposeRemedy(const EmitRequest& request);
  Result<bool> FoldConstants(ir::Subgraph& graph, const EmitRequest& request, const Typed& typed, std::vector<ir::Value*>& out);
  Status FoldWorlds(ir::Subgraph& graph, const EmitRequest& request, const Typed& typed, std::vector<ir::Value*>& out);

  const Registry& registry_;
  std::unordered_map<std::string, KernelRef> kernels_;
  uint64_t structures_ = 0;  // of values that are equal to no other
  Symbols symbols_;
  bool rank_depends_ = false;  // the last inference failed because of that
};

}  // namespace tflower::lower
