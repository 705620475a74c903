// TF1 control flow made functional: structure, what is refused, and that size costs only what it must.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "graph_builder.h"

namespace tflower::tf {
namespace {

void AddType(proto::NodeDef& node, const std::string& key = "T", proto::DataType type = proto::DT_FLOAT) { AddAttr(node, key).set_type(type); }

proto::NodeDef& Typed(proto::GraphDef& g, const std::string& name, const std::string& op, std::string_view inputs = "") {
  proto::NodeDef& node = AddNode(g, name, op, inputs);
  AddType(node, op == "Placeholder" ? "dtype" : "T");
  return node;
}

void Enter(proto::GraphDef& g, const std::string& name, const std::string& input, const std::string& frame, bool constant = false) {
  proto::NodeDef& node = Typed(g, name, "Enter", input);
  AddAttr(node, "frame_name").set_s(frame);
  AddAttr(node, "is_constant").set_b(constant);
}

// One loop variable that is negated as long as the condition (of `limit`, constant in the loop) says so.
void Loop(proto::GraphDef& g, const std::string& p, const std::string& first, const std::string& limit, const std::string& parent = "") {
  Enter(g, p + "/Enter", first, parent + p + "/frame");
  Enter(g, p + "/Limit", limit, parent + p + "/frame", true);
  Typed(g, p + "/Merge", "Merge", p + "/Enter " + p + "/NextIteration");
  Typed(g, p + "/Less", "Less", p + "/Merge " + p + "/Limit");
  AddNode(g, p + "/LoopCond", "LoopCond", p + "/Less");
  Typed(g, p + "/Switch", "Switch", p + "/Merge " + p + "/LoopCond");
  Typed(g, p + "/Neg", "Neg", p + "/Switch:1");
  Typed(g, p + "/NextIteration", "NextIteration", p + "/Neg");
  Typed(g, p + "/Exit", "Exit", p + "/Switch");
}

proto::GraphDef WithInputs() {
  proto::GraphDef g;
  Typed(g, "x", "Placeholder");
  AddType(AddNode(g, "p", "Placeholder"), "dtype", proto::DT_BOOL);
  return g;
}

void Cond(proto::GraphDef& g, const std::string& p, const std::string& x, const std::string& predicate = "p") {
  Typed(g, p + "/Switch", "Switch", x + " " + predicate);
  Typed(g, p + "/Exp", "Exp", p + "/Switch:1");
  Typed(g, p + "/Neg", "Neg", p + "/Switch");
  Typed(g, p + "/Merge", "Merge", p + "/Neg " + p + "/Exp");
}

Graph MustLoad(const proto::GraphDef& g, const std::string& output) {
  auto loaded = Load(g, {.outputs = {output}});
  REQUIRE_MESSAGE(loaded.ok(), loaded.error().ToString());
  return std::move(loaded.value());
}

const Node& NodeOf(const Scope& scope, const Input& in) { return scope.nodes()[static_cast<size_t>(in.node)]; }

const Function& FunctionOf(const Graph& graph, const Node& node, std::string_view attr) {
  const Attr* found = node.Find(attr);
  REQUIRE(found != nullptr);
  const auto function = graph.FindFunction(AttrFunc(*found).value().name);
  REQUIRE_MESSAGE(function.ok(), function.error().ToString());
  return *function.value();
}

// The first problem that the output depends on, in the main graph or in what it calls.
const Error* Problem(const Graph& graph, const Scope& scope, int32_t root) {
  std::vector<bool> seen(scope.nodes().size());
  std::vector<int32_t> pending{root};
  while (!pending.empty()) {
    const int32_t at = pending.back();
    pending.pop_back();
    if (at < 0 || seen[static_cast<size_t>(at)]) continue;
    seen[static_cast<size_t>(at)] = true;
    if (const Error* problem = scope.FindProblem(at)) return problem;
    const Node& node = scope.nodes()[static_cast<size_t>(at)];
    for (const Input& in : node.inputs) pending.push_back(in.node);
    for (const Attr& attr : node.attrs) {
      const Error* inside = nullptr;
      EachFunctionName(attr, [&](std::string_view name) {
        const auto f = graph.FindFunction(name);
        if (!f.ok()) return;
        for (const Input& in : f.value()->results) if (!inside && in.node >= 0) inside = Problem(graph, f.value()->body, in.node);
      });
      if (inside) return inside;
    }
  }
  return nullptr;
}

std::string ProblemText(const proto::GraphDef& g, const std::string& output) {
  const Graph graph = MustLoad(g, output);
  const Error* problem = Problem(graph, graph.main(), graph.signatures()[0].outputs[0].node);
  return problem ? problem->message : "";
}

size_t Count(const Scope& scope, std::string_view op) {
  return static_cast<size_t>(std::count_if(scope.nodes().begin(), scope.nodes().end(), [&](const Node& n) { return n.op == op; }));
}

}  // namespace

TEST_CASE("control flow: a conditional becomes an If whose branches take what they read") {
  proto::GraphDef g = WithInputs();
  Cond(g, "cond", "x");
  const Graph graph = MustLoad(g, "cond/Merge");
  const Node& merge = *graph.FindNode("cond/Merge");
  CHECK(merge.op == "Identity");
  const Node& branch = NodeOf(graph.main(), merge.inputs[0]);
  CHECK(branch.op == "If");
  CHECK(branch.name == "cond");
  REQUIRE(branch.inputs.size() == 2);
  CHECK(NodeOf(graph.main(), branch.inputs[0]).name == "p");
  CHECK(NodeOf(graph.main(), branch.inputs[1]).name == "x");
  const Function &then_branch = FunctionOf(graph, branch, "then_branch"), &else_branch = FunctionOf(graph, branch, "else_branch");
  CHECK(NodeOf(then_branch.body, then_branch.results[0]).name == "cond/Exp");
  CHECK(NodeOf(else_branch.body, else_branch.results[0]).name == "cond/Neg");
  CHECK(NodeOf(then_branch.body, then_branch.results[0]).inputs[0].arg == 0);
  CHECK(graph.FindNode("cond/Exp")->op == "NoOp");  // moved
}

TEST_CASE("control flow: a loop becomes a While; constants of the loop are variables that the body hands on") {
  proto::GraphDef g = WithInputs();
  Typed(g, "limit", "Placeholder");
  Loop(g, "while", "x", "limit");
  const Graph graph = MustLoad(g, "while/Exit");
  const Node& loop = NodeOf(graph.main(), graph.FindNode("while/Exit")->inputs[0]);
  CHECK(loop.op == "While");
  CHECK(loop.name == "while");
  REQUIRE(loop.inputs.size() == 2);
  CHECK(NodeOf(graph.main(), loop.inputs[1]).name == "limit");
  const Function &cond = FunctionOf(graph, loop, "cond"), &body = FunctionOf(graph, loop, "body");
  CHECK(cond.results.size() == 1);
  REQUIRE(body.results.size() == 2);
  CHECK(NodeOf(body.body, body.results[0]).op == "Neg");
  CHECK(body.results[1].arg == 1);
}

TEST_CASE("control flow: loops in branches and branches in loops") {
  proto::GraphDef g = WithInputs();
  Typed(g, "limit", "Placeholder");
  Typed(g, "Switch", "Switch", "x p");
  Typed(g, "LimitSwitch", "Switch", "limit p");
  Loop(g, "loop", "Switch:1", "LimitSwitch:1");
  Typed(g, "Merge", "Merge", "Switch loop/Exit");
  const Graph graph = MustLoad(g, "Merge");
  const Node& branch = NodeOf(graph.main(), graph.FindNode("Merge")->inputs[0]);
  CHECK(branch.op == "If");
  CHECK(branch.inputs.size() == 3);
  CHECK(Count(FunctionOf(graph, branch, "then_branch").body, "While") == 1);
  CHECK(Count(graph.main(), "While") == 0);
}

TEST_CASE("control flow: a branch keeps what only control edges ask for, and nothing else runs it") {
  proto::GraphDef g = WithInputs();
  Typed(g, "Switch", "Switch", "x p");
  Typed(g, "pivot", "Identity", "Switch:1");
  AddNode(g, "write", "NoOp", "^pivot");
  Typed(g, "kept", "Identity", "Switch:1 ^write");
  Typed(g, "Merge", "Merge", "Switch kept");
  const Graph graph = MustLoad(g, "Merge");
  const Function& branch = FunctionOf(graph, NodeOf(graph.main(), graph.FindNode("Merge")->inputs[0]), "then_branch");
  const Node& kept = NodeOf(branch.body, branch.results[0]);
  REQUIRE(kept.control_inputs.size() == 1);
  CHECK(NodeOf(branch.body, kept.control_inputs[0]).name == "write");
  CHECK(graph.FindNode("kept")->control_inputs.empty());
}

TEST_CASE("control flow: conditionals on one predicate that need each other stay apart") {
  proto::GraphDef g = WithInputs();
  Cond(g, "a", "x");
  Cond(g, "b", "a/Merge");
  Typed(g, "sum", "Add", "a/Merge b/Merge");
  const Graph graph = MustLoad(g, "sum");
  CHECK(Count(graph.main(), "If") == 2);
  CHECK(ProblemText(g, "sum").empty());
}

TEST_CASE("control flow: value_index tells the branch") {
  proto::GraphDef g = WithInputs();
  Cond(g, "cond", "x");
  const Graph graph = MustLoad(g, "cond/Merge:1");
  const Node& merge = *graph.FindNode("cond/Merge");
  CHECK(merge.op == "IdentityN");
  REQUIRE(merge.inputs.size() == 2);
  const Function& f = FunctionOf(graph, NodeOf(graph.main(), merge.inputs[1]), "then_branch");
  REQUIRE(f.results.size() == 2);
  CHECK(AttrTensor(*NodeOf(f.body, f.results[1]).Find("value")).value().bytes[0] == std::byte{1});
}

TEST_CASE("control flow: in the body of a function, too") {
  proto::GraphDef g = SmallGraph();
  proto::FunctionDef& f = AddFunction(g, "f", "Merge:output:0");
  AddNode(f, "p", "Const");
  AddNode(f, "Switch", "Switch", "a p:output:0");
  AddNode(f, "Exp", "Exp", "Switch:output_true:0");
  AddNode(f, "Merge", "Merge", "Switch:output_false:0 Exp:y:0");
  auto loaded = Load(g);
  REQUIRE(loaded.ok());
  const auto found = loaded.value().FindFunction("f");
  REQUIRE_MESSAGE(found.ok(), found.error().ToString());
  const Function& function = *found.value();
  CHECK(Count(function.body, "If") == 1);
  CHECK(NodeOf(function.body, function.results[0]).op == "Identity");
  CHECK(loaded.value().FunctionNames().size() == 1);  // made-up ones are not the file's
}

TEST_CASE("control flow: what is broken or cannot be had is said, once and with a name") {
  const auto text = [](const std::string& output, const auto& change) {
    proto::GraphDef g = WithInputs();
    Typed(g, "limit", "Placeholder");
    change(g);
    return ProblemText(g, output);
  };
  CHECK(text("e", [](auto& g) { Typed(g, "e", "Exit", "x"); }).find("outside of a loop") != std::string::npos);
  CHECK(text("m", [](auto& g) { Typed(g, "m", "Merge", "x x"); }).find("at the same time") != std::string::npos);
  CHECK(text("s", [](auto& g) { Typed(g, "s", "Switch", "x p"); }).find("exists only when 'p'") != std::string::npos);
  CHECK(text("b", [](auto& g) {
          Typed(g, "a", "Neg", "b");
          Typed(g, "b", "Neg", "a ^c/Merge");
          Cond(g, "c", "x");
        }).find("cycle") != std::string::npos);
  CHECK(text("r", [](auto& g) {
          Loop(g, "l", "x", "limit");
          Typed(g, "r", "Neg", "l/Neg");
        }).find("inside of the loop") != std::string::npos);
  CHECK(text("l/Exit", [](auto& g) {
          Loop(g, "l", "x", "limit");
          g.mutable_node(g.node_size() - 3)->add_input("x");  // Neg reads from outside
        }).find("its inputs are") != std::string::npos);
  CHECK(text("m", [](auto& g) {  // no LoopCond
          Enter(g, "e", "x", "f");
          Typed(g, "g", "Merge", "e n");
          Typed(g, "n", "NextIteration", "g");
          Typed(g, "m", "Exit", "g");
        }).find("no LoopCond") != std::string::npos);
  CHECK(text("l/Exit", [](auto& g) {
          Loop(g, "l", "x", "limit");
          for (auto& node : *g.mutable_node()) if (node.name() == "l/Merge") node.set_input(0, "l/NextIteration");
        }).find("one Enter and one NextIteration") != std::string::npos);
}

TEST_CASE("control flow: long chains and deep nests take time in proportion to their size") {
  const auto seconds = [](const proto::GraphDef& g, const std::string& output) {
    const auto start = std::chrono::steady_clock::now();
    const Graph graph = MustLoad(g, output);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  const auto chain = [](int n) {
    proto::GraphDef g = WithInputs();
    std::string at = "x";
    for (int i = 0; i < n; ++i) {
      Cond(g, "c" + std::to_string(i), at);
      at = "c" + std::to_string(i) + "/Merge";
    }
    return g;
  };
  const double small = seconds(chain(2'000), "c1999/Merge"), large = seconds(chain(10'000), "c9999/Merge");
  CHECK(large < 25 * std::max(small, 0.02));  // five times the work

  proto::GraphDef nest = WithInputs();  // each loop's body is the next loop
  Typed(nest, "limit", "Placeholder");
  std::string first = "x", limit = "limit";
  for (int i = 0; i < 1000; ++i) {
    const std::string p = "w" + std::to_string(i);
    Loop(nest, p, first, limit);
    first = p + "/Switch:1";
    limit = p + "/Limit";
    for (auto& node : *nest.mutable_node()) if (i < 999 && node.name() == p + "/Neg") node.set_input(0, "w" + std::to_string(i + 1) + "/Exit");
  }
  CHECK(seconds(nest, "w0/Exit") < 5);
  CHECK(ProblemText(nest, "w0/Exit").find("nested deeper") != std::string::npos);
}

}  // namespace tflower::tf
