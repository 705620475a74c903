// Sessions: inputs and outputs, resizing, signatures, variables, dynamic shapes, cancelling, sessions side by side.
#include <doctest/doctest.h>

#include <thread>

#include "model_spec.h"
#include "test_kernels.h"
#include "tflower/runtime.h"

using namespace tflower;
using namespace tflower::runtime;
using namespace tflower::runtime::test;

namespace {

constexpr int32_t kAdd = 0, kReshape = 22, kCustom = 32;

struct Opened {
  Bytes bytes;
  std::shared_ptr<const Model> model;

  explicit Opened(const ModelSpec& spec) : bytes(Build(spec)) {
    auto loaded = Model::FromBytes(AsBytes(bytes), MakeKernels());
    REQUIRE_MESSAGE(loaded.ok(), loaded.error().ToString());
    model = std::move(loaded.value());
  }
  std::unique_ptr<Session> Open(const SessionOptions& options = {}) const {
    auto session = Session::Create(model, options);
    REQUIRE_MESSAGE(session.ok(), session.error().ToString());
    return std::move(session.value());
  }
};

void Set(Session& session, size_t input, const std::vector<float>& values) {
  const auto status = session.SetInput(input, std::as_bytes(std::span(values)));
  REQUIRE_MESSAGE(status.ok(), status.error().ToString());
}

std::vector<float> Run(Session& session, size_t output = 0) {
  const auto status = session.Invoke();
  REQUIRE_MESSAGE(status.ok(), status.error().ToString());
  return Values<float>(session.OutputData(output));
}

ModelSpec DynamicBatch() {
  ModelSpec model = AddModel();
  SubgraphSpec& main = model.subgraphs[0];
  main.tensors[0].shape = main.tensors[2].shape = {1, 3};
  main.tensors[0].signature = main.tensors[2].signature = {-1, 3};
  main.tensors[1] = {.name = "one", .data = Pack<float>({1})};
  return model;
}

}  // namespace

TEST_CASE("set, invoke, read") {
  const Opened opened(AddModel());
  const auto session = opened.Open();
  CHECK(session->num_inputs() == 1);
  CHECK(session->InputInfo(0).name == "in");
  CHECK(session->InputInfo(0).tensor_name == "x");
  CHECK(session->OutputData(0).empty());
  Set(*session, 0, {1, 2, 3, 4, 5, 6});
  CHECK(Run(*session) == std::vector<float>{2, 3, 4, 5, 6, 7});
  CHECK(Run(*session) == std::vector<float>{2, 3, 4, 5, 6, 7});  // inputs outlast an invocation
  CHECK(session->OutputInfo(0).shape == std::vector<int64_t>{2, 3});
  CHECK(session->Stats().arena_bytes >= 128);
}

TEST_CASE("inputs are found by signature name, tensor name and position") {
  const Opened opened(AddModel());
  const auto session = opened.Open();
  for (const char* name : {"in", "x", "0"}) CHECK(session->FindInput(name).value() == 0);
  for (const char* name : {"out", "y", "0"}) CHECK(session->FindOutput(name).value() == 0);
  for (const char* name : {"1", "", "-1", "99999999999999999999", "0x"})
    CHECK(session->FindInput(name).error().code == Code::kNotFound);
  CHECK(session->FindInput("z").error().hint == "it has 'in'");
}

TEST_CASE("sizes of inputs are checked") {
  const Opened opened(AddModel());
  const auto session = opened.Open();
  const std::vector<float> five(5);
  CHECK(session->SetInput(0, std::as_bytes(std::span(five))).error().code == Code::kInvalidOperand);
  CHECK(session->InputData(0).value().size() == 24);
  CHECK(reinterpret_cast<uintptr_t>(session->InputData(0).value().data()) % 64 == 0);
}

TEST_CASE("a bool that is neither 0 nor 1 is refused") {
  ModelSpec spec = AddModel();
  SubgraphSpec& main = spec.subgraphs[0];
  main.tensors.push_back({.name = "flag", .dtype = 6, .shape = {2}});
  main.inputs.push_back(static_cast<int32_t>(main.tensors.size() - 1));
  spec.signatures.clear();
  const Opened opened(spec);
  const auto session = opened.Open();
  const std::vector<float> x(6, 1.0f);
  Set(*session, 0, x);
  CHECK(session->SetInput(1, AsBytes(Bytes{1, 0})).ok());
  CHECK(session->Invoke().ok());
  CHECK(session->SetInput(1, AsBytes(Bytes{1, 2})).ok());
  CHECK(session->Invoke().error().code == Code::kInvalidOperand);
  CHECK(session->Invoke().error().code == Code::kInvalidOperand);
  const std::span<std::byte> memory = session->InputData(1).value();
  memory[1] = std::byte{1};  // in place
  CHECK(session->Invoke().ok());
  memory[1] = std::byte{2};  // whenever the caller likes
  CHECK(session->Invoke().error().code == Code::kInvalidOperand);
  CHECK(session->SetInput(1, AsBytes(Bytes{1, 0})).ok());
  CHECK(session->Invoke().ok());
  memory[0] = std::byte{255};
  CHECK(session->Invoke().error().code == Code::kInvalidOperand);
}

