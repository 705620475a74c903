// What ends an Invoke early: a budget of operators, a limit of time, Cancel from another thread; and what is left behind. Looking inside: tensors
// that stay.
#include <doctest/doctest.h>

#include <thread>
#include <tflower/schema_generated.h>

#include "model_spec.h"
#include "test_kernels.h"
#include "tflower/runtime.h"

using namespace tflower;
using namespace tflower::runtime;
using namespace tflower::runtime::test;
using std::chrono::milliseconds;

namespace {

constexpr int32_t kAdd = 0, kReshape = 22, kCustom = 32, kWhile = 119;

struct Opened {
  Bytes bytes;
  std::unique_ptr<Session> session;

  explicit Opened(const ModelSpec& spec, const SessionOptions& options = {}) : bytes(Build(spec)) {
    auto model = Model::FromBytes(AsBytes(bytes), MakeKernels());
    REQUIRE_MESSAGE(model.ok(), model.error().ToString());
    auto made = Session::Create(model.value(), options);
    REQUIRE_MESSAGE(made.ok(), made.error().ToString());
    session = std::move(made.value());
  }
};

// WHILE(flag) { }: runs for ever when the flag is true, without any operator in its subgraphs.
ModelSpec Endless() {
  ModelSpec model;
  SubgraphSpec& main = model.subgraphs.emplace_back();
  main.tensors = {{.name = "flag", .dtype = 6, .shape = {1}}, {.name = "end", .dtype = 6, .shape = {1}}};
  main.ops = {{.code = kWhile,
               .inputs = {0},
               .outputs = {1},
               .options_type = static_cast<uint8_t>(tflite::BuiltinOptions::WhileOptions),
               .options = [](Builder& b) { return tflite::CreateWhileOptions(b, 1, 2).Union(); }}};
  main.inputs = {0};
  main.outputs = {1};
  for (int i = 0; i < 2; ++i) {
    SubgraphSpec& same = model.subgraphs.emplace_back();
    same.tensors = {{.name = "flag", .dtype = 6, .shape = {1}}};
    same.inputs = same.outputs = {0};
  }
  return model;
}

void SetFlag(Session& session, uint8_t flag) { REQUIRE(session.SetInput(0, AsBytes(Bytes{flag})).ok()); }

// y = x, a millisecond an element.
ModelSpec Slow(int32_t elements) {
  ModelSpec model;
  SubgraphSpec& main = model.subgraphs.emplace_back();
  main.tensors = {{.name = "x", .shape = {elements}}, {.name = "y", .shape = {elements}}};
  main.ops = {{.code = kCustom, .inputs = {0}, .outputs = {1}, .custom = "Slow"}};
  main.inputs = {0};
  main.outputs = {1};
  return model;
}

template <class F>
milliseconds Timed(F f) {
  const auto start = std::chrono::steady_clock::now();
  f();
  return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start);
}

}  // namespace

TEST_CASE("a budget of operators ends a loop, and the session goes on") {
  Opened m(Endless(), {.max_operators = 1000});
  SetFlag(*m.session, 1);
  const auto status = m.session->Invoke();
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code == Code::kLimit);
  CHECK(status.error().op == "WHILE");
  CHECK(status.error().ToString().find("more than 1000 operators") != std::string::npos);
  CHECK(m.session->OutputData(0).empty());
  SetFlag(*m.session, 0);
  CHECK(m.session->Invoke().ok());
  CHECK(m.session->Stats().operators == 2);  // WHILE, and the one round in which its condition was false
  CHECK(m.session->OutputData(0).size() == 1);
}

TEST_CASE("the budget is for one Invoke") {
  Opened m(AddModel(), {.max_operators = 1});
  for (int i = 0; i < 5; ++i) CHECK(m.session->Invoke().ok());
  ModelSpec two = AddModel();
  two.subgraphs[0].tensors.push_back({.name = "z", .shape = {2, 3}});
  two.subgraphs[0].ops.push_back({.code = kAdd, .inputs = {2, 1}, .outputs = {3}});
  Opened more(two, {.max_operators = 1});
  CHECK(more.session->Invoke().error().code == Code::kLimit);
}

