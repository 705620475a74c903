// Rewrite rules: each on a graph that needs it, by the operators that are left and by what they compute, and on a neighbour that must stay.
#include <algorithm>
#include <cmath>

#include "convert_support.h"

namespace tflower {
namespace {

using namespace convert_test;

// ---- more graphs in text form

// A node with exactly these attributes.
std::string Raw(std::string name, std::string op, std::vector<std::string> inputs, std::string attrs = "") {
  std::string text = "node { name: '" + name + "' op: '" + op + "' ";
  for (const std::string& in : inputs) text += "input: '" + in + "' ";
  return text + attrs + "}\n";
}
std::string Type(std::string name, std::string type) { return "attr { key: '" + name + "' value { type: " + type + " } } "; }
std::string Flag(std::string name) { return "attr { key: '" + name + "' value { b: true } } "; }
std::string Int(std::string name, int value) { return "attr { key: '" + name + "' value { i: " + std::to_string(value) + " } } "; }
std::string Truths(std::string name, std::vector<int64_t> dims, std::vector<bool> values) {
  std::string text;
  for (bool v : values) text += v ? "bool_val: true " : "bool_val: false ";
  return Raw(name, "Const", {}, Type("dtype", "DT_BOOL") + "attr { key: 'value' value { tensor { dtype: DT_BOOL tensor_shape { " + Dims(dims) + "} " + text + "} } } ");
}
std::string Sum(std::string name, std::string x, std::string axes) { return Node(name, "Sum", {x, axes}, Type("Tidx", "DT_INT32") + Flag("keep_dims")); }
std::string ShapeOf(std::string name, std::string x) { return Node(name, "Shape", {x}, Type("out_type", "DT_INT32")); }
std::string Cast(std::string name, std::string x, std::string from, std::string to) { return Raw(name, "Cast", {x}, Type("SrcT", from) + Type("DstT", to)); }
std::string Reshape(std::string name, std::string x, std::string dims) { return Node(name, "Reshape", {x, dims}, Type("Tshape", "DT_INT32")); }
std::string Select(std::string name, std::string c, std::string x, std::string y) { return Node(name, "SelectV2", {c, x, y}); }

const std::string kX = Placeholder("x", {-1, 3});
const std::string kZero = Floats("zero", {}, {0}), kOne = Floats("one", {}, {1});
const std::vector<float> kRows = {1, -2, 3, 0, 5, -6};  // [2, 3]

// "ADD 1, MUL 2", as failures show it.
std::string Text(const Count& operators) {
  std::string text;
  for (const auto& [name, count] : operators) text += (text.empty() ? "" : ", ") + name + " " + std::to_string(count);
  return text;
}

struct Expect {
  Count operators;
  std::string rule;  // applied at least once
  std::vector<float> y;
};
void CheckRows(const std::string& graph, const Expect& expect) {
  Workspace w;
  const Converted c = w.Good(graph);
  CAPTURE(expect.rule);
  CHECK(Text(c.Operators()) == Text(expect.operators));
  CHECK(c.report.value().rules.count(expect.rule) == 1);
  CHECK(c.Run({2, 3}, kRows) == expect.y);
}
// Converts and leaves these operators.
void CheckStays(const std::string& graph, const Count& operators) {
  Workspace w;
  CHECK(Text(w.Good(graph).Operators()) == Text(operators));
}

// ---- L2 normalisation: x [rows, 3]

std::string SumOfSquares(bool product) {
  return Ints("last", {1}, {-1}) + (product ? Node("squares", "Mul", {"x", "x"}) : Node("squares", "Square", {"x"})) + Sum("sum", "squares", "last");
}
std::string Bound(std::string x, float bound) { return Floats("bound", {}, {bound}) + Node("bounded", "Maximum", {x, "bound"}); }
std::string TimesRsqrt(bool product, float bound) {
  return kX + SumOfSquares(product) + Bound("sum", bound) + Node("factor", "Rsqrt", {"bounded"}) + Node("y", "Mul", {"x", "factor"});
}
std::string OverSqrt(bool product) {
  return kX + SumOfSquares(product) + Bound("sum", 1e-12f) + Node("norm", "Sqrt", {"bounded"}) + Node("y", "RealDiv", {"x", "norm"});
}
std::string OverNorm(bool product) {
  return kX + SumOfSquares(product) + Node("norm", "Sqrt", {"sum"}) + Bound("norm", 1e-6f) + Node("y", "RealDiv", {"x", "bounded"});
}

}  // namespace

TEST_CASE("L2 normalisation over the last dimension becomes one operator, with the same result for zero and tiny rows") {
  const std::pair<std::string, const char*> spellings[] = {{TimesRsqrt(false, 1e-12f), "l2-rsqrt"}, {TimesRsqrt(true, 1e-12f), "l2-rsqrt-product"},
                                                           {OverSqrt(false), "l2-sqrt"},            {OverSqrt(true), "l2-sqrt-product"},
                                                           {OverNorm(false), "l2-norm"},            {OverNorm(true), "l2-norm-product"}};
  for (const auto& [graph, name] : spellings) {
    const char* rule = name;  // clang 14 cannot capture a structured binding
    CAPTURE(rule);
    Workspace w;
    const Converted c = w.Good(graph);
    CHECK(c.Operators() == Count{{"L2_NORMALIZATION", 1}});
    CHECK(c.report.value().rules.count(rule) == 1);
    const std::vector<float> x = {3, 0, -4, 0, 0, 0, 1e-7f, 0, 0, 1e-20f, 1e-20f, 0};
    const std::vector<float> y = c.Run({4, 3}, x);
    for (size_t r = 0; r < 4; ++r) {
      double sum = 0;
      for (size_t i = 0; i < 3; ++i) sum += static_cast<double>(x[3 * r + i]) * x[3 * r + i];
      for (size_t i = 0; i < 3; ++i) CHECK(y[3 * r + i] == doctest::Approx(x[3 * r + i] / std::sqrt(std::max(sum, 1e-12))).epsilon(1e-6));
    }
  }
}

TEST_CASE("an activation behind L2 normalisation stays an operator, since L2_NORMALIZATION has none") {
  CheckStays(TimesRsqrt(false, 1e-12f) + Node("r", "Relu", {"y"}), {{"L2_NORMALIZATION", 1}, {"RELU", 1}});
}

TEST_CASE("another bound or another axis is not L2_NORMALIZATION") {
  CheckStays(TimesRsqrt(false, 1e-10f), {{"SQUARE", 1}, {"SUM", 1}, {"MAXIMUM", 1}, {"RSQRT", 1}, {"MUL", 1}});
  std::string first = TimesRsqrt(false, 1e-12f);
  first.replace(first.find("int_val: -1"), 11, "int_val: 0");
  CheckStays(first, {{"SQUARE", 1}, {"SUM", 1}, {"MAXIMUM", 1}, {"RSQRT", 1}, {"MUL", 1}});
}

TEST_CASE("the square of a difference is SQUARED_DIFFERENCE, unless the difference is wanted itself") {
  const std::string difference = kX + Floats("c", {3}, {1, 2, 3}) + Node("d", "Sub", {"x", "c"});
  CheckRows(difference + Node("y", "Square", {"d"}), {{{"SQUARED_DIFFERENCE", 1}}, "square-of-difference", {0, 16, 0, 1, 9, 81}});
  CheckRows(difference + Node("y", "Mul", {"d", "d"}), {{{"SQUARED_DIFFERENCE", 1}}, "product-of-difference", {0, 16, 0, 1, 9, 81}});
  CheckStays(difference + Node("s", "Square", {"d"}) + Node("y", "Mul", {"s", "d"}), {{"SUB", 1}, {"SQUARE", 1}, {"MUL", 1}});
  CheckStays(difference + Node("r", "Relu", {"d"}) + Node("y", "Square", {"r"}), {{"SUB", 1}, {"SQUARE", 1}});
}

TEST_CASE("AddN: ADD of two, ADD_N of more") {
  const std::string operands = kX + Node("a", "Abs", {"x"});
  CheckStays(operands + Node("y", "AddN", {"x", "a"}, Int("N", 2)), {{"ABS", 1}, {"ADD", 1}});
  Workspace w;
  const Converted c = w.Good(operands + Node("n", "Neg", {"x"}) + Node("y", "AddN", {"x", "n", "a"}, Int("N", 3)));
  CHECK(c.Operators() == Count{{"ABS", 1}, {"NEG", 1}, {"ADD_N", 1}});
  CHECK(c.Run({2, 3}, kRows) == std::vector<float>{1, 2, 3, 0, 5, 6});
}

TEST_CASE("a broadcast before an operator that broadcasts by itself is dropped") {
  const std::string broadcast = kX + Floats("c", {1, 3}, {10, 20, 30}) + ShapeOf("s", "x") + Node("b", "BroadcastTo", {"c", "s"}, Type("Tidx", "DT_INT32"));
  CheckRows(broadcast + Node("y", "Sub", {"x", "b"}), {{{"SUB", 1}}, "broadcast-in-binary", {-9, -22, -27, -10, -15, -36}});
  CheckRows(broadcast + Node("y", "Sub", {"b", "x"}), {{{"SUB", 1}}, "broadcast-before-binary", {9, 22, 27, 10, 15, 36}});
  const std::string positive = kZero + Node("p", "Greater", {"x", "zero"});
  CheckRows(broadcast + positive + Select("y", "p", "x", "b"), {{{"GREATER", 1}, {"SELECT_V2", 1}}, "broadcast-in-select-y", {1, 20, 3, 10, 5, 30}});
  CheckRows(broadcast + positive + Select("y", "p", "b", "x"), {{{"GREATER", 1}, {"SELECT_V2", 1}}, "broadcast-in-select-x", {10, -2, 30, 0, 20, -6}});
  const std::string mask = kX + Truths("c", {1, 3}, {true, false, true}) + ShapeOf("s", "x") +
                           Raw("b", "BroadcastTo", {"c", "s"}, Type("T", "DT_BOOL") + Type("Tidx", "DT_INT32")) + Node("n", "Neg", {"x"});
  CheckRows(mask + Select("y", "b", "x", "n"), {{{"NEG", 1}, {"SELECT_V2", 1}}, "broadcast-in-select-condition", {1, 2, 3, 0, -5, -6}});
}

TEST_CASE("a broadcast that makes the result larger stays") {
  const std::string graph = kX + Floats("c", {1, 3}, {10, 20, 30}) + ShapeOf("s", "x") + Node("b", "BroadcastTo", {"c", "s"}, Type("Tidx", "DT_INT32")) +
                            Floats("row", {1, 3}, {1, 2, 3}) + Node("y", "Sub", {"b", "row"});
  Workspace w;
  const Converted c = w.Good(graph);
  CHECK(c.Operators().at("BROADCAST_TO") == 1);
  CHECK(c.Run({2, 3}, kRows) == std::vector<float>{9, 18, 27, 9, 18, 27});
}

TEST_CASE("a fill of run-time shape gives its number, also reshaped, reduced or as zeros") {
  const std::string ones = kX + Node("ones", "OnesLike", {"x"}), last = Ints("last", {1}, {1});
  CheckRows(ones + Node("y", "Sub", {"ones", "x"}), {{{"SUB", 1}}, "fill-before-binary", {0, 3, -2, 1, -4, 7}});
  CheckRows(ones + Node("y", "Sub", {"x", "ones"}), {{{"SUB", 1}}, "fill-in-binary", {0, -3, 2, -1, 4, -7}});
  CheckRows(kX + Node("zeros", "ZerosLike", {"x"}) + Node("y", "Sub", {"zeros", "x"}), {{{"SUB", 1}}, "zeros-before-binary", {-1, 2, -3, 0, -5, 6}});
  CheckRows(kX + Node("zeros", "ZerosLike", {"x"}) + Node("y", "Maximum", {"x", "zeros"}), {{{"RELU", 1}}, "zeros-in-binary", {1, 0, 3, 0, 5, 0}});
  const std::string column = Ints("dims", {3}, {-1, 3, 1}) + Reshape("moved", "ones", "dims") + Reshape("x3", "x", "dims");
  CheckRows(ones + column + Node("y", "Sub", {"x3", "moved"}), {{{"SUB", 1}, {"RESHAPE", 1}}, "moved-fill-in-binary", {0, -3, 2, -1, 4, -7}});
  CheckRows(ones + column + Node("y", "Sub", {"moved", "x3"}), {{{"SUB", 1}, {"RESHAPE", 1}}, "moved-fill-before-binary", {0, 3, -2, 1, -4, 7}});
  const std::string sums = ones + last + Sum("count", "ones", "last") + Sum("sum", "x", "last");
  CheckRows(sums + Node("y", "RealDiv", {"sum", "count"}), {{{"SUM", 1}, {"DIV", 1}}, "reduced-fill-in-binary", {2.0f / 3, -1.0f / 3}});
  CheckRows(sums + Node("y", "Sub", {"count", "sum"}), {{{"SUM", 1}, {"SUB", 1}}, "reduced-fill-before-binary", {1, 4}});
  const std::string twice = ones + Ints("last", {2}, {1, -1}) + Sum("count", "ones", "last") + Sum("sum", "x", "last");
  CheckRows(twice + Node("y", "Sub", {"count", "sum"}), {{{"SUM", 1}, {"SUB", 1}}, "reduced-fill-before-binary", {1, 4}});
  const std::string guarded = sums + kZero + Node("none", "Equal", {"count", "zero"}) + Node("n", "Neg", {"sum"});
  CheckRows(guarded + Select("y", "none", "sum", "n"), {{{"SUM", 1}, {"NEG", 1}}, "select-by-reduced-fill", {-2, 1}});
}

TEST_CASE("a reduced and moved fill gives its number") {
  const std::string dims = Ints("dims", {3}, {-1, 3, 1}), axes = Ints("axes", {1}, {1});
  const std::string sums = kX + Node("ones", "OnesLike", {"x"}) + dims + axes + Reshape("moved", "ones", "dims") + Reshape("x3", "x", "dims") + Sum("count", "moved", "axes") +
                           Sum("sum", "x3", "axes");
  CheckRows(sums + Node("y", "Sub", {"sum", "count"}), {{{"RESHAPE", 1}, {"SUM", 1}, {"SUB", 1}}, "reduced-moved-fill-in-binary", {-1, -4}});
  CheckRows(sums + Node("y", "Sub", {"count", "sum"}), {{{"RESHAPE", 1}, {"SUM", 1}, {"SUB", 1}}, "reduced-moved-fill-before-binary", {1, 4}});
  CheckRows(sums + Floats("three", {}, {3}) + Node("all", "GreaterEqual", {"count", "three"}) + Node("n", "Neg", {"sum"}) + Select("y", "all", "sum", "n"),
            {{{"RESHAPE", 1}, {"SUM", 1}}, "select-by-reduced-moved-fill", {2, -1}});
}

TEST_CASE("a fill that is summed over the batch is not a number") {
  const std::string sums = kX + Node("ones", "OnesLike", {"x"}) + Ints("first", {1}, {0}) + Sum("count", "ones", "first") + Sum("sum", "x", "first") +
                           Node("y", "RealDiv", {"sum", "count"});
  Workspace w;
  const Converted c = w.Good(sums);
  CHECK(c.Operators().at("FILL") == 1);
  CHECK(c.Run({2, 3}, kRows) == std::vector<float>{0.5f, 1.5f, -1.5f});
}

TEST_CASE("neutral numbers of any type are dropped") {
  const std::string integer = Type("T", "DT_INT32");
  const std::string graph = kX + Cast("i", "x", "DT_FLOAT", "DT_INT32") + Ints("zeros", {3}, {0, 0, 0}) + Ints("unit", {}, {1}) + Raw("a", "AddV2", {"zeros", "i"}, integer) +
                            Raw("b", "Sub", {"a", "zeros"}, integer) + Raw("c", "Mul", {"b", "unit"}, integer);
  CheckRows(graph + Cast("y", "c", "DT_INT32", "DT_FLOAT"), {{{"CAST", 2}}, "drop-add-0", kRows});
  CheckRows(kX + kOne + kZero + Node("a", "Mul", {"one", "x"}) + Node("b", "AddV2", {"a", "zero"}) + Node("y", "Neg", {"b"}), {{{"NEG", 1}}, "drop-mul-1", {-1, 2, -3, 0, -5, 6}});
  CheckStays(kX + Floats("c", {3}, {0, 0, 1}) + Node("y", "AddV2", {"x", "c"}), {{"ADD", 1}});
}

TEST_CASE("AND and OR with constants, negations and booleans in disguise") {
  const std::string positive = kX + kZero + kOne + Node("p", "Greater", {"x", "zero"}), yes = Truths("yes", {}, {true}), no = Truths("no", {1, 3}, {false, false, false});
  const std::string back = Cast("y", "b", "DT_BOOL", "DT_FLOAT");
  const Count compared{{"GREATER", 1}, {"CAST", 1}};
  const std::vector<float> truth = {1, 0, 1, 0, 1, 0}, lie = {0, 1, 0, 1, 0, 1};
  CheckRows(positive + yes + Raw("b", "LogicalAnd", {"yes", "p"}) + back, {compared, "logical-with-constant", truth});
  CheckRows(positive + no + Raw("b", "LogicalOr", {"p", "no"}) + back, {compared, "logical-with-constant", truth});
  CheckRows(positive + Raw("n", "LogicalNot", {"p"}) + Raw("b", "LogicalNot", {"n"}) + back, {compared, "double-not", truth});
  const std::string number = positive + Cast("f", "p", "DT_BOOL", "DT_FLOAT");
  CheckRows(number + Node("b", "Equal", {"f", "one"}) + back, {compared, "compare-cast-boolean", truth});
  CheckRows(number + Node("b", "NotEqual", {"zero", "f"}) + back, {compared, "compare-with-cast-boolean", truth});
  CheckRows(number + Node("b", "Equal", {"f", "zero"}) + back, {{{"GREATER", 1}, {"LOGICAL_NOT", 1}, {"CAST", 1}}, "compare-cast-boolean", lie});
  CheckStays(positive + Truths("some", {3}, {true, false, true}) + Raw("b", "LogicalAnd", {"p", "some"}) + back, {{"GREATER", 1}, {"LOGICAL_AND", 1}, {"CAST", 1}});
  CheckStays(number + Floats("two", {}, {2}) + Node("b", "Equal", {"f", "two"}) + back, {{"GREATER", 1}, {"CAST", 2}, {"EQUAL", 1}});
  CheckRows(positive + Raw("n", "LogicalNot", {"p"}) + Select("y", "n", "zero", "x"), {{{"GREATER", 1}, {"SELECT_V2", 1}}, "select-v2-by-not", {1, 0, 3, 0, 5, 0}});
  CheckRows(positive + Raw("n", "LogicalNot", {"p"}) + Node("o", "Neg", {"x"}) + Node("y", "Select", {"n", "o", "x"}), {{{"GREATER", 1}, {"NEG", 1}, {"SELECT", 1}}, "select-by-not", {1, 2, 3, 0, 5, 6}});
}

TEST_CASE("AND with false and OR with true are constants where the shape is known") {
  const auto graph = [](int64_t rows, const char* op, bool c) {
    return Placeholder("x", {rows, 3}) + kZero + Node("p", "Greater", {"x", "zero"}) + Truths("c", {}, {c}) + Raw("b", op, {"p", "c"}) + Cast("f", "b", "DT_BOOL", "DT_FLOAT") +
           Node("y", "AddV2", {"x", "f"});
  };
  CheckStays(graph(2, "LogicalOr", true), {{"ADD", 1}});
  CheckStays(graph(2, "LogicalAnd", false), {{"ADD", 1}});
  CheckStays(graph(-1, "LogicalAnd", false), {{"GREATER", 1}, {"LOGICAL_AND", 1}, {"CAST", 1}, {"ADD", 1}});
}

// ---- transposed convolutions with unknown batch

namespace {

struct Transposed {
  std::vector<int64_t> x;       // [height, width, channels]
  std::vector<int64_t> filter;  // [height, width, out, in]
  std::vector<int> strides, out;
  std::string padding;
  const char* activation = "Relu";
  bool arithmetic = true;
};

// x -> transposed convolution -> (arithmetic per channel) -> activation; batch 1 or unknown. All numbers are small and whole: results are exact.
std::string TransposedGraph(const Transposed& t, int64_t batch) {
  std::vector<float> weights(static_cast<size_t>(t.filter[0] * t.filter[1] * t.filter[2] * t.filter[3]));
  for (size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<float>(static_cast<int>(i * 7 % 11) - 5);
  std::vector<float> bias, shift, scale;
  for (int64_t c = 0; c < t.filter[2]; ++c) {
    bias.push_back(static_cast<float>(10 * c - 7));
    shift.push_back(static_cast<float>(3 - c));
    scale.push_back(static_cast<float>(1 << c));
  }
  const std::string arithmetic = Floats("s", {t.filter[2]}, shift) + Node("shifted", "Sub", {"t", "s"}) + Floats("f", {t.filter[2]}, scale) +
                                 Node("scaled", "Mul", {"shifted", "f"}) + Floats("b", {t.filter[2]}, bias) + Node("biased", "BiasAdd", {"scaled", "b"});
  const std::string integer = Type("T", "DT_INT32");
  return Placeholder("x", {batch, t.x[0], t.x[1], t.x[2]}) + Floats("w", t.filter, weights) + ShapeOf("shape", "x") + Ints("zero", {1}, {0}) + Ints("one", {1}, {1}) +
         Raw("n", "StridedSlice", {"shape", "zero", "one", "one"}, integer + Type("Index", "DT_INT32") + Int("shrink_axis_mask", 1)) + Ints("h", {}, {t.out[0]}) +
         Ints("width", {}, {t.out[1]}) + Ints("c", {}, {static_cast<int>(t.filter[2])}) + Raw("dims", "Pack", {"n", "h", "width", "c"}, integer + Int("N", 4)) +
         Node("t", "Conv2DBackpropInput", {"dims", "w", "x"}, IntList("strides", {1, t.strides[0], t.strides[1], 1}) + t.padding) + (t.arithmetic ? arithmetic : "") +
         Node("y", t.activation, {t.arithmetic ? "biased" : "t"});
}

void CheckTransposed(const Transposed& t, const Count& operators, const std::vector<std::string>& rules) {
  CAPTURE(t.strides[0]);
  CAPTURE(t.strides[1]);
  Workspace w;
  const Converted known = w.Good(TransposedGraph(t, 1));
  CHECK(known.Operators() == Count{{"TRANSPOSE_CONV", 1}});
  std::vector<float> x(static_cast<size_t>(t.x[0] * t.x[1] * t.x[2]));
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(static_cast<int>(i * 5 % 13) - 6);
  const std::vector<float> expected = known.Run({1, t.x[0], t.x[1], t.x[2]}, x);
  const Converted unknown = w.Good(TransposedGraph(t, -1));
  CHECK(Text(unknown.Operators()) == Text(operators));
  for (const std::string& rule : rules) {
    CAPTURE(rule);
    CHECK(unknown.report.value().rules.count(rule) == 1);
  }
  CHECK(unknown.Run({1, t.x[0], t.x[1], t.x[2]}, x) == expected);
}

}  // namespace

TEST_CASE("transposed convolution with unknown batch: no shape arithmetic for any strides, what follows goes into the convolution") {
  const std::vector<std::string> square = {"sub-before-depth-to-space", "mul-before-depth-to-space", "add-before-depth-to-space"};
  const std::vector<std::string> phases = {"sub-before-phases", "mul-before-phases", "add-before-phases"};
  const std::vector<std::string> crop = {"sub-before-crop", "mul-before-crop", "add-before-crop"}, relu = {"relu-before-crop"}, relu6 = {"relu6-before-crop"};
  const std::vector<std::string> transposed = {"sub-before-transposed-phases", "mul-before-transposed-phases", "add-before-transposed-phases"};
  CheckTransposed({{5, 6, 3}, {2, 2, 4, 3}, {2, 2}, {10, 12}, kSame}, {{"CONV_2D", 1}, {"DEPTH_TO_SPACE", 1}}, square);
  CheckTransposed({{5, 6, 3}, {4, 4, 4, 3}, {2, 2}, {10, 12}, kSame}, {{"PAD", 1}, {"CONV_2D", 1}, {"DEPTH_TO_SPACE", 1}, {"SLICE", 1}}, crop);
  CheckTransposed({{5, 6, 3}, {4, 4, 4, 3}, {2, 2}, {10, 12}, kSame, "Relu", false}, {{"PAD", 1}, {"CONV_2D", 1}, {"DEPTH_TO_SPACE", 1}, {"SLICE", 1}}, relu);
  CheckTransposed({{1, 6, 3}, {1, 2, 4, 3}, {1, 2}, {1, 12}, kSame}, {{"CONV_2D", 1}, {"RESHAPE", 1}}, phases);
  CheckTransposed({{1, 6, 3}, {1, 4, 4, 3}, {1, 2}, {1, 12}, kSame, "Relu6", false}, {{"PAD", 1}, {"CONV_2D", 1}, {"RESHAPE", 1}, {"SLICE", 1}}, relu6);
  CheckTransposed({{4, 6, 3}, {3, 3, 4, 3}, {1, 3}, {6, 18}, kValid}, {{"PAD", 1}, {"CONV_2D", 1}, {"RESHAPE", 1}}, phases);
  CheckTransposed({{6, 1, 3}, {2, 1, 4, 3}, {2, 1}, {12, 1}, kSame}, {{"CONV_2D", 1}, {"RESHAPE", 1}}, phases);
  CheckTransposed({{5, 6, 3}, {2, 1, 4, 3}, {2, 1}, {10, 6}, kSame}, {{"CONV_2D", 1}, {"RESHAPE", 2}, {"TRANSPOSE", 1}}, phases);
  CheckTransposed({{3, 4, 2}, {2, 3, 3, 2}, {2, 3}, {6, 12}, kSame}, {{"CONV_2D", 1}, {"RESHAPE", 2}, {"TRANSPOSE", 1}}, transposed);
}

}  // namespace tflower
