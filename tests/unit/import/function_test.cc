#include <doctest/doctest.h>

#include "graph_builder.h"

namespace tflower::tf {
namespace {

// The error code of FindFunction("f") in a small graph that `change` gave functions.
template <class Change>
Result<const Function*> FindF(Change change, Graph* keep = nullptr) {
  proto::GraphDef proto = SmallGraph();
  change(proto);
  auto loaded = Load(proto);
  if (!loaded.ok()) return std::move(loaded.error());
  auto found = loaded.value().FindFunction("f");
  if (keep) *keep = std::move(loaded.value());
  return found;
}

template <class Change>
Code FindCode(Change change) {
  const auto found = FindF(change);
  return found.ok() ? Code::kOk : found.error().code;
}

Graph Empty() { return std::move(Load(SmallGraph()).value()); }

}  // namespace

TEST_CASE("function: arguments, outputs, results and attributes") {
  Graph graph = Empty();
  const auto found = FindF([](proto::GraphDef& g) {
    proto::FunctionDef& f = AddFunction(g, "f", "relu:activations:0");
    AddNode(f, "relu", "Relu", "a ^a");
    AddNode(f, "write", "NoOp", "^relu");
    auto* control = f.add_control_ret();
    control->set_key("w");
    control->set_value("write");
    auto* attr = f.add_attr();
    attr->set_key("_implements");
    attr->mutable_value()->set_s("my_op");
    auto* arg_attr = f.add_arg_attr();
    arg_attr->set_key(0);
    auto* name = arg_attr->mutable_value()->add_attr();
    name->set_key("_user_specified_name");
    name->mutable_value()->set_s("pixels");
  }, &graph);
  REQUIRE_MESSAGE(found.ok(), found.error().ToString());
  const Function& f = *found.value();
  CHECK(f.name == "f");
  REQUIRE(f.args.size() == 1);
  CHECK(f.args[0].name == "a");
  CHECK(f.args[0].dtype == DataType::kFloat);
  REQUIRE(f.results.size() == 1);
  CHECK(f.body.nodes()[static_cast<size_t>(f.results[0].node)].name == "relu");
  CHECK(f.results[0].output == 0);
  const Node* relu = f.body.FindNode("relu");
  CHECK(relu->inputs[0].arg == 0);
  CHECK(relu->inputs[0].node == -1);
  CHECK(relu->control_inputs[0].arg == 0);  // waiting for an argument is allowed
  REQUIRE(f.control_results.size() == 1);
  CHECK(f.control_results[0].node == 1);
  CHECK(AttrString(*f.Find("_implements")).value() == "my_op");
  CHECK(AttrString(f.arg_attrs.at(0).at(0)).value() == "pixels");
  CHECK(graph.FindFunction("f").value() == found.value());  // cached
  CHECK(graph.FunctionNames() == std::vector<std::string_view>{"f"});
}

TEST_CASE("function: an output's name becomes its number") {
  Graph graph = Empty();
  const auto found = FindF([](proto::GraphDef& g) {
    proto::FunctionDef& f = AddFunction(g, "f", "top:indices:0");
    AddNode(f, "top", "TopKV2", "a a");
    AddNode(f, "split", "Split", "a a");
    AddNode(f, "user", "AddN", "top:values:0 split:output:2 unique:count:0");
    AddNode(f, "unique", "UniqueWithCounts", "a");
  }, &graph);
  REQUIRE_MESSAGE(found.ok(), found.error().ToString());
  CHECK(found.value()->results[0].output == 1);
  const Node* user = found.value()->body.FindNode("user");
  CHECK(user->inputs[0].output == 0);
  CHECK(user->inputs[1].output == 2);
  CHECK(user->inputs[2].output == 2);
  CHECK(FindCode([](proto::GraphDef& g) { AddNode(AddFunction(g, "f", "t:nothing:0"), "t", "TopKV2", "a a"); }) == Code::kInvalidGraph);
  // Nothing is known of the op: one output argument is assumed, a second is not guessed.
  CHECK(FindCode([](proto::GraphDef& g) { AddNode(AddFunction(g, "f", "t:one:3"), "t", "MyOwnOp", "a"); }) == Code::kOk);
  CHECK(FindCode([](proto::GraphDef& g) {
    proto::FunctionDef& f = AddFunction(g, "f", "t:one:0");
    AddNode(f, "t", "MyOwnOp", "a");
    AddNode(f, "u", "Relu", "t:two:0");
  }) == Code::kUnsupportedOp);
}

TEST_CASE("function: contradictions") {
  const auto with = [](const std::string& result, auto change) {
    return FindCode([&](proto::GraphDef& g) { change(AddFunction(g, "f", result)); });
  };
  CHECK(with("a", [](auto&) {}) == Code::kOk);
  CHECK(with("none:y:0", [](auto&) {}) == Code::kInvalidGraph);
  CHECK(with("a:1", [](auto&) {}) == Code::kInvalidGraph);
  CHECK(with("a", [](auto& f) { AddNode(f, "n", "Relu", "none"); }) == Code::kInvalidGraph);
  CHECK(with("a", [](auto& f) { AddNode(f, "a", "Relu"); }) == Code::kInvalidGraph);  // a is the argument
  CHECK(with("a", [](auto& f) { f.clear_ret(); }) == Code::kInvalidGraph);
  CHECK(with("a", [](auto& f) { f.mutable_signature()->mutable_input_arg(0)->set_number_attr("N"); }) == Code::kUnsupportedGraph);
  CHECK(with("a", [](auto& f) { f.add_arg_attr()->set_key(7); }) == Code::kInvalidGraph);
  CHECK(with("a", [](auto& f) { f.add_control_ret()->set_value("none"); }) == Code::kInvalidGraph);
  CHECK(FindCode([](proto::GraphDef& g) { AddFunction(g, "other", "a"); }) == Code::kInvalidGraph);
  CHECK(FindCode([](proto::GraphDef& g) { AddFunction(g, "f", "a"), AddFunction(g, "f", "a"); }) == Code::kInvalidGraph);
}

TEST_CASE("function: recursion is found, whoever is asked for") {
  const auto error = FindF([](proto::GraphDef& g) {
    AddCall(AddNode(AddFunction(g, "f", "a"), "c", "PartitionedCall", "a"), "g");
    AddCall(AddNode(AddFunction(g, "g", "a"), "c", "StatefulPartitionedCall", "a"), "h");
    proto::FunctionDef& h = AddFunction(g, "h", "a");
    AddAttr(AddNode(h, "c", "Case", "a"), "branches").mutable_list()->add_func()->set_name("g");
  });
  REQUIRE_FALSE(error.ok());
  CHECK(error.error().code == Code::kUnsupportedGraph);
  CHECK(error.error().message == "recursion: 'g' calls 'h' calls 'g'");
  CHECK(FindCode([](proto::GraphDef& g) { AddCall(AddNode(AddFunction(g, "f", "a"), "c", "PartitionedCall", "a"), "f"); }) == Code::kUnsupportedGraph);
  // Old graphs call a function by using its name as an op.
  CHECK(FindCode([](proto::GraphDef& g) { AddNode(AddFunction(g, "f", "a"), "c", "f", "a"); }) == Code::kUnsupportedGraph);
}

TEST_CASE("function: a function that is called but missing is an error only when asked for") {
  CHECK(FindCode([](proto::GraphDef& g) { AddCall(AddNode(AddFunction(g, "f", "a"), "c", "PartitionedCall", "a"), "gone"); }) == Code::kOk);
}

TEST_CASE("function: calls nested too deep, or doubling at each level, are refused") {
  const auto chain = [](proto::GraphDef& g, int depth, int calls) {
    for (int i = 0; i < depth; ++i) {
      proto::FunctionDef& f = AddFunction(g, i ? "f" + std::to_string(i) : "f", "a");
      for (int k = 0; k < calls && i + 1 < depth; ++k)
        AddCall(AddNode(f, "c" + std::to_string(k), "PartitionedCall", "a"), "f" + std::to_string(i + 1));
    }
  };
  CHECK(FindCode([&](proto::GraphDef& g) { chain(g, 200, 1); }) == Code::kOk);
  CHECK(FindCode([&](proto::GraphDef& g) { chain(g, 20000, 1); }) == Code::kLimit);
  CHECK(FindCode([&](proto::GraphDef& g) { chain(g, 60, 2); }) == Code::kLimit);
  CHECK(FindCode([&](proto::GraphDef& g) { chain(g, 10, 2); }) == Code::kOk);
}

}  // namespace tflower::tf
