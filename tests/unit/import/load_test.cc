#include "import/load.h"

#include <doctest/doctest.h>

#include "files.h"
#include "graph_builder.h"

namespace tflower::tf {
namespace {

std::vector<std::string> Keys(const std::vector<TensorInfo>& infos) {
  std::vector<std::string> keys;
  for (const TensorInfo& info : infos) keys.push_back(info.key);
  return keys;
}

std::vector<std::string> Keys(const std::vector<Signature>& signatures) {
  std::vector<std::string> keys;
  for (const Signature& signature : signatures) keys.push_back(signature.key);
  return keys;
}

using Strings = std::vector<std::string>;

}  // namespace

TEST_CASE("load: a Keras export keeps serving_default of its pair") {
  const auto loaded = LoadModel(Fixture("keras_export"));
  REQUIRE_MESSAGE(loaded.ok(), loaded.error().ToString());
  const Graph& graph = loaded.value();
  CHECK(graph.is_saved_model());
  CHECK(graph.tensorflow_version() == "2.21.0");
  CHECK(graph.producer_version() > 1000);
  CHECK(Keys(graph.signatures()) == Strings{"serving_default"});
  const Signature& signature = graph.signatures()[0];
  CHECK(signature.method_name == "tensorflow/serving/predict");
  REQUIRE(signature.inputs.size() == 1);
  CHECK(signature.inputs[0].dtype == DataType::kFloat);
  CHECK(signature.inputs[0].shape == PartialShape({-1, 2}));
  CHECK(graph.nodes()[static_cast<size_t>(signature.inputs[0].node)].op == "Placeholder");
  REQUIRE(graph.init_op());
  CHECK(graph.init_op()->op == "NoOp");
  CHECK(LoadModel(Fixture("keras_export"), {.signatures = {"serve"}}).value().signatures()[0].key == "serve");
}

TEST_CASE("load: several signatures, sorted, and chosen by name") {
  CHECK(Keys(LoadModel(Fixture("two_names")).value().signatures()) == Strings{"add", "multiply"});
  const auto one = LoadModel(Fixture("two_names"), {.signatures = {"multiply"}});
  CHECK(Keys(one.value().signatures()) == Strings{"multiply"});
  CHECK(Keys(one.value().signatures()[0].outputs) == Strings{"indices", "product"});
  const auto none = LoadModel(Fixture("two_names"), {.signatures = {"divide"}});
  REQUIRE_FALSE(none.ok());
  CHECK(none.error().code == Code::kNotFound);
  CHECK(none.error().hint == "it has: add, multiply");
}

TEST_CASE("load: the meta graph is chosen by its tags") {
  CHECK(LoadModel(Fixture("tf1")).ok());
  CHECK(LoadModel(Fixture("tf1"), {.tags = "small,serve"}).ok());
  const auto missing = LoadModel(Fixture("tf1"), {.tags = "gpu"});
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().code == Code::kNotFound);
  CHECK(missing.error().hint.find("serve | serve,small") != std::string::npos);
}

TEST_CASE("load: a model is the same by its folder, its file, and as text") {
  const Graph folder = std::move(LoadModel(Fixture("two_names")).value());
  const auto file = LoadModel(Fixture("two_names/saved_model.pb"));
  REQUIRE(file.ok());
  CHECK(file.value().nodes().size() == folder.nodes().size());
  CHECK(file.value().FindVariable("x").ok());

  proto::SavedModel message;
  REQUIRE(message.ParseFromString(ReadFile(Fixture("two_names/saved_model.pb"))));
  const TempFolder temp;
  const std::string copy = temp.Copy("two_names");
  std::filesystem::remove(copy + "/saved_model.pb");
  WriteFile(copy + "/saved_model.pbtxt", message.DebugString());
  const auto text = LoadModel(copy);
  REQUIRE_MESSAGE(text.ok(), text.error().ToString());
  CHECK(text.value().nodes().size() == folder.nodes().size());
  CHECK(Keys(text.value().signatures()) == Strings{"add", "multiply"});
  for (const std::string_view name : folder.FunctionNames()) CHECK(text.value().FindFunction(name).ok());
  CHECK(text.value().FindVariable("x_1").value()->checkpoint_key == folder.FindVariable("x_1").value()->checkpoint_key);
}

