// Walk: branches and loops. Functions are executed on abstract values like everything else, each in a subgraph of its own; a branch whose
// condition is known, and a loop that ends after a few known rounds, leave no subgraph at all.
//
// Constants and handles go into subgraphs as what they are, not as operands. A loop variable that the body hands on unchanged is an operand
// only because TFLite's subgraphs see nothing else. Types of loop variables are widened (dimension by dimension) until the body agrees.
#include <algorithm>

#include <fmt/format.h>

#include "lower/emit.h"
#include "lower/tensor_list.h"
#include "lower/walk.h"

namespace tflower::lower {
namespace {

constexpr int kMaxRounds = 64;          // of unrolling
constexpr int64_t kMaxUnrolled = 160;   // operators that unrolling may make
constexpr int kMaxWidenings = 24;       // tries until a loop's types must be stable
constexpr size_t kMaxSliced = 5;        // dimensions that STRIDED_SLICE takes

std::string DimsText(const std::vector<ir::Dim>& dims) {
  std::string out = "[";
  for (const ir::Dim& d : dims) out += (out.size() > 1 ? ", " : "") + (d.known() ? std::to_string(d.value()) : "?");
  return out + "]";
}

bool SameConstant(const ir::Value& a, const ir::Value& b) {
  if (!a.is_constant() || !b.is_constant()) return false;
  const Result<std::span<const std::byte>> x = a.constant->Bytes(), y = b.constant->Bytes();
  return x.ok() && y.ok() && std::ranges::equal(x.value(), y.value());
}

// LiteRT crashes when it hands strings out of a branch that are constants or the branch's own arguments, unless some tensor in the branches
// has a size that is known at run time only, as strings that an operator makes have.
Status CheckStringResults(const ir::Subgraph& a, const ir::Subgraph& b) {
  const auto is_string = [](const ir::Value* v) { return v->dtype == DType::kString; };
  if (std::ranges::none_of(a.outputs, [&](const ir::SignatureTensor& out) { return is_string(out.value); })) return Ok();
  for (const ir::Subgraph* graph : {&a, &b})
    for (const auto& op : graph->operators())
      if (!op->dead && std::ranges::any_of(op->outputs, is_string)) return Ok();
  return Error(Code::kUnsupportedGraph, "both branches give strings that they do not make, which LiteRT cannot hand out").Hint("choose by tf.gather from a tensor of both");
}

}  // namespace

// One unknown dimension for each pair (dimension in one branch, in the other) or (before a round, after it).
class Walk::SharedDims {
 public:
  ir::Dim Get(const ir::Dim& a, const ir::Dim& b, Typer& typer) {
    const auto [it, is_new] = made_.try_emplace({a.key(), b.key()}, ir::Dim());
    if (is_new) it->second = typer.FreshDim();
    return it->second;
  }
  // Every dimension that is `before` becomes the same `after`.
  bool Agrees(const ir::Dim& before, const ir::Dim& after) { return after_.try_emplace(before.key(), after).first->second == after; }

