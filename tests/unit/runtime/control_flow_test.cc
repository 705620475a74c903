// IF, CASE, WHILE, CALL, CALL_ONCE, composites and resource variables: what the runtime does without kernels.
#include <doctest/doctest.h>

#include <tflower/schema_generated.h>

#include "model_spec.h"
#include "test_kernels.h"
#include "tflower/runtime.h"

using namespace tflower;
using namespace tflower::runtime;
using namespace tflower::runtime::test;
using tflite::BuiltinOptions;

namespace {

constexpr int32_t kAdd = 0, kCall = 31, kLess = 58, kIf = 118, kWhile = 119, kCallOnce = 129, kVarHandle = 142, kRead = 143,
                  kAssign = 144, kStablehloWhile = 200, kComposite = 206, kCase = 209;
constexpr int kBool = 6, kResource = 13;

OpSpec If(std::vector<int32_t> inputs, std::vector<int32_t> outputs, int then_subgraph, int else_subgraph) {
  return {.code = kIf,
          .inputs = inputs,
          .outputs = outputs,
          .options_type = static_cast<uint8_t>(BuiltinOptions::IfOptions),
          .options = [=](Builder& b) { return tflite::CreateIfOptions(b, then_subgraph, else_subgraph).Union(); }};
}

OpSpec While(std::vector<int32_t> inputs, std::vector<int32_t> outputs, int cond, int body) {
  return {.code = kWhile,
          .inputs = inputs,
          .outputs = outputs,
          .options_type = static_cast<uint8_t>(BuiltinOptions::WhileOptions),
          .options = [=](Builder& b) { return tflite::CreateWhileOptions(b, cond, body).Union(); }};
}

OpSpec VarHandle(int32_t output, std::string name) {
  return {.code = kVarHandle,
          .outputs = {output},
          .options_type = static_cast<uint8_t>(BuiltinOptions::VarHandleOptions),
          .options = [=](Builder& b) { return tflite::CreateVarHandleOptions(b, 0, b.CreateString(name)).Union(); }};
}

OpSpec Call(std::vector<int32_t> inputs, std::vector<int32_t> outputs, uint32_t subgraph) {
  return {.code = kCall,
          .inputs = inputs,
          .outputs = outputs,
          .options_type = static_cast<uint8_t>(BuiltinOptions::CallOptions),
          .options = [=](Builder& b) { return tflite::CreateCallOptions(b, subgraph).Union(); }};
}

// An operator of the second union of options.
template <class Options>
OpSpec Stablehlo(int32_t code, std::vector<int32_t> inputs, std::vector<int32_t> outputs, tflite::BuiltinOptions2 type, Options options) {
  OpSpec op{.code = code, .inputs = inputs, .outputs = outputs};
  op.options_2_type = static_cast<uint8_t>(type);
  op.options = options;
  return op;
}

// a + constant
SubgraphSpec AddConstant(float value) {
  SubgraphSpec s;
  s.tensors = {{.name = "a", .shape = {1}, .signature = {-1}},
               {.name = "c", .data = Pack<float>({value})},
               {.name = "b", .shape = {1}, .signature = {-1}}};
  s.ops = {{.code = kAdd, .inputs = {0, 1}, .outputs = {2}}};
  s.inputs = {0};
  s.outputs = {2};
  return s;
}

struct Opened {
  Bytes bytes;
  std::unique_ptr<Session> session;

  explicit Opened(const ModelSpec& spec) : bytes(Build(spec)) {
    auto model = Model::FromBytes(AsBytes(bytes), MakeKernels());
    REQUIRE_MESSAGE(model.ok(), model.error().ToString());
    session = std::move(Session::Create(model.value()).value());
  }
  void Set(size_t input, const Bytes& data) { REQUIRE(session->SetInput(input, AsBytes(data)).ok()); }
  std::vector<float> Run() {
    const auto status = session->Invoke();
    REQUIRE_MESSAGE(status.ok(), status.error().ToString());
    return Values<float>(session->OutputData(0));
  }
};

ModelSpec IfModel() {
  ModelSpec model;
  SubgraphSpec& main = model.subgraphs.emplace_back();
  main.tensors = {{.name = "flag", .dtype = kBool},
                  {.name = "x", .shape = {1}, .signature = {-1}},
                  {.name = "y", .shape = {1}, .signature = {-1}},
                  {.name = "z", .shape = {1}, .signature = {-1}}};
  main.ops = {If({0, 1}, {2}, 1, 2), {.code = kAdd, .inputs = {2, 2}, .outputs = {3}}};
  main.inputs = {0, 1};
  main.outputs = {3};
  model.subgraphs.push_back(AddConstant(1));
  model.subgraphs.push_back(AddConstant(10));
  return model;
}

}  // namespace

