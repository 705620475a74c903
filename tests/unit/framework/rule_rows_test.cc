// Rewrite rules, one row each: a small graph, the rule that must apply, the operators that are left. What is left must compute what the graph computes
// when it is converted without any rule.
#include <cmath>

#include "expression.h"

namespace tflower {
namespace {

using namespace convert_test;

struct Row {
  const char* rule;   // empty: no rule may change the operators; these are the neighbours that must stay
  const char* graph;  // see expression.h
  const char* after;  // "ADD 1, MUL 2"
  std::map<std::string, std::vector<int64_t>> inputs = {{"x", {-1, 3}}};
};

const std::map<std::string, std::vector<int64_t>> kXY = {{"x", {-1, 3}}, {"y", {-1, 3}}};
const std::map<std::string, std::vector<int64_t>> kStatic = {{"x", {2, 3}}};
const std::map<std::string, std::vector<int64_t>> kCube = {{"x", {-1, 4, 3}}};
const std::map<std::string, std::vector<int64_t>> kCubes = {{"x", {-1, 4, 3}}, {"y", {-1, 4, 3}}};
const std::map<std::string, std::vector<int64_t>> kImage = {{"x", {-1, 5, 5, 3}}};
const std::map<std::string, std::vector<int64_t>> kVolume = {{"x", {-1, 4, 4, 4, 2}}};

const Row kRows[] = {
    // activations
    {"clip-by-constants", "Minimum(Maximum(x, 0), 1)", "RELU_0_TO_1 1"},
    {"clip-by-constants", "Maximum(Minimum(x, 6), 0)", "RELU6 1"},
    {"clip-by-constants", "Maximum(Minimum(x, 1), -1)", "RELU_N1_TO_1 1"},
    {"min-of-relu", "Minimum(Relu(x), 6)", "RELU6 1"},
    {"relu-of-min", "Relu(Minimum(x, 1))", "RELU_0_TO_1 1"},
    {"", "Relu(Minimum(x, 2))", "MINIMUM 1, RELU 1"},
    {"min-of-fused-relu", "Minimum(Relu(Add(x, [1, 2, 3])), 6)", "ADD 1"},
    {"merge-lower-bounds", "Maximum(Maximum(x, 0.5), 2)", "MAXIMUM 1"},
    {"merge-upper-bounds", "Minimum(2, Minimum(x, [1, 2, 3]))", "MINIMUM 1"},
    {"relu-of-non-negative", "Relu(Abs(x))", "ABS 1"},
    {"relu6-within-bounds", "Relu6(Sigmoid(x))", "LOGISTIC 1"},
    {"relu-n1-to-1-within-bounds", "Maximum(Minimum(Tanh(x), 1), -1)", "TANH 1"},
    {"relu-of-fused-relu", "Relu6(Relu(Add(x, [1, 2, 3])))", "ADD 1"},
    {"relu6-of-relu", "Relu6(Relu(x))", "RELU6 1"},
    {"twice-the-same", "Floor(Floor(x))", "FLOOR 1"},
    {"leaky-relu-maximum", "Maximum(Mul(x, 0.25), x)", "LEAKY_RELU 1"},
    {"", "Maximum(Mul(x, 2), x)", "MAXIMUM 1, MUL 1"},
    {"leaky-relu-select", "SelectV2(GreaterEqual(x, 0), x, Mul(x, 2))", "LEAKY_RELU 1"},
    {"leaky-relu-select-turned", "SelectV2(Less(x, 0), Mul(0.5, x), x)", "LEAKY_RELU 1"},
    {"leaky-relu-difference", "Sub(Relu(x), Mul(0.5, Relu(Neg(x))))", "LEAKY_RELU 1"},
    {"leaky-relu-sum", "Add(Mul(Relu(Neg(x)), -0.5), Relu(x))", "LEAKY_RELU 1"},
    {"prelu-difference", "Add(Relu(x), Mul(Mul(Sub(x, Abs(x)), [0.5, 0.25, 1]), 0.5))", "PRELU 1"},
    {"prelu-minimum", "Add(Relu(x), Mul(Minimum(x, 0), [0.5, 0.25, 1]))", "PRELU 1"},
    {"elu", "SelectV2(Greater(x, 0), x, Sub(Exp(x), 1))", "ELU 1"},
    {"elu-turned", "SelectV2(Less(x, 0), Sub(Exp(x), 1), x)", "ELU 1"},
    {"elu-guarded", "p = Greater(x, 0); SelectV2(p, x, Sub(Exp(SelectV2(p, 0, x)), 1))", "ELU 1"},
    {"elu-guarded-by-minimum", "SelectV2(Greater(x, 0), x, Sub(Exp(Minimum(x, 0)), 1))", "ELU 1"},
    {"elu-expm1", "SelectV2(Greater(x, 0), x, Expm1(x))", "ELU 1"},
    {"", "SelectV2(Greater(x, 0), x, Sub(Exp(x), 2))", "EXP 1, GREATER 1, SELECT_V2 1, SUB 1"},
    {"logistic", "RealDiv(1, Add(1, Exp(Neg(x))))", "LOGISTIC 1"},
    {"hard-swish-div-x", "Mul(RealDiv(x, 6), Relu6(Add(x, 3)))", "HARD_SWISH 1"},
    // powers
    {"power", "Pow(x, 2)", "SQUARE 1"},
    {"power", "Pow(Abs(x), [0.5, 0.5, 0.5])", "ABS 1, SQRT 1"},
    {"power", "Neg(Pow(x, 1))", "NEG 1"},
    {"", "Pow(x, 3)", "POW 1"},
    {"reciprocal-of-sqrt", "RealDiv(1, Sqrt(Add(Abs(x), 1)))", "ABS 1, ADD 1, RSQRT 1"},
    {"sqrt-of-reciprocal", "Sqrt(RealDiv(1, Add(Abs(x), 1)))", "ABS 1, ADD 1, RSQRT 1"},
    {"product-with-reciprocal", "Mul(x, RealDiv(1, Add(Abs(x), 1)))", "ABS 1, ADD 1, DIV 1"},
    // signs
    {"negated-difference", "Neg(Sub(x, y))", "SUB 1", kXY},
    {"product-of-negated", "Mul(Neg(x), Neg(y))", "MUL 1", kXY},
    {"quotient-of-negated", "RealDiv(Neg(x), Neg(Exp(y)))", "DIV 1, EXP 1", kXY},
    {"double-negation", "Exp(Neg(Neg(x)))", "EXP 1"},
    {"abs-of-negated", "Abs(Neg(x))", "ABS 1"},
    {"square-of-negated", "Square(Abs(x))", "SQUARE 1"},
    {"cos-of-negated", "Cos(Neg(x))", "COS 1"},
    {"abs-of-non-negative", "Abs(Exp(x))", "EXP 1"},
    {"negated-product", "Neg(Mul(x, [1, 2, 3]))", "MUL 1"},
    {"negated-quotient", "Neg(RealDiv(x, [1, 2, 3]))", "DIV 1"},
    {"negated-weights", "Neg(Add(MatMul(x, w3x4), [1, 2, 3, 4]))", "FULLY_CONNECTED 1"},
    {"subtracted-weights", "Sub([1, 2, 3, 4], MatMul(x, w3x4))", "FULLY_CONNECTED 1"},
    // chains of constants
    {"merge-adds", "Add(2, Add(x, [1, 2, 3]))", "ADD 1"},
    {"sub-after-add", "Sub(Add(x, [1, 2, 3]), 2)", "ADD 1"},
    {"add-after-sub", "Add(Sub(x, 3), 2)", "ADD 1"},
    {"merge-subs", "Sub(Sub(x, 3), 2)", "SUB 1"},
    {"sum-subtracted", "Sub(3, Add(x, 2))", "SUB 1"},
    {"difference-subtracted", "Sub(3, Sub(x, 2))", "SUB 1"},
    {"turned-difference-subtracted", "Sub(3, Sub(2, x))", "ADD 1"},
    {"add-to-turned-difference", "Add(Sub(2, x), 3)", "SUB 1"},
    {"sub-from-turned-difference", "Sub(Sub(2, x), 3)", "SUB 1"},
    {"merge-muls", "Mul(Mul(x, 3), [1, 2, 3])", "MUL 1"},
    {"div-after-mul", "RealDiv(Mul(x, 3), 4)", "MUL 1"},
    {"mul-after-div", "Mul(RealDiv(x, 4), 3)", "MUL 1"},
    {"merge-divs", "RealDiv(RealDiv(x, 4), 3)", "DIV 1"},
    {"", "RealDiv(RealDiv(x, 1e30), 1e30)", "DIV 2"},
    {"merge-adds", "Add(Add(Cast(x){DstT=DT_INT32}, i2), i[1, 2, 3])", "ADD 1, CAST 1"},
    // truth values
    {"not-equal", "LogicalNot(Equal(x, 1))", "NOT_EQUAL 1"},
    {"not-not-equal", "LogicalNot(NotEqual(x, 1))", "EQUAL 1"},
    {"not-less", "LogicalNot(Less(Cast(x){DstT=DT_INT32}, i1))", "CAST 1, GREATER_EQUAL 1"},
    {"not-less-equal", "LogicalNot(LessEqual(Cast(x){DstT=DT_INT32}, i1))", "CAST 1, GREATER 1"},
    {"not-greater", "LogicalNot(Greater(Cast(x){DstT=DT_INT32}, i1))", "CAST 1, LESS_EQUAL 1"},
    {"not-greater-equal", "LogicalNot(GreaterEqual(Cast(x){DstT=DT_INT32}, i1))", "CAST 1, LESS 1"},
    {"", "LogicalNot(Less(x, 1))", "LESS 1, LOGICAL_NOT 1"},
    {"compare-cast-boolean", "Greater(Cast(Less(x, 1)){DstT=DT_FLOAT}, 0)", "LESS 1"},
    {"compare-with-cast-boolean", "Greater(1, Cast(Less(x, 2)){DstT=DT_FLOAT})", "LESS 1, LOGICAL_NOT 1"},
    {"select-by-constant", "Neg(SelectV2(true, x, y))", "NEG 1", kXY},
    {"select-of-the-same", "Neg(SelectV2(Less(x, 1), x, x))", "NEG 1"},
    {"select-truth", "SelectV2(Less(x, 1), false, true)", "LESS 1, LOGICAL_NOT 1"},
    {"same-operands", "Neg(Maximum(x, x))", "NEG 1"},
    // types
    {"drop-cast", "Neg(Cast(x){DstT=DT_FLOAT})", "NEG 1"},
    {"merge-casts", "Cast(Cast(Less(x, 1)){DstT=DT_INT32}){DstT=DT_FLOAT}", "CAST 1, LESS 1"},
    {"", "Cast(Cast(x){DstT=DT_INT32}){DstT=DT_FLOAT}", "CAST 2"},
    {"cast-one-hot", "Cast(OneHot(Cast(x){DstT=DT_INT32}, i4, i1, i0)){DstT=DT_FLOAT}", "CAST 1, ONE_HOT 1"},
    // reductions
    {"reduction-with-reshape", "ExpandDims(Prod(x, i1), i1)", "REDUCE_PROD 1", kCube},
    {"reduction-with-reshape", "Squeeze(Max(x, i1){keep_dims=true}){squeeze_dims=1,}", "REDUCE_MAX 1"},
    {"reduction-over-nothing", "Neg(Sum(x, i1){keep_dims=true})", "NEG 1", {{"x", {-1, 1, 3}}}},
    {"merge-reductions", "Sum(Sum(x, i2), i1)", "SUM 1", kCube},
    {"merge-reductions", "Mean(Mean(x, i1){keep_dims=true}, i2){keep_dims=true}", "MEAN 1", kCube},
    {"", "Sum(Max(x, i2), i1)", "REDUCE_MAX 1, SUM 1", kCube},
    {"reduction-of-transposed", "Mean(Transpose(x, i[0, 2, 1]), i2)", "MEAN 1", kCube},
    {"arg-max-of-softmax", "ArgMax(Softmax(x), i1)", "ARG_MAX 1"},
    {"softmax-of-shifted", "Softmax(Sub(x, Max(x, i-1){keep_dims=true}))", "SOFTMAX 1"},
    {"log-of-softmax", "Log(Softmax(x))", "LOG_SOFTMAX 1"},
    {"log-softmax", "s = Sub(x, Max(x, i-1){keep_dims=true}); Sub(s, Log(Sum(Exp(s), i1){keep_dims=true}))", "LOG_SOFTMAX 1"},
    // shapes
    {"merge-with-reshape", "Exp(Squeeze(ExpandDims(x, i1)))", "EXP 1"},
    {"binary-before-reshape", "Reshape(FloorMod(Reshape(x, i[-1, 12]), 2), i[-1, 4, 3])", "FLOOR_MOD 1", kCube},
    {"binary-by-constant-before-reshape", "Reshape(Sub(2, Reshape(x, i[-1, 12])), i[-1, 4, 3])", "SUB 1", kCube},
    {"binary-of-reshapes", "Reshape(Maximum(Reshape(x, i[-1, 12]), Reshape(y, i[-1, 12])), i[-1, 4, 3])", "MAXIMUM 1", kCubes},
    {"binary-before-transpose", "Transpose(Maximum(Transpose(x, i[0, 2, 1]), 1), i[0, 2, 1])", "MAXIMUM 1", kCube},
    {"binary-by-constant-before-transpose", "Transpose(RealDiv(2, Transpose(Exp(x), i[0, 2, 1])), i[0, 2, 1])", "DIV 1, EXP 1", kCube},
    {"binary-of-transposes", "Transpose(Sub(Transpose(x, i[0, 2, 1]), Transpose(y, i[0, 2, 1])), i[0, 2, 1])", "SUB 1", kCubes},
    {"pad-before-transpose", "Transpose(Pad(Transpose(x, i[0, 2, 1]), Reshape(i[0, 0, 1, 2, 3, 0], i[3, 2])), i[0, 2, 1])", "PAD 1", kCube},
    {"slice-before-transpose", "Transpose(Slice(Transpose(x, i[0, 2, 1]), i[0, 1, 0], i[-1, 2, 3]), i[0, 2, 1])", "SLICE 1", kCube},
    {"concat-of-2-transposes", "Transpose(ConcatV2(Transpose(x, i[0, 2, 1]), Transpose(y, i[0, 2, 1]), i1), i[0, 2, 1])", "CONCATENATION 1", kCubes},
    {"concat-of-3-transposes", "t = Transpose(Exp(x), i[0, 2, 1]); u = Transpose(x, i[0, 2, 1]); Transpose(ConcatV2(u, Transpose(y, i[0, 2, 1]), t, i2), i[0, 2, 1])",
     "CONCATENATION 1, EXP 1", kCubes},
    {"tile-in-binary", "Add(y, Tile(x, i[1, 3]))", "ADD 1", {{"x", {-1, 1}}, {"y", {-1, 3}}}},
    {"tile-before-binary", "Sub(Tile(x, i[1, 3]), y)", "SUB 1", {{"x", {-1, 1}}, {"y", {-1, 3}}}},
    {"tile-of-tile", "Tile(Tile(x, i[1, 2]), i[1, 3])", "TILE 1"},
    {"", "Add(Tile(x, i[1, 2]), y)", "ADD 1, TILE 1", {{"x", {-1, 3}}, {"y", {-1, 6}}}},
    {"reshape-in-binary", "Mul(x, Reshape(y, i[1, 1, 3]))", "MUL 1", {{"x", {-1, 4, 3}}, {"y", {3}}}},
    {"reshape-before-binary", "Sub(ExpandDims(y, i0), x)", "SUB 1", {{"x", {-1, 4, 3}}, {"y", {4, 3}}}},
    {"drop-broadcast", "Neg(BroadcastTo(x, i[2, 3]))", "NEG 1", kStatic},
    {"broadcast-to-reshape", "BroadcastTo(x, i[1, 2, 3])", "RESHAPE 1", kStatic},
    {"broadcast-of-broadcast", "BroadcastTo(BroadcastTo(x, i[4, 2, 3]), i[5, 4, 2, 3])", "BROADCAST_TO 1", kStatic},
    // slices
    {"drop-slice", "Neg(Slice(x, i[0, 0], i[-1, 3]))", "NEG 1"},
    {"slice-of-slice", "Slice(Slice(x, i[0, 1, 0], i[-1, 3, 2]), i[0, 1, 1], i[-1, 2, -1])", "SLICE 1", kCube},
    {"slice-of-concat", "Neg(Slice(ConcatV2(x, y, i1), i[0, 3], i[-1, 3]))", "NEG 1", kXY},
    {"slice-of-concat", "Slice(ConcatV2(x, y, i1), i[0, 4], i[-1, 2])", "SLICE 1", kXY},
    {"", "Slice(ConcatV2(x, y, i1), i[0, 2], i[-1, 2])", "CONCATENATION 1, SLICE 1", kXY},
    {"slice-of-pad", "Neg(Slice(Pad(x, Reshape(i[0, 0, 1, 2], i[2, 2])), i[0, 1], i[-1, 3]))", "NEG 1"},
    {"fewer-of-top-k", "Slice(TopKV2(x, i3), i[0, 0], i[-1, 2])", "TOPK_V2 1"},
    // joins
    {"concat-of-nothing", "ConcatV2(x, Slice(x, i[0, 0], i[-1, 0]), y, i1)", "CONCATENATION 1", kXY},
    {"pack-of-one", "Pack(x){axis=1}", "RESHAPE 1"},
    {"unpack-to-one", "Unpack(x){axis=1 num=1}", "RESHAPE 1", {{"x", {-1, 1, 3}}}},
    {"split-to-one", "Neg(Split(i1, x){num_split=1})", "NEG 1"},
    {"nested-concat-0", "ConcatV2(ConcatV2(x, y, i1), x, i1)", "CONCATENATION 1", kXY},
    {"nested-concat-1", "ConcatV2(x, ConcatV2(x, y, i1), y, i1)", "CONCATENATION 1", kXY},
    {"", "ConcatV2(x, ConcatV2(x, y, i0), i0)", "CONCATENATION 1", kXY},
    {"pack-of-unpack", "u = Unpack(x){axis=1 num=3}; Neg(Pack(u, u:1, u:2){axis=1})", "NEG 1"},
    {"unpack-of-pack", "Neg(Unpack(Pack(x, y){axis=1}){axis=1 num=2}:1)", "NEG 1", kXY},
    {"concat-of-unpack", "u = Unpack(x){axis=1 num=4}; ConcatV2(u, u:1, u:2, u:3, i1)", "RESHAPE 1", kCube},
    {"concat-of-split", "s = Split(i1, x){num_split=3}; Neg(ConcatV2(s, s:1, s:2, i1))", "NEG 1"},
    {"", "s = Split(i1, x){num_split=3}; ConcatV2(s:1, s, s:2, i1)", "CONCATENATION 1, SPLIT 1"},
    {"concat-of-split-v", "s = SplitV(x, i[1, 2], i1){num_split=2}; Neg(ConcatV2(s, s:1, i1))", "NEG 1"},
    {"split-of-concat", "Neg(Split(i1, ConcatV2(x, y, i1)){num_split=2}:1)", "NEG 1", kXY},
    {"split-v-of-concat", "Neg(SplitV(ConcatV2(x, Slice(y, i[0, 0], i[-1, 2]), i1), i[3, 2], i1){num_split=2}:1)", "NEG 1, SLICE 1", kXY},
    // gathers
    {"gather-stretch", "GatherV2(x, i[1, 2], i1)", "SLICE 1"},
    {"gather-stretch", "Neg(GatherV2(x, i[0, 1, 2], i1))", "NEG 1"},
    {"", "GatherV2(x, i[2, 1], i1)", "GATHER 1"},
    {"gather-nd-rows", "Neg(GatherNd(x, Reshape(i[0, 1], i[2, 1])))", "NEG 1", kStatic},
    {"scatter-nd-all", "Neg(ScatterNd(Reshape(i[0, 1], i[2, 1]), x, i[2, 3]))", "NEG 1", kStatic},
    {"drop-reverse", "Neg(ReverseV2(x, i[1]))", "NEG 1", {{"x", {-1, 1, 3}}}},
    {"reverse-twice", "Neg(ReverseV2(ReverseV2(x, i[1]), i[1]))", "NEG 1"},
    {"drop-cumsum", "Neg(Cumsum(x, i1))", "NEG 1", {{"x", {-1, 1, 3}}}},
    // pads
    {"pad-into-conv-3d", "Conv3D(Pad(x, Reshape(i[0, 0, 1, 1, 1, 1, 1, 1, 0, 0], i[5, 2])), w3x3x3x2x2){strides=1,1,1,1,1 padding=VALID}", "CONV_3D 1", kVolume},
    {"drop-pad", "Neg(Pad(x, Reshape(i[0, 0, 0, 0], i[2, 2])))", "NEG 1"},
    {"merge-pads", "Pad(Pad(x, Reshape(i[0, 0, 1, 0], i[2, 2])), Reshape(i[0, 0, 2, 1], i[2, 2]))", "PAD 1"},
    {"merge-pads-v2", "PadV2(PadV2(x, Reshape(i[0, 0, 1, 0], i[2, 2]), 2), Reshape(i[0, 0, 2, 1], i[2, 2]), 2)", "PADV2 1"},
    {"pad-v2-of-zeros", "PadV2(x, Reshape(i[0, 0, 1, 0], i[2, 2]), 0)", "PAD 1"},
    // products of matrices
    {"transposed-batch-matmul", "Transpose(BatchMatMulV2(x, y){adj_y=true}, i[0, 2, 1])", "BATCH_MATMUL 1", kCubes},
    {"one-hot-look-up", "MatMul(OneHot(Cast(Relu6(Sum(x, i1))){DstT=DT_INT32}, i7, 1, 0), w7x4)", "CAST 1, GATHER 1, RELU6 1, SUM 1"},
    {"fully-connected-of-one", "BatchMatMulV2(x, w1x5)", "MUL 1", {{"x", {-1, 4, 1}}}},
};

std::string Text(const Count& operators) {
  std::string text;
  for (const auto& [name, count] : operators) text += (text.empty() ? "" : ", ") + name + " " + std::to_string(count);
  return text;
}

const Registry& WithoutRules() {
  static const std::unique_ptr<Registry> registry = [] {
    RegistryOptions options;
#ifdef TFLOWER_TEST_PLUGINS
    options.search_path = {TFLOWER_TEST_PLUGINS};
#endif
    options.disable = {"tflower.tfl_rules"};
    return std::move(Registry::Open(options).value());
  }();
  return *registry;
}

// The first output for small numbers of both signs, 0 and numbers above 6 among them; batch 2.
std::vector<std::byte> Run(const Converted& c, const std::map<std::string, std::vector<int64_t>>& inputs) {
  auto session = runtime::Session::Create(c.model);
  REQUIRE(session.ok());
  size_t index = 0;
  for (const auto& [name, unknown] : inputs) {
    std::vector<int64_t> dims = unknown;
    size_t n = 1;
    for (int64_t& d : dims) n *= static_cast<size_t>(d = d < 0 ? 2 : d);
    std::vector<float> x(n);
    for (size_t i = 0; i < n; ++i) x[i] = static_cast<float>(static_cast<int>((i + 2 * index) * 5 % 13) - 4) * 0.75f;
    REQUIRE(session.value()->Resize(index, dims).ok());
    REQUIRE(session.value()->SetInput(index, std::as_bytes(std::span(x))).ok());
    ++index;
  }
  const Status status = session.value()->Invoke();
  REQUIRE_MESSAGE(status.ok(), (status.ok() ? "" : status.error().ToString()));
  const auto bytes = session.value()->OutputData(0);
  return {bytes.begin(), bytes.end()};
}

// Constants that were merged, and operators that do in one step what several did, round differently: a few units in the last place.
void CheckSame(const std::vector<std::byte>& a, const std::vector<std::byte>& b, bool is_float) {
  REQUIRE(a.size() == b.size());
  if (!is_float) {
    CHECK(a == b);
    return;
  }
  const float *x = reinterpret_cast<const float*>(a.data()), *y = reinterpret_cast<const float*>(b.data());
  for (size_t i = 0; i < a.size() / sizeof(float); ++i) CHECK(x[i] == doctest::Approx(y[i]).epsilon(2e-6).scale(1));
}

}  // namespace

TEST_CASE("each rule makes of its graph what it should, and that computes the same") {
  Workspace w;
  for (const Row& row : kRows) {
    CAPTURE(row.rule);
    CAPTURE(row.graph);
    Expression expression(row.inputs);
    const std::string graph = expression.Graph(row.graph);
    const Converted reference = w.Good(graph, {}, WithoutRules());
    const std::vector<std::byte> expected = Run(reference, row.inputs);
    const Converted c = w.Good(graph);
    CHECK(Text(c.Operators()) == row.after);
    if (*row.rule != '\0') CHECK(c.report.value().rules.count(row.rule) == 1);
    CheckSame(Run(c, row.inputs), expected, expression.is_float());
  }
}

}  // namespace tflower
