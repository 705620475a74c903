#include "import/tf_graph.h"

#include <doctest/doctest.h>

#include "graph_builder.h"

namespace tflower::tf {

TEST_CASE("graph: nodes, attributes and resolved inputs") {
  proto::GraphDef proto = SmallGraph();
  AddNode(proto, "z", "Split", "y x:0 y:3 ^x ^y").set_device("/cpu:0");
  proto.mutable_versions()->set_producer(1234);
  auto loaded = Load(proto);
  REQUIRE_MESSAGE(loaded.ok(), loaded.error().ToString());
  const Graph graph = std::move(loaded.value());  // views survive the move
  CHECK(graph.producer_version() == 1234);
  CHECK_FALSE(graph.is_saved_model());
  REQUIRE(graph.nodes().size() == 3);
  const Node* z = graph.FindNode("z");
  REQUIRE(z);
  CHECK(graph.main().IndexOf(*z) == 2);
  CHECK(z->device == "/cpu:0");
  REQUIRE(z->inputs.size() == 3);
  CHECK(z->inputs[2].ref == "y:3");
  CHECK(z->inputs[2].node == 1);
  CHECK(z->inputs[2].output == 3);
  REQUIRE(z->control_inputs.size() == 2);
  CHECK(z->control_inputs[0].node == 0);
  CHECK(z->control_inputs[0].output == -1);
  CHECK(graph.FindNode("none") == nullptr);
  CHECK(graph.FindNode("") == nullptr);
  const Node* x = graph.FindNode("x");
  REQUIRE(x->Find("dtype"));
  CHECK(AttrType(*x->Find("dtype")).value() == DataType::kFloat);
  CHECK(x->Find("shape") == nullptr);
}

TEST_CASE("graph: contradictions in the main graph") {
  const auto with = [](auto change) {
    proto::GraphDef graph = SmallGraph();
    change(graph);
    return LoadCode(graph);
  };
  CHECK(with([](auto&) {}) == Code::kOk);
  CHECK(with([](auto& g) { AddNode(g, "x", "Relu", "y"); }) == Code::kInvalidGraph);     // two x
  CHECK(with([](auto& g) { AddNode(g, "z", "Relu", "none"); }) == Code::kInvalidGraph);  // dangling
  CHECK(with([](auto& g) { AddNode(g, "z", "Relu", "^none"); }) == Code::kInvalidGraph);
  CHECK(with([](auto& g) { AddNode(g, "z", "Relu", "^x y"); }) == Code::kInvalidGraph);  // data after control
  CHECK(with([](auto& g) { AddNode(g, "", "Relu", "x"); }) == Code::kInvalidGraph);
  CHECK(with([](auto& g) { AddNode(g, "z", "", "x"); }) == Code::kInvalidGraph);
  for (const char* ref : {"x:", "x:a", "x:-1", "x:999999999999", "x:out:0", ":0", "^", "^x:0", "x:0:0"})
    CHECK_MESSAGE(with([&](auto& g) { AddNode(g, "z", "Relu", ref); }) == Code::kInvalidGraph, ref);
  const auto error = Load([] {
    auto g = SmallGraph();
    AddNode(g, "z", "Relu", "none");
    return g;
  }());
  CHECK(error.error().node == "z");
  CHECK(error.error().op == "Relu");
  CHECK(error.error().what == "input 0");
}

TEST_CASE("graph: many nodes stay fast") {
  proto::GraphDef graph = SmallGraph();
  for (int i = 0; i < 50000; ++i) AddNode(graph, "node" + std::to_string(i), "Relu", i ? "node" + std::to_string(i - 1) : "x");
  const auto loaded = Load(graph);
  REQUIRE(loaded.ok());
  CHECK(loaded.value().FindNode("node49999")->inputs[0].node == 50000);
}

}  // namespace tflower::tf
