// State of a session with the shipped kernels: tables and lists, from one invocation to the next and after ResetVariables.
#include <tflower/schema_generated.h>

#include "convert_support.h"
#include "tests/unit/runtime/model_spec.h"

namespace tflower {
namespace {

using namespace convert_test;
using runtime::Session;
using runtime::test::Builder;
using runtime::test::ModelSpec;
using runtime::test::OpSpec;
using runtime::test::Pack;
using runtime::test::SubgraphSpec;
using tflite::BuiltinOptions;
using Floats32 = std::vector<float>;

constexpr int32_t kCallOnce = 129, kHashtable = 136, kFind = 137, kImport = 138;
constexpr int kInt32 = 2, kResource = 13;

struct Opened {
  runtime::test::Bytes bytes;
  std::unique_ptr<Session> session;

  explicit Opened(const ModelSpec& spec) : bytes(runtime::test::Build(spec)) {
    auto model = runtime::Model::FromBytes(runtime::test::AsBytes(bytes), std::make_shared<runtime::RegistryKernels>(TestRegistry()));
    REQUIRE_MESSAGE(model.ok(), (model.ok() ? "" : model.error().ToString()));
    session = std::move(Session::Create(model.value()).value());
  }
  Floats32 Run(size_t input, const runtime::test::Bytes& data) {
    REQUIRE(session->SetInput(input, runtime::test::AsBytes(data)).ok());
    const Status status = session->Invoke();
    REQUIRE_MESSAGE(status.ok(), (status.ok() ? "" : status.error().ToString()));
    return runtime::test::Values<float>(session->OutputData(0));
  }
};

// From int32 to float32, under one number for all subgraphs.
OpSpec Table(int32_t output) {
  return {.code = kHashtable, .outputs = {output}, .options_type = static_cast<uint8_t>(BuiltinOptions::HashtableOptions), .options = [](Builder& b) {
            return tflite::CreateHashtableOptions(b, 7, tflite::TensorType::INT32, tflite::TensorType::FLOAT32).Union();
          }};
}

// y = table[keys]; where it is filled, the caller says.
SubgraphSpec LookUp() {
  SubgraphSpec main;
  main.tensors = {{.name = "keys", .dtype = kInt32, .shape = {2}},
                  {.name = "table", .dtype = kResource, .shape = {1}},
                  {.name = "none", .data = Pack<float>({-1})},
                  {.name = "y", .shape = {2}},
                  {.name = "values", .shape = {2}}};
  main.ops = {Table(1), {.code = kFind, .inputs = {1, 0, 2}, .outputs = {3}}};
  main.inputs = {0};
  main.outputs = {3};
  return main;
}

}  // namespace

TEST_CASE("tables: filled by the first invocation that does, empty again when the session is reset") {
  ModelSpec spec;
  SubgraphSpec& main = spec.subgraphs.emplace_back(LookUp());
  main.inputs = {0, 4};
  main.ops.insert(main.ops.begin() + 1, {.code = kImport, .inputs = {1, 0, 4}});
  Opened m(spec);
  REQUIRE(m.session->SetInput(0, runtime::test::AsBytes(Pack<int32_t>({1, 2}))).ok());
  CHECK(m.Run(1, Pack<float>({0.5f, 1.5f})) == Floats32{0.5f, 1.5f});
  CHECK(m.Run(1, Pack<float>({7, 8})) == Floats32{0.5f, 1.5f});
  m.session->ResetVariables();
  CHECK(m.Run(1, Pack<float>({7, 8})) == Floats32{7, 8});
  CHECK(m.Run(0, Pack<int32_t>({2, 3})) == Floats32{8, -1});
}

TEST_CASE("tables: an initialiser fills them once, and once more after a reset; each session has its own") {
  ModelSpec spec;
  SubgraphSpec& main = spec.subgraphs.emplace_back(LookUp());
  main.ops.insert(main.ops.begin(), {.code = kCallOnce, .options_type = static_cast<uint8_t>(BuiltinOptions::CallOnceOptions),
                                     .options = [](Builder& b) { return tflite::CreateCallOnceOptions(b, 1).Union(); }});
  SubgraphSpec& init = spec.subgraphs.emplace_back();
  init.tensors = {{.name = "table", .dtype = kResource, .shape = {1}},
                  {.name = "k", .dtype = kInt32, .shape = {2}, .data = Pack<int32_t>({1, 2})},
                  {.name = "v", .shape = {2}, .data = Pack<float>({10, 20})}};
  init.ops = {Table(0), {.code = kImport, .inputs = {0, 1, 2}}};
  Opened first(spec), second(spec);
  for (int round = 0; round < 3; ++round) {
    CHECK(first.Run(0, Pack<int32_t>({2, 1})) == Floats32{20, 10});
    CHECK(first.Run(0, Pack<int32_t>({3, 2})) == Floats32{-1, 20});
    first.session->ResetVariables();
  }
  CHECK(second.Run(0, Pack<int32_t>({1, 5})) == Floats32{10, -1});
}

TEST_CASE("lists: what a loop wrote in one invocation is not seen in the next, nor after a reset") {
  const auto type = [](std::string name, std::string t) { return "attr { key: '" + name + "' value { type: " + t + " } } "; };
  const auto op = [](std::string kind, std::string name, std::string op, std::vector<std::string> inputs, std::string attrs) {
    std::string text = kind + " { name: '" + name + "' op: '" + op + "' ";
    for (const std::string& in : inputs) text += "input: '" + in + "' ";
    return text + attrs + "}\n";
  };
  const std::string args = "input_arg { name: 'i' type: DT_INT32 } input_arg { name: 'l' type: DT_VARIANT } input_arg { name: 'n' type: DT_INT32 } input_arg { name: 'x' type: DT_FLOAT } ";
  const std::string results = "output_arg { name: 'a' type: DT_INT32 } output_arg { name: 'b' type: DT_VARIANT } output_arg { name: 'c' type: DT_INT32 } output_arg { name: 'd' type: DT_FLOAT } ";
  const std::string library =
      "library { function { signature { name: 'more' " + args + "output_arg { name: 'y' type: DT_BOOL } } " + op("node_def", "less", "Less", {"i", "n"}, type("T", "DT_INT32")) +
      "ret { key: 'y' value: 'less:z:0' } } function { signature { name: 'body' " + args + results + "} " + Ints("one", {}, {1}).replace(0, 4, "node_def") +
      op("node_def", "next", "AddV2", {"i", "one:output:0"}, type("T", "DT_INT32")) + op("node_def", "w", "TensorListSetItem", {"l", "i", "x"}, type("element_dtype", "DT_FLOAT")) +
      "ret { key: 'a' value: 'next:z:0' } ret { key: 'b' value: 'w:output_handle:0' } ret { key: 'c' value: 'n' } ret { key: 'd' value: 'x' } } }\n";
  Workspace w;
  const Converted c = w.Good(Placeholder("x", {2}) + Ints("axis", {1}, {0}) + Node("sum", "Sum", {"x", "axis"}, type("Tidx", "DT_INT32")) +
                             op("node", "rounds", "Cast", {"sum"}, type("SrcT", "DT_FLOAT") + type("DstT", "DT_INT32")) + Ints("start", {}, {0}) + Ints("three", {}, {3}) +
                             Ints("any", {}, {-1}) + op("node", "list", "TensorListReserve", {"any", "three"}, type("element_dtype", "DT_FLOAT") + type("shape_type", "DT_INT32")) +
                             op("node", "loop", "While", {"start", "list", "rounds", "x"}, "attr { key: 'cond' value { func { name: 'more' } } } attr { key: 'body' value { func { name: 'body' } } } ") +
                             op("node", "y", "TensorListStack", {"loop:1", "any"}, type("element_dtype", "DT_FLOAT")) + library);
  const auto session = std::move(Session::Create(c.model).value());
  const auto run = [&](const Floats32& x) {
    REQUIRE(session->SetInput(0, std::as_bytes(std::span(x))).ok());
    const Status status = session->Invoke();
    REQUIRE_MESSAGE(status.ok(), (status.ok() ? "" : status.error().ToString()));
    return runtime::test::Values<float>(session->OutputData(0));
  };
  for (int round = 0; round < 2; ++round) {
    CHECK(run({4, -1}) == Floats32{4, -1, 4, -1, 4, -1});
    CHECK(run({2, -1}) == Floats32{2, -1, 0, 0, 0, 0});
    CHECK(run({0, 0}) == Floats32{0, 0, 0, 0, 0, 0});
    session->ResetVariables();
  }
}

}  // namespace tflower
