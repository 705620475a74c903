#include "ir/graph.h"

#include <doctest/doctest.h>

#include "export/tflite_writer.h"

namespace tflower::ir {
namespace {

Operator* Add(Subgraph& graph, std::vector<Value*> inputs) {
  auto op = std::make_unique<Operator>();
  op->options = Options::Copy(0, {});
  op->inputs = std::move(inputs);
  op->outputs = {graph.NewValue()};
  return graph.Append(std::move(op));
}

void MakeOutput(Subgraph& graph, Value* v) {
  graph.outputs.push_back({"y", v});
  ++v->graph_outputs;
}

}  // namespace

TEST_CASE("users follow replacements, graph outputs too") {
  Subgraph g;
  Value *x = g.NewValue(), *other = g.NewValue();
  Operator* a = Add(g, {x, x});
  Operator* b = Add(g, {a->outputs[0], x});
  MakeOutput(g, b->outputs[0]);
  CHECK(x->users.size() == 3);
  g.ReplaceAllUses(x, other);
  CHECK(x->users.empty());
  CHECK(other->users.size() == 3);
  CHECK(a->inputs[0] == other);
  Operator* c = Add(g, {other, other});
  g.ReplaceAllUses(b->outputs[0], c->outputs[0]);
  CHECK(g.outputs[0].value == c->outputs[0]);
  CHECK(c->outputs[0]->graph_outputs == 1);
}

TEST_CASE("what nobody reads goes, with what only it needed") {
  Subgraph g;
  Value* x = g.NewValue();
  Operator* kept = Add(g, {x, x});
  Operator* lost = Add(g, {x, x});
  Operator* last = Add(g, {lost->outputs[0], kept->outputs[0]});
  MakeOutput(g, kept->outputs[0]);
  g.RemoveIfDead(last);
  CHECK(last->dead);
  CHECK(lost->dead);
  CHECK_FALSE(kept->dead);
  CHECK(x->users.size() == 2);
  g.RemoveDead();
  CHECK(g.num_operators() == 1);
}

TEST_CASE("sorted order puts producers first, whatever the order of appending") {
  Subgraph g;
  Value* x = g.NewValue();
  Operator* first = Add(g, {x, x});
  Operator* user = Add(g, {first->outputs[0], x});
  MakeOutput(g, user->outputs[0]);
  auto late = std::make_unique<Operator>();  // a replacement stands where the old one stood
  late->options = Options::Copy(0, {});
  late->order = first->order;
  late->inputs = {x, x};
  late->outputs = {g.NewValue()};
  Operator* replacement = g.Append(std::move(late));
  g.ReplaceAllUses(first->outputs[0], replacement->outputs[0]);
  g.RemoveIfDead(first);
  const std::vector<Operator*> sorted = g.Sorted();
  REQUIRE(sorted.size() == 2);
  CHECK(sorted[0] == replacement);
  CHECK(sorted[1] == user);
}

TEST_CASE("truncate takes back what a declined rewrite made") {
  Subgraph g;
  Value* x = g.NewValue();
  Operator* a = Add(g, {x, x});
  MakeOutput(g, a->outputs[0]);
  Operator* b = Add(g, {a->outputs[0], x});
  Add(g, {b->outputs[0], x});
  g.Truncate(1);
  CHECK(g.num_operators() == 1);
  CHECK(a->outputs[0]->users.empty());
  CHECK(x->users.size() == 2);
}

TEST_CASE("a circle of operators is an error, not a file without them") {
  Model model;
  Subgraph& g = *model.subgraphs.emplace_back(std::make_unique<Subgraph>());
  Value* x = g.NewValue();
  Operator* a = Add(g, {x, x});
  Operator* b = Add(g, {a->outputs[0], x});
  b->rule = "joins-too-much";
  g.ReplaceAllUses(x, b->outputs[0]);
  MakeOutput(g, b->outputs[0]);
  const auto written = exporter::Write(model, {}, "circle.tflite");
  REQUIRE(!written.ok());
  CHECK(written.error().code == Code::kInternal);
  CHECK(written.error().message == "operators wait for each other's results; rule 'joins-too-much' made one of them");
}

}  // namespace tflower::ir