TEST_CASE("resizing a dynamic batch, back and forth") {
  const Opened opened(DynamicBatch());
  const auto session = opened.Open();
  CHECK(session->InputInfo(0).shape_signature == std::vector<int64_t>{-1, 3});
  for (const int64_t batch : {1, 3, 1, 5, 2, 7, 3, 0, 1}) {
    const std::vector<int64_t> dims = {batch, 3};
    REQUIRE(session->Resize(0, dims).ok());
    const std::vector<float> x(static_cast<size_t>(batch) * 3, 2.0f);
    Set(*session, 0, x);
    CHECK(Run(*session) == std::vector<float>(x.size(), 3.0f));
    CHECK(session->OutputInfo(0).shape == dims);
  }
  CHECK(session->Resize(0, std::vector<int64_t>{2, 4}).error().code == Code::kInvalidOperand);
  CHECK(session->Resize(0, std::vector<int64_t>{2, 3, 1}).error().code == Code::kInvalidOperand);
  CHECK(session->Resize(0, std::vector<int64_t>{-2, 3}).error().code == Code::kInvalidOperand);
  CHECK(Run(*session) == std::vector<float>(3, 3.0f));  // a refused shape changes nothing
}

TEST_CASE("memory limit") {
  const Opened opened(DynamicBatch());
  const auto session = opened.Open({.max_bytes = 1 << 16});
  REQUIRE(session->Resize(0, std::vector<int64_t>{int64_t{1} << 40, 3}).ok());
  CHECK(session->Prepare().error().code == Code::kLimit);
  REQUIRE(session->Resize(0, std::vector<int64_t>{4, 3}).ok());
  CHECK(session->Prepare().ok());
}

TEST_CASE("shapes that are known only while running") {
  ModelSpec spec;
  SubgraphSpec& main = spec.subgraphs.emplace_back();
  main.tensors = {{.name = "x", .shape = {6}},
                  {.name = "picked", .shape = {1}, .signature = {-1}},
                  {.name = "two", .data = Pack<float>({2})},
                  {.name = "scaled", .shape = {1}, .signature = {-1}},
                  {.name = "sum", .shape = {1}, .signature = {-1}}};
  main.ops = {{.code = kCustom, .inputs = {0}, .outputs = {1}, .custom = "NonZero"},
              {.code = kCustom, .inputs = {1, 2}, .outputs = {3}, .custom = "Scale"},
              {.code = kAdd, .inputs = {3, 1}, .outputs = {4}}};
  main.inputs = {0};
  main.outputs = {4, 1};
  const Opened opened(spec);
  const auto session = opened.Open({.threads = 2});
  Set(*session, 0, {1, 0, 2, 0, 0, 3});
  CHECK(session->OutputInfo(0).shape == std::vector<int64_t>{-1});
  const int packs = Counts().scale_packs, prepares = Counts().prepares;
  CHECK(Run(*session) == std::vector<float>{3, 6, 9});
  CHECK(session->OutputInfo(0).shape == std::vector<int64_t>{3});
  Set(*session, 0, {0, 5, 5, 0, 0, 7});
  CHECK(Run(*session) == std::vector<float>{15, 15, 21});
  CHECK(Counts().prepares == prepares + 1);  // the same shapes again: prepared state is kept
  Set(*session, 0, {0, 0, 0, 0, 0, 0});
  CHECK(Run(*session).empty());
  CHECK(Counts().prepares == prepares + 1);  // there is nothing to compute
  Set(*session, 0, {1, 0, 2, 0, 0, 3});
  CHECK(Run(*session) == std::vector<float>{3, 6, 9});
  CHECK(Counts().prepares == prepares + 1);
  CHECK(Counts().scale_packs == packs + 1);
}