TEST_CASE("IF takes one branch, and what follows gets its shape") {
  Opened m(IfModel());
  for (const int64_t n : {1, 3}) {
    REQUIRE(m.session->Resize(1, std::vector<int64_t>{n}).ok());
    m.Set(1, Pack(std::vector<float>(static_cast<size_t>(n), 5)));
    m.Set(0, {1});
    CHECK(m.Run() == std::vector<float>(static_cast<size_t>(n), 12));
    m.Set(0, {0});
    CHECK(m.Run() == std::vector<float>(static_cast<size_t>(n), 30));
  }
}

TEST_CASE("a branch with other operands is refused") {
  ModelSpec spec = IfModel();
  spec.subgraphs[1].inputs = {0, 2};
  spec.subgraphs[1].ops.clear();
  Opened m(spec);
  m.Set(0, {1});
  m.Set(1, Pack<float>({1}));
  CHECK(m.session->Invoke().error().code == Code::kInvalidGraph);
}

TEST_CASE("WHILE runs until its condition fails") {
  ModelSpec spec;
  SubgraphSpec& main = spec.subgraphs.emplace_back();
  main.tensors = {{.name = "x", .shape = {1}}, {.name = "y", .shape = {1}}};
  main.ops = {While({0}, {1}, 1, 2)};
  main.inputs = {0};
  main.outputs = {1};
  SubgraphSpec& cond = spec.subgraphs.emplace_back();
  cond.tensors = {
      {.name = "i", .shape = {1}}, {.name = "limit", .data = Pack<float>({10})}, {.name = "more", .dtype = kBool}};
  cond.ops = {{.code = kLess, .inputs = {0, 1}, .outputs = {2}}};
  cond.inputs = {0};
  cond.outputs = {2};
  spec.subgraphs.push_back(AddConstant(3));
  Opened m(spec);
  m.Set(0, Pack<float>({1}));
  CHECK(m.Run() == std::vector<float>{10});
  m.Set(0, Pack<float>({2}));
  CHECK(m.Run() == std::vector<float>{11});
  m.Set(0, Pack<float>({50}));
  CHECK(m.Run() == std::vector<float>{50});
}

TEST_CASE("CALL and STABLEHLO_COMPOSITE run a subgraph") {
  for (const bool composite : {false, true}) {
    ModelSpec spec;
    SubgraphSpec& main = spec.subgraphs.emplace_back();
    main.tensors = {{.name = "x", .shape = {1}, .signature = {-1}}, {.name = "y", .shape = {1}, .signature = {-1}}};
    main.ops = {composite ? Stablehlo(kComposite, {0}, {1}, tflite::BuiltinOptions2::StableHLOCompositeOptions,
                                      [](Builder& b) { return tflite::CreateStableHLOCompositeOptions(b, b.CreateString("acme.add"), 1).Union(); })
                          : Call({0}, {1}, 1)};
    main.inputs = {0};
    main.outputs = {1};
    spec.subgraphs.push_back(AddConstant(4));
    Opened m(spec);
    for (const int64_t n : {1, 3}) {
      REQUIRE(m.session->Resize(0, std::vector<int64_t>{n}).ok());
      m.Set(0, Pack(std::vector<float>(static_cast<size_t>(n), 5)));
      CHECK(m.Run() == std::vector<float>(static_cast<size_t>(n), 9));
    }
    spec.subgraphs[1].ops.clear();  // a subgraph without inputs
    spec.subgraphs[1].inputs.clear();
    spec.subgraphs[1].outputs = {1};
    Opened other(spec);
    CHECK(other.session->Invoke().error().code == Code::kInvalidGraph);
  }
}

