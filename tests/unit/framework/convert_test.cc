// Whole conversions of small graphs: what is emitted, what folds, what is fused, what is refused.
#include <cmath>

#include "convert_support.h"

namespace tflower {
namespace {

using namespace convert_test;

// A 1x1 convolution of 2 channels to 2, with easy weights: y0 = x0 + 2 x1, y1 = 3 x0 + 4 x1.
const std::string kConv = Placeholder("x", {-1, 2, 2, 2}) + Floats("w", {1, 1, 2, 2}, {1, 3, 2, 4}) + Node("conv", "Conv2D", {"x", "w"}, kStride1 + kSame);
const std::vector<float> kX = {1, 1, 2, 0, 0, 1, -1, 2};
const std::vector<float> kConvOfX = {3, 7, 2, 6, 2, 4, 3, 5};

}  // namespace

TEST_CASE("a convolution keeps its unknown batch and computes") {
  Workspace w;
  const Converted c = w.Good(kConv);
  CHECK(c.Operators() == Count{{"CONV_2D", 1}});
  CHECK(c.model->view().subgraphs()[0].tensors[0].signature[0] == -1);
  CHECK(c.Run({1, 2, 2, 2}, kX) == kConvOfX);
}

TEST_CASE("bias, scale and activation fold into the convolution before them") {
  Workspace w;
  const std::string graph = kConv + Floats("s", {2}, {2, 10}) + Node("scaled", "Mul", {"conv", "s"}) + Floats("b", {2}, {-5, 1}) +
                            Node("biased", "BiasAdd", {"scaled", "b"}) + Node("y", "Relu", {"biased"});
  const Converted c = w.Good(graph);
  CHECK(c.Operators() == Count{{"CONV_2D", 1}});
  CHECK(c.Run({1, 2, 2, 2}, kX) == std::vector<float>{1, 71, 0, 61, 0, 41, 1, 51});
  CHECK(c.report.value().rules.at("mul-into-weights") == 1);
  CHECK(c.report.value().rules.at("add-into-bias") == 1);
  CHECK(c.report.value().rules.at("activation-into-operator") == 1);
}

TEST_CASE("scale and shift before a convolution fold into it, the shift only where nothing is padded") {
  Workspace w;
  const std::string before = Placeholder("x", {-1, 2, 2, 2}) + Floats("s", {2}, {2, 0.5}) + Node("scaled", "Mul", {"x", "s"}) + Floats("t", {2}, {1, -1}) +
                             Node("shifted", "AddV2", {"scaled", "t"});
  const std::string valid = before + Floats("w", {1, 1, 2, 2}, {1, 3, 2, 4}) + Node("y", "Conv2D", {"shifted", "w"}, kStride1 + kValid);
  const Converted c = w.Good(valid);
  CHECK(c.Operators() == Count{{"CONV_2D", 1}});
  CHECK(c.Run({1, 2, 2, 2}, kX)[0] == doctest::Approx((2 * 1 + 1) + 2 * (0.5 * 1 - 1)));
  std::vector<float> ones(36, 1.0f);
  const std::string same = before + Floats("w", {3, 3, 2, 2}, ones) + Node("y", "Conv2D", {"shifted", "w"}, kStride1 + kSame);
  CHECK(w.Good(same).Operators().at("ADD") == 1);
}

TEST_CASE("what others still read is not folded away") {
  Workspace w;
  const std::string graph = kConv + Node("r", "Relu", {"conv"}) + Node("y", "AddV2", {"conv", "r"});
  const Converted c = w.Good(graph);
  CHECK(c.Operators() == Count{{"CONV_2D", 1}, {"RELU", 1}, {"ADD", 1}});
}

TEST_CASE("many inputs with an unknown batch each, in a row: more than there are tries") {
  std::string graph = Placeholder("x0", {-1, 2});
  for (int i = 1; i < 40; ++i) {
    const std::string n = std::to_string(i);
    graph += Placeholder("x" + n, {-1, 2}) + Node("y" + n, "Mul", {i == 1 ? "x0" : "y" + std::to_string(i - 1), "x" + n});
  }
  Workspace w;
  CHECK(w.Good(graph).Operators() == Count{{"MUL", 39}});
}

TEST_CASE("shape arithmetic on an unknown batch folds away") {
  Workspace w;
  const std::string int_t = "attr { key: 'T' value { type: DT_INT32 } } ";
  const std::string graph = Placeholder("x", {-1, 2, 3}) + "node { name: 'shape' op: 'Shape' input: 'x' attr { key: 'T' value { type: DT_FLOAT } } }\n" +
      Ints("zero", {1}, {0}) + Ints("one", {1}, {1}) +
      "node { name: 'n' op: 'StridedSlice' input: 'shape' input: 'zero' input: 'one' input: 'one' " + int_t +
      "attr { key: 'Index' value { type: DT_INT32 } } attr { key: 'shrink_axis_mask' value { i: 1 } } }\n" + Ints("six", {}, {6}) +
      "node { name: 'dims' op: 'Pack' input: 'n' input: 'six' " + int_t + "attr { key: 'N' value { i: 2 } } }\n" +
      "node { name: 'y' op: 'Reshape' input: 'x' input: 'dims' attr { key: 'T' value { type: DT_FLOAT } } attr { key: 'Tshape' value { type: DT_INT32 } } }\n";
  const Converted c = w.Good(graph);
  CHECK(c.Operators() == Count{{"RESHAPE", 1}});
  CHECK(c.Run({2, 2, 3}, std::vector<float>(12, 1.0f)).size() == 12);
}

TEST_CASE("NCHW: transposes between layers cancel") {
  Workspace w;
  const std::string nchw = "attr { key: 'data_format' value { s: 'NCHW' } } ";
  const std::string graph = Placeholder("x", {1, 2, 4, 4}) + Floats("w", {1, 1, 2, 2}, {1, 3, 2, 4}) + Node("a", "Conv2D", {"x", "w"}, kStride1 + kSame + nchw) +
                            Node("b", "Conv2D", {"a", "w"}, kStride1 + kSame + nchw);
  CHECK(w.Good(graph).Operators() == Count{{"CONV_2D", 2}, {"TRANSPOSE", 2}});
}

TEST_CASE("PAD that says what SAME says goes into the convolution") {
  Workspace w;
  const auto graph = [](std::vector<int> pads) {
    return Placeholder("x", {1, 4, 4, 1}) + Ints("p", {4, 2}, pads) + "node { name: 'padded' op: 'Pad' input: 'x' input: 'p' attr { key: 'T' value { type: DT_FLOAT } } "
           "attr { key: 'Tpaddings' value { type: DT_INT32 } } }\n" + Floats("w", {3, 3, 1, 1}, std::vector<float>(9, 1.0f)) +
           Node("y", "Conv2D", {"padded", "w"}, IntList("strides", {1, 2, 2, 1}) + kValid);
  };
  CHECK(w.Good(graph({0, 0, 0, 1, 0, 1, 0, 0})).Operators() == Count{{"CONV_2D", 1}});
  CHECK(w.Good(graph({0, 0, 1, 1, 1, 1, 0, 0})).Operators() == Count{{"CONV_2D", 1}, {"PAD", 1}});
}

TEST_CASE("hard swish and GELU are recognised") {
  Workspace w;
  const std::string x = Placeholder("x", {-1, 8});
  const std::string swish = x + Floats("three", {}, {3}) + Floats("sixth", {}, {1.0f / 6.0f}) + Node("a", "AddV2", {"x", "three"}) + Node("r", "Relu6", {"a"}) +
                            Node("m", "Mul", {"r", "sixth"}) + Node("y", "Mul", {"x", "m"});
  CHECK(w.Good(swish).Operators() == Count{{"HARD_SWISH", 1}});
  const std::string gelu = x + Floats("k", {}, {0.70710678f}) + Floats("half", {}, {0.5f}) + Floats("one", {}, {1}) + Node("s", "Mul", {"x", "k"}) + Node("e", "Erf", {"s"}) +
                           Node("p", "AddV2", {"e", "one"}) + Node("h", "Mul", {"x", "half"}) + Node("y", "Mul", {"h", "p"});
  CHECK(w.Good(gelu).Operators() == Count{{"GELU", 1}});
}

TEST_CASE("an error function alone is expanded, to 1e-6") {
  Workspace w;
  const Converted c = w.Good(Placeholder("x", {-1}) + Node("y", "Erf", {"x"}));
  CHECK(c.Operators().count("tflower.Erf") == 0);
  std::vector<float> x;
  for (int i = -400; i <= 400; ++i) x.push_back(static_cast<float>(i) * 0.01f);
  const std::vector<float> y = c.Run({static_cast<int64_t>(x.size())}, x);
  for (size_t i = 0; i < x.size(); ++i) CHECK(std::fabs(y[i] - std::erf(x[i])) <= 1e-6f);
}

TEST_CASE("all failing nodes are reported at once, and no file appears") {
  Workspace w;
  const Converted c = w.Convert(Placeholder("x", {2}) + Node("a", "NoSuchOp", {"x"}) + Node("b", "Relu", {"a"}) + Node("c", "OtherOp", {"b"}));
  REQUIRE_FALSE(c.report.ok());
  REQUIRE(c.failures.errors.size() == 2);
  CHECK(c.failures.errors[0].op == "NoSuchOp");
  CHECK(c.failures.errors[0].node == "a");
  CHECK(c.failures.errors[1].op == "OtherOp");
  CHECK(ExitCode(c.report.error().code) == 1);
  CHECK_FALSE(fs::exists(w.output()));
}

TEST_CASE("a bool that is neither 0 nor 1 is a damaged constant") {
  Workspace w;
  const Converted c = w.Convert("node { name: 'b' op: 'Const' attr { key: 'dtype' value { type: DT_BOOL } } attr { key: 'value' value { tensor { dtype: DT_BOOL "
                                "tensor_shape { dim { size: 2 } } tensor_content: '\\001\\020' } } } }\n" + std::string("node { name: 'y' op: 'LogicalNot' input: 'b' }\n"));
  REQUIRE_FALSE(c.report.ok());
  CHECK(ExitCode(c.report.error().code) == 3);
  REQUIRE(c.failures.errors.size() == 1);
  CHECK(c.failures.errors[0].message == "element 1 of a bool is 16");
}

TEST_CASE("a failing node that no output needs does not matter") {
  Workspace w;
  ConvertOptions options;
  options.load.outputs = {"y"};
  CHECK(w.Good(Placeholder("x", {2}) + Node("a", "NoSuchOp", {"x"}) + Node("y", "Relu", {"x"}), options).Operators() == Count{{"RELU", 1}});
}

TEST_CASE("a function's name as an op is a call, with all its results") {
  Workspace w;
  const auto argument = [](const std::string& kind, const std::string& name) { return kind + " { name: '" + name + "' type: DT_FLOAT } "; };
  const auto in_function = [](std::string node) { return node.replace(0, 4, "node_def"); };
  // both(a) = relu(a), -a; swap(a) = the results of both(a), the other way round.
  const std::string library =
      "library { function { signature { name: 'both' " + argument("input_arg", "a") + argument("output_arg", "up") + argument("output_arg", "down") + "} " +
      in_function(Node("r", "Relu", {"a"})) + in_function(Node("n", "Neg", {"a"})) +
      "ret { key: 'up' value: 'r:activations:0' } ret { key: 'down' value: 'n:y:0' } } function { signature { name: 'swap' " +
      argument("input_arg", "a") + argument("output_arg", "first") + argument("output_arg", "second") + "} " + in_function(Node("call", "both", {"a"})) +
      "ret { key: 'first' value: 'call:down:0' } ret { key: 'second' value: 'call:up:0' } } }\n";
  const std::string graph = Placeholder("x", {2}) + Node("s", "swap", {"x"}) + Floats("c", {2}, {10, 10}) + Node("m", "Mul", {"s", "c"}) +
                            Node("sum", "Add", {"m", "s:1"}) + library;
  CHECK(w.Good(graph).Run({2}, {3, -2}) == std::vector<float>{-27, 20});
  const Converted missing = w.Convert(Placeholder("x", {2}) + Node("s", "gone", {"x"}) + Node("y", "Relu", {"s"}) + library);
  REQUIRE(missing.failures.errors.size() == 1);
  CHECK(missing.failures.errors[0].code == Code::kUnsupportedOp);
}

TEST_CASE("attributes are honoured or refused") {
  Workspace w;
  const auto fails = [&](const std::string& graph, const char* what) {
    const Converted c = w.Convert(graph);
    REQUIRE_FALSE(c.report.ok());
    REQUIRE(c.failures.errors.size() == 1);
    CHECK(c.failures.errors[0].what == what);
  };
  const std::string x = Placeholder("x", {1, 4, 4, 2}), filter = Floats("w", {1, 1, 2, 2}, {1, 3, 2, 4});
  fails(x + filter + Node("y", "Conv2D", {"x", "w"}, kStride1 + kSame + IntList("dilations", {2, 1, 1, 1})), "dilations");
  fails(x + filter + Node("y", "Conv2D", {"x", "w"}, kSame), "strides");
  fails(x + Node("y", "Relu", {"x"}, "attr { key: 'novel' value { b: true } } "), "novel");
  fails(x + filter + Node("y", "Conv2D", {"x", "w"}, kStride1 + "attr { key: 'padding' value { s: 'FULL' } } "), "padding");
}

TEST_CASE("equal constants are written once, and files are reproducible") {
  Workspace w;
  std::vector<float> big(4096);
  for (size_t i = 0; i < big.size(); ++i) big[i] = static_cast<float>(i % 7);
  const auto graph = [&](int n) {
    std::string text = Placeholder("x", {1, 64}), last = "x";
    for (int i = 0; i < n; ++i) {
      const std::string id = std::to_string(i);
      text += Floats("w" + id, {64, 64}, big) + Node("m" + id, "MatMul", {last, "w" + id}) + Node("r" + id, "Relu", {"m" + id});
      last = "r" + id;
    }
    return text;
  };
  const uint64_t one = w.Good(graph(1)).report.value().file_bytes, three = w.Good(graph(3)).report.value().file_bytes;
  CHECK(three < one + big.size() * sizeof(float));
  const auto read = [&] {
    std::ifstream in(w.output(), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  w.Good(graph(2));
  const std::string first = read();
  w.Good(graph(2));
  CHECK(read() == first);
}

}  // namespace tflower