TEST_CASE("a reshape whose shape is an input") {
  ModelSpec spec;
  SubgraphSpec& main = spec.subgraphs.emplace_back();
  main.tensors = {{.name = "x", .shape = {6}},
                  {.name = "dims", .dtype = 2, .shape = {2}},
                  {.name = "y", .shape = {1, 1}, .signature = {-1, -1}},
                  {.name = "z", .shape = {1, 1}, .signature = {-1, -1}}};
  main.ops = {{.code = kReshape, .inputs = {0, 1}, .outputs = {2}}, {.code = kAdd, .inputs = {2, 2}, .outputs = {3}}};
  main.inputs = {0, 1};
  main.outputs = {3};
  const Opened opened(spec);
  const auto session = opened.Open();
  Set(*session, 0, {1, 2, 3, 4, 5, 6});
  const std::vector<int32_t> three_by_two = {3, 2};
  REQUIRE(session->SetInput(1, std::as_bytes(std::span(three_by_two))).ok());
  CHECK(Run(*session) == std::vector<float>{2, 4, 6, 8, 10, 12});
  CHECK(session->OutputInfo(0).shape == std::vector<int64_t>{3, 2});
  for (const std::vector<int32_t>& bad : {std::vector<int32_t>{3, 3}, {-1, 6}, {INT32_MAX, INT32_MAX}}) {
    REQUIRE(session->SetInput(1, std::as_bytes(std::span(bad))).ok());
    const auto status = session->Invoke();
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().op == "RESHAPE");
    CHECK(session->OutputData(0).empty());
  }
}

TEST_CASE("variables live from one invocation to the next, in their own session") {
  ModelSpec spec;
  SubgraphSpec& main = spec.subgraphs.emplace_back();
  main.tensors = {{.name = "x", .shape = {1}, .signature = {-1}},
                  {.name = "state", .variable = true},
                  {.name = "y", .shape = {1}, .signature = {-1}}};
  main.ops = {{.code = kCustom, .inputs = {0, 1}, .outputs = {2}, .custom = "Slot"}};
  main.inputs = {0};
  main.outputs = {2};
  const Opened opened(spec);
  const auto first = opened.Open(), second = opened.Open();
  Set(*first, 0, {0});
  Set(*second, 0, {0});
  CHECK(Run(*first)[0] == 1);
  CHECK(Run(*first)[0] == 2);
  CHECK(Run(*second)[0] == 1);
  REQUIRE(first->Resize(0, std::vector<int64_t>{2}).ok());  // another plan, the same state
  CHECK(Run(*first)[0] == 3);
  first->ResetVariables();
  CHECK(Run(*first)[0] == 1);
}

TEST_CASE("signatures") {
  ModelSpec spec = AddModel();
  spec.subgraphs.push_back(spec.subgraphs[0]);
  spec.subgraphs[1].ops[0].inputs = {0, 0};
  spec.signatures = {{"plus_one", 0, {{"a", 0}}, {{"b", 2}}}, {"twice", 1, {{"a", 0}}, {{"c", 2}}}};
  const Opened opened(spec);
  CHECK(opened.model->Signatures() == std::vector<std::string_view>{"plus_one", "twice"});
  const auto session = opened.Open();
  Set(*session, 0, {1, 2, 3, 4, 5, 6});
  CHECK(Run(*session)[5] == 7);
  REQUIRE(session->Select("twice").ok());
  CHECK(session->OutputInfo(0).name == "c");
  CHECK(session->OutputData(0).empty());
  Set(*session, 0, {1, 2, 3, 4, 5, 6});
  CHECK(Run(*session)[5] == 12);
  CHECK(session->Select("thrice").error().hint == "it has 'plus_one', 'twice'");
  CHECK(Session::Create(opened.model, {.signature = "x"}).error().code == Code::kNotFound);
  CHECK(Session::Create(opened.model, {.threads = 0}).error().code == Code::kUsage);
}

TEST_CASE("a failing kernel leaves a session that can go on") {
  ModelSpec spec = AddModel();
  spec.subgraphs[0].ops[0] = {.code = kCustom, .inputs = {0}, .outputs = {2}, .custom = "Fail"};
  const Opened opened(spec);
  const auto session = opened.Open();
  for (int i = 0; i < 2; ++i) {
    const auto status = session->Invoke();
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().ToString() ==
          "Fail 'y': input 0: index 7 is outside of [0, 5); raised at gather.cc:88; in the kernel's eval; input 0 is tensor 0 'x'; "
          "operator 0 of subgraph 0; help: clamp it [TFW0208]");
  }
}

