// Walk: one run of the interpreter over all signatures. Its parts stand in files of their own:
//   interpreter.cc   nodes, calls, plugins        signatures.cc  inputs, outputs, failures
//   branches.cc      If, Case                     handles.cc     variables, tables, assets, the initialiser
//   loops.cc         While                        custom.cc      custom operators for what no plugin covers
//   subgraphs.cc     of both, what goes in        carried_lists.cc  lists that go through them
//   composites.cc    functions that say what they implement
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "import/output_types.h"
#include "lower/constants.h"
#include "lower/effects.h"
#include "lower/emit.h"
#include "lower/frame.h"
#include "lower/interpreter.h"
#include "lower/host.h"
#include "lower/loop_variable.h"
#include "lower/plugin_call.h"

namespace tflower::lower {

// The subgraph that is being filled, and what exists once in each.
struct Region {
  ir::Subgraph* graph = nullptr;
  std::unordered_map<std::string, ir::Value*> constants;  // contents of variables that nobody writes, by node name
  std::unordered_map<std::string, std::vector<ir::Value*>> handles;  // handles as tensors, by what they stand for
};

class Walk final : public WalkServices {
 public:
  Walk(const tf::Graph& graph, const Registry& registry, Typer& typer, const LowerOptions& options, AssumedRank rank)
      : tf_(graph), registry_(registry), typer_(typer), options_(options), rank_(rank), constants_(graph), effects_(graph, registry) {}

  Result<ir::Model> Run(LowerFailures& failures);

  // WalkServices
  Result<ir::Value*> ReadVariable(ir::Value* handle) override;
  Status AssignVariable(ir::Value* handle, ir::Value* value) override;
  Result<ir::Value*> HandleTensor(ir::Value* handle, uint32_t part) override;
  Result<HandleSite> HandleNode(ir::Value* handle) override;
  Result<std::span<const std::byte>> ReadAsset(std::string_view path) override;
  // subgraphs.cc: the new subgraph is the present one meanwhile.
  Result<ir::Subgraph*> InSubgraph(std::string_view name, const std::function<Status(ir::Subgraph&)>& fill) override;

 private:
  using Values = std::vector<ir::Value*>;

  // ---- signatures.cc
  Result<std::unique_ptr<ir::Subgraph>> LowerSignature(const tf::Signature& signature);
  ir::Value* InputValue(const tf::TensorInfo& info);
  void CollectFailures(const ir::Subgraph& graph, LowerFailures& out);
  static std::unordered_set<const Error*> FailuresBehind(std::vector<const ir::Poison*> pending);

  // ---- interpreter.cc
  Status Demand(Frame& frame, int32_t node);
  Status LowerNode(Frame& frame, int32_t index);
  Result<Values> LowerByRole(Frame& frame, int32_t index, Values inputs);
  Result<Values> LowerByPlugin(Frame& frame, int32_t index, Values inputs, LoweringRef lowering);
  Result<Values> LowerCall(Frame& frame, const tf::Node& node, std::string_view function, Values inputs);
  Result<Values> Call(const tf::Function& function, Values args, int depth);

  // ---- composites.cc
  Result<Values> TryComposites(const tf::Node& node, const tf::Function& function, const Values& inputs, int depth);
  Result<Values> TryRules(const CompositeCall& call, const tf::Node& node, const tf::Function& function, const Values& inputs, int depth);
  Result<Values> ProbeArguments(ir::Subgraph& graph, const Values& inputs);
  Result<ir::Model> ProbePair(const RuleRef& rule, const CompositeCall& call, const tf::Node& node, const tf::Function& function, const Values& inputs, int depth);
  void ProbeBody(const RuleRef& rule, const CompositeCall& call, const tf::Node& node, const tf::Function& function, const Values& inputs, int depth);

  // ---- custom.cc
  Result<Values> OrCustom(Frame& frame, const tf::Node& node, const Values& inputs, Error why);
  Result<Values> LowerCustom(Frame& frame, const tf::Node& node, const Values& inputs);
  Result<Values> LowerFusable(const tf::FuncRef& op, const tf::Node& node, const tf::Function& function, Values inputs, int depth);
  Result<std::vector<tf::OutputType>> TypesHere(const Frame& frame, const tf::Node& node, const Values& inputs);
  std::vector<DeclaredType> TypesOfBody(const tf::Function& function, const Values& inputs, int depth, const std::vector<tflower_type>& recorded);
  Result<Values> LowerConst(const tf::Node& node);
  Status LoadVariables(Values& inputs, const tflower_lowering& row);
  // Control edges count where something is written, and in the initialiser.
  bool KeepsOrder() const { return initialising_ || effects_.any_written(); }
  uint32_t NumOutputs(const Frame& frame, int32_t index) const;
  ir::Value* Poisoned(const Error* failure, std::vector<const ir::Poison*> causes);
  const Error* AddFailure(Error e, const Frame& frame, const tf::Node& node);
  Target target() { return {tf_, typer_, *region_->graph, notes_, *this, options_.plugin_options}; }

  // ---- subgraphs.cc
  Result<std::vector<const tf::Function*>> FunctionsOf(const tf::Node& node, std::initializer_list<const char*> attrs);
  Result<ir::Value*> Argument(ir::Subgraph& graph, const LoopVariable& variable);
  static void AddOutput(ir::Subgraph& graph, ir::Value* v) {
    graph.outputs.push_back({"", v});
    ++v->graph_outputs;
  }
  template <class Op>
  Result<ir::Value*> Emit(std::string_view node, const Op& op, Values inputs) { return EmitOwn(typer_, *region_->graph, node, op, std::move(inputs)); }
  ir::Value* Scalar(int32_t x) { return Int32Scalar(typer_, *region_->graph, x); }