TEST_CASE("load: all functions of real models parse, with numbered outputs") {
  for (const char* model : {"keras_export", "keras_save", "two_names", "asset", "sharded"}) {
    const auto graph = LoadModel(Fixture(model));
    REQUIRE(graph.ok());
    for (const std::string_view name : graph.value().FunctionNames()) {
      const auto function = graph.value().FindFunction(name);
      CHECK_MESSAGE(function.ok(), function.error().ToString());
      CHECK(function.value()->results.size() == function.value()->outputs.size());
    }
  }
  // multiply returns TopKV2's indices: "TopKV2:indices:0" is output 1.
  const Graph graph = std::move(LoadModel(Fixture("two_names")).value());
  bool seen = false;
  for (const std::string_view name : graph.FunctionNames())
    for (const Node& node : graph.FindFunction(name).value()->body.nodes())
      for (const Input& input : node.inputs)
        if (input.ref.find(":indices:0") != std::string_view::npos) seen = input.output == 1;
  CHECK(seen);
  REQUIRE(graph.FindOpDef("TopKV2"));
  CHECK(graph.FindOpDef("TopKV2")->outputs.size() == 2);
  CHECK(graph.FindOpDef("Conv2D") == nullptr);
}

TEST_CASE("load: a frozen graph, binary and text, finds its own inputs and outputs") {
  for (const char* file : {"frozen.pb", "frozen.pbtxt"}) {
    const auto loaded = LoadModel(Fixture(file));
    REQUIRE_MESSAGE(loaded.ok(), loaded.error().ToString());
    const Graph& graph = loaded.value();
    CHECK_FALSE(graph.is_saved_model());
    REQUIRE(graph.signatures().size() == 1);
    const Signature& signature = graph.signatures()[0];
    CHECK(signature.key == "serving_default");
    CHECK(Keys(signature.inputs) == Strings{"x"});
    CHECK(signature.inputs[0].shape == PartialShape({-1, 4}));
    CHECK(signature.inputs[0].dtype == DataType::kFloat);
    CHECK(Keys(signature.outputs) == Strings{"split", "split:1"});
    const TensorData kernel = AttrTensor(*graph.FindNode("kernel")->Find("value")).value();
    CHECK(kernel.dims == std::vector<int64_t>{4, 2});
    CHECK(kernel.bytes.size() == 32);
    const TensorData bias = AttrTensor(*graph.FindNode("bias")->Find("value")).value();
    CHECK(bias.bytes.size() == 8);  // a splat
    CHECK(graph.FindVariable("kernel").error().code == Code::kInvalidGraph);
  }
}

TEST_CASE("load: inputs and outputs by name") {
  const auto cut = LoadModel(Fixture("frozen.pb"), {.inputs = {"relu:0"}, .outputs = {"split:1", "split"}});
  REQUIRE_MESSAGE(cut.ok(), cut.error().ToString());
  const Signature& signature = cut.value().signatures()[0];
  CHECK(Keys(signature.inputs) == Strings{"relu"});
  CHECK(signature.inputs[0].dtype == DataType::kFloat);
  CHECK(Keys(signature.outputs) == Strings{"split:1", "split"});
  CHECK(signature.outputs[0].output == 1);
  CHECK(LoadModel(Fixture("frozen.pb"), {.outputs = {"none"}}).error().code == Code::kNotFound);
  CHECK(LoadModel(Fixture("frozen.pb"), {.inputs = {"x", "x:0"}}).error().code == Code::kUsage);
  // Of a SavedModel: the cut replaces its signatures, placeholders are found.
  const auto tf1 = LoadModel(Fixture("tf1"), {.outputs = {"MatMul"}});
  REQUIRE(tf1.ok());
  CHECK(Keys(tf1.value().signatures()[0].inputs) == Strings{"x"});
}