TEST_CASE("a limit of time ends a loop") {
  Opened m(Endless(), {.max_time = milliseconds(20)});
  SetFlag(*m.session, 1);
  for (int i = 0; i < 2; ++i) {
    const auto took = Timed([&] {
      const auto status = m.session->Invoke();
      REQUIRE_FALSE(status.ok());
      CHECK(status.error().code == Code::kLimit);
      CHECK(status.error().ToString().find("time limit of 20000 us") != std::string::npos);
    });
    CHECK(took >= milliseconds(20));
    CHECK(took < milliseconds(2000));
  }
  SetFlag(*m.session, 0);
  CHECK(m.session->Invoke().ok());
}

TEST_CASE("a limit of time ends an operator between the pieces of its loop, with one thread and with several") {
  for (const int threads : {1, 3}) {
    Opened m(Slow(3000), {.threads = threads, .max_time = milliseconds(30)});
    const int before = Counts().slow_elements;
    const auto took = Timed([&] {
      const auto status = m.session->Invoke();
      REQUIRE_FALSE(status.ok());
      CHECK(status.error().code == Code::kLimit);
      CHECK(status.error().op == "Slow");
      CHECK(status.error().node == "y");
    });
    CHECK(took < milliseconds(1500));
    CHECK(Counts().slow_elements - before < 1500);
    CHECK(m.session->OutputData(0).empty());
  }
  Opened in_time(Slow(3), {.max_time = milliseconds(5000)});
  CHECK(in_time.session->Invoke().ok());
}

TEST_CASE("a limit of time holds for planning, and what was not finished is not kept") {
  ModelSpec spec = Slow(1000);
  spec.subgraphs[0].inputs.clear();
  spec.subgraphs[0].tensors[0].data = Pack(std::vector<float>(1000, 2));  // evaluated while planning
  const Bytes bytes = Build(spec);
  const auto model = Model::FromBytes(AsBytes(bytes), MakeKernels());
  REQUIRE(model.ok());
  const auto hasty = Session::Create(model.value(), {.max_time = milliseconds(10)});
  REQUIRE(hasty.ok());
  CHECK(hasty.value()->Prepare().error().code == Code::kLimit);
  const auto patient = Session::Create(model.value(), {.threads = 4});
  REQUIRE(patient.ok());
  REQUIRE(patient.value()->Invoke().ok());
  CHECK(Values<float>(patient.value()->OutputData(0)) == std::vector<float>(1000, 2));
  CHECK(hasty.value()->Prepare().ok());  // the other session has evaluated it meanwhile
}

TEST_CASE("Cancel from another thread ends a loop, and an operator that several threads work on") {
  Opened endless(Endless());
  SetFlag(*endless.session, 1);
  Opened slow(Slow(3000), {.threads = 2});
  for (Session* const session : {endless.session.get(), slow.session.get()}) {
    std::thread canceller([session] {
      std::this_thread::sleep_for(milliseconds(20));
      session->Cancel();
    });
    const auto took = Timed([&] {
      const auto status = session->Invoke();
      REQUIRE_FALSE(status.ok());
      CHECK(status.error().ToString().find("cancelled") != std::string::npos);
    });
    canceller.join();
    CHECK(took < milliseconds(2500));
  }
  SetFlag(*endless.session, 0);
  CHECK(endless.session->Invoke().ok());
}

TEST_CASE("a limit of bytes holds for variables") {
  ModelSpec model;
  SubgraphSpec& main = model.subgraphs.emplace_back();
  main.tensors = {{.name = "state", .shape = {1 << 20, 1 << 10}, .variable = true}, {.name = "y", .shape = {1}}};
  main.ops = {{.code = kCustom, .inputs = {0}, .outputs = {1}, .custom = "NonZero"}};
  main.outputs = {1};
  Opened m(model, {.max_bytes = 1 << 20});
  const auto status = m.session->Invoke();
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code == Code::kLimit);
  CHECK(status.error().node == "state");
}