 private:
  std::map<std::pair<uint64_t, uint64_t>, ir::Dim> made_;
  std::map<uint64_t, ir::Dim> after_;
};

template <class Op>
Result<ir::Value*> Walk::Emit(std::string_view node, const Op& op, Values inputs) { return EmitOwn(typer_, *region_->graph, node, op, std::move(inputs)); }

ir::Value* Walk::Scalar(int32_t x) { return Int32Scalar(typer_, *region_->graph, x); }

Result<std::vector<const tf::Function*>> Walk::FunctionsOf(const tf::Node& node, std::initializer_list<const char*> attrs) {
  std::vector<const tf::Function*> out;
  for (const char* name : attrs) {
    const tf::Attr* attr = node.Find(name);
    if (attr == nullptr) return Error(Code::kInvalidGraph, "the node lacks this attribute").What(name);
    const size_t before = out.size();
    Status status = Ok();
    tf::EachFunctionName(*attr, [&](std::string_view function) {
      if (!status.ok()) return;
      Result<const tf::Function*> found = tf_.FindFunction(function);
      if (found.ok()) out.push_back(found.value());
      else status = std::move(found.error());
    });
    TFLOWER_CHECK(std::move(status));
    if (out.size() == before) return Error(Code::kInvalidGraph, "names no function").What(name);
  }
  return out;
}

template <class F>
Result<ir::Subgraph*> Walk::InSubgraph(std::string_view name, const F& fill) {
  auto graph = std::make_unique<ir::Subgraph>();
  graph->name = name;
  Region region{graph.get(), {}, {}};
  if (nesting_ == kMaxNesting) return Error(Code::kUnsupportedGraph, fmt::format("branches and loops are nested deeper than {}", kMaxNesting));
  Region* const outer = std::exchange(region_, &region);
  ++nesting_;
  Status status = fill(*graph);
  --nesting_;
  region_ = outer;
  TFLOWER_CHECK(std::move(status));
  bodies_.push_back(std::move(graph));
  return bodies_.back().get();
}

// ---- branches

Result<Walk::Values> Walk::LowerIf(Frame& frame, const tf::Node& node, Values inputs) {
  TFLOWER_TRY(const auto functions, FunctionsOf(node, {"then_branch", "else_branch"}));
  if (inputs.empty()) return Error(Code::kInvalidGraph, "has no condition");
  const Values args(inputs.begin() + 1, inputs.end());
  const auto call = [&](const tf::Function* f) {
    return [this, f, &frame](Values values) { return Call(*f, std::move(values), frame.depth() + 1); };
  };
  return Choose(node, inputs[0], call(functions[0]), call(functions[1]), args);
}

Result<Walk::Values> Walk::LowerCase(Frame& frame, const tf::Node& node, Values inputs) {
  TFLOWER_TRY(const auto functions, FunctionsOf(node, {"branches"}));
  if (inputs.empty()) return Error(Code::kInvalidGraph, "has no branch index");
  const Values args(inputs.begin() + 1, inputs.end());
  return SwitchFrom(frame, node, inputs[0], functions, 0, args);
}

// Branch `first` if the index says so, else one of those behind it; an index out of range means the last one.
Result<Walk::Values> Walk::SwitchFrom(Frame& frame, const tf::Node& node, ir::Value* index, std::span<const tf::Function* const> branches, size_t first, const Values& args) {
  if (first + 1 == branches.size()) return Call(*branches[first], args, frame.depth() + 1);
  if (index->is_poison()) return Error(Code::kOk, "");
  TFLOWER_TRY(ir::Value * is_first, Emit(node.name, tfl::Equal{}, {index, Scalar(static_cast<int32_t>(first))}));
  // The index goes along as an argument, for the branches behind.
  Values with_index = args;
  with_index.push_back(index);
  const auto without_index = [](Values values) { values.pop_back(); return values; };
  return Choose(node, is_first, [&](Values values) { return Call(*branches[first], without_index(std::move(values)), frame.depth() + 1); },
                [&](Values values) -> Result<Values> {
                  ir::Value* const inner = values.back();
                  return SwitchFrom(frame, node, inner, branches, first + 1, without_index(std::move(values)));
                }, with_index);
}

Result<Walk::Values> Walk::Choose(const tf::Node& node, ir::Value* condition, const std::function<Result<Values>(Values)>& then_call,
                                  const std::function<Result<Values>(Values)>& else_call, const Values& args) {
  if (condition->is_handle()) {
    TFLOWER_TRY(condition, ReadVariable(condition));
  }
  if (condition->is_poison() || std::ranges::any_of(args, &ir::Value::is_poison)) {  // for the failures inside
    for (const auto* call : {&then_call, &else_call}) {
      TFLOWER_TRY(const Values lost, (*call)(args));
      for (const ir::Value* v : lost) if (v != nullptr && v->is_poison()) required_.push_back(v->poison);
    }
    return Error(Code::kOk, "");
  }
  if (!condition->is_tensor()) return Error(Code::kUnsupportedType, "the condition is no tensor").What("input 0");
  if (condition->dtype != DType::kBool) {  // true: not zero
    TFLOWER_TRY(ir::Value * zero, Emit(node.name, tfl::Cast{.in_data_type = tfl::TensorType::INT32, .out_data_type = static_cast<tfl::TensorType>(condition->dtype)}, {Scalar(0)}));
    TFLOWER_TRY(condition, Emit(node.name, tfl::NotEqual{}, {condition, zero}));
  }
  if (!condition->dims.empty()) {
    const int64_t n = 0;
    ir::Value* const shape = typer_.AddConstant(*region_->graph, ir::Constant::Copy(DType::kInt32, {n}, {}));
    TFLOWER_TRY(condition, Emit(node.name, tfl::Reshape{}, {condition, shape}));
  }
  if (condition->is_constant()) {
    TFLOWER_TRY(const std::span<const std::byte> bytes, condition->constant->Bytes());
    return bytes[0] != std::byte{0} ? then_call(args) : else_call(args);
  }
  if (unroll_budget_ >= 0) return Error(kNotUnrolled, "a branch inside");

  // Operands: tensors that are not constants, and the items of lists.
  std::vector<LoopVariable> variables;
  Values operands{condition};
  for (ir::Value* v : args) {
    LoopVariable& variable = variables.emplace_back(v);
    if (variable.tensor != nullptr) operands.push_back(variable.tensor);
  }
  std::vector<ir::Subgraph*> graphs;
  std::vector<Values> results;
  for (const auto* call : {&then_call, &else_call}) {
    TFLOWER_TRY(ir::Subgraph * graph, InSubgraph(graphs.empty() ? fmt::format("{}/then", node.name) : fmt::format("{}/else", node.name), [&](ir::Subgraph& g) -> Status {
      Values inner;
      for (const LoopVariable& variable : variables) {
        TFLOWER_TRY(ir::Value * argument, Argument(g, variable));
        inner.push_back(argument);
      }
      TFLOWER_TRY(Values out, (*call)(inner));
      for (size_t i = 0; i < out.size(); ++i)
        if (out[i] != nullptr && out[i]->is_handle())  // handed through: the handle is the outer one
          for (size_t k = 0; k < inner.size(); ++k) if (inner[k] == out[i]) out[i] = args[k];
      results.push_back(std::move(out));
      return Ok();
    }));
    graphs.push_back(graph);
  }
  if (results[0].size() != results[1].size()) return Error(Code::kInvalidGraph, "its branches give different numbers of outputs");

  Values outputs, tensors;
  std::vector<const ir::Poison*> causes;
  SharedDims shared;
  for (size_t i = 0; i < results[0].size(); ++i) {
    ir::Value *a = results[0][i], *b = results[1][i];
    for (const ir::Value* v : {a, b}) {
      if (v == nullptr) return Error(Code::kInvalidGraph, fmt::format("a branch does not make output {}", i));
      if (v->is_poison()) causes.push_back(v->poison);
    }
    if (!causes.empty()) continue;
    if (a->is_handle() || b->is_handle()) {
      if (a != b) return Error(Code::kUnsupportedGraph, fmt::format("its branches give different handles as output {}", i)).Hint("take the variable's value in the branches");
      outputs.push_back(a);
      continue;
    }
    const ir::List* const list = a->list.get();
    if ((list != nullptr) != (b->list != nullptr)) return Error(Code::kInvalidGraph, fmt::format("one branch gives a list as output {}, the other a tensor", i));
    if (list != nullptr) {
      TFLOWER_CHECK(MatchLists(node, graphs, a, b));
      if (a->list != nullptr) {  // nothing was written, and the length is the same number
        outputs.push_back(MakeList(*region_->graph, {.dtype = list->dtype, .element = list->element, .length = typer_.AddConstant(*region_->graph, list->length->constant), .grows = list->grows}));
        continue;
      }
    }
    if (a->dtype != b->dtype) return Error(Code::kInvalidGraph, fmt::format("its branches give output {} as {} and as {}", i, NameOf(a->dtype), NameOf(b->dtype)));
    if (a->dims.size() != b->dims.size())
      return Error(Code::kUnsupportedShape, fmt::format("its branches give output {} as {} and as {}", i, DimsText(a->dims), DimsText(b->dims))).Hint("give both the same rank");
    ir::Value* out = region_->graph->NewValue();
    out->dtype = a->dtype;
    out->name = node.name;
    for (size_t d = 0; d < a->dims.size(); ++d) out->dims.push_back(a->dims[d] == b->dims[d] ? a->dims[d] : shared.Get(a->dims[d], b->dims[d], typer_));
    for (auto [v, graph] : {std::pair{a, graphs[0]}, std::pair{b, graphs[1]}}) {
      graph->outputs.push_back({"", v});
      ++v->graph_outputs;
    }
    tensors.push_back(out);
    if (list == nullptr) outputs.push_back(out);
    else if (!out->dims.empty()) outputs.push_back(MakeList(*region_->graph, {.items = out, .grows = list->grows}));
    else outputs.push_back(MakeList(*region_->graph, {.dtype = list->dtype, .element = list->element, .length = out, .grows = list->grows}));
  }
  if (!causes.empty()) return Values(results[0].size(), Poisoned(nullptr, std::move(causes)));
  TFLOWER_CHECK(CheckStringResults(*graphs[0], *graphs[1]));
  const tfl::If options{};
  ir::Operator* op = AddOperator(tfl::Builtin::IF, {&options, sizeof options}, std::move(operands), std::move(tensors),
                                 std::max(graphs[0]->effect(), graphs[1]->effect()), node.name);
  op->bodies = graphs;
  return outputs;
}

// ---- loops

// The body's argument i comes back as result i, untouched.
std::vector<bool> Walk::PassedOn(const tf::Function& body) {
  std::vector<bool> out(body.results.size(), false);
  for (size_t i = 0; i < out.size(); ++i) {
    tf::Input at = body.results[i];
    for (int steps = 0; at.arg < 0 && at.node >= 0 && steps < 64; ++steps) {
      const tf::Node& node = body.body.nodes()[static_cast<size_t>(at.node)];
      const tflower_lowering* row = effects_.RowOf(node.op);
      if (row == nullptr || row->role != TFLOWER_ROLE_FORWARD || static_cast<size_t>(at.output) >= node.inputs.size()) break;
      at = node.inputs[static_cast<size_t>(at.output)];
    }
    out[i] = at.arg == static_cast<int32_t>(i);
  }
  return out;
}

// What a subgraph sees of a variable; adds an input to it where that is a tensor.
Result<ir::Value*> Walk::Argument(ir::Subgraph& graph, const LoopVariable& variable) {
  ir::Value* v = graph.NewValue();
  v->name = variable.outer->name;
  if (variable.outer->is_handle()) {
    v->dtype = DType::kResource;
    v->resource = variable.outer->resource;
    return v;
  }
  if (variable.constant) return typer_.AddConstant(graph, variable.outer->constant);
  const ir::List* const list = variable.outer->list.get();
  if (variable.tensor == nullptr)  // a list that nothing was written to yet, of known length
    return MakeList(graph, {.dtype = list->dtype, .element = list->element, .length = typer_.AddConstant(graph, list->length->constant), .grows = list->grows});
  v->dtype = variable.tensor->dtype;
  v->dims = variable.dims;
  if (variable.known && variable.tensor->symbolic) v->symbolic = std::make_unique<ir::WorldBytes>(*variable.tensor->symbolic);
  graph.inputs.push_back({"", v});
  if (list == nullptr) return v;
  return ListFrom(*list, variable, v);
}

// The first of the items, or all behind it.
Result<ir::Value*> Walk::Rows(ir::Value* items, bool first) {
  const size_t rank = items->dims.size();
  std::vector<int32_t> begin(rank, 0), end(rank, 0), steps(rank, 1);
  (first ? end : begin)[0] = 1;
  const int32_t all = (1 << rank) - 1;
  const auto vector = [&](const std::vector<int32_t>& x) { return Int32Vector(typer_, *region_->graph, x); };
  return Emit(items->name, tfl::StridedSlice{.begin_mask = all & ~1, .end_mask = first ? all & ~1 : all}, {items, vector(begin), vector(end), vector(steps)});
}

// Stock LiteRT fails on loop variables without any element that grow or have shrunk to that. So a list whose length changes gets a row in
// front that stays.
Status Walk::AddSpare(const tf::Node& node, LoopVariable& variable, std::vector<ir::Dim> element) {
  ir::Value* const items = variable.tensor;
  const ir::List row{.dtype = items->dtype, .element = element, .length = Scalar(1)};
  TFLOWER_TRY(ir::Value * first, Written(node, row, std::move(element)));
  if (items->dims[0] != ir::Dim(0)) {
    TFLOWER_TRY(first, Emit(node.name, tfl::Concatenation{.axis = 0}, {first, items}));
  }
  variable.Carry(first);
  variable.spare = true;
  return Ok();
}

// The list around what is carried of it, in the present subgraph.
Result<ir::Value*> Walk::ListFrom(const ir::List& like, const LoopVariable& variable, ir::Value* carried) {
  if (variable.spare) {
    TFLOWER_TRY(carried, Rows(carried, false));
  }
  if (variable.only_length) return MakeList(*region_->graph, {.dtype = like.dtype, .element = like.element, .length = carried, .grows = like.grows});
  return MakeList(*region_->graph, {.items = carried, .grows = like.grows});
}

// The items of a list in the present subgraph; zeros if nothing was written to it.
Result<ir::Value*> Walk::Written(const tf::Node& node, const ir::List& list, std::vector<ir::Dim> element) {
  if (list.items != nullptr) return list.items;
  TFLOWER_TRY(ir::Value * like, LikeElement(node, element));
  const ir::List zeros{.dtype = list.dtype, .element = std::move(element), .length = list.length};
  return ListItems(typer_, *region_->graph, node.name, zeros, like);
}

// A body that gives an unwritten list in the place of a carried one gives its zeros. A spare row goes along.
Status Walk::WriteLikeArguments(const tf::Node& node, const std::vector<LoopVariable>& variables, Values& results) {
  for (size_t i = 0; i < variables.size(); ++i) {
    const LoopVariable& variable = variables[i];
    if (results[i] == nullptr || results[i]->list == nullptr || results[i]->list->items != nullptr) continue;
    if (variable.outer->list == nullptr || variable.tensor == nullptr || variable.only_length) continue;
    TFLOWER_TRY(ir::Value * items, Written(node, *results[i]->list, {variable.dims.begin() + 1, variable.dims.end()}));
    results[i] = MakeList(*region_->graph, {.items = items, .grows = results[i]->list->grows});
  }
  for (size_t i = 0; i < variables.size(); ++i) {
    if (!variables[i].spare || results[i] == nullptr || results[i]->list == nullptr || results[i]->list->items == nullptr) continue;
    TFLOWER_TRY(ir::Value * first, Rows(variables[i].inside, true));
    TFLOWER_TRY(ir::Value * items, Emit(node.name, tfl::Concatenation{.axis = 0}, {first, results[i]->list->items}));
    results[i] = MakeList(*region_->graph, {.items = items, .grows = results[i]->list->grows});
  }
  return Ok();
}

// The tensors of two branches' lists: items, if one of them was written to, else lengths. Both stay lists when their lengths are one number.
Status Walk::MatchLists(const tf::Node& node, std::span<ir::Subgraph* const> graphs, ir::Value*& a, ir::Value*& b) {
  const ir::List &first = *a->list, &second = *b->list;
  if (first.dtype != second.dtype) return Error(Code::kInvalidGraph, fmt::format("one branch gives a list of {}, the other of {}", NameOf(first.dtype), NameOf(second.dtype)));
  if (first.items == nullptr && second.items == nullptr) {
    if (SameConstant(*first.length, *second.length)) return Ok();
    a = first.length;
    b = second.length;
    return Ok();
  }
  const ir::Value* const written = first.items != nullptr ? first.items : second.items;
  const auto items_of = [&](const ir::List& list, ir::Subgraph* graph) {
    Region region{graph, {}, {}};
    Region* const outer = std::exchange(region_, &region);
    Result<ir::Value*> items = Written(node, list, {written->dims.begin() + 1, written->dims.end()});
    region_ = outer;
    return items;
  };
  TFLOWER_TRY(ir::Value * items_a, items_of(first, graphs[0]));
  TFLOWER_TRY(b, items_of(second, graphs[1]));
  a = items_a;
  return Ok();
}

Result<Walk::Values> Walk::LowerWhile(Frame& frame, const tf::Node& node, Values inputs) {
  TFLOWER_TRY(const auto functions, FunctionsOf(node, {"cond", "body"}));
  const tf::Function &cond = *functions[0], &body = *functions[1];
  if (cond.args.size() != inputs.size() || body.args.size() != inputs.size() || body.results.size() != inputs.size() || cond.results.size() != 1)
    return Error(Code::kInvalidGraph, fmt::format("has {} loop variables; its condition takes {}, its body takes {} and gives {}", inputs.size(), cond.args.size(), body.args.size(), body.results.size()));
  if (std::ranges::any_of(inputs, &ir::Value::is_poison)) {  // for the failures inside
    for (const tf::Function* f : {&cond, &body}) {
      TFLOWER_TRY(const Values lost, Call(*f, inputs, frame.depth() + 1));
      for (const ir::Value* v : lost) if (v != nullptr && v->is_poison()) required_.push_back(v->poison);
    }
    return Error(Code::kOk, "");
  }
  Values values = inputs;
  TFLOWER_TRY(const bool unrolled, Unroll(frame, cond, body, values));
  if (unrolled) return values;
  if (unroll_budget_ >= 0) return Error(kNotUnrolled, "a loop inside");
  return BuildLoop(frame, node, cond, body, inputs);
}

// Executes the loop as long as its condition is known; true when it ends so within the budget. Else nothing is left of the try.
Result<bool> Walk::Unroll(Frame& frame, const tf::Function& cond, const tf::Function& body, Values& values) {
  ir::Subgraph& graph = *region_->graph;
  const size_t mark = graph.num_operators(), failures = failures_.size(), required = required_.size(), notes = notes_.size();
  const bool outermost = unroll_budget_ < 0;
  if (outermost) unroll_budget_ = kMaxUnrolled;
  const size_t limit = mark + static_cast<size_t>(unroll_budget_);
  const Values first = values;
  const auto run = [&]() -> Result<bool> {
    for (int round = 0; round <= kMaxRounds; ++round) {
      TFLOWER_TRY(const Values more, Call(cond, values, frame.depth() + 1));
      if (more[0] == nullptr || !more[0]->is_constant() || more[0]->constant->size_bytes() == 0) return false;
      TFLOWER_TRY(const std::span<const std::byte> bytes, more[0]->constant->Bytes());
      if (bytes[0] == std::byte{0}) return true;
      TFLOWER_TRY(values, Call(body, values, frame.depth() + 1));
      for (const ir::Value* v : values) if (v == nullptr || v->is_poison()) return false;
      if (failures_.size() != failures || graph.num_operators() > limit) return false;
    }
    return false;
  };
  const auto handles = region_->handles;
  Result<bool> done = run();
  if (outermost) unroll_budget_ = -1;
  if (done.ok() && done.value()) return true;
  if (!done.ok() && done.error().code != kNotUnrolled) return done;
  graph.DropFrom(mark);
  region_->handles = handles;
  required_.resize(required);
  notes_.resize(std::min(notes_.size(), notes));
  values = first;
  return false;
}

Result<Walk::Values> Walk::BuildLoop(Frame& frame, const tf::Node& node, const tf::Function& cond, const tf::Function& body, const Values& inputs) {
  const std::vector<bool> passed_on = PassedOn(body);
  std::vector<LoopVariable> variables;
  for (size_t i = 0; i < inputs.size(); ++i) {
    LoopVariable& variable = variables.emplace_back(inputs[i]);
    variable.known = passed_on[i];
    if (!passed_on[i] && variable.constant) variable.Carry(inputs[i]);
  }
  const size_t required = required_.size();
  ir::Subgraph* body_graph = nullptr;
  Values results;
  bool stable = false;
  for (int round = 0; !stable; ++round) {
    if (round == kMaxWidenings) return Error(Code::kUnsupportedShape, "the types of its variables do not settle");
    required_.resize(required);
    TFLOWER_TRY(body_graph, InSubgraph(fmt::format("{}/body", node.name), [&](ir::Subgraph& g) -> Status {
      Values arguments;
      for (LoopVariable& variable : variables) {
        TFLOWER_TRY(ir::Value * argument, Argument(g, variable));
        arguments.push_back(argument);
        if (variable.tensor != nullptr) variable.inside = g.inputs.back().value;
      }
      TFLOWER_TRY(results, Call(body, arguments, frame.depth() + 1));
      for (size_t i = 0; i < results.size(); ++i) variables[i].unchanged = results[i] == arguments[i] && !variables[i].spare;
      return WriteLikeArguments(node, variables, results);
    }));
    stable = true;
    std::vector<const ir::Poison*> causes;
    for (const ir::Value* v : results) {
      if (v == nullptr) return Error(Code::kInvalidGraph, "its body does not make all results");
      if (v->is_poison()) causes.push_back(v->poison);
    }
    SharedDims shared;
    for (size_t i = 0; i < results.size(); ++i) {
      // What failed may go well once the lists' elements are known.
      if (results[i]->is_poison() || (!causes.empty() && results[i]->list == nullptr)) continue;
      TFLOWER_TRY(const bool fits, Widen(node, variables[i], results[i], i, shared));
      stable = stable && fits;
    }
    if (!causes.empty() && stable) return Values(inputs.size(), Poisoned(nullptr, std::move(causes)));
  }
  ir::Value* condition = nullptr;
  TFLOWER_TRY(ir::Subgraph * cond_graph, InSubgraph(fmt::format("{}/cond", node.name), [&](ir::Subgraph& g) -> Status {
    Values arguments;
    for (const LoopVariable& variable : variables) {
      TFLOWER_TRY(ir::Value * argument, Argument(g, variable));
      arguments.push_back(argument);
    }
    TFLOWER_TRY(const Values out, Call(cond, arguments, frame.depth() + 1));
    condition = out[0];
    if (condition == nullptr || condition->is_poison()) return Ok();
    if (!condition->is_tensor() || condition->dtype != DType::kBool) return Error(Code::kUnsupportedType, "the condition is no bool tensor");
    g.outputs.push_back({"", condition});
    ++condition->graph_outputs;
    return Ok();
  }));
  if (condition == nullptr) return Error(Code::kInvalidGraph, "its condition has no result");
  if (condition->is_poison()) return Values(inputs.size(), Poisoned(nullptr, {condition->poison}));

  Values operands, tensors, outputs;
  for (size_t i = 0; i < variables.size(); ++i) {
    const LoopVariable& variable = variables[i];
    outputs.push_back(variable.tensor == nullptr ? inputs[i] : nullptr);
    if (variable.tensor == nullptr) continue;
    ir::Value* const result = variable.CarriedOf(results[i]);
    operands.push_back(variable.tensor);
    body_graph->outputs.push_back({"", result});
    ++result->graph_outputs;
    ir::Value* out = region_->graph->NewValue();
    out->dtype = variable.tensor->dtype;
    out->dims = variable.dims;
    out->name = node.name;
    tensors.push_back(out);
  }
  const tfl::While options{};
  ir::Operator* op = AddOperator(tfl::Builtin::WHILE, {&options, sizeof options}, std::move(operands), std::move(tensors),
                                 std::max(cond_graph->effect(), body_graph->effect()), node.name);
  op->bodies = {cond_graph, body_graph};
  for (size_t i = 0, next = 0; i < variables.size(); ++i) {  // after the loop: what is made of its results comes behind it
    ir::Value*& output = outputs[i];
    if (output != nullptr) continue;
    output = op->outputs[next++];
    if (variables[i].unchanged) output = inputs[i];
    else if (inputs[i]->list != nullptr) {
      TFLOWER_TRY(output, ListFrom(*results[i]->list, variables[i], output));
    }
  }
  return outputs;
}

// Makes the variable's type wide enough for what the body gives; true when it was already.
Result<bool> Walk::Widen(const tf::Node& node, LoopVariable& variable, ir::Value* result, size_t i, SharedDims& shared) {
  if (variable.outer->is_handle()) {
    if (result->is_handle() && result->resource == variable.outer->resource) return true;
    return Error(Code::kUnsupportedGraph, fmt::format("the body gives another handle as variable {}", i)).Hint("take the variable's value in the loop");
  }
  if (variable.unchanged) return true;
  if ((variable.outer->list != nullptr) != (result->list != nullptr)) return Error(Code::kInvalidGraph, fmt::format("variable {} is a list at one end of the body and a tensor at the other", i));
  if (result->list != nullptr) {
    const ir::List &outer = *variable.outer->list, &list = *result->list;
    if (list.dtype != outer.dtype) return Error(Code::kInvalidGraph, fmt::format("variable {} is a list of {}, the body gives one of {}", i, NameOf(outer.dtype), NameOf(list.dtype)));
    const bool written = variable.tensor != nullptr && !variable.only_length;
    if (!written && list.items != nullptr) {  // now its elements have a shape: written before the loop as zeros
      TFLOWER_TRY(ir::Value * items, Written(node, outer, {list.items->dims.begin() + 1, list.items->dims.end()}));
      variable.Carry(items);
      return false;
    }
    if (variable.tensor == nullptr) {
      if (SameConstant(*outer.length, *list.length)) return true;
      variable.CarryLength(outer.length);
      return false;
    }
    result = variable.CarriedOf(result);
  }
  if (result->dtype != variable.tensor->dtype)
    return Error(Code::kInvalidGraph, fmt::format("variable {} is {}, the body gives {}", i, NameOf(variable.tensor->dtype), NameOf(result->dtype)));
  if (result->dims.size() != variable.dims.size())
    return Error(Code::kUnsupportedShape, fmt::format("variable {} changes its rank in the loop, from {} to {}", i, DimsText(variable.dims), DimsText(result->dims))).Hint("keep the rank of loop variables");
  const bool is_list = variable.outer->list != nullptr && !variable.only_length;
  if (is_list && !variable.spare && result->dims[0] != variable.dims[0] && result->dims.size() <= kMaxSliced) {
    TFLOWER_CHECK(AddSpare(node, variable, {result->dims.begin() + 1, result->dims.end()}));
    return false;
  }
  bool fits = true;
  for (size_t d = 0; d < variable.dims.size(); ++d) {
    const ir::Dim before = variable.dims[d], after = result->dims[d];
    if (!variable.open[d] && before == after) continue;
    // What becomes unknown together and changes in the same way stays one unknown: the two caches of a decoder grow as one.
    if (variable.open[d] && shared.Agrees(before, after)) continue;
    variable.dims[d] = shared.Get(before, after, typer_);
    variable.open[d] = true;
    fits = false;
  }
  return fits;
}

// A value of the present subgraph whose dims are those of an element with unknown ones, so that its shape can be read at run time; null when
// all are known.
Result<ir::Value*> Walk::LikeElement(const tf::Node& node, const std::vector<ir::Dim>& dims) {
  if (std::ranges::all_of(dims, &ir::Dim::known)) return nullptr;
  for (const ir::SignatureTensor& in : region_->graph->inputs)
    if (in.value->is_tensor() && in.value->dims == dims) return in.value;
  for (ir::Value& v : region_->graph->values())
    if (HasContents(v) && v.dims == dims) return &v;
  // No such value: one is put together from values that have the single dims.
  Values sizes;
  for (const ir::Dim& dim : dims) {
    ir::Value* size = nullptr;
    if (dim.known()) size = Scalar(static_cast<int32_t>(dim.value()));
    for (ir::Value& v : region_->graph->values()) {
      if (size != nullptr) break;
      if (!HasContents(v)) continue;
      const auto at = std::ranges::find(v.dims, dim);
      if (at == v.dims.end()) continue;
      TFLOWER_TRY(ir::Value * shape, Emit(node.name, tfl::Shape{.out_type = tfl::TensorType::INT32}, {&v}));
      TFLOWER_TRY(size, Emit(node.name, tfl::Gather{.axis = 0}, {shape, Scalar(static_cast<int32_t>(at - v.dims.begin()))}));
    }
    if (size == nullptr)
      return Error(Code::kUnsupportedShape, fmt::format("the loop's list has elements of shape {}, which is known inside of the loop only", DimsText(dims))).Hint("give the list's element_shape");
    sizes.push_back(size);
  }
  TFLOWER_TRY(ir::Value * shape, Emit(node.name, tfl::Pack{.values_count = static_cast<int32_t>(sizes.size()), .axis = 0}, sizes));
  ir::Value* const zero = typer_.AddConstant(*region_->graph, ir::Constant::Copy(DType::kBool, {}, std::as_bytes(std::span("", 1))));
  return Emit(node.name, tfl::Fill{}, {shape, zero});
}

bool Walk::IsInput(const ir::Value& v) const {
  return std::ranges::any_of(region_->graph->inputs, [&](const ir::SignatureTensor& in) { return in.value == &v; });
}

}  // namespace tflower::lower