TEST_CASE("an operator without result elements is not run: its other dimensions may be any number") {
  ModelSpec spec = AddModel();
  SubgraphSpec& graph = spec.subgraphs[0];
  graph.tensors[0].shape = graph.tensors[2].shape = {1000000000, 0};
  graph.ops[0] = {.code = kCustom, .inputs = {0}, .outputs = {2}, .custom = "Fail"};
  const Opened opened(spec);
  const auto session = opened.Open();
  const auto status = session->Invoke();
  CHECK_MESSAGE(status.ok(), (status.ok() ? "" : status.error().ToString()));
  CHECK(session->OutputData(0).empty());

  graph.tensors[0].variable = true;  // nor where it reads a variable, which has no elements either
  graph.inputs.clear();
  spec.signatures.clear();
  CHECK(Opened(spec).Open()->Invoke().ok());
  graph.ops[0].custom = "FailImpure";  // whose state is the variable
  CHECK(Opened(spec).Open()->Invoke().ok());
  graph.tensors[0].variable = false;
  graph.inputs = {0};
  CHECK_FALSE(Opened(spec).Open()->Invoke().ok());
}

TEST_CASE("cancelling stops the next invocation once") {
  const Opened opened(AddModel());
  const auto session = opened.Open();
  Set(*session, 0, {1, 2, 3, 4, 5, 6});
  session->Cancel();
  CHECK(session->Invoke().error().code == Code::kLimit);
  CHECK(Run(*session)[0] == 2);
}

TEST_CASE("the operator hook sees names and times") {
  const Opened opened(AddModel());
  const auto session = opened.Open();
  std::string seen;
  session->SetOperatorHook([&](const OperatorEvent& e) {
    seen += std::string(e.op) + ":" + std::string(e.node) + ";";
    CHECK(e.code == kAdd);
    CHECK(e.bytes == 3 * 24);
  });
  Run(*session);
  CHECK(seen == "ADD:y;");
  session->SetOperatorHook({});
  Run(*session);
  CHECK(seen == "ADD:y;");
}

TEST_CASE("the result hook sees every result, also of operators that are computed together") {
  ModelSpec model = AddModel();
  SubgraphSpec& main = model.subgraphs[0];
  const int32_t y = main.outputs[0], z = static_cast<int32_t>(main.tensors.size());
  main.tensors.push_back(main.tensors[static_cast<size_t>(y)]);
  main.tensors.push_back(main.tensors[static_cast<size_t>(y)]);
  main.tensors[static_cast<size_t>(z)].name = "twice";
  main.tensors[static_cast<size_t>(z) + 1].name = "sum";
  main.ops.push_back({.code = 32, .inputs = {y}, .outputs = {z}, .custom = "Twice"});
  main.ops.push_back({.code = 0, .inputs = {z, y}, .outputs = {z + 1}});
  main.outputs = {z + 1};
  model.signatures.clear();
  const Opened opened(model);
  const auto session = opened.Open();
  const auto run = [&] {
    for (size_t i = 0; i < session->num_inputs(); ++i) Set(*session, i, {1, 2, 3, 4, 5, 6});
    return Run(*session);
  };
  std::string steps;
  session->SetOperatorHook([&](const OperatorEvent& e) { steps += std::string(e.op) + ";"; });
  const std::vector<float> fused = run();
  CHECK(steps == "ADD;Twice + ADD;");
  std::string seen;
  session->SetResultHook([&](const OperatorResult& r) { seen += std::string(r.name) + ";"; });
  CHECK(run() == fused);
  CHECK(seen == "y;twice;sum;");
  session->SetResultHook({});
  seen.clear();
  CHECK(run() == fused);
  CHECK(seen.empty());
}

TEST_CASE("sessions of one model run side by side") {
  ModelSpec spec;
  SubgraphSpec& main = spec.subgraphs.emplace_back();
  main.tensors = {{.name = "x", .shape = {1000}},
                  {.name = "w", .data = Pack<float>({3})},
                  {.name = "folded"},
                  {.name = "y", .shape = {1000}},
                  {.name = "z", .shape = {1000}}};
  main.ops = {{.code = kAdd, .inputs = {1, 1}, .outputs = {2}},
              {.code = kCustom, .inputs = {0, 1}, .outputs = {3}, .custom = "Scale"},
              {.code = kAdd, .inputs = {3, 2}, .outputs = {4}}};
  main.inputs = {0};
  main.outputs = {4};
  const Opened opened(spec);
  const int packs = Counts().scale_packs;
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      auto session = Session::Create(opened.model, {.threads = 2});
      if (!session.ok()) return void(++wrong);
      const std::vector<float> x(1000, static_cast<float>(t));
      for (int i = 0; i < 20; ++i) {
        const bool ran =
            session.value()->SetInput(0, std::as_bytes(std::span(x))).ok() && session.value()->Invoke().ok();
        if (!ran ||
            Values<float>(session.value()->OutputData(0)) != std::vector<float>(1000, static_cast<float>(t) * 3 + 6))
          ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(Counts().scale_packs == packs + 1);
  CHECK(opened.model->packed_bytes() == 64);
}
