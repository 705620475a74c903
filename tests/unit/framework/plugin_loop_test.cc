// Loops that plugins make: Builder::Loop, and the host behind it.
#include <tflower/builder.h>
#include <tflower/pattern.h>

#include "convert_support.h"
#include "lower/host.h"
#include "lower/typer.h"

namespace tflower {
namespace {

using convert_test::TestRegistry;

// Keeps the graphs of loops; there are no variables and no files.
struct Services : lower::WalkServices {
  std::vector<std::unique_ptr<ir::Subgraph>> graphs;

  Result<ir::Value*> ReadVariable(ir::Value*) override { return Error(Code::kInternal, "none"); }
  Status AssignVariable(ir::Value*, ir::Value*) override { return Error(Code::kInternal, "none"); }
  Result<ir::Value*> HandleTensor(ir::Value*, uint32_t) override { return Error(Code::kInternal, "none"); }
  Result<HandleSite> HandleNode(ir::Value*) override { return Error(Code::kInternal, "none"); }
  Result<std::span<const std::byte>> ReadAsset(std::string_view) override { return Error(Code::kInternal, "none"); }
  Result<ir::Subgraph*> InSubgraph(std::string_view name, const std::function<Status(ir::Subgraph&)>& fill) override {
    auto graph = std::make_unique<ir::Subgraph>();
    graph->name = name;
    TFLOWER_CHECK(fill(*graph));
    return graphs.emplace_back(std::move(graph)).get();
  }
};

struct Host {
  lower::Typer typer{TestRegistry()};
  Services services;
  ir::Subgraph graph;
  lower::LowerContext context;
  Builder build;
  Value x;

  explicit Host(bool with_services = true) : context(typer, graph, {"Op", "node", "test", ""}, nullptr, with_services ? &services : nullptr), build(&context) {
    ir::Value* const input = graph.NewValue();
    input->dtype = DType::kFloat32;
    input->dims = {ir::InputSymbol(0), ir::Dim(3)};
    graph.inputs.push_back({"x", input});
    x = Value(context.ViewOf(input));
  }
  // while (i < 5) i += 1, x = next(x)
  template <class F>
  Result<std::vector<Value>> Loop(const F& next) {
    TFLOWER_TRY(const Value zero, build.Scalar(int32_t{0}));
    const Value initial[] = {zero, x};
    const auto more = [&](const std::vector<Value>& v) -> Result<Value> {
      TFLOWER_TRY(const Value five, build.Scalar(int32_t{5}));
      return build.Emit(tfl::Less{}, {v[0], five});
    };
    const auto body = [&](const std::vector<Value>& v) -> Result<std::vector<Value>> {
      TFLOWER_TRY(const Value one, build.Scalar(int32_t{1}));
      TFLOWER_TRY(const Value i, build.Emit(tfl::Add{}, {v[0], one}));
      TFLOWER_TRY(const Value y, next(v[1]));
      return std::vector<Value>{i, y};
    };
    return build.Loop(initial, more, body);
  }
};

}  // namespace

TEST_CASE("a loop has its own graphs, and its variables' types") {
  Host h;
  const auto out = h.Loop([&](const Value& x) { return h.build.Emit(tfl::Add{}, {x, x}); });
  REQUIRE(out.ok());
  REQUIRE(h.graph.operators().size() == 1);
  const ir::Operator& loop = *h.graph.operators()[0];
  CHECK(ir::IsWhile(loop));
  CHECK(loop.node == "node");
  CHECK(out.value()[1].dtype() == DType::kFloat32);
  CHECK(out.value()[1].dim_key(0) == h.x.dim_key(0));
  CHECK(loop.bodies[0]->operators().size() == 1);
  CHECK(loop.bodies[1]->operators().size() == 2);
  CHECK(loop.bodies[1]->outputs.size() == 2);
  const auto behind = h.build.Emit(tfl::Add{}, {out.value()[1], h.x});  // in the graph around it again
  REQUIRE(behind.ok());
  CHECK(h.graph.operators().size() == 2);
}

TEST_CASE("what a loop's callback says is what its maker hears") {
  Host h;
  const auto out = h.Loop([&](const Value&) -> Result<Value> { return Declined("it has no next value"); });
  REQUIRE(!out.ok());
  CHECK(out.error().message == "it has no next value");
  CHECK(out.error().code == Code::kDeclined);
  CHECK(h.graph.operators().empty());
  const auto wrong = h.Loop([&](const Value& x) { return h.build.Emit(tfl::FullyConnected{}, {x, x, Value()}); });  // no constant shape
  CHECK(!wrong.ok());
}

TEST_CASE("a loop's variables keep their types; pattern rules make no loops") {
  Host h;
  CHECK(!h.Loop([&](const Value& x) { return h.build.Emit(tfl::Concatenation{.axis = 1}, {x, x}); }).ok());
  CHECK(h.graph.operators().empty());
  Host without(false);
  CHECK(!without.Loop([&](const Value& x) { return Result<Value>(x); }).ok());
}

}  // namespace tflower
