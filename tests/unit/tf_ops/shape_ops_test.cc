// Lowerings that reshape, slice and move data: what they emit with known and unknown dimensions, what they compute, what they refuse.
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <unistd.h>

#include <doctest/doctest.h>

#include "convert.h"
#include "runtime/model/view.h"
#include "runtime/plan/kernel_source.h"
#include "tflower/runtime.h"

namespace tflower {
namespace {

namespace fs = std::filesystem;

const Registry& TestRegistry() {
  static const std::unique_ptr<Registry> registry = [] {
    RegistryOptions options;
#ifdef TFLOWER_TEST_PLUGINS
    options.search_path = {TFLOWER_TEST_PLUGINS};
#endif
    return std::move(Registry::Open(options).value());
  }();
  return *registry;
}

// ---- graphs in text form

std::string Attr(std::string name, std::string value) { return "attr { key: '" + name + "' value { " + value + " } } "; }
std::string Type(std::string name, std::string type) { return Attr(name, "type: DT_" + type); }
std::string Int(std::string name, int value) { return Attr(name, "i: " + std::to_string(value)); }
const std::string kFloat = Type("T", "FLOAT");

std::string Dims(std::vector<int> dims) {
  std::string text;
  for (int d : dims) text += "dim { size: " + std::to_string(d) + " } ";
  return text;
}
std::string Node(std::string name, std::string op, std::vector<std::string> inputs, std::string attrs = kFloat) {
  std::string text = "node { name: '" + name + "' op: '" + op + "' ";
  for (const std::string& in : inputs) text += "input: '" + in + "' ";
  return text + attrs + "}\n";
}
std::string X(std::vector<int> dims, std::string name = "x", std::string type = "FLOAT") {
  return Node(name, "Placeholder", {}, Type("dtype", type) + Attr("shape", "shape { " + Dims(dims) + "}"));
}
std::string Tensor(std::string name, std::string type, std::vector<int> dims, std::string values) {
  return Node(name, "Const", {}, Type("dtype", type) + Attr("value", "tensor { dtype: DT_" + type + " tensor_shape { " + Dims(dims) + "} " + values + "}"));
}
std::string Ints(std::string name, std::vector<int> dims, std::vector<int> values) {
  std::string text;
  for (int v : values) text += "int_val: " + std::to_string(v) + " ";
  return Tensor(name, "INT32", dims, text);
}
std::string Vector(std::string name, std::vector<int> values) { return Ints(name, {static_cast<int>(values.size())}, values); }
// The batch of x as scalar "b".
const std::string kBatchOfX = Node("shape", "Shape", {"x"}, kFloat + Type("out_type", "INT32")) + Vector("at0", {0}) + Vector("at1", {1}) +
                              Node("b", "StridedSlice", {"shape", "at0", "at1", "at1"}, Type("T", "INT32") + Type("Index", "INT32") + Int("shrink_axis_mask", 1));

// ---- conversions

struct Converted {
  Result<ConvertReport> report = Error();
  lower::LowerFailures failures;
  std::shared_ptr<const runtime::Model> model;