TEST_CASE("STABLEHLO_CASE takes the branch of the index, and the last one for an index outside") {
  ModelSpec spec;
  SubgraphSpec& main = spec.subgraphs.emplace_back();
  main.tensors = {{.name = "index", .dtype = 2}, {.name = "x", .shape = {1}}, {.name = "y", .shape = {1}}};
  main.ops = {Stablehlo(kCase, {0, 1}, {2}, tflite::BuiltinOptions2::StablehloCaseOptions, [](Builder& b) {
    return tflite::CreateStablehloCaseOptions(b, b.CreateVector(std::vector<int32_t>{1, 2})).Union();
  })};
  main.inputs = {0, 1};
  main.outputs = {2};
  spec.subgraphs.push_back(AddConstant(1));
  spec.subgraphs.push_back(AddConstant(10));
  Opened m(spec);
  m.Set(1, Pack<float>({5}));
  for (const auto& [index, expected] : {std::pair<int32_t, float>{0, 6}, {1, 15}, {2, 15}, {-1, 15}, {INT32_MIN, 15}}) {
    m.Set(0, Pack<int32_t>({index}));
    CHECK(m.Run() == std::vector<float>{expected});
  }
}

TEST_CASE("STABLEHLO_WHILE is WHILE") {
  ModelSpec spec;
  SubgraphSpec& main = spec.subgraphs.emplace_back();
  main.tensors = {{.name = "x", .shape = {1}}, {.name = "y", .shape = {1}}};
  main.ops = {Stablehlo(kStablehloWhile, {0}, {1}, tflite::BuiltinOptions2::StablehloWhileOptions,
                        [](Builder& b) { return tflite::CreateStablehloWhileOptions(b, 1, 2).Union(); })};
  main.inputs = {0};
  main.outputs = {1};
  SubgraphSpec& cond = spec.subgraphs.emplace_back();
  cond.tensors = {{.name = "i", .shape = {1}}, {.name = "limit", .data = Pack<float>({10})}, {.name = "more", .dtype = kBool}};
  cond.ops = {{.code = kLess, .inputs = {0, 1}, .outputs = {2}}};
  cond.inputs = {0};
  cond.outputs = {2};
  spec.subgraphs.push_back(AddConstant(3));
  Opened m(spec);
  m.Set(0, Pack<float>({1}));
  CHECK(m.Run() == std::vector<float>{10});
}

namespace {

// CALL_ONCE(v := 5); y = v; v := v + x
ModelSpec Counter() {
  ModelSpec spec;
  SubgraphSpec& main = spec.subgraphs.emplace_back();
  main.tensors = {{.name = "x", .shape = {1}},
                  {.name = "handle", .dtype = kResource},
                  {.name = "y", .shape = {1}},
                  {.name = "next", .shape = {1}}};
  main.ops = {{.code = kCallOnce,
               .options_type = static_cast<uint8_t>(BuiltinOptions::CallOnceOptions),
               .options = [](Builder& b) { return tflite::CreateCallOnceOptions(b, 1).Union(); }},
              VarHandle(1, "v"),
              {.code = kRead, .inputs = {1}, .outputs = {2}},
              {.code = kAdd, .inputs = {2, 0}, .outputs = {3}},
              {.code = kAssign, .inputs = {1, 3}}};
  main.inputs = {0};
  main.outputs = {2};
  SubgraphSpec& init = spec.subgraphs.emplace_back();
  init.tensors = {{.name = "handle", .dtype = kResource}, {.name = "five", .shape = {1}, .data = Pack<float>({5})}};
  init.ops = {VarHandle(0, "v"), {.code = kAssign, .inputs = {0, 1}}};
  return spec;
}

}  // namespace

TEST_CASE("resource variables: initialised once, assigned, reset") {
  Opened m(Counter());
  m.Set(0, Pack<float>({2}));
  CHECK(m.Run() == std::vector<float>{5});
  CHECK(m.Run() == std::vector<float>{7});
  CHECK(m.Run() == std::vector<float>{9});
  m.session->ResetVariables();
  CHECK(m.Run() == std::vector<float>{5});
}

TEST_CASE("a variable without a value is an error that names it") {
  ModelSpec spec = Counter();
  spec.subgraphs[0].ops.erase(spec.subgraphs[0].ops.begin());
  Opened m(spec);
  const auto status = m.session->Invoke();
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code == Code::kInvalidOperand);
  CHECK(status.error().message.find("'v'") != std::string::npos);
}

TEST_CASE("handles cannot be given by the user") {
  ModelSpec spec = Counter();
  spec.subgraphs[0].ops.erase(spec.subgraphs[0].ops.begin(), spec.subgraphs[0].ops.begin() + 2);
  spec.subgraphs[0].inputs = {0, 1};
  Opened m(spec);
  CHECK(m.session->SetInput(1, AsBytes(Bytes(4, 7))).error().code == Code::kUnsupportedType);
  CHECK(m.session->InputData(1).error().code == Code::kUnsupportedType);
  CHECK_FALSE(m.session->Invoke().ok());
}