TEST_CASE("limits that cannot be") {
  const Bytes bytes = Build(AddModel());
  const auto model = Model::FromBytes(AsBytes(bytes), MakeKernels());
  CHECK(Session::Create(model.value(), {.max_time = milliseconds(-1)}).error().code == Code::kUsage);
}

namespace {

// sum = x + one; flat = reshape(sum); twice = flat + flat; with a constant, and a tensor that nobody uses.
ModelSpec Chain() {
  ModelSpec model;
  SubgraphSpec& main = model.subgraphs.emplace_back();
  main.tensors = {{.name = "x", .shape = {2, 2}},
                  {.name = "one", .data = Pack<float>({1})},
                  {.name = "sum", .shape = {2, 2}},
                  {.name = "dims", .dtype = 2, .shape = {1}, .data = Pack<int32_t>({4})},
                  {.name = "flat", .shape = {4}},
                  {.name = "twice", .shape = {4}},
                  {.name = "again", .shape = {4}},
                  {.name = "unused", .shape = {4}}};
  main.ops = {{.code = kAdd, .inputs = {0, 1}, .outputs = {2}},
              {.code = kReshape, .inputs = {2, 3}, .outputs = {4}},
              {.code = kCustom, .inputs = {4}, .outputs = {5}, .custom = "Twice"},
              {.code = kAdd, .inputs = {5, 5}, .outputs = {6}}};
  main.inputs = {0};
  main.outputs = {6};
  return model;
}

std::vector<float> ValuesOf(const Session& session, const char* name) {
  const auto data = session.TensorData(session.FindTensor(name).value());
  REQUIRE_MESSAGE(data.ok(), data.error().ToString());
  return Values<float>(data.value());
}

}  // namespace

TEST_CASE("tensors that stay: every result can be read after Invoke") {
  Opened m(Chain(), {.keep_tensors = true});
  REQUIRE(m.session->SetInput(0, AsBytes(Pack<float>({1, 2, 3, 4}))).ok());
  CHECK(m.session->TensorData(0).error().code == Code::kUsage);  // before the first Invoke
  REQUIRE(m.session->Invoke().ok());
  CHECK(m.session->num_tensors() == 8);
  CHECK(ValuesOf(*m.session, "x") == std::vector<float>{1, 2, 3, 4});
  CHECK(ValuesOf(*m.session, "one") == std::vector<float>{1});
  CHECK(ValuesOf(*m.session, "sum") == std::vector<float>{2, 3, 4, 5});
  CHECK(ValuesOf(*m.session, "flat") == std::vector<float>{2, 3, 4, 5});
  CHECK(ValuesOf(*m.session, "twice") == std::vector<float>{4, 6, 8, 10});
  CHECK(ValuesOf(*m.session, "again") == std::vector<float>{8, 12, 16, 20});
  CHECK(m.session->TensorInfoAt(5).shape == std::vector<int64_t>{4});
  CHECK(m.session->TensorInfoAt(5).name == "twice");
  CHECK(m.session->FindTensor("nobody").error().code == Code::kNotFound);
  CHECK(m.session->TensorData(7).error().message.find("no operator") != std::string::npos);
}

TEST_CASE("without that, what was overwritten is refused with what to do") {
  Opened m(Chain());
  REQUIRE(m.session->SetInput(0, AsBytes(Pack<float>({1, 2, 3, 4}))).ok());
  REQUIRE(m.session->Invoke().ok());
  const auto sum = m.session->TensorData(2);
  REQUIRE_FALSE(sum.ok());
  CHECK(sum.error().code == Code::kUsage);
  CHECK(sum.error().hint == "SessionOptions::keep_tensors");
  CHECK(ValuesOf(*m.session, "one") == std::vector<float>{1});
}