  // Names of the operators, in order.
  std::string Operators() const {
    std::string names;
    for (const runtime::OperatorView& op : model->view().subgraphs()[0].operators) names += (names.empty() ? "" : " ") + std::string(op.name);
    return names;
  }
  std::vector<int64_t> OutputShape() const {
    const runtime::SubgraphView& graph = model->view().subgraphs()[0];
    const std::span<const int64_t> dims = graph.tensors[static_cast<size_t>(graph.outputs[0])].signature;
    return {dims.begin(), dims.end()};
  }
  template <class T = float>
  std::vector<T> Run(std::vector<std::vector<T>> inputs) const {
    auto session = runtime::Session::Create(model);
    REQUIRE(session.ok());
    for (size_t i = 0; i < inputs.size(); ++i) REQUIRE(session.value()->SetInput(static_cast<int>(i), std::as_bytes(std::span(inputs[i]))).ok());
    REQUIRE(session.value()->Invoke().ok());
    const auto bytes = session.value()->OutputData(0);
    const T* y = reinterpret_cast<const T*>(bytes.data());
    return {y, y + bytes.size() / sizeof(T)};
  }
};

Converted Convert(const std::string& graph) {
  const fs::path dir = fs::temp_directory_path() / ("tflower_shape_ops_" + std::to_string(::getpid()));
  fs::create_directories(dir);
  std::ofstream(dir / "graph.pbtxt") << graph;
  Converted c;
  c.report = tflower::Convert(dir / "graph.pbtxt", TestRegistry(), {}, dir / "out.tflite", c.failures);
  if (c.report.ok()) {
    auto model = runtime::Model::FromFile(dir / "out.tflite", std::make_shared<runtime::RegistryKernels>(TestRegistry()));
    REQUIRE_MESSAGE(model.ok(), (model.ok() ? "" : model.error().ToString()));
    c.model = model.value();
  }
  fs::remove_all(dir);
  return c;
}

Converted Good(const std::string& graph) {
  Converted c = Convert(graph);
  std::string why = c.report.ok() ? "" : c.report.error().ToString();
  for (const Error& e : c.failures.errors) why += "\n" + e.ToString();
  REQUIRE_MESSAGE(c.report.ok(), why);
  return c;
}

// The only failure of the graph, as text.
std::string Refusal(const std::string& graph) {
  const Converted c = Convert(graph);
  REQUIRE(!c.report.ok());
  REQUIRE(c.failures.errors.size() == 1);
  return c.failures.errors[0].ToString();
}
bool Has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::vector<float> Count(int n) {
  std::vector<float> x;
  for (int i = 0; i < n; ++i) x.push_back(static_cast<float>(i));
  return x;
}

const std::string kTshape = kFloat + Type("Tshape", "INT32");
std::string Slice(std::vector<int> begin, std::vector<int> end, std::vector<int> strides, std::string masks) {
  return Vector("begin", begin) + Vector("end", end) + Vector("strides", strides) +
         Node("y", "StridedSlice", {"x", "begin", "end", "strides"}, kFloat + Type("Index", "INT32") + masks);
}

}  // namespace

TEST_CASE("a reshape to [batch, n] is one RESHAPE with -1, and no shape arithmetic is left") {
  const std::string packed = Ints("n", {}, {24}) + Node("to", "Pack", {"b", "n"}, Type("T", "INT32") + Int("N", 2));
  const Converted c = Good(X({-1, 4, 6}) + kBatchOfX + packed + Node("y", "Reshape", {"x", "to"}, kTshape));
  CHECK(c.Operators() == "RESHAPE");
  CHECK(c.OutputShape() == std::vector<int64_t>{-1, 24});
}

TEST_CASE("a reshape whose -1 is known leaves the batch as the only unknown") {
  const std::string packed = Ints("n", {}, {-1}) + Node("to", "Pack", {"b", "n"}, Type("T", "INT32") + Int("N", 2));
  CHECK(Good(X({-1, 4, 6}) + kBatchOfX + packed + Node("y", "Reshape", {"x", "to"}, kTshape)).OutputShape() == std::vector<int64_t>{-1, 24});
}

TEST_CASE("reshapes, transposes, slices, pads and tiles that change nothing leave nothing") {
  const std::string relu = Node("y", "Relu", {"z"});
  CHECK(Good(X({-1, 4}) + Vector("to", {-1, 4}) + Node("z", "Reshape", {"x", "to"}, kTshape) + relu).Operators() == "RELU");
  CHECK(Good(X({-1, 4}) + Vector("p", {0, 1}) + Node("z", "Transpose", {"x", "p"}) + relu).Operators() == "RELU");
  CHECK(Good(X({-1, 4}) + Ints("p", {2, 2}, {0, 0, 0, 0}) + Node("z", "Pad", {"x", "p"}) + relu).Operators() == "RELU");
  CHECK(Good(X({-1, 4}) + Vector("m", {1, 1}) + Node("z", "Tile", {"x", "m"}) + relu).Operators() == "RELU");
  CHECK(Good(X({-1, 4}) + Vector("b0", {0, 0}) + Vector("s", {-1, 4}) + Node("z", "Slice", {"x", "b0", "s"}, kFloat + Type("Index", "INT32")) + relu).Operators() == "RELU");
}

TEST_CASE("squeeze and expand use RESHAPE while one dimension is unknown, and their own operators beyond") {
  const std::string squeeze = Node("y", "Squeeze", {"x"}, kFloat + Attr("squeeze_dims", "list { i: -2 }"));
  CHECK(Good(X({-1, 1, 3}) + squeeze).Operators() == "RESHAPE");
  CHECK(Good(X({-1, -1, 1, 3}) + squeeze).Operators() == "SQUEEZE");
  const std::string expand = Ints("dim", {}, {-1}) + Node("y", "ExpandDims", {"x", "dim"});
  CHECK(Good(X({-1, 3}) + expand).Operators() == "RESHAPE");
  CHECK(Good(X({-1, -1}) + expand).OutputShape() == std::vector<int64_t>{-1, -1, 1});
  CHECK(Has(Refusal(X({-1, 1}) + Node("y", "Squeeze", {"x"})), "depends on a dynamic dimension"));  // a batch of 1 would go, too
  CHECK(Has(Refusal(X({2, 3}) + Node("y", "Squeeze", {"x"}, kFloat + Attr("squeeze_dims", "list { i: 1 }"))), "has size 3, not 1"));
}

TEST_CASE("strided slices honour every mask") {
  const std::vector<float> x = Count(24);  // [2, 3, 4]
  CHECK(Good(X({2, 3, 4}) + Slice({0, 1}, {0, 3}, {1, 2}, Int("ellipsis_mask", 1))).Run({x}) == std::vector<float>{1, 5, 9, 13, 17, 21});
  CHECK(Good(X({2, 3, 4}) + Slice({1, -1, 3}, {2, 0, 0}, {1, 1, -2}, Int("shrink_axis_mask", 3) + Int("end_mask", 4))).Run({x}) == std::vector<float>{23, 21});
  const Converted c = Good(X({2, 3, 4}) + Slice({1, 0, 0, 2}, {2, 0, 0, 3}, {1, 1, 1, 1}, Int("shrink_axis_mask", 9) + Int("new_axis_mask", 2) + Int("ellipsis_mask", 4)));
  CHECK(c.OutputShape() == std::vector<int64_t>{1, 3});
  CHECK(c.Run({x}) == std::vector<float>{14, 18, 22});
  CHECK(Good(X({-1, 3}) + Slice({0, 0, 0}, {0, 0, 0}, {1, 1, 1}, Int("begin_mask", 5) + Int("end_mask", 5) + Int("new_axis_mask", 2))).Operators() == "RESHAPE");
}

TEST_CASE("strided slices refuse what no slice is") {
  CHECK(Has(Refusal(X({2, 3}) + Slice({0, 0, 0}, {1, 1, 1}, {1, 1, 1}, "")), "slices 3 dimensions of an input with 2"));
  CHECK(Has(Refusal(X({2, 3}) + Slice({0, 0}, {1, 1}, {1, 0}, "")), "stride 0"));
  CHECK(Has(Refusal(X({2, 3}) + Slice({0, 0}, {1, 1}, {1, 1}, Int("ellipsis_mask", 3))), "more than one ellipsis"));
}

TEST_CASE("of two updates of one element the last counts, and an overwritten infinity is gone") {
  const float inf = std::numeric_limits<float>::infinity();
  const std::string attrs = kFloat + Type("Tindices", "INT32");
  const Converted known = Good(X({4}) + X({3}, "u") + Ints("i", {3, 1}, {1, 3, 1}) + Node("y", "TensorScatterUpdate", {"x", "i", "u"}, attrs));
  CHECK(known.Run({{inf, inf, 2, 3}, {5, 6, 7}}) == std::vector<float>{inf, 7, 2, 6});
  CHECK(known.Operators() == "CONCATENATION GATHER");
}

TEST_CASE("blocks that the operator does not take are taken apart and come back") {
  const std::string blocks = Vector("block", {2, 1, 3}) + Ints("edges", {3, 2}, {1, 1, 0, 0, 0, 1});
  const std::string there = Node("z", "SpaceToBatchND", {"x", "block", "edges"}), back = Node("y", "BatchToSpaceND", {"z", "block", "edges"});
  const Converted c = Good(X({2, 4, 3, 5}) + blocks + there + back);
  CHECK(c.Run({Count(120)}) == Count(120));
}

TEST_CASE("axes that are no neighbours are reversed one after the other") {
  const std::string reverse = Vector("axes", {-1, 0}) + Node("y", "ReverseV2", {"x", "axes"}, kFloat + Type("Tidx", "INT32"));
  const Converted c = Good(X({2, 1, 2}) + reverse);
  CHECK(c.Operators() == "REVERSE_V2 REVERSE_V2");
  CHECK(c.Run({{0, 1, 2, 3}}) == std::vector<float>{3, 2, 1, 0});
  CHECK(Good(X({2, 2}) + reverse).Operators() == "REVERSE_V2");
}

TEST_CASE("cumulative products go both ways, with and without the element itself") {
  const auto product = [](std::string attrs) { return X({4}) + Ints("axis", {}, {0}) + Node("y", "Cumprod", {"x", "axis"}, kFloat + attrs); };
  const std::string exclusive = Attr("exclusive", "b: true"), reverse = Attr("reverse", "b: true");
  CHECK(Good(product("")).Run({{1, 2, 3, 4}}) == std::vector<float>{1, 2, 6, 24});
  CHECK(Good(product(exclusive)).Run({{1, 2, 3, 4}}) == std::vector<float>{1, 1, 2, 6});
  CHECK(Good(product(exclusive + reverse)).Run({{1, 2, 3, 4}}) == std::vector<float>{24, 12, 4, 1});
}

TEST_CASE("what depends on an unknown dimension is refused by name") {
  const std::string roll = Vector("s", {1}) + Vector("a", {0}) + Node("y", "Roll", {"x", "s", "a"}, kFloat + Type("Tshift", "INT32") + Type("Taxis", "INT32"));
  CHECK(Good(X({-1, 3}) + roll).OutputShape() == std::vector<int64_t>{-1, 3});  // values: tests/parity
  CHECK(Good(X({3, -1}) + roll).Run({{0, 1, 2}}) == std::vector<float>{2, 0, 1});
  const std::string concat = X({}, "axis", "INT32") + Node("y", "ConcatV2", {"x", "x", "axis"}, kFloat + Int("N", 2));
  CHECK(Good(X({2, 3}) + concat).OutputShape() == std::vector<int64_t>{-1, -1});  // values: tests/parity
  CHECK(Has(Refusal(X({}) + concat), "input 2"));
  CHECK(Has(Refusal(X({2, 2}) + Node("y", "EnsureShape", {"x"}, kFloat + Attr("shape", "shape { " + Dims({-1, 3}) + "}"))), "dimension 1 must be 3, but is 2"));
}

}  // namespace tflower