TEST_CASE("load: shapes of inputs") {
  const auto shape = [](const LoadOptions& options) {
    const auto loaded = LoadModel(Fixture("frozen.pb"), options);
    return loaded.ok() ? loaded.value().signatures()[0].inputs[0].shape : PartialShape();
  };
  const auto code = [](std::map<std::string, std::vector<int64_t>> shapes) {
    return LoadModel(Fixture("frozen.pb"), {.input_shapes = std::move(shapes)}).error().code;
  };
  CHECK(shape({.input_shapes = {{"x", {3, 4}}}}) == PartialShape({3, 4}));
  CHECK(shape({.input_shapes = {{"x:0", {-1, 4}}}}) == PartialShape({-1, 4}));
  CHECK(shape({.batch = 7}) == PartialShape({7, 4}));
  CHECK(code({{"x", {3, 5}}}) == Code::kUsage);
  CHECK(code({{"x", {3}}}) == Code::kUsage);
  CHECK(code({{"x", {-2, 4}}}) == Code::kUsage);
  CHECK(code({{"y", {3, 4}}}) == Code::kUsage);
  proto::GraphDef unknown = SmallGraph();
  CHECK(Load(unknown, {.input_shapes = {{"x", {5}}}}).value().signatures()[0].inputs[0].shape == PartialShape(std::vector<int64_t>{5}));
}

TEST_CASE("load: files of other kinds are named, with a hint") {
  const TempFolder folder;
  const auto load = [&](const std::string& name, const std::string& bytes) {
    WriteFile(folder.Path(name), bytes);
    return std::move(LoadModel(folder.Path(name)).error());
  };
  CHECK(load("m.keras", "PK\x03\x04 and more").code == Code::kUnknownFormat);
  CHECK(load("m.keras", "PK\x03\x04 and more").message == "reading Keras files is not supported by this version");
  CHECK(load("m.h5", "\x89HDF\r\n\x1a\n").code == Code::kUnknownFormat);
  CHECK(load("m.tflite", std::string("\x1c\0\0\0TFL3", 8)).code == Code::kUnknownFormat);
  CHECK(load("m.txt", "hello").code == Code::kUnknownFormat);
  CHECK(load("m.txt", "node { name: 'x' op: }").code == Code::kMalformed);
  CHECK(load("empty", "").code == Code::kMalformed);
  CHECK(LoadModel(folder.Path("none")).error().code == Code::kUnreadable);
  CHECK(LoadModel("/dev/null").error().code == Code::kUnreadable);
  const auto no_model = LoadModel(folder.Path());
  CHECK(no_model.error().code == Code::kUnknownFormat);
  WriteFile(folder.Path("saved_model.cpb"), "x");
  CHECK(LoadModel(folder.Path()).error().hint.find("experimental_image_format") != std::string::npos);
  WriteFile(folder.Path("saved_model.pb"), "");
  CHECK(LoadModel(folder.Path()).error().code == Code::kMalformed);
  WriteFile(folder.Path("saved_model.pb"), std::string("\x08\x07\x12\x00", 4));  // schema version 7
  CHECK(LoadModel(folder.Path()).error().code == Code::kUnknownFormat);
}

TEST_CASE("load: text nested without end is refused") {
  const TempFolder folder;
  std::string text = "node { name: 'a' op: 'b' attr { key: 'k' value { ";
  for (int i = 0; i < 100000; ++i) text += "func { attr { value { ";
  WriteFile(folder.Path("deep.pbtxt"), text);
  CHECK(LoadModel(folder.Path("deep.pbtxt")).error().code == Code::kMalformed);
}

}  // namespace tflower::tf