  // ---- branches.cc
  using Branch = std::function<Result<Values>(Values)>;
  Result<Values> LowerIf(Frame& frame, const tf::Node& node, Values inputs);
  Result<Values> LowerCase(Frame& frame, const tf::Node& node, Values inputs);
  Result<Values> SwitchFrom(Frame& frame, const tf::Node& node, ir::Value* index, std::span<const tf::Function* const> branches, size_t first, const Values& args);
  Result<Values> Choose(const tf::Node& node, ir::Value* condition, const Branch& then_call, const Branch& else_call, const Values& args);
  Result<ir::Value*> Condition(const tf::Node& node, ir::Value* condition);
  Result<Values> BuildIf(const tf::Node& node, ir::Value* condition, const Branch& then_call, const Branch& else_call, const Values& args);
  ir::Value* HandIn(std::span<ir::Subgraph* const> graphs, const ir::Value* constant, size_t branch, Values& operands);
  Result<ir::Subgraph*> BranchGraph(const std::string& name, const Branch& call, const Values& args, const std::vector<LoopVariable>& variables, Values& results);
  Result<ir::Value*> JoinResults(const tf::Node& node, std::span<ir::Subgraph* const> graphs, ir::Value* a, ir::Value* b, size_t i, SharedDims& shared, Values& tensors);

  // ---- loops.cc
  Result<Values> LowerWhile(Frame& frame, const tf::Node& node, Values inputs);
  Result<bool> Unroll(Frame& frame, const tf::Function& cond, const tf::Function& body, Values& values);
  struct Loop {
    ir::Operator* op = nullptr;  // null: something in it could not be made, because of `causes`
    std::vector<const ir::Poison*> causes;
    std::vector<LoopVariable> variables;
    Values results;  // of the body
  };
  Result<Loop> BuildLoop(Frame& frame, const tf::Node& node, const tf::Function& cond, const tf::Function& body, const Values& inputs);
  Result<Values> FuseLoop(const tf::Node& node, const Loop& loop);
  Result<ir::Subgraph*> BodyGraph(Frame& frame, const tf::Node& node, const tf::Function& body, std::vector<LoopVariable>& variables, Values& results);
  Result<ir::Subgraph*> ConditionGraph(Frame& frame, const tf::Node& node, const tf::Function& cond, const std::vector<LoopVariable>& variables, ir::Value*& condition);
  Result<Values> LoopResults(const std::vector<LoopVariable>& variables, const Values& inputs, const Values& results, const Values& tensors);
  std::vector<bool> PassedOn(const tf::Function& body);
  Result<bool> WidenAll(const tf::Node& node, std::vector<LoopVariable>& variables, const Values& results);
  Result<bool> Widen(const tf::Node& node, LoopVariable& variable, ir::Value* result, size_t i, SharedDims& shared);

  // ---- carried_lists.cc
  Result<ir::Value*> ListFrom(const ir::List& like, const LoopVariable& variable, ir::Value* carried);
  Status AddSpare(const tf::Node& node, LoopVariable& variable, std::vector<ir::Dim> element);
  Result<ir::Value*> Rows(ir::Value* items, bool first);
  Result<ir::Value*> Written(const tf::Node& node, const ir::List& list, std::vector<ir::Dim> element);
  Status WriteLikeArguments(const tf::Node& node, const std::vector<LoopVariable>& variables, Values& results);
  Status MatchLists(const tf::Node& node, std::span<ir::Subgraph* const> graphs, ir::Value*& a, ir::Value*& b);
  Result<ir::Value*> LikeElement(const tf::Node& node, const std::vector<ir::Dim>& dims);
  bool IsInput(const ir::Value& v) const;
  bool HasContents(const ir::Value& v) const { return v.is_tensor() && (v.producer != nullptr || v.constant || IsInput(v)); }

  // ---- handles.cc
  Status BuildInitialiser(std::vector<std::unique_ptr<ir::Subgraph>>& signatures);
  Result<ir::Value*> VariableHandle(const std::string& name);
  ir::Value* NewHandle(const Frame& frame, const tf::Node& node, const LoweringRef& lowering);
  bool SkipsInitialising(const tflower_lowering& row, const Values& inputs);
  ir::Operator* AddOperator(tfl::Builtin code, tflower_bytes options, Values inputs, Values outputs, ir::Effect effect, std::string_view node);

  const tf::Graph& tf_;
  const Registry& registry_;
  Typer& typer_;
  const LowerOptions& options_;
  const AssumedRank rank_;
  ConstantSource constants_;
  Effects effects_;
  Region* region_ = nullptr;
  std::vector<std::unique_ptr<ir::Subgraph>> bodies_;  // of all signatures; those of abandoned tries are dropped in the end
  std::vector<std::string> notes_;
  std::deque<Error> failures_;
  std::deque<ir::Poison> poison_;
  std::vector<const ir::Poison*> required_;            // writes that could not be made
  std::map<std::string, lower::HandleNode> handle_nodes_;  // handles of no variables that were met, by what they stand for
  std::unordered_set<const tf::Function*> probed_;     // functions whose bodies were compared with what their names say
  std::unordered_set<std::string> used_handles_;       // variables that are written, and tables, that some subgraph uses
  bool initialising_ = false;
  int nesting_ = 0;                                    // subgraphs within subgraphs
  int64_t unroll_budget_ = -1;                         // operators that the loop being unrolled may still make; -1: none is
  std::map<std::string, std::string, std::less<>> assets_;  // contents that were read, by path
};

// Branches and loops within each other.
inline constexpr int kMaxNesting = 200;

// What an operator of subgraphs tells the unroller: it cannot be unrolled.
inline constexpr Code kNotUnrolled = Code::kNotFound;

}  // namespace tflower::lower
