// Rewrite rules, one row each: a small graph, the rule that must apply, the operators that are left. What is left must compute what the graph computes
// when it is converted without any rule.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

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
    {"activation-into-operator", "Relu(Add(x, [1, 2, 3]))", "ADD 1"},
    {"", "Tanh(Add(x, [1, 2, 3]))", "ADD 1, TANH 1"},
    {"max-to-relu", "Maximum(x, 0)", "RELU 1"},
    {"clip-by-constants", "Maximum(Minimum(x, 1), 0)", "RELU_0_TO_1 1"},
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
    {"", "SelectV2(Greater(x, 0), x, Sub(Exp(x), 2))", "EXP 1, GREATER 1, SELECT 1, SUB 1"},
    {"logistic", "RealDiv(1, Add(1, Exp(Neg(x))))", "LOGISTIC 1"},
    {"hard-swish-div-x", "Mul(RealDiv(x, 6), Relu6(Add(x, 3)))", "HARD_SWISH 1"},
    {"elu-sum", "SelectV2(Greater(x, 0), x, Add(Exp(x), -1))", "ELU 1"},
    {"prelu", "Add(Relu(x), Mul(Relu(Neg(x)), [-0.5, -0.25, -1]))", "PRELU 1"},
    {"gelu-erfc-1", "Mul(Mul(x, 0.5), Erfc(Mul(x, -0.70710678)))", "GELU 1"},
    {"gelu-erfc-2", "Mul(Mul(x, Erfc(Mul(x, -0.70710678))), 0.5)", "GELU 1"},
    {"gelu-erfc-3", "Mul(x, Mul(Erfc(Mul(x, -0.70710678)), 0.5))", "GELU 1"},
    {"gelu-erfc-div-1", "Mul(Mul(x, 0.5), Erfc(RealDiv(Neg(x), 1.41421356)))", "GELU 1"},
    {"gelu-erfc-div-2", "Mul(Mul(x, Erfc(RealDiv(Neg(x), 1.41421356))), 0.5)", "GELU 1"},
    {"gelu-erfc-div-3", "Mul(x, Mul(Erfc(RealDiv(Neg(x), 1.41421356)), 0.5))", "GELU 1"},
    {"gelu-erf-mul-1", "Mul(Mul(x, 0.5), Add(Erf(Mul(x, 0.70710678)), 1))", "GELU 1"},
    {"gelu-erf-mul-2", "Mul(Mul(x, Add(Erf(Mul(x, 0.70710678)), 1)), 0.5)", "GELU 1"},
    {"gelu-erf-mul-3", "Mul(x, Mul(Add(Erf(Mul(x, 0.70710678)), 1), 0.5))", "GELU 1"},
    {"gelu-erf-div-1", "Mul(Mul(x, 0.5), Add(Erf(RealDiv(x, 1.41421356)), 1))", "GELU 1"},
    {"gelu-erf-div-2", "Mul(Mul(x, Add(Erf(RealDiv(x, 1.41421356)), 1)), 0.5)", "GELU 1"},
    {"gelu-erf-div-3", "Mul(x, Mul(Add(Erf(RealDiv(x, 1.41421356)), 1), 0.5))", "GELU 1"},
    {"gelu-tanh-pow-1", "Mul(Mul(x, 0.5), Add(Tanh(Mul(Add(x, Mul(Pow(x, 3), 0.044715)), 0.79788456)), 1))", "GELU 1"},
    {"gelu-tanh-pow-2", "Mul(Mul(x, Add(Tanh(Mul(Add(x, Mul(Pow(x, 3), 0.044715)), 0.79788456)), 1)), 0.5)", "GELU 1"},
    {"gelu-tanh-pow-3", "Mul(x, Mul(Add(Tanh(Mul(Add(x, Mul(Pow(x, 3), 0.044715)), 0.79788456)), 1), 0.5))", "GELU 1"},
    {"gelu-tanh-square-1", "Mul(Mul(x, 0.5), Add(Tanh(Mul(Add(x, Mul(Mul(x, Square(x)), 0.044715)), 0.79788456)), 1))", "GELU 1"},
    {"gelu-tanh-square-2", "Mul(Mul(x, Add(Tanh(Mul(Add(x, Mul(Mul(x, Square(x)), 0.044715)), 0.79788456)), 1)), 0.5)", "GELU 1"},
    {"gelu-tanh-square-3", "Mul(x, Mul(Add(Tanh(Mul(Add(x, Mul(Mul(x, Square(x)), 0.044715)), 0.79788456)), 1), 0.5))", "GELU 1"},
    {"gelu-tanh-mul-1", "Mul(Mul(x, 0.5), Add(Tanh(Mul(Add(x, Mul(Mul(x, Mul(x, x)), 0.044715)), 0.79788456)), 1))", "GELU 1"},
    {"gelu-tanh-mul-2", "Mul(Mul(x, Add(Tanh(Mul(Add(x, Mul(Mul(x, Mul(x, x)), 0.044715)), 0.79788456)), 1)), 0.5)", "GELU 1"},
    {"gelu-tanh-mul-3", "Mul(x, Mul(Add(Tanh(Mul(Add(x, Mul(Mul(x, Mul(x, x)), 0.044715)), 0.79788456)), 1), 0.5))", "GELU 1"},
    {"gelu-erfc-neg-1", "n = Neg(x); Maximum(n, Mul(Mul(x, 0.5), Erfc(Mul(n, 0.70710678))))", "GELU 1, MAXIMUM 1, NEG 1"},
    {"gelu-erfc-neg-2", "n = Neg(x); Maximum(n, Mul(Mul(x, Erfc(Mul(n, 0.70710678))), 0.5))", "GELU 1, MAXIMUM 1, NEG 1"},
    {"gelu-erfc-neg-3", "n = Neg(x); Maximum(n, Mul(x, Mul(Erfc(Mul(n, 0.70710678)), 0.5)))", "GELU 1, MAXIMUM 1, NEG 1"},
    {"hard-swish-div-gate", "Mul(x, RealDiv(Relu6(Add(x, 3)), 6))", "HARD_SWISH 1"},
    {"hard-swish-div-last", "RealDiv(Mul(x, Relu6(Add(x, 3))), 6)", "HARD_SWISH 1"},
    {"hard-swish-mul-gate", "Mul(x, Mul(Relu6(Add(x, 3)), 0.16666667))", "HARD_SWISH 1"},
    {"hard-swish-mul-last", "Mul(Mul(Relu6(Add(x, 3)), x), 0.16666667)", "HARD_SWISH 1"},
    {"hard-swish-mul-x", "Mul(Mul(x, 0.16666667), Relu6(Add(x, 3)))", "HARD_SWISH 1"},
    {"expand-erf", "Erf(x)", "ABS 1, ADD 16, DIV 1, EXP 1, LESS 1, MUL 20, NEG 1, SELECT 1, SIGN 1, SQUARE 1, SUB 1"},
    {"expand-erfc", "Erfc(x)", "ABS 1, ADD 16, DIV 1, EXP 1, LESS 2, MUL 19, NEG 1, SELECT 2, SQUARE 1, SUB 2"},
    // powers
    {"power", "Pow(x, 2)", "SQUARE 1"},
    {"power", "Pow(Abs(x), [0.5, 0.5, 0.5])", "ABS 1, SQRT 1"},
    {"power", "Neg(Pow(x, 1))", "NEG 1"},
    {"", "Pow(x, 3)", "POW 1"},
    {"reciprocal-of-sqrt", "RealDiv(1, Sqrt(Add(Abs(x), 1)))", "ABS 1, ADD 1, RSQRT 1"},
    {"sqrt-of-reciprocal", "Sqrt(RealDiv(1, Add(Abs(x), 1)))", "ABS 1, ADD 1, RSQRT 1"},
    {"product-with-reciprocal", "Mul(x, RealDiv(1, Add(Abs(x), 1)))", "ABS 1, ADD 1, DIV 1"},
    // signs
    {"sum-with-negated", "Add(x, Neg(y))", "SUB 1", kXY},
    {"difference-of-negated", "Sub(x, Neg(y))", "ADD 1", kXY},
    {"neg-into-constant", "Mul(Neg(x), [1, 2, 3])", "MUL 1"},
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
    {"drop-div-1", "Neg(RealDiv(x, 1))", "NEG 1"},
    // operators with weights
    {"add-into-bias", "Add(MatMul(x, w3x4), [1, 2, 3, 4])", "FULLY_CONNECTED 1"},
    {"sub-into-bias", "Sub(MatMul(x, w3x4), 2)", "FULLY_CONNECTED 1"},
    {"mul-into-weights", "Mul(MatMul(x, w3x4), [1, 2, 3, 4])", "FULLY_CONNECTED 1"},
    {"div-into-weights", "RealDiv(MatMul(x, w3x4), [1, 2, 3, 4])", "FULLY_CONNECTED 1"},
    {"div-before-weights", "MatMul(RealDiv(x, [1, 2, 4]), w3x4)", "FULLY_CONNECTED 1"},
    {"div-before-transpose-conv", "Conv2DBackpropInput(i[2, 10, 10, 4], w2x2x4x3, RealDiv(x, 2)){strides=1,2,2,1 padding=SAME}", "TRANSPOSE_CONV 1", {{"x", {2, 5, 5, 3}}}},
    {"pad-into-conv", "Conv2D(Pad(x, Reshape(i[0, 0, 1, 1, 1, 1, 0, 0], i[4, 2])), w3x3x3x4){strides=1,1,1,1 padding=VALID}", "CONV_2D 1", kImage},
    {"pad-into-depthwise-conv", "DepthwiseConv2dNative(Pad(x, Reshape(i[0, 0, 1, 1, 1, 1, 0, 0], i[4, 2])), w3x3x3x1){strides=1,1,1,1 padding=VALID}", "DEPTHWISE_CONV_2D 1", kImage},
    {"dilated-conv", "BatchToSpaceND(Conv2D(SpaceToBatchND(x, i[2, 2], Reshape(i[2, 2, 2, 2], i[2, 2])), w3x3x3x4){strides=1,1,1,1 padding=VALID}, i[2, 2], "
                     "Reshape(i[0, 0, 0, 0], i[2, 2]))", "CONV_2D 1", {{"x", {-1, 8, 8, 3}}}},
    {"dilated-depthwise-conv", "BatchToSpaceND(DepthwiseConv2dNative(SpaceToBatchND(x, i[2, 2], Reshape(i[0, 0, 0, 0], i[2, 2])), w3x3x3x1){strides=1,1,1,1 padding=VALID}, "
                               "i[2, 2], Reshape(i[0, 0, 0, 0], i[2, 2]))", "DEPTHWISE_CONV_2D 1", {{"x", {-1, 8, 8, 3}}}},
    {"dilated-conv-1d", "BatchToSpaceND(Squeeze(Conv2D(ExpandDims(SpaceToBatchND(x, i[2], Reshape(i[2, 2], i[1, 2])), i1), w1x3x3x4){strides=1,1,1,1 padding=VALID}){squeeze_dims=1,}, "
                        "i[2], Reshape(i[0, 0], i[1, 2]))", "CONV_2D 1, RESHAPE 2", kCube},
    {"dilated-depthwise-conv-1d", "BatchToSpaceND(Squeeze(DepthwiseConv2dNative(ExpandDims(SpaceToBatchND(x, i[2], Reshape(i[2, 2], i[1, 2])), i1), w1x3x3x1)"
                                  "{strides=1,1,1,1 padding=VALID}){squeeze_dims=1,}, i[2], Reshape(i[0, 0], i[1, 2]))", "DEPTHWISE_CONV_2D 1, RESHAPE 2", kCube},
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
    {"merge-bitcasts", "Bitcast(Bitcast(x){type=DT_INT32}){type=DT_UINT32}", "BITCAST 1"},
    {"merge-casts", "Cast(Cast(Less(x, 1)){DstT=DT_INT32}){DstT=DT_FLOAT}", "CAST 1, LESS 1"},
    {"", "Cast(Cast(x){DstT=DT_INT32}){DstT=DT_FLOAT}", "CAST 2"},
    {"cast-one-hot", "Cast(OneHot(Cast(x){DstT=DT_INT32}, i4, i1, i0)){DstT=DT_FLOAT}", "CAST 1, ONE_HOT 1"},
    // types that LiteRT does not move
    {"moved-types", "GatherV2(Cast(x){DstT=DT_UINT32}, i[2, 1], i1)", "BITCAST 2, CAST 1, GATHER 1"},
    {"moved-types", "SpaceToDepth(Cast(x){DstT=DT_INT16}){block_size=2}", "CAST 3, SPACE_TO_DEPTH 1", {{"x", {-1, 4, 4, 3}}}},
    {"moved-types", "Unpack(Cast(x){DstT=DT_INT64}){axis=1 num=3}", "CAST 1, SPLIT 1, SQUEEZE 3"},
    {"", "GatherV2(Cast(x){DstT=DT_INT64}, i[2, 1], i1)", "CAST 1, GATHER 1"},
    // reductions
    {"reduction-with-reshape", "ExpandDims(Prod(x, i1), i1)", "REDUCE_PROD 1", kCube},
    {"reduction-with-reshape", "Squeeze(Max(x, i1){keep_dims=true}){squeeze_dims=1,}", "REDUCE_MAX 1"},
    {"reduction-over-nothing", "Neg(Sum(x, i1){keep_dims=true})", "NEG 1", {{"x", {-1, 1, 3}}}},
    {"merge-reductions", "Sum(Sum(x, i2), i1)", "SUM 1", kCube},
    {"merge-reductions", "Mean(Mean(x, i1){keep_dims=true}, i2){keep_dims=true}", "MEAN 1", kCube},
    {"", "Sum(Max(x, i2), i1)", "REDUCE_MAX 1, SUM 1", kCube},
    {"reduction-of-transposed", "Mean(Transpose(x, i[0, 2, 1]), i2)", "MEAN 1", kCube},
    {"arg-max-of-softmax", "ArgMax(Softmax(x), i1)", "ARG_MAX 1"},
    {"arg-min-of-softmax", "ArgMin(LogSoftmax(x), i1)", "ARG_MIN 1"},
    {"softmax", "e = Exp(x); RealDiv(e, Sum(e, i1){keep_dims=true})", "SOFTMAX 1"},
    {"softmax-shifted", "e = Exp(Sub(x, Max(x, i1){keep_dims=true})); RealDiv(e, Sum(e, i1){keep_dims=true})", "SOFTMAX 1"},
    {"softmax-of-shifted", "Softmax(Sub(x, Max(x, i-1){keep_dims=true}))", "SOFTMAX 1"},
    {"log-of-softmax", "Log(Softmax(x))", "LOG_SOFTMAX 1"},
    {"log-softmax", "s = Sub(x, Max(x, i-1){keep_dims=true}); Sub(s, Log(Sum(Exp(s), i1){keep_dims=true}))", "LOG_SOFTMAX 1"},
    // shapes
    {"drop-reshape", "Neg(Reshape(Reshape(x, i[-1, 12]), i[-1, 4, 3]))", "NEG 1", kCube},
    {"merge-reshapes", "Reshape(Reshape(x, i[-1, 12]), i[-1, 3, 4])", "RESHAPE 1", kCube},
    {"merge-transposes", "Transpose(Transpose(x, i[0, 2, 1]), i[1, 0, 2])", "TRANSPOSE 1", kCube},
    {"transpose-to-reshape", "Transpose(x, i[0, 2, 1])", "RESHAPE 1", {{"x", {-1, 1, 3}}}},
    {"unary-before-reshape", "Reshape(Floor(Reshape(x, i[-1, 12])), i[-1, 4, 3])", "FLOOR 1", kCube},
    {"unary-before-transpose", "Transpose(Sin(Transpose(x, i[0, 2, 1])), i[0, 2, 1])", "SIN 1", kCube},
    {"fully-connected-before-reshape", "BatchMatMulV2(Reshape(x, i[-1, 2, 2, 3]), w3x4)", "FULLY_CONNECTED 1, RESHAPE 1", kCube},
    {"reshape-before-fully-connected", "MatMul(Reshape(x, i[-1, 3]), w3x4)", "FULLY_CONNECTED 1", kCube},
    {"reshape-behind-fully-connected", "Reshape(MatMul(Reshape(x, i[-1, 3]), w3x4), i[-1, 4, 4])", "FULLY_CONNECTED 1", kCube},
    {"reshapes-around-batch-matmul", "Reshape(MatMul(Reshape(x, i[-1, 3]), y), i[-1, 4, 5])", "BATCH_MATMUL 1", {{"x", {-1, 4, 3}}, {"y", {3, 5}}}},
    {"merge-with-reshape", "Exp(Squeeze(ExpandDims(x, i1)){squeeze_dims=1,})", "EXP 1", {{"x", {-1, -1, 3}}}},
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
    {"transpose-behind-reshape", "Transpose(Squeeze(Transpose(x, i[0, 3, 1, 2])){squeeze_dims=2,}, i[0, 2, 1])", "RESHAPE 1", {{"x", {-1, 1, 5, 3}}}},
    {"shape-of-fill", "s = Shape(Exp(x)); Shape(Fill(s, 2))", "EXP 1, SHAPE 1"},
    {"shape-of-broadcast", "s = Shape(Exp(x)); Shape(BroadcastTo([1, 2, 3], s))", "EXP 1, SHAPE 1"},
    {"concat-of-4-transposes", "u = Transpose(x, i[0, 2, 1]); v = Transpose(y, i[0, 2, 1]); Transpose(ConcatV2(u, v, Transpose(Exp(x), i[0, 2, 1]), Transpose(Exp(y), i[0, 2, 1]), i2), "
                               "i[0, 2, 1])", "CONCATENATION 1, EXP 2", kCubes},
    {"tile-in-binary", "Add(y, Tile(x, i[1, 3]))", "ADD 1", {{"x", {-1, 1}}, {"y", {-1, 3}}}},
    {"tile-before-binary", "Sub(Tile(x, i[1, 3]), y)", "SUB 1", {{"x", {-1, 1}}, {"y", {-1, 3}}}},
    {"tile-of-tile", "Tile(Tile(x, i[1, 2]), i[1, 3])", "TILE 1"},
    {"", "Add(Tile(x, i[1, 2]), y)", "ADD 1, TILE 1", {{"x", {-1, 3}}, {"y", {-1, 6}}}},
    {"reshape-in-binary", "Mul(x, Reshape(y, i[1, 1, 3]))", "MUL 1", {{"x", {-1, 4, 3}}, {"y", {3}}}},
    {"reshape-before-binary", "Sub(ExpandDims(y, i0), x)", "SUB 1", {{"x", {-1, 4, 3}}, {"y", {4, 3}}}},
    {"broadcast-to-reshape", "BroadcastTo(x, i[1, 2, 3])", "RESHAPE 1", kStatic},
    {"broadcast-of-broadcast", "BroadcastTo(BroadcastTo(x, i[4, 2, 3]), i[5, 4, 2, 3])", "BROADCAST_TO 1", kStatic},
    // slices
    {"slice-of-slice", "Slice(Slice(x, i[0, 1, 0], i[-1, 3, 2]), i[0, 1, 1], i[-1, 2, -1])", "SLICE 1", kCube},
    {"slice-of-concat", "Neg(Slice(ConcatV2(x, y, i1), i[0, 3], i[-1, 3]))", "NEG 1", kXY},
    {"slice-of-concat", "Slice(ConcatV2(x, y, i1), i[0, 4], i[-1, 2])", "SLICE 1", kXY},
    {"", "Slice(ConcatV2(x, y, i1), i[0, 2], i[-1, 2])", "CONCATENATION 1, SLICE 1", kXY},
    {"slice-of-pad", "Neg(Slice(Pad(x, Reshape(i[0, 0, 1, 2], i[2, 2])), i[0, 1], i[-1, 3]))", "NEG 1"},
    {"whole-strided-slice", "Neg(StridedSlice(ExpandDims(x, i0), i[-1], i[0], i[1]){shrink_axis_mask=1})", "NEG 1"},
    {"", "StridedSlice(x, i[1, 0], i[2, 3], i[1, 1]){shrink_axis_mask=1}", "STRIDED_SLICE 1", kStatic},
    {"fewer-of-top-k", "Slice(TopKV2(x, i3), i[0, 0], i[-1, 2])", "TOPK_V2 1"},
    // what became constant through a rule is computed
    {"constant-folding", "c = w2x3; Add(x, Exp(SelectV2(Less(Sum(x, i[0, 1]), 1), c, c)))", "ADD 1", kStatic},
    // joins
    {"concat-of-nothing", "ConcatV2(x, Slice(x, i[0, 0], i[-1, 0]), y, i1)", "CONCATENATION 1", kXY},
    {"nested-concat-0", "ConcatV2(ConcatV2(x, y, i1), x, i1)", "CONCATENATION 1", kXY},
    {"nested-concat-2", "ConcatV2(x, y, ConcatV2(x, y, i1), i1)", "CONCATENATION 1", kXY},
    {"nested-concat-3", "ConcatV2(x, y, x, ConcatV2(x, y, i1), i1)", "CONCATENATION 1", kXY},
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
    {"index-of-reversed", "Neg(StridedSlice(ReverseV2(x, i[1]), i[0, -1], i[0, 0], i[1, 1]){shrink_axis_mask=2 begin_mask=1 end_mask=1})", "NEG 1, STRIDED_SLICE 1"},
    {"", "Neg(StridedSlice(ReverseV2(x, i[1]), i[0, 1], i[0, 2], i[1, 1]){begin_mask=1 end_mask=1})", "NEG 1, REVERSE_V2 1, STRIDED_SLICE 1"},
    {"reverse-twice", "Neg(ReverseV2(ReverseV2(x, i[1]), i[1]))", "NEG 1"},
    {"drop-cumsum", "Neg(Cumsum(x, i1))", "NEG 1", {{"x", {-1, 1, 3}}}},
    // pads
    {"pad-into-conv-3d", "Conv3D(Pad(x, Reshape(i[0, 0, 1, 1, 1, 1, 1, 1, 0, 0], i[5, 2])), w3x3x3x2x2){strides=1,1,1,1,1 padding=VALID}", "CONV_3D 1", kVolume},
    {"merge-pads", "Pad(Pad(x, Reshape(i[0, 0, 1, 0], i[2, 2])), Reshape(i[0, 0, 2, 1], i[2, 2]))", "PAD 1"},
    {"merge-pads-v2", "PadV2(PadV2(x, Reshape(i[0, 0, 1, 0], i[2, 2]), 2), Reshape(i[0, 0, 2, 1], i[2, 2]), 2)", "PADV2 1"},
    // products of matrices
    {"batch-matmul-transposed-left", "BatchMatMulV2(Transpose(x, i[0, 2, 1]), y)", "BATCH_MATMUL 1", kCubes},
    {"batch-matmul-transposed-right", "BatchMatMulV2(x, Transpose(y, i[0, 2, 1]))", "BATCH_MATMUL 1", kCubes},
    {"batch-matmul-by-constant", "c = w3x4; BatchMatMulV2(x, SelectV2(Less(Sum(x, i[0, 1, 2]), 1), c, c))", "FULLY_CONNECTED 1", kCube},
    {"broadcast-before-batch-matmul", "BatchMatMulV2(BroadcastTo(x, i[4, 2, 3]), y)", "BATCH_MATMUL 1", {{"x", {2, 3}}, {"y", {4, 3, 5}}}},
    {"broadcast-in-batch-matmul", "BatchMatMulV2(y, BroadcastTo(x, i[4, 2, 3]))", "BATCH_MATMUL 1", {{"x", {1, 2, 3}}, {"y", {4, 5, 2}}}},
    {"select-around-layer", "c = Greater(Sum(x, i1){keep_dims=true}, 1); SelectV2(c, MatMul(SelectV2(c, x, 0), w3x4), 0)", "FULLY_CONNECTED 1, GREATER 1, SELECT_V2 1, SUM 1"},
    {"select-around-layer-turned", "c = Greater(Sum(x, i1){keep_dims=true}, 1); SelectV2(c, 0, MatMul(SelectV2(c, 0, x), w3x4))", "FULLY_CONNECTED 1, GREATER 1, SELECT_V2 1, SUM 1"},
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
  std::vector<std::vector<int64_t>> dims;
  for (const auto& [name, unknown] : inputs) {
    dims.push_back(unknown);
    std::ranges::replace_if(dims.back(), [](int64_t d) { return d < 0; }, 2);
    REQUIRE(session.value()->Resize(dims.size() - 1, dims.back()).ok());
  }
  for (size_t index = 0; index < dims.size(); ++index) {
    size_t n = 1;
    for (int64_t d : dims[index]) n *= static_cast<size_t>(d);
    std::vector<float> x(n);
    for (size_t i = 0; i < n; ++i) x[i] = static_cast<float>(static_cast<int>((i + 2 * index) * 5 % 13) - 4) * 0.75f;
    REQUIRE(session.value()->SetInput(index, std::as_bytes(std::span(x))).ok());
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

// ---- docs/rules.md

// "MINIMUM(RELU(x), constant c)"
std::string PatternText(const tflower_rule& row, uint32_t index = 0) {
  const auto& node = *reinterpret_cast<const tflower_pattern_node*>(reinterpret_cast<const char*>(row.nodes) + size_t{index} * row.pattern_node_size);
  const std::string name = node.name != nullptr ? node.name : "";
  if (node.op == nullptr) return ((node.flags & TFLOWER_PATTERN_CONSTANT) != 0 ? "constant " : "") + name;
  std::string text = node.op;
  if (const size_t more = static_cast<size_t>(std::count(text.begin(), text.end(), '|')); more > 3) text = text.substr(0, text.find('|')) + " or " + std::to_string(more) + " others";
  for (size_t bar = text.find('|'); bar != std::string::npos; bar = text.find('|')) text.replace(bar, 1, " or ");
  for (uint32_t i = 0; i < node.num_inputs; ++i) text += (i == 0 ? "(" : ", ") + (node.inputs[i] < 0 ? "_" : PatternText(row, static_cast<uint32_t>(node.inputs[i])));
  return text + (node.num_inputs != 0 ? ")" : "");
}

std::vector<RuleRef> ShippedRules() {
  std::vector<RuleRef> rules = TestRegistry().PatternRules().value();
  std::erase_if(rules, [](const RuleRef& r) { return r.provider.plugin_id != "tflower.tfl_rules"; });
  std::ranges::sort(rules, {}, [](const RuleRef& r) { return std::string_view(r.row->id); });
  return rules;
}

// The generated part of docs/rules.md. WriteRules: TFLOWER_WRITE_DOCS=1 framework_rule_rows_test
std::string RulesTable() {
  std::string text = "| rule | pattern | emits |\n|---|---|---|\n";
  for (const RuleRef& r : ShippedRules()) text += "| `" + std::string(r.row->id) + "` | " + PatternText(*r.row) + " | " + (r.row->emits != nullptr ? r.row->emits : "") + " |\n";
  return text;
}

// Rules with a test in rules_test.cc, or in lists_test.cc.
const std::string kTestedThere =
    " l2-* square-of-difference product-of-difference broadcast-* fill-* zeros-* moved-fill-* reduced-* select-by-* select-v2-by-not logical-with-constant double-not drop-add-0 "
    "drop-sub-0 drop-mul-1 add-before-* sub-before-* mul-before-* relu-before-* relu6-before-* neighbouring-updates update-of-everything pack-of-one ";

bool IsTested(std::string_view rule) {
  for (const Row& row : kRows) if (row.rule == rule) return true;
  for (size_t at = 1; at < kTestedThere.size();) {
    const size_t end = kTestedThere.find(' ', at);
    const std::string_view name = std::string_view(kTestedThere).substr(at, end - at);
    if (name == rule || (name.ends_with('*') && rule.starts_with(name.substr(0, name.size() - 1)))) return true;
    at = end + 1;
  }
  return false;
}

}  // namespace

TEST_CASE("every rule has a row here, or a test of its own") {
  std::string missing;
  for (const RuleRef& r : ShippedRules()) if (!IsTested(r.row->id)) missing += std::string(r.row->id) + " ";
  CHECK(missing == "");
}

TEST_CASE("docs/rules.md lists the rules") {
  const std::string path = TFLOWER_DOCS "/rules.md", begin = "<!-- rules -->\n", end = "<!-- end of rules -->\n";
  std::ifstream in(path);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  REQUIRE(text.find(begin) != std::string::npos);
  const size_t from = text.find(begin) + begin.size(), to = text.find(end, from);
  if (std::getenv("TFLOWER_WRITE_DOCS") != nullptr) {
    std::ofstream(path) << text.substr(0, from) << RulesTable() << text.substr(to);
    return;
  }
  CHECK(text.substr(from, to - from) == RulesTable());
}

TEST_CASE("each rule makes of its graph what it should, and that computes the same") {
  Workspace w;
  for (const Row& row : kRows) {
    INFO("rule " << std::string(row.rule) << ": " << std::string(row.graph));
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
