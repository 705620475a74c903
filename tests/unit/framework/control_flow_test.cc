// Branches, loops and calls: what becomes a subgraph, what is unrolled or taken, what is pruned, and what is refused.
#include "convert_support.h"

namespace tflower {
namespace {

using namespace convert_test;

// ---- functions in text form

std::string Arg(std::string name, std::string type) { return "{ name: '" + name + "' type: " + type + " } "; }
struct Fn {
  std::string name;
  std::vector<std::pair<std::string, std::string>> inputs, outputs;  // name, type
  std::vector<std::pair<std::string, std::string>> results;          // output, "node:out:0"
  std::string nodes;                                                 // node_def { ... }
  std::string Text() const {
    std::string text = "function { signature { name: '" + name + "' ";
    for (const auto& [n, t] : inputs) text += "input_arg " + Arg(n, t);
    for (const auto& [n, t] : outputs) text += "output_arg " + Arg(n, t);
    text += "} " + nodes;
    for (const auto& [k, v] : results) text += "ret { key: '" + k + "' value: '" + v + "' } ";
    return text + "}\n";
  }
};
std::string Type(std::string name, std::string type) { return "attr { key: '" + name + "' value { type: " + type + " } } "; }
std::string Def(std::string name, std::string op, std::vector<std::string> inputs, std::string type = "DT_FLOAT", std::string attrs = "") {
  std::string text = "node_def { name: '" + name + "' op: '" + op + "' ";
  for (const std::string& in : inputs) text += "input: '" + in + "' ";
  return text + (type.empty() ? "" : Type("T", type)) + attrs + "} ";
}
std::string AsDef(std::string node) { return node.replace(0, 4, "node_def"); }  // of a node of the main graph
std::string Func(std::string key, std::string function) { return "attr { key: '" + key + "' value { func { name: '" + function + "' } } } "; }
std::string Op(std::string name, std::string op, std::vector<std::string> inputs, std::string attrs) {
  std::string text = "node { name: '" + name + "' op: '" + op + "' ";
  for (const std::string& in : inputs) text += "input: '" + in + "' ";
  return text + attrs + "}\n";
}
std::string Library(const std::vector<Fn>& functions) {
  std::string text = "library { ";
  for (const Fn& f : functions) text += f.Text();
  return text + "}\n";
}
using Types = std::vector<std::pair<std::string, std::string>>;
const Types kFloatX = {{"x", "DT_FLOAT"}};
const std::string kX = Placeholder("x", {-1, 3});

std::string SumX() { return Ints("axes", {2}, {0, 1}) + Node("sum", "Sum", {"x", "axes"}, Type("Tidx", "DT_INT32")); }
// sum(x) > 0, as a scalar.
std::string IsPositive() { return SumX() + Floats("zero", {}, {0}) + Node("positive", "Greater", {"sum", "zero"}); }
Fn Unary(std::string name, std::string op) { return {name, kFloatX, {{"y", "DT_FLOAT"}}, {{"y", "f:y:0"}}, Def("f", op, {"x"})}; }
std::string If(std::string condition) { return Op("y", "If", {condition, "x"}, Func("then_branch", "twice") + Func("else_branch", "negative")); }
std::vector<Fn> Branches() { return {{"twice", kFloatX, {{"y", "DT_FLOAT"}}, {{"y", "f:z:0"}}, Def("f", "Add", {"x", "x"})}, Unary("negative", "Neg")}; }

// i < n, and (i + 1, n, `step` of x) as the body; the counter `dead` leads nowhere.
std::vector<Fn> Loop(std::string step, std::string result) {
  const Types variables = {{"dead", "DT_INT32"}, {"i", "DT_INT32"}, {"n", "DT_INT32"}, {"x", "DT_FLOAT"}};
  const Types outputs = {{"a", "DT_INT32"}, {"b", "DT_INT32"}, {"c", "DT_INT32"}, {"d", "DT_FLOAT"}};
  return {{"more", variables, {{"y", "DT_BOOL"}}, {{"y", "less:z:0"}}, Def("less", "Less", {"i", "n"}, "DT_INT32")},
          {"body", variables, outputs, {{"a", "count:z:0"}, {"b", "next:z:0"}, {"c", "n"}, {"d", result}},
           AsDef(Ints("one", {}, {1})) + Def("count", "AddV2", {"dead", "one:output:0"}, "DT_INT32") + Def("next", "AddV2", {"i", "one:output:0"}, "DT_INT32") + step}};
}
std::string While(std::string n) {
  return Ints("start", {}, {0}) + Op("loop", "While", {"start", "start", n, "x"}, Func("cond", "more") + Func("body", "body")) + Node("y", "Identity", {"loop:3"});
}
// A number that is known at run time only.
std::string Rounds() { return SumX() + Op("rounds", "Cast", {"sum"}, Type("SrcT", "DT_FLOAT") + Type("DstT", "DT_INT32")); }

size_t Inputs(const Converted& c, size_t subgraph) { return c.model->view().subgraphs()[subgraph].inputs.size(); }

Count OperatorsOf(const Converted& c, std::string_view subgraph) {
  Count count;
  for (const runtime::SubgraphView& graph : c.model->view().subgraphs())
    if (graph.name == subgraph) for (const runtime::OperatorView& op : graph.operators) ++count[std::string(op.name)];
  return count;
}

// A loop that hands a large w on.
std::vector<Fn> WideLoop(std::string step, std::string result) {
  const Types variables = {{"i", "DT_INT32"}, {"n", "DT_INT32"}, {"w", "DT_FLOAT"}, {"x", "DT_FLOAT"}};
  const Types outputs = {{"a", "DT_INT32"}, {"b", "DT_INT32"}, {"c", "DT_FLOAT"}, {"d", "DT_FLOAT"}};
  return {{"more", variables, {{"y", "DT_BOOL"}}, {{"y", "less:z:0"}}, Def("less", "Less", {"i", "n"}, "DT_INT32")},
          {"body", variables, outputs, {{"a", "next:z:0"}, {"b", "n"}, {"c", "w"}, {"d", result}},
           AsDef(Ints("one", {}, {1})) + Def("next", "AddV2", {"i", "one:output:0"}, "DT_INT32") + step}};
}
std::string WideWhile() {
  return Ints("start", {}, {0}) + Ints("many", {2}, {2000, 1}) + Node("wide", "Tile", {"x", "many"}, Type("Tmultiples", "DT_INT32")) +
         Op("loop", "While", {"start", "rounds", "wide", "x"}, Func("cond", "more") + Func("body", "body")) + Node("y", "Identity", {"loop:3"});
}

}  // namespace

TEST_CASE("branch: an unknown condition becomes IF with two subgraphs") {
  Workspace w;
  const Converted c = w.Good(kX + IsPositive() + If("positive") + Library(Branches()));
  CHECK(c.Operators() == Count{{"SUM", 1}, {"GREATER", 1}, {"IF", 1}});
  CHECK(c.model->view().subgraphs().size() == 3);
  CHECK(c.Run({1, 3}, {1, 2, 3}) == std::vector<float>{2, 4, 6});
  CHECK(c.Run({2, 3}, {-1, -2, -3, 0, 0, 0}) == std::vector<float>{1, 2, 3, 0, 0, 0});
}

TEST_CASE("branch: a known condition takes one branch and leaves no operator") {
  Workspace w;
  const Converted c = w.Good(kX + Floats("no", {}, {0}) + If("no") + Library(Branches()));
  CHECK(c.Operators() == Count{{"NEG", 1}});
}

TEST_CASE("branch: what the branches disagree on") {
  Workspace w;
  std::vector<Fn> branches = Branches();
  branches[1] = {"negative", kFloatX, {{"y", "DT_INT32"}}, {{"y", "f:y:0"}}, Def("f", "Cast", {"x"}, "", Type("SrcT", "DT_FLOAT") + Type("DstT", "DT_INT32"))};
  const Converted types = w.Convert(kX + IsPositive() + If("positive") + Library(branches));
  REQUIRE(types.failures.errors.size() == 1);
  CHECK(types.failures.errors[0].message == "its branches give output 0 as float32 and as int32");
  branches[1] = {"negative", kFloatX, {{"y", "DT_FLOAT"}}, {{"y", "f:output:0"}},
                 AsDef(Ints("axes", {1}, {1})) + Def("f", "Sum", {"x", "axes:output:0"}, "DT_FLOAT", Type("Tidx", "DT_INT32"))};
  const Converted ranks = w.Convert(kX + IsPositive() + If("positive") + Library(branches));
  REQUIRE(ranks.failures.errors.size() == 1);
  CHECK(ranks.failures.errors[0].message == "its branches give output 0 as [?, 3] and as [?]");
}

TEST_CASE("loop: WHILE with what is read, and nothing else") {
  Workspace w;
  const Converted c = w.Good(kX + Rounds() + While("rounds") + Library(Loop(Def("f", "Add", {"x", "x"}), "f:z:0")));
  CHECK(c.Operators() == Count{{"SUM", 1}, {"CAST", 1}, {"WHILE", 1}});
  CHECK(Inputs(c, 1) == 3);  // i, n and x; the dead counter is gone
  CHECK(c.Run({1, 3}, {1, 1, 1}) == std::vector<float>{8, 8, 8});
  CHECK(c.Run({1, 3}, {-1, 0, 0}) == std::vector<float>{-1, 0, 0});
}

TEST_CASE("loop: a few known rounds leave no loop") {
  Workspace w;
  const Converted c = w.Good(kX + Ints("three", {}, {3}) + While("three") + Library(Loop(Def("f", "Square", {"x"}), "f:y:0")));
  CHECK(c.Operators() == Count{{"SQUARE", 3}});
  CHECK(c.Run({1, 3}, {1, 2, 0}) == std::vector<float>{1, 256, 0});
  const Converted many = w.Good(kX + Ints("three", {}, {1000}) + While("three") + Library(Loop(Def("f", "Square", {"x"}), "f:y:0")));
  CHECK(many.Operators() == Count{{"WHILE", 1}});
}

TEST_CASE("loop: a dimension that grows becomes unknown; a rank that changes is refused") {
  Workspace w;
  const std::string axis = AsDef(Ints("axis", {}, {0}));
  const std::string twice = axis + Def("f", "ConcatV2", {"x", "x", "axis:output:0"}, "DT_FLOAT", Type("Tidx", "DT_INT32") + "attr { key: 'N' value { i: 2 } } ");
  const Converted c = w.Good(kX + Rounds() + While("rounds") + Library(Loop(twice, "f:output:0")));
  CHECK(c.Run({1, 3}, {1, 1, 0}) == std::vector<float>{1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 0});
  const std::string sum = axis + Def("f", "Sum", {"x", "axis:output:0"}, "DT_FLOAT", Type("Tidx", "DT_INT32"));
  const Converted bad = w.Convert(kX + Rounds() + While("rounds") + Library(Loop(sum, "f:output:0")));
  REQUIRE(bad.failures.errors.size() == 1);
  CHECK(bad.failures.errors[0].message == "variable 3 changes its rank in the loop, from [?, 3] to [3]");
}

TEST_CASE("loop: every failure inside is reported") {
  Workspace w;
  const std::string bad = Def("f", "NoSuchOp", {"x"}) + Def("g", "NorThisOne", {"f:y:0"});
  const Converted c = w.Convert(kX + Rounds() + While("rounds") + Library(Loop(bad, "g:y:0")));
  REQUIRE(c.failures.errors.size() == 2);
  CHECK(c.failures.errors[0].op == "NoSuchOp");
  CHECK(c.failures.errors[1].op == "NorThisOne");
}

TEST_CASE("rules work inside of branches and loops") {
  Workspace w;
  const std::string clip = AsDef(Floats("six", {}, {6})) + Def("low", "Minimum", {"x", "six:output:0"}) + Def("f", "Relu", {"low:z:0"});
  std::vector<Fn> branches = Branches();
  branches[0].nodes = clip;
  branches[0].results = {{"y", "f:activations:0"}};
  const Converted branch = w.Good(kX + IsPositive() + If("positive") + Library(branches));
  CHECK(OperatorsOf(branch, "y/then") == Count{{"RELU6", 1}});
  CHECK(branch.Run({1, 3}, {9, -2, 3}) == std::vector<float>{6, 0, 3});
  const Converted loop = w.Good(kX + Rounds() + While("rounds") + Library(Loop(clip, "f:activations:0")));
  CHECK(OperatorsOf(loop, "loop/body") == Count{{"ADD", 1}, {"RELU6", 1}});
}

TEST_CASE("loop: what does not change in it is computed before it") {
  Workspace w;
  // x = x + e^(n / 2), where n is handed on: only the sum is left inside.
  const std::string step = Def("real", "Cast", {"n"}, "", Type("SrcT", "DT_INT32") + Type("DstT", "DT_FLOAT")) + AsDef(Floats("half", {}, {0.5f})) +
                           Def("m", "Mul", {"real:y:0", "half:output:0"}) + Def("e", "Exp", {"m:z:0"}) + Def("f", "AddV2", {"x", "e:y:0"});
  const Converted c = w.Good(kX + Rounds() + While("rounds") + Library(Loop(step, "f:z:0")));
  CHECK(OperatorsOf(c, "loop/body") == Count{{"ADD", 2}});
  CHECK(c.Operators() == Count{{"SUM", 1}, {"CAST", 2}, {"MUL", 1}, {"EXP", 1}, {"WHILE", 1}});
  CHECK(c.Run({1, 3}, {-1, 0, 0}) == std::vector<float>{-1, 0, 0});
  const std::vector<float> y = c.Run({1, 3}, {2, 0, 0});
  CHECK(y[1] == doctest::Approx(2 * 2.718281828).epsilon(1e-6));
  // All of what is made from the large w is small, and w need not be carried any more.
  const std::string axis = AsDef(Ints("axis", {}, {0})), over = Type("Tidx", "DT_INT32");
  const std::string small = axis + Def("e", "Exp", {"w"}) + Def("s", "Sum", {"e:y:0", "axis:output:0"}, "DT_FLOAT", over) + Def("f", "AddV2", {"x", "s:output:0"});
  CHECK(OperatorsOf(w.Good(kX + Rounds() + WideWhile() + Library(WideLoop(small, "f:z:0"))), "loop/body") == Count{{"ADD", 2}});
  // Carrying e^w beside w would cost more than computing it.
  const std::string large = axis + Def("e", "Exp", {"w"}) + Def("r", "Cast", {"i"}, "", Type("SrcT", "DT_INT32") + Type("DstT", "DT_FLOAT")) + Def("m", "Mul", {"e:y:0", "r:y:0"}) +
                            Def("both", "AddV2", {"m:z:0", "w"}) + Def("s", "Sum", {"both:z:0", "axis:output:0"}, "DT_FLOAT", over) + Def("f", "AddV2", {"x", "s:output:0"});
  CHECK(OperatorsOf(w.Good(kX + Rounds() + WideWhile() + Library(WideLoop(large, "f:z:0"))), "loop/body") == Count{{"ADD", 3}, {"CAST", 1}, {"EXP", 1}, {"MUL", 1}, {"SUM", 1}});
}

TEST_CASE("branch: operands that are the same, or constants, are given once, or not at all") {
  Workspace w;
  const std::vector<std::pair<std::string, std::string>> two = {{"x", "DT_FLOAT"}, {"z", "DT_FLOAT"}};
  const auto fn = [&](const char* name, const char* op) { return Fn{name, two, {{"y", "DT_FLOAT"}}, {{"y", "f:z:0"}}, Def("f", op, {"x", "z"})}; };
  const std::string call = Op("y", "If", {"positive", "x", "x"}, Func("then_branch", "twice") + Func("else_branch", "square"));
  const Converted same = w.Good(kX + IsPositive() + call + Library({fn("twice", "AddV2"), fn("square", "Mul")}));
  CHECK(Inputs(same, 1) == 1);
  CHECK(same.Run({1, 3}, {1, 2, 3}) == std::vector<float>{2, 4, 6});
  CHECK(same.Run({1, 3}, {-1, -2, -3}) == std::vector<float>{1, 4, 9});
}

TEST_CASE("calls: a function that calls itself is refused; a long chain of calls is not") {
  Workspace w;
  const auto call = [](std::string f) { return Def("f", "PartitionedCall", {"x"}, "", Func("f", f)); };
  const Fn self{"self", kFloatX, {{"y", "DT_FLOAT"}}, {{"y", "f:output:0"}}, call("self")};
  const Converted c = w.Convert(kX + Op("y", "PartitionedCall", {"x"}, Func("f", "self")) + Library({self}));
  CHECK(c.report.error().code == Code::kUnsupportedGraph);
  CHECK(c.report.error().message == "recursion: 'self' calls 'self'");
  std::vector<Fn> chain;
  for (int i = 0; i < 1000; ++i) chain.push_back({"f" + std::to_string(i), kFloatX, {{"y", "DT_FLOAT"}}, {{"y", "f:output:0"}}, call("f" + std::to_string(i + 1))});
  chain.push_back(Unary("f1000", "Relu"));
  CHECK(w.Good(kX + Op("y", "PartitionedCall", {"x"}, Func("f", "f0")) + Library(chain)).Operators() == Count{{"RELU", 1}});
}

}  // namespace tflower
