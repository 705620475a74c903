// The rows of advisories_test.cc: one operator each, with one poisoned operand, attribute or shape, and the words of the error.
#pragma once

#include <cmath>

#include "model_spec.h"
#include "sdk/schema/op_table.h"
#include "sdk/schema/options_io.h"
#include "tflower/kernel_def.h"

namespace tflower::runtime::test {

constexpr int32_t kMin = INT32_MIN, kMax = INT32_MAX;

struct Operand {
  DType dtype = DType::kFloat32;
  std::vector<int32_t> shape;
  Bytes data;
  std::vector<float> scale = {};
  std::vector<int64_t> zero_point = {};
  int32_t axis = 0;
  bool absent = false;
  bool variable = false;  // state, neither given nor constant
};

inline size_t CountOf(const std::vector<int32_t>& shape) {
  size_t n = 1;
  for (const int32_t d : shape) n *= static_cast<size_t>(d);
  return n;
}

// Contents: the given values, or ones.
template <class T>
Operand Of(std::vector<int32_t> shape, std::vector<T> values) {
  Operand operand{.dtype = DTypeOf<T>::value, .shape = std::move(shape), .data = {}};
  if (values.empty()) values.assign(CountOf(operand.shape), T{1});
  operand.data = Pack(values);
  return operand;
}
inline Operand F(std::vector<int32_t> shape, std::vector<float> values = {}) { return Of<float>(std::move(shape), std::move(values)); }
inline Operand I(std::vector<int32_t> shape, std::vector<int32_t> values = {}) { return Of<int32_t>(std::move(shape), std::move(values)); }
inline Operand L(std::vector<int32_t> shape, std::vector<int64_t> values = {}) { return Of<int64_t>(std::move(shape), std::move(values)); }
inline Operand I8(std::vector<int32_t> shape, std::vector<float> scale = {}) {
  Operand operand = Of<int8_t>(std::move(shape), {});
  operand.zero_point.assign(scale.size(), 0);
  operand.scale = std::move(scale);
  return operand;
}
// Of [2] or [2, 3] ... elements, with the zero point at the stored value 1: all are the number 0.
inline Operand OnZero(Operand operand) {
  operand.zero_point.assign(operand.zero_point.size(), 1);
  return operand;
}
inline Operand Scaled16(std::vector<int32_t> shape) {
  Operand operand = Of<int16_t>(std::move(shape), {});
  operand.scale = {0.5f};
  operand.zero_point = {0};
  return operand;
}
inline Operand OnAxis(Operand operand, int32_t axis) {
  operand.axis = axis;
  return operand;
}
inline Operand B(std::vector<int32_t> shape) {
  return {.dtype = DType::kBool, .shape = shape, .data = Bytes(CountOf(shape), 1)};
}
inline Operand State(std::vector<int32_t> shape) { return {.dtype = DType::kFloat32, .shape = std::move(shape), .data = {}, .variable = true}; }
inline Operand Handle(int32_t id) { return {.dtype = DType::kResource, .shape = {1}, .data = Pack<int32_t>({id})}; }
// One string, "a".
inline const Operand kText{.dtype = DType::kString, .shape = {1}, .data = Pack<uint8_t>({1, 0, 0, 0, 12, 0, 0, 0, 13, 0, 0, 0, 'a'})};
inline constexpr int64_t kNumbers[] = {0, 1, 9, -9, INT64_MAX};
inline constexpr tfl::Span<int64_t> kZero{kNumbers, 1}, kOne{kNumbers + 1, 1}, kNine{kNumbers + 2, 1}, kMinusNine{kNumbers + 3, 1}, kHuge{kNumbers + 4, 1};
inline const Operand kAbsent{.dtype = DType::kFloat32, .shape = {}, .data = {}, .absent = true};

using Options = std::function<flatbuffers::Offset<void>(Builder&, const tfl::OpInfo&)>;
inline const Options kNoOptions;

template <class T>
Options With(const T& options) {
  return [options](Builder& b, const tfl::OpInfo& info) { return flatbuffers::Offset<void>(tfl::WriteOptions(b, info, &options)); };
}
inline Options Pool(int32_t stride, int32_t filter) {
  return With(tfl::Pool2DOptions{.stride_w = stride, .stride_h = stride, .filter_width = filter, .filter_height = filter});
}
inline Options Conv(int32_t stride, int32_t dilation = 1) {
  return With(tfl::Conv2DOptions{.stride_w = stride, .stride_h = stride, .dilation_w_factor = dilation, .dilation_h_factor = dilation});
}
inline Options Depthwise(int32_t stride, int32_t multiplier = 1, int32_t dilation = 1) {
  return With(tfl::DepthwiseConv2DOptions{.stride_w = stride,
                                          .stride_h = stride,
                                          .depth_multiplier = multiplier,
                                          .dilation_w_factor = dilation,
                                          .dilation_h_factor = dilation});
}
inline Options TransposeConv(int32_t stride) { return With(tfl::TransposeConvOptions{.stride_w = stride, .stride_h = stride}); }
inline Options Conv3D(int32_t stride) { return With(tfl::Conv3DOptions{.stride_d = stride, .stride_w = stride, .stride_h = stride}); }

inline Options Squeeze(int32_t axis) {
  return [axis](Builder& b, const tfl::OpInfo& info) {
    const tfl::SqueezeOptions options{.squeeze_dims = {&axis, 1}};
    return flatbuffers::Offset<void>(tfl::WriteOptions(b, info, &options));
  };
}
inline Options NewShape(size_t rank) {
  return [rank](Builder& b, const tfl::OpInfo& info) {
    const std::vector<int32_t> ones(rank, 1);
    const tfl::ReshapeOptions options{.new_shape = {ones.data(), ones.size()}};
    return flatbuffers::Offset<void>(tfl::WriteOptions(b, info, &options));
  };
}

constexpr const char* kRuns = "";  // instead of words: legal, and must run

struct Row {
  const char* name;
  tfl::Builtin code;
  Options options;
  std::vector<Operand> inputs;
  std::vector<Operand> outputs;  // what the model declares: dtype and scale count
  const char* words;             // in the message
  const char* at_run_time = nullptr;  // instead of words, where contents that are not known when planning change the outcome
};

using enum tfl::Builtin;
inline const Operand f = F({}), i = I({});  // outputs: the operator decides their shapes

inline std::vector<Row> Rows() {
  return {
      // Division by zero
      {"SpaceToDepth block 0", SPACE_TO_DEPTH, With(tfl::SpaceToDepthOptions{.block_size = 0}), {F({1, 2, 2, 1})}, {f}, "block_size"},
      {"SpaceToDepth block -2", SPACE_TO_DEPTH, With(tfl::SpaceToDepthOptions{.block_size = -2}), {F({1, 2, 2, 1})}, {f}, "-2"},
      {"DepthToSpace block 0", DEPTH_TO_SPACE, With(tfl::DepthToSpaceOptions{.block_size = 0}), {F({1, 2, 2, 4})}, {f}, "block_size"},
      {"DepthToSpace block whose square wraps", DEPTH_TO_SPACE, With(tfl::DepthToSpaceOptions{.block_size = 65536}), {F({1, 1, 1, 4})}, {f}, "block_size is 65536"},
      {"DepthToSpace block INT_MAX", DEPTH_TO_SPACE, With(tfl::DepthToSpaceOptions{.block_size = kMax}), {F({1, 1, 1, 4})}, {f}, "block_size is 2147483647"},
      {"Split into none", SPLIT, With(tfl::SplitOptions{.num_splits = 0}), {I({}, {0}), F({4})}, {}, "outputs: has 0"},
      {"Split num_splits 0 with an output", SPLIT, With(tfl::SplitOptions{.num_splits = 0}), {I({}, {0}), F({4})}, {f}, "num_splits"},
      {"Split with another count of outputs", SPLIT, With(tfl::SplitOptions{.num_splits = 4}), {I({}, {0}), F({4})}, {f, f}, "num_splits"},
      {"Split that leaves a rest", SPLIT, With(tfl::SplitOptions{.num_splits = 3}), {I({}, {0}), F({4})}, {f, f, f}, "3"},
      {"Split axis beyond the rank", SPLIT, With(tfl::SplitOptions{.num_splits = 2}), {I({}, {7}), F({4})}, {f, f}, "(axis) is 7", "axis 7"},
      {"AveragePool stride 0", AVERAGE_POOL_2D, Pool(0, 1), {F({1, 2, 2, 1})}, {f}, "stride"},
      {"MaxPool stride 0", MAX_POOL_2D, Pool(0, 1), {F({1, 2, 2, 1})}, {f}, "stride"},
      {"L2Pool stride 0", L2_POOL_2D, Pool(0, 1), {F({1, 2, 2, 1})}, {f}, "stride"},
      {"AveragePool filter 0", AVERAGE_POOL_2D, Pool(1, 0), {F({1, 2, 2, 1})}, {f}, "filter_width is 0"},
      {"MaxPool filter -1", MAX_POOL_2D, Pool(1, -1), {F({1, 2, 2, 1})}, {f}, "-1"},
      {"AveragePool filter INT_MAX", AVERAGE_POOL_2D, Pool(1, kMax), {F({1, 2, 2, 1})}, {f}, kRuns},
      {"MaxPool of an empty image", MAX_POOL_2D, Pool(1, 2), {F({1, 0, 2, 1})}, {f}, kRuns},
      {"quantised AveragePool filter 0", AVERAGE_POOL_2D, Pool(1, 0), {I8({1, 2, 2, 1}, {1})}, {I8({}, {1})}, "filter_width is 0"},
      {"Conv stride 0", CONV_2D, Conv(0), {F({1, 2, 2, 1}), F({1, 1, 1, 1}), F({1})}, {f}, "stride"},
      {"Conv dilation 0", CONV_2D, Conv(1, 0), {F({1, 2, 2, 1}), F({1, 1, 1, 1}), F({1})}, {f}, "dilation"},
      {"Conv dilation INT_MAX", CONV_2D, Conv(1, kMax), {F({1, 2, 2, 1}), F({1, 3, 3, 1}), F({1})}, {f}, kRuns},
      {"Conv image without channels", CONV_2D, Conv(1), {F({1, 2, 2, 0}), F({1, 1, 1, 1}), F({1})}, {f}, "dim(input, 3) > 0"},
      {"Conv filter without channels", CONV_2D, Conv(1), {F({1, 2, 2, 1}), F({1, 1, 1, 0}), F({1})}, {f}, "float32[1, 1, 1, 0]"},
      {"Conv filter and image without channels", CONV_2D, Conv(1), {F({1, 2, 2, 0}), F({1, 1, 1, 0}), F({1})}, {f}, "0"},
      {"Conv without a filter height", CONV_2D, Conv(1), {F({1, 2, 2, 1}), F({1, 0, 1, 1}), F({1})}, {f}, "kernel 0"},
      {"Conv with an empty bias", CONV_2D, Conv(1), {F({1, 2, 2, 1}), F({1, 1, 1, 1}), F({0})}, {f}, "bias"},
      {"Conv with a bias of another length", CONV_2D, Conv(1), {F({1, 2, 2, 1}), F({1, 1, 1, 1}), F({2})}, {f}, "bias"},
      {"Depthwise stride 0", DEPTHWISE_CONV_2D, Depthwise(0), {F({1, 2, 2, 1}), F({1, 1, 1, 1}), F({1})}, {f}, "stride"},
      {"Depthwise dilation 0", DEPTHWISE_CONV_2D, Depthwise(1, 1, 0), {F({1, 2, 2, 1}), F({1, 1, 1, 1}), F({1})}, {f}, "dilation"},
      {"Depthwise filter without channels", DEPTHWISE_CONV_2D, Depthwise(1), {F({1, 2, 2, 1}), F({1, 1, 1, 0}), F({1})}, {f}, "0"},
      {"Depthwise image without channels", DEPTHWISE_CONV_2D, Depthwise(1), {F({1, 2, 2, 0}), F({1, 1, 1, 1}), F({1})}, {f}, "0"},
      {"Depthwise multiplier that does not fit: the shapes decide", DEPTHWISE_CONV_2D, Depthwise(1, 7), {F({1, 2, 2, 2}), F({1, 1, 1, 2}), F({2})}, {f}, kRuns},
      {"Depthwise with an empty bias", DEPTHWISE_CONV_2D, Depthwise(1), {F({1, 2, 2, 1}), F({1, 1, 1, 1}), F({0})}, {f}, "bias"},
      {"TransposeConv stride 0", TRANSPOSE_CONV, TransposeConv(0), {I({4}, {1, 2, 2, 1}), F({1, 1, 1, 1}), F({1, 2, 2, 1})}, {f}, "stride"},
      {"TransposeConv negative output", TRANSPOSE_CONV, TransposeConv(1), {I({4}, {1, -2, 2, 1}), F({1, 1, 1, 1}), F({1, 2, 2, 1})}, {f}, "-2"},
      {"TransposeConv output of another size", TRANSPOSE_CONV, TransposeConv(1), {I({4}, {1, 900, 2, 1}), F({1, 1, 1, 1}), F({1, 2, 2, 1})}, {f}, "900"},
      {"TransposeConv output of a rank of 3", TRANSPOSE_CONV, TransposeConv(1), {I({3}, {1, 2, 2}), F({1, 1, 1, 1}), F({1, 2, 2, 1})}, {f}, "output_shape"},
      {"BatchToSpace block 0", BATCH_TO_SPACE_ND, kNoOptions, {F({4, 1, 1, 1}), I({2}, {0, 2}), I({2, 2}, {0, 0, 0, 0})}, {f}, "block"},
      {"BatchToSpace negative crops", BATCH_TO_SPACE_ND, kNoOptions, {F({4, 1, 1, 1}), I({2}, {2, 2}), I({2, 2}, {-1, 0, 0, 0})}, {f}, "-1"},
      {"BatchToSpace crops more than there is", BATCH_TO_SPACE_ND, kNoOptions, {F({4, 1, 1, 1}), I({2}, {2, 2}), I({2, 2}, {kMax, kMax, 0, 0})}, {f}, "2147483647"},
      {"SpaceToBatch block 0", SPACE_TO_BATCH_ND, kNoOptions, {F({1, 2, 2, 1}), I({2}, {2, 0}), I({2, 2}, {0, 0, 0, 0})}, {f}, "block"},
      {"SpaceToBatch block INT_MAX", SPACE_TO_BATCH_ND, kNoOptions, {F({1, 2, 2, 1}), I({2}, {kMax, kMax}), I({2, 2}, {0, 0, 0, 0})}, {f}, "2147483647"},
      {"SpaceToBatch negative padding", SPACE_TO_BATCH_ND, kNoOptions, {F({1, 2, 2, 1}), I({2}, {2, 2}), I({2, 2}, {0, -2, 0, 0})}, {f}, "-2"},
      {"GatherNd of nothing", GATHER_ND, kNoOptions, {F({0, 2}), I({1, 1}, {0})}, {f}, "index 0"},
      {"EmbeddingLookup in a table without rows", EMBEDDING_LOOKUP, kNoOptions, {I({2}, {0, 0}), F({0, 3})}, {f}, "0"},
      {"EmbeddingLookup row -1", EMBEDDING_LOOKUP, kNoOptions, {I({2}, {0, -1}), F({2, 3})}, {f}, "-1"},
      {"EmbeddingLookup row beyond the table", EMBEDDING_LOOKUP, kNoOptions, {I({2}, {0, 2}), F({2, 3})}, {f}, "2"},
      {"Dense filter without inputs", FULLY_CONNECTED, With(tfl::FullyConnectedOptions{}), {F({2, 3}), F({4, 0}), F({4})}, {f}, "rows of 0"},
      {"Dense filter and input without inputs", FULLY_CONNECTED, With(tfl::FullyConnectedOptions{}), {F({2, 0}), F({4, 0}), F({4})}, {f}, kRuns},
      {"Dense with an empty bias", FULLY_CONNECTED, With(tfl::FullyConnectedOptions{}), {F({2, 3}), F({4, 3}), F({0})}, {f}, "bias"},
      {"Dense input that does not divide", FULLY_CONNECTED, With(tfl::FullyConnectedOptions{}), {F({2, 3}), F({4, 4}), F({4})}, {f}, "4"},
      {"integer Div by 0", DIV, With(tfl::DivOptions{}), {I({2}, {7, 7}), I({2}, {1, 0})}, {i}, "0"},
      {"integer FloorDiv by 0", FLOOR_DIV, kNoOptions, {I({2}, {7, 7}), I({2}, {1, 0})}, {i}, "0"},
      {"integer FloorMod by 0", FLOOR_MOD, kNoOptions, {I({2}, {7, 7}), I({2}, {1, 0})}, {i}, "0"},
      {"integer FloorMod of INT_MIN by -1", FLOOR_MOD, kNoOptions, {I({1}, {kMin}), I({1}, {-1})}, {i}, kRuns},
      {"integer FloorDiv of INT_MIN by -1", FLOOR_DIV, kNoOptions, {I({1}, {kMin}), I({1}, {-1})}, {i}, kRuns},
      {"integer Div of INT_MIN by -1", DIV, With(tfl::DivOptions{}), {I({1}, {kMin}), I({1}, {-1})}, {i}, kRuns},
      {"integer Pow with a negative exponent", POW, kNoOptions, {I({1}, {2}), I({1}, {-1})}, {i}, "negative integer exponent"},
      {"shift by more than there are bits", RIGHT_SHIFT, kNoOptions, {I({1}, {2}), I({1}, {99})}, {i}, kRuns},
      {"OneHot negative depth", ONE_HOT, With(tfl::OneHotOptions{.axis = -1}), {I({2}, {0, 1}), I({}, {-4}), f, f}, {f}, "-4"},
      {"OneHot depth 0", ONE_HOT, With(tfl::OneHotOptions{.axis = -1}), {I({2}, {0, 1}), I({}, {0}), f, f}, {f}, kRuns},
      {"OneHot depth of gigabytes", ONE_HOT, With(tfl::OneHotOptions{.axis = -1}), {I({2}, {0, 1}), I({}, {kMax}), f, f}, {f}, "17179869176 bytes"},
      {"OneHot axis", ONE_HOT, With(tfl::OneHotOptions{.axis = 3}), {I({2}, {0, 1}), I({}, {2}), f, f}, {f}, "axis is 3"},
      {"OneHot indices outside", ONE_HOT, With(tfl::OneHotOptions{.axis = -1}), {I({2}, {kMin, kMax}), I({}, {2}), f, f}, {f}, kRuns},
      // Missing operands and parameters
      {"Reshape without a shape", RESHAPE, kNoOptions, {F({2, 3})}, {f}, "shape"},
      {"Reshape to two unknowns", RESHAPE, kNoOptions, {F({2, 3}), I({2}, {-1, -1})}, {f}, "-1"},
      {"Reshape to a negative dim", RESHAPE, kNoOptions, {F({2, 3}), I({2}, {-3, -2})}, {f}, "-3"},
      {"Reshape of other size", RESHAPE, kNoOptions, {F({2, 3}), I({2}, {5, 5})}, {f}, "[5, 5]"},
      {"Reshape to a product that wraps", RESHAPE, kNoOptions, {F({2, 3}), I({3}, {kMax, kMax, kMax})}, {f}, "2147483647"},
      {"Reshape of nothing to an unknown", RESHAPE, kNoOptions, {F({0, 3}), I({2}, {-1, 0})}, {f}, kRuns},
      {"Reshape to a shape that is no vector", RESHAPE, kNoOptions, {F({2, 3}), I({1, 2}, {3, 2})}, {f}, "must be a vector"},
      {"Reshape to a rank of 40", RESHAPE, kNoOptions, {F({1}), I({40})}, {f}, "40"},
      {"int8 Add without scales: plain integers, as in TF", ADD, With(tfl::AddOptions{}), {I8({2}), I8({2})}, {I8({})}, kRuns},
      {"quantised Conv without scales", CONV_2D, Conv(1), {I8({1, 2, 2, 1}), I8({1, 1, 1, 1}), I({1})}, {I8({})}, "scale"},
      {"quantised Conv with a filter without scales", CONV_2D, Conv(1), {I8({1, 2, 2, 1}, {1}), I8({1, 1, 1, 1}), I({1})}, {I8({}, {1})}, "scale"},
      {"quantised Depthwise without scales", DEPTHWISE_CONV_2D, Depthwise(1), {I8({1, 2, 2, 1}), I8({1, 1, 1, 1}), I({1})}, {I8({})}, "scale"},
      {"quantised Dense without scales", FULLY_CONNECTED, With(tfl::FullyConnectedOptions{}), {I8({2, 3}), I8({4, 3}), I({4})}, {I8({})}, "scale"},
      {"quantised TransposeConv without scales", TRANSPOSE_CONV, TransposeConv(1), {I({4}, {1, 2, 2, 1}), I8({1, 1, 1, 1}), I8({1, 2, 2, 1})}, {I8({})}, "scale"},
      {"quantised BatchMatMul without scales", BATCH_MATMUL, With(tfl::BatchMatMulOptions{}), {I8({2, 2}), I8({2, 2})}, {I8({})}, "scale"},
      {"quantised Softmax without scales", SOFTMAX, With(tfl::SoftmaxOptions{.beta = 1}), {I8({2})}, {I8({})}, "scale"},
      {"quantised Logistic without scales", LOGISTIC, kNoOptions, {I8({2})}, {I8({})}, "scale"},
      {"quantised Mean without scales", MEAN, With(tfl::ReducerOptions{}), {I8({2}), I({1}, {0})}, {I8({})}, kRuns},
      {"quantised LeakyRelu without scales", LEAKY_RELU, With(tfl::LeakyReluOptions{.alpha = 0.5f}), {I8({2})}, {I8({})}, "scale"},
      {"hybrid Dense without scales", FULLY_CONNECTED, With(tfl::FullyConnectedOptions{}), {F({2, 3}), I8({4, 3}), F({4})}, {f}, "scale"},
      {"Dequantize without scales", DEQUANTIZE, kNoOptions, {I8({2})}, {f}, "scale"},
      {"Quantize to no scales", QUANTIZE, kNoOptions, {F({2})}, {I8({})}, "quantized(output)"},
      {"Requantize by a factor that leaves the fixed point", QUANTIZE, kNoOptions, {I8({2}, {1e30f})}, {I8({}, {1e-30f})}, kRuns},
      // Scales at the ends of their range, scales per row where the operator takes one for all
      {"Add of scales at both ends", ADD, With(tfl::AddOptions{}), {I8({2}, {3e38f}), I8({2}, {1e-38f})}, {I8({}, {1e-38f})}, kRuns},
      {"Add of tiny scales into a large one", ADD, With(tfl::AddOptions{}), {I8({2}, {1e-38f}), I8({2}, {3e38f})}, {I8({}, {3e38f})}, kRuns},
      {"Add with a scale per row", ADD, With(tfl::AddOptions{}), {I8({2}, {1, 1}), I8({2}, {1})}, {I8({}, {1})}, "has 2 scales"},
      {"Sub of scales at both ends", SUB, With(tfl::SubOptions{}), {I8({2}, {3e38f}), I8({2}, {1e-38f})}, {I8({}, {1e-38f})}, kRuns},
      {"Sub of tiny scales into a large one", SUB, With(tfl::SubOptions{}), {I8({2}, {1e-38f}), I8({2}, {3e38f})}, {I8({}, {3e38f})}, kRuns},
      {"Sub with a scale per row", SUB, With(tfl::SubOptions{}), {I8({2}, {1, 1}), I8({2}, {1})}, {I8({}, {1})}, "has 2 scales"},
      {"Mul of scales at both ends", MUL, With(tfl::MulOptions{}), {I8({2}, {3e38f}), I8({2}, {3e38f})}, {I8({}, {1e-38f})}, kRuns},
      {"Mul of tiny scales into a large one", MUL, With(tfl::MulOptions{}), {I8({2}, {1e-38f}), I8({2}, {1e-38f})}, {I8({}, {3e38f})}, kRuns},
      {"Mul with a scale per row", MUL, With(tfl::MulOptions{}), {I8({2}, {1, 1}), I8({2}, {1, 1})}, {I8({}, {1})}, "has 2 scales"},
      {"Maximum of scales at both ends", MAXIMUM, kNoOptions, {I8({2}, {3e38f}), I8({2}, {1e-38f})}, {I8({}, {1e-38f})}, kRuns},
      {"Maximum of tiny scales into a large one", MAXIMUM, kNoOptions, {I8({2}, {1e-38f}), I8({2}, {3e38f})}, {I8({}, {3e38f})}, kRuns},
      {"SquaredDifference of scales at both ends", SQUARED_DIFFERENCE, kNoOptions, {I8({2}, {3e38f}), I8({2}, {1e-38f})}, {I8({}, {1e-38f})}, kRuns},
      {"SquaredDifference of tiny scales into a large one", SQUARED_DIFFERENCE, kNoOptions, {I8({2}, {1e-38f}), I8({2}, {3e38f})}, {I8({}, {3e38f})}, kRuns},
      {"SquaredDifference with a scale per row", SQUARED_DIFFERENCE, kNoOptions, {I8({2}, {1, 1}), I8({2}, {1})}, {I8({}, {1})}, "has 2 scales"},
      {"Less of scales at both ends", LESS, kNoOptions, {I8({2}, {3e38f}), I8({2}, {1e-38f})}, {B({})}, kRuns},
      {"Less of tiny scales into a large one", LESS, kNoOptions, {I8({2}, {1e-38f}), I8({2}, {3e38f})}, {B({})}, kRuns},
      {"Less with a scale per row", LESS, kNoOptions, {I8({2}, {1, 1}), I8({2}, {1})}, {B({})}, "has 2 scales"},
      {"Concatenation of scales at both ends", CONCATENATION, With(tfl::ConcatenationOptions{}), {I8({2}, {3e38f}), I8({2}, {1e-38f})}, {I8({}, {1e-38f})}, "must be equal"},
      {"Concatenation of tiny scales into a large one", CONCATENATION, With(tfl::ConcatenationOptions{}), {I8({2}, {1e-38f}), I8({2}, {3e38f})}, {I8({}, {3e38f})}, "must be equal"},
      {"Concatenation with a scale per row", CONCATENATION, With(tfl::ConcatenationOptions{}), {I8({2}, {1, 1}), I8({2}, {1})}, {I8({}, {1})}, "must be equal"},
      {"Conv of scales at both ends", CONV_2D, Conv(1), {I8({1, 2, 2, 1}, {3e38f}), I8({1, 1, 1, 1}, {3e38f}), I({1})}, {I8({}, {1e-38f})}, kRuns},
      {"Conv of tiny scales into a large one", CONV_2D, Conv(1), {I8({1, 2, 2, 1}, {1e-38f}), I8({1, 1, 1, 1}, {1e-38f}), I({1})}, {I8({}, {3e38f})}, kRuns},
      {"Depthwise of scales at both ends", DEPTHWISE_CONV_2D, Depthwise(1), {I8({1, 2, 2, 1}, {3e38f}), I8({1, 1, 1, 1}, {3e38f}), I({1})}, {I8({}, {1e-38f})}, kRuns},
      {"Depthwise of tiny scales into a large one", DEPTHWISE_CONV_2D, Depthwise(1), {I8({1, 2, 2, 1}, {1e-38f}), I8({1, 1, 1, 1}, {1e-38f}), I({1})}, {I8({}, {3e38f})}, kRuns},
      {"TransposeConv of scales at both ends", TRANSPOSE_CONV, TransposeConv(1), {I({4}, {1, 2, 2, 1}), I8({1, 1, 1, 1}, {3e38f}), I8({1, 2, 2, 1}, {3e38f})}, {I8({}, {1e-38f})}, kRuns},
      {"TransposeConv of tiny scales into a large one", TRANSPOSE_CONV, TransposeConv(1), {I({4}, {1, 2, 2, 1}), I8({1, 1, 1, 1}, {1e-38f}), I8({1, 2, 2, 1}, {1e-38f})}, {I8({}, {3e38f})}, kRuns},
      {"Dense of scales at both ends", FULLY_CONNECTED, With(tfl::FullyConnectedOptions{}), {I8({2, 3}, {3e38f}), I8({4, 3}, {3e38f}), I({4})}, {I8({}, {1e-38f})}, kRuns},
      {"Dense of tiny scales into a large one", FULLY_CONNECTED, With(tfl::FullyConnectedOptions{}), {I8({2, 3}, {1e-38f}), I8({4, 3}, {1e-38f}), I({4})}, {I8({}, {3e38f})}, kRuns},
      {"Dense with a scale per row", FULLY_CONNECTED, With(tfl::FullyConnectedOptions{}), {I8({2, 3}, {1, 1}), I8({4, 3}, {1}), I({4})}, {I8({}, {1})}, "has 2 scales"},
      {"BatchMatMul of scales at both ends", BATCH_MATMUL, With(tfl::BatchMatMulOptions{}), {I8({2, 2}, {3e38f}), I8({2, 2}, {3e38f})}, {I8({}, {1e-38f})}, kRuns},
      {"BatchMatMul of tiny scales into a large one", BATCH_MATMUL, With(tfl::BatchMatMulOptions{}), {I8({2, 2}, {1e-38f}), I8({2, 2}, {1e-38f})}, {I8({}, {3e38f})}, kRuns},
      {"BatchMatMul with a scale per row", BATCH_MATMUL, With(tfl::BatchMatMulOptions{}), {I8({2, 2}, {1, 1}), I8({2, 2}, {1, 1})}, {I8({}, {1})}, "has 2 scales"},
      {"Softmax of scales at both ends", SOFTMAX, With(tfl::SoftmaxOptions{.beta = 1}), {I8({2}, {3e38f})}, {I8({}, {1e-38f})}, kRuns},
      {"Softmax of tiny scales into a large one", SOFTMAX, With(tfl::SoftmaxOptions{.beta = 1}), {I8({2}, {1e-38f})}, {I8({}, {3e38f})}, kRuns},
      {"Softmax with a scale per row", SOFTMAX, With(tfl::SoftmaxOptions{.beta = 1}), {I8({2}, {1, 1})}, {I8({}, {1})}, "has 2 scales"},
      {"LogSoftmax of scales at both ends", LOG_SOFTMAX, kNoOptions, {I8({2}, {3e38f})}, {I8({}, {1e-38f})}, kRuns},
      {"LogSoftmax of tiny scales into a large one", LOG_SOFTMAX, kNoOptions, {I8({2}, {1e-38f})}, {I8({}, {3e38f})}, kRuns},
      {"LogSoftmax with a scale per row", LOG_SOFTMAX, kNoOptions, {I8({2}, {1, 1})}, {I8({}, {1})}, "has 2 scales"},
      {"Logistic of scales at both ends", LOGISTIC, kNoOptions, {I8({2}, {3e38f})}, {I8({}, {1e-38f})}, kRuns},
      {"Logistic of tiny scales into a large one", LOGISTIC, kNoOptions, {I8({2}, {1e-38f})}, {I8({}, {3e38f})}, kRuns},
      {"Logistic with a scale per row", LOGISTIC, kNoOptions, {I8({2}, {1, 1})}, {I8({}, {1})}, "has 2 scales"},
      {"Tanh of scales at both ends", TANH, kNoOptions, {I8({2}, {3e38f})}, {I8({}, {1e-38f})}, kRuns},
      {"Tanh of tiny scales into a large one", TANH, kNoOptions, {I8({2}, {1e-38f})}, {I8({}, {3e38f})}, kRuns},
      {"Tanh with a scale per row", TANH, kNoOptions, {I8({2}, {1, 1})}, {I8({}, {1})}, "has 2 scales"},
      {"HardSwish of scales at both ends", HARD_SWISH, kNoOptions, {I8({2}, {3e38f})}, {I8({}, {1e-38f})}, "below 1/128"},
      {"HardSwish of tiny scales into a large one", HARD_SWISH, kNoOptions, {I8({2}, {1e-38f})}, {I8({}, {3e38f})}, kRuns},
      {"HardSwish with a scale per row", HARD_SWISH, kNoOptions, {I8({2}, {1, 1})}, {I8({}, {1})}, "has 2 scales"},
      {"LeakyRelu of scales at both ends", LEAKY_RELU, With(tfl::LeakyReluOptions{.alpha = 0.5f}), {I8({2}, {3e38f})}, {I8({}, {1e-38f})}, kRuns},
      {"LeakyRelu of tiny scales into a large one", LEAKY_RELU, With(tfl::LeakyReluOptions{.alpha = 0.5f}), {I8({2}, {1e-38f})}, {I8({}, {3e38f})}, kRuns},
      {"LeakyRelu with a scale per row", LEAKY_RELU, With(tfl::LeakyReluOptions{.alpha = 0.5f}), {I8({2}, {1, 1})}, {I8({}, {1})}, "has 2 scales"},
      {"Exp of scales at both ends", EXP, kNoOptions, {I8({2}, {3e38f})}, {I8({}, {1e-38f})}, kRuns},
      {"Exp of tiny scales into a large one", EXP, kNoOptions, {I8({2}, {1e-38f})}, {I8({}, {3e38f})}, kRuns},
      {"Exp with a scale per row", EXP, kNoOptions, {I8({2}, {1, 1})}, {I8({}, {1})}, "has 2 scales"},
      {"Rsqrt of scales at both ends", RSQRT, kNoOptions, {I8({2}, {3e38f})}, {I8({}, {1e-38f})}, kRuns},
      {"Rsqrt of tiny scales into a large one", RSQRT, kNoOptions, {I8({2}, {1e-38f})}, {I8({}, {3e38f})}, kRuns},
      {"Rsqrt with a scale per row", RSQRT, kNoOptions, {I8({2}, {1, 1})}, {I8({}, {1})}, "has 2 scales"},
      {"Abs of scales at both ends", ABS, kNoOptions, {I8({2}, {3e38f})}, {I8({}, {1e-38f})}, kRuns},
      {"Abs of tiny scales into a large one", ABS, kNoOptions, {I8({2}, {1e-38f})}, {I8({}, {3e38f})}, kRuns},
      {"Abs with a scale per row", ABS, kNoOptions, {I8({2}, {1, 1})}, {I8({}, {1})}, "has 2 scales"},
      {"Relu of scales at both ends", RELU, kNoOptions, {I8({2}, {3e38f})}, {I8({}, {1e-38f})}, kRuns},
      {"Relu of tiny scales into a large one", RELU, kNoOptions, {I8({2}, {1e-38f})}, {I8({}, {3e38f})}, kRuns},
      {"Relu with a scale per row", RELU, kNoOptions, {I8({2}, {1, 1})}, {I8({}, {1})}, "has 2 scales"},
      {"Prelu of scales at both ends", PRELU, kNoOptions, {I8({1, 2}, {3e38f}), I8({2}, {3e38f})}, {I8({}, {1e-38f})}, kRuns},
      {"Prelu of tiny scales into a large one", PRELU, kNoOptions, {I8({1, 2}, {1e-38f}), I8({2}, {1e-38f})}, {I8({}, {3e38f})}, kRuns},
      {"Prelu with a scale per row", PRELU, kNoOptions, {I8({1, 2}, {1}), I8({2}, {1, 1})}, {I8({}, {1})}, "has 2 scales"},
      {"Mean of scales at both ends", MEAN, With(tfl::ReducerOptions{}), {I8({2}, {3e38f}), I({1}, {0})}, {I8({}, {1e-38f})}, kRuns},
      {"Mean of tiny scales into a large one", MEAN, With(tfl::ReducerOptions{}), {I8({2}, {1e-38f}), I({1}, {0})}, {I8({}, {3e38f})}, kRuns},
      {"Mean with a scale per row", MEAN, With(tfl::ReducerOptions{}), {I8({2}, {1, 1}), I({1}, {0})}, {I8({}, {1})}, "has 2 scales"},
      {"Sum of scales at both ends", SUM, With(tfl::ReducerOptions{}), {I8({2}, {3e38f}), I({1}, {0})}, {I8({}, {1e-38f})}, kRuns},
      {"Sum of tiny scales into a large one", SUM, With(tfl::ReducerOptions{}), {I8({2}, {1e-38f}), I({1}, {0})}, {I8({}, {3e38f})}, kRuns},
      {"Sum with a scale per row", SUM, With(tfl::ReducerOptions{}), {I8({2}, {1, 1}), I({1}, {0})}, {I8({}, {1})}, "has 2 scales"},
      {"ReduceProd of scales at both ends", REDUCE_PROD, With(tfl::ReducerOptions{}), {I8({2}, {3e38f}), I({1}, {0})}, {I8({}, {1e-38f})}, kRuns},
      {"ReduceProd of tiny scales into a large one", REDUCE_PROD, With(tfl::ReducerOptions{}), {I8({2}, {1e-38f}), I({1}, {0})}, {I8({}, {3e38f})}, kRuns},
      {"ReduceProd with a scale per row", REDUCE_PROD, With(tfl::ReducerOptions{}), {I8({2}, {1, 1}), I({1}, {0})}, {I8({}, {1})}, "has 2 scales"},
      {"AveragePool of scales at both ends", AVERAGE_POOL_2D, Pool(1, 1), {I8({1, 2, 2, 1}, {3e38f})}, {I8({}, {1e-38f})}, kRuns},
      {"AveragePool of tiny scales into a large one", AVERAGE_POOL_2D, Pool(1, 1), {I8({1, 2, 2, 1}, {1e-38f})}, {I8({}, {3e38f})}, kRuns},
      {"ResizeBilinear of scales at both ends", RESIZE_BILINEAR, With(tfl::ResizeBilinearOptions{}), {I8({1, 2, 2, 1}, {3e38f}), I({2})}, {I8({}, {1e-38f})}, kRuns},
      {"ResizeBilinear of tiny scales into a large one", RESIZE_BILINEAR, With(tfl::ResizeBilinearOptions{}), {I8({1, 2, 2, 1}, {1e-38f}), I({2})}, {I8({}, {3e38f})}, kRuns},
      {"Quantize of scales at both ends", QUANTIZE, kNoOptions, {I8({2}, {3e38f})}, {I8({}, {1e-38f})}, kRuns},
      {"Quantize of tiny scales into a large one", QUANTIZE, kNoOptions, {I8({2}, {1e-38f})}, {I8({}, {3e38f})}, kRuns},
      {"Quantize with a scale per row", QUANTIZE, kNoOptions, {I8({2}, {1, 1})}, {I8({}, {1})}, "has 2 scales"},
      {"L2Normalization of scales at both ends", L2_NORMALIZATION, With(tfl::L2NormOptions{}), {I8({1, 2}, {3e38f})}, {I8({}, {1e-38f})}, "1/128"},
      {"L2Normalization of tiny scales into a large one", L2_NORMALIZATION, With(tfl::L2NormOptions{}), {I8({1, 2}, {1e-38f})}, {I8({}, {3e38f})}, "1/128"},
      {"Conv with scales on the wrong axis", CONV_2D, Conv(1), {I8({1, 2, 2, 2}, {1}), OnAxis(I8({2, 1, 1, 2}, {1, 1}), 3), I({2})}, {I8({}, {1})}, "2 scales for dimension 3"},
      {"Conv input with a scale per channel", CONV_2D, Conv(1), {OnAxis(I8({1, 2, 2, 2}, {1, 1}), 3), I8({2, 1, 1, 2}, {1}), I({2})}, {I8({}, {1})}, "has 2 scales"},
      {"Depthwise with scales on the wrong axis", DEPTHWISE_CONV_2D, Depthwise(1), {I8({1, 2, 2, 2}, {1}), OnAxis(I8({1, 2, 1, 2}, {1, 1}), 1), I({2})}, {I8({}, {1})}, "2 scales for dimension 1"},
      {"Dense with scales on the wrong axis", FULLY_CONNECTED, With(tfl::FullyConnectedOptions{}), {I8({2, 3}, {1}), OnAxis(I8({4, 3}, {1, 1, 1}), 1), I({4})}, {I8({}, {1})}, "3 scales for dimension 1"},
      {"hybrid Conv with scales on the wrong axis", CONV_2D, Conv(1), {F({1, 2, 2, 2}), OnAxis(I8({2, 1, 1, 2}, {1, 1}), 3), F({2})}, {f}, "2 scales for dimension 3"},
      {"EmbeddingLookup with scales on the wrong axis", EMBEDDING_LOOKUP, kNoOptions, {I({1}, {0}), OnAxis(I8({2, 3}, {1, 1, 1}), 1)}, {f}, "3 scales"},
      // Shapes that do not fit, or fit only after wrapping
      {"Maximum with nothing", MAXIMUM, kNoOptions, {F({0}), F({1})}, {f}, kRuns},
      {"Minimum with nothing that does not broadcast", MINIMUM, kNoOptions, {F({0}), F({3})}, {f}, "[0]"},
      {"Add of different dims", ADD, With(tfl::AddOptions{}), {F({2, 3}), F({2, 4})}, {f}, "[2, 4]"},
      {"Add of rank 9", ADD, With(tfl::AddOptions{}), {F({1, 2, 1, 2, 1, 2, 1, 2, 1}), F({2, 1, 2, 1, 2, 1, 2, 1, 2})}, {f}, kRuns},
      {"SelectV2 of rank 9", SELECT_V2, kNoOptions, {B({1, 2, 1, 2, 1, 2, 1, 2, 1}), F({2, 1, 2, 1, 2, 1, 2, 1, 2}), F({1})}, {f}, kRuns},
      {"Select of other shapes", SELECT, kNoOptions, {B({2}), F({3}), F({3})}, {f}, "3"},
      {"Concatenation of other dims", CONCATENATION, With(tfl::ConcatenationOptions{.axis = 0}), {F({2, 3}), F({2, 4})}, {f}, "[2, 4]"},
      {"Concatenation whose axis sums past INT_MAX", CONCATENATION, With(tfl::ConcatenationOptions{.axis = 0}), {F({kMax, 0}), F({kMax, 0})}, {f}, kRuns},
      {"Concatenation axis", CONCATENATION, With(tfl::ConcatenationOptions{.axis = -3}), {F({2}), F({2})}, {f}, "axis is -3"},
      {"BroadcastTo of gigabytes", BROADCAST_TO, kNoOptions, {F({1}), I({3}, {kMax, kMax, 2})}, {f}, "2147483647"},
      {"BroadcastTo to a negative dim", BROADCAST_TO, kNoOptions, {F({1}), I({2}, {2, -1})}, {f}, "-1"},
      {"BroadcastTo to less", BROADCAST_TO, kNoOptions, {F({3}), I({1}, {2})}, {f}, "2"},
      {"BroadcastTo zero that hides an overflow", BROADCAST_TO, kNoOptions, {F({1}), I({4}, {kMax, kMax, kMax, 0})}, {f}, "2147483647"},
      {"BroadcastArgs that clash", BROADCAST_ARGS, kNoOptions, {I({2}, {2, 3}), I({2}, {2, 4})}, {i}, "4"},
      {"Conv3DTranspose with a bias of another length", CONV_3D_TRANSPOSE, Conv3D(1), {I({5}, {1, 2, 2, 2, 1}), F({1, 1, 1, 1, 1}), F({1, 2, 2, 2, 1}), F({77})}, {f}, "bias"},
      {"Conv3DTranspose negative output", CONV_3D_TRANSPOSE, Conv3D(1), {I({5}, {1, -2, 2, 2, 1}), F({1, 1, 1, 1, 1}), F({1, 2, 2, 2, 1})}, {f}, "-2"},
      {"Conv3DTranspose stride 0", CONV_3D_TRANSPOSE, Conv3D(0), {I({5}, {1, 2, 2, 2, 1}), F({1, 1, 1, 1, 1}), F({1, 2, 2, 2, 1})}, {f}, "stride"},
      {"Conv3D stride 0", CONV_3D, Conv3D(0), {F({1, 2, 2, 2, 1}), F({1, 1, 1, 1, 1})}, {f}, "stride"},
      {"BatchMatMul of other depth", BATCH_MATMUL, With(tfl::BatchMatMulOptions{}), {F({2, 3}), F({4, 2})}, {f}, "4"},
      {"BatchMatMul of nothing", BATCH_MATMUL, With(tfl::BatchMatMulOptions{}), {F({2, 0}), F({0, 2})}, {f}, kRuns},
      {"MatrixSetDiag of another diagonal", MATRIX_SET_DIAG, kNoOptions, {F({2, 2}), F({3})}, {f}, "3"},
      {"Prelu alpha", PRELU, kNoOptions, {F({1, 2}), F({3})}, {f}, "3"},
      // Axes
      {"SplitV axis", SPLIT_V, With(tfl::SplitVOptions{.num_splits = 2}), {F({4}), I({2}, {2, 2}), I({}, {5})}, {f, f}, "(axis) is 5", "axis 5"},
      {"SplitV axis INT_MIN", SPLIT_V, With(tfl::SplitVOptions{.num_splits = 2}), {F({4}), I({2}, {2, 2}), I({}, {kMin})}, {f, f}, "-2147483648"},
      {"SplitV negative size", SPLIT_V, With(tfl::SplitVOptions{.num_splits = 2}), {F({4}), I({2}, {6, -2}), I({}, {0})}, {f, f}, "-2"},
      {"SplitV sizes that wrap", SPLIT_V, With(tfl::SplitVOptions{.num_splits = 2}), {F({4}), I({2}, {kMax, kMax}), I({}, {0})}, {f, f}, "4294967294"},
      {"SplitV two unknowns", SPLIT_V, With(tfl::SplitVOptions{.num_splits = 2}), {F({4}), I({2}, {-1, -1}), I({}, {0})}, {f, f}, "-1"},
      {"ExpandDims axis", EXPAND_DIMS, kNoOptions, {F({2}), I({}, {-100000})}, {f}, "-100000"},
      {"Squeeze axis", SQUEEZE, With(tfl::SqueezeOptions{}), {F({2, 1})}, {f}, kRuns},
      {"Sum axis below the rank", SUM, With(tfl::ReducerOptions{}), {F({2, 3}), I({1}, {-9})}, {f}, "-9"},
      {"Sum axis named twice", SUM, With(tfl::ReducerOptions{}), {F({2, 3}), I({2}, {1, 1})}, {f}, kRuns, "ask for [2]"},
      {"Sum with more axes than the rank", SUM, With(tfl::ReducerOptions{}), {F({2}), I({20}, std::vector<int32_t>(20, 0))}, {f}, kRuns, "20 axes"},
      {"Mean axis", MEAN, With(tfl::ReducerOptions{}), {F({2, 3}), I({1}, {2})}, {f}, "2"},
      {"ReduceMax of nothing", REDUCE_MAX, With(tfl::ReducerOptions{}), {F({0}), I({1}, {0})}, {f}, kRuns},
      {"ArgMax axis", ARG_MAX, With(tfl::ArgMaxOptions{.output_type = tfl::TensorType::INT32}), {F({2, 3}), I({}, {4})}, {i}, "4"},
      {"ArgMax with an axis without elements", ARG_MAX, With(tfl::ArgMaxOptions{.output_type = tfl::TensorType::INT32}), {F({2, 3}), I({0})}, {i}, "count(axis) == 1"},
      {"ArgMin axis INT_MIN", ARG_MIN, With(tfl::ArgMinOptions{.output_type = tfl::TensorType::INT32}), {F({2, 3}), I({}, {kMin})}, {i}, "-2147483648"},
      {"ArgMax of nothing", ARG_MAX, With(tfl::ArgMaxOptions{.output_type = tfl::TensorType::INT32}), {F({2, 0}), I({}, {1})}, {i}, "0"},
      {"Cumsum axis", CUMSUM, With(tfl::CumsumOptions{}), {F({2, 3}), I({}, {2})}, {f}, "(axis) is 2", "axis 2"},
      {"Pack axis", PACK, With(tfl::PackOptions{.values_count = 1, .axis = 9}), {F({2})}, {f}, "axis is 9"},
      {"Pack count", PACK, With(tfl::PackOptions{.values_count = 5, .axis = 0}), {F({2})}, {f}, "5"},
      {"Unpack axis", UNPACK, With(tfl::UnpackOptions{.num = 1, .axis = -9}), {F({1, 2})}, {f}, "axis is -9"},
      {"Unpack count", UNPACK, With(tfl::UnpackOptions{.num = 7, .axis = 0}), {F({1, 2})}, {f}, "7"},
      {"ReverseV2 axis", REVERSE_V2, kNoOptions, {F({2}), I({1}, {3})}, {f}, "3"},
      {"ReverseV2 axis twice", REVERSE_V2, kNoOptions, {F({2, 2}), I({2}, {1, 1})}, {f}, "1"},
      {"Transpose perm", TRANSPOSE, kNoOptions, {F({2, 3}), I({2}, {0, 9})}, {f}, "9"},
      {"Transpose perm twice", TRANSPOSE, kNoOptions, {F({2, 3}), I({2}, {1, 1})}, {f}, "1"},
      {"Transpose perm of another rank", TRANSPOSE, kNoOptions, {F({2, 3}), I({3}, {0, 1, 2})}, {f}, "3"},
      // Indices
      {"Gather index beyond the dim", GATHER, With(tfl::GatherOptions{.axis = 0}), {F({2, 3}), I({2}, {0, 2})}, {f}, "index 2"},
      {"Gather negative index", GATHER, With(tfl::GatherOptions{.axis = 0}), {F({2, 3}), I({2}, {0, kMin})}, {f}, "-2147483648"},
      {"Gather index of 64 bits", GATHER, With(tfl::GatherOptions{.axis = 0}), {F({2, 3}), L({1}, {int64_t{1} << 32})}, {f}, "4294967296"},
      {"Gather axis", GATHER, With(tfl::GatherOptions{.axis = 2}), {F({2, 3}), I({1}, {0})}, {f}, "axis is 2"},
      {"Gather batch_dims", GATHER, With(tfl::GatherOptions{.axis = 1, .batch_dims = 5}), {F({2, 3}), I({2, 1}, {0, 0})}, {f}, "5"},
      {"Gather batch_dims below the rank", GATHER, With(tfl::GatherOptions{.axis = 1, .batch_dims = -5}), {F({2, 3}), I({2, 1}, {0, 0})}, {f}, "-5"},
      {"GatherNd index", GATHER_ND, kNoOptions, {F({2, 3}), I({1, 2}, {1, 3})}, {f}, "index 3"},
      {"GatherNd negative index", GATHER_ND, kNoOptions, {F({2, 3}), I({1, 2}, {-1, 0})}, {f}, "index -1"},
      {"GatherNd deeper than the rank", GATHER_ND, kNoOptions, {F({2, 3}), I({1, 3}, {0, 0, 0})}, {f}, "rank"},
      {"ScatterNd index", SCATTER_ND, kNoOptions, {I({1, 1}, {9}), F({1}), I({1}, {4})}, {f}, "index 9"},
      {"ScatterNd index that wraps with the stride", SCATTER_ND, kNoOptions, {I({1, 2}, {kMax, 0}), F({1}), I({2}, {4, 4})}, {f}, "2147483647"},
      {"ScatterNd negative shape", SCATTER_ND, kNoOptions, {I({1, 1}, {0}), F({1}), I({1}, {-4})}, {f}, "-4"},
      {"ScatterNd of gigabytes", SCATTER_ND, kNoOptions, {I({1, 1}, {0}), F({1, kMax - kMax}), I({2}, {kMax, 0})}, {f}, kRuns},
      {"ScatterNd shape that overflows", SCATTER_ND, kNoOptions, {I({1, 3}, {0, 0, 0}), F({1}), I({3}, {kMax, kMax, kMax})}, {f}, "2147483647"},
      {"ScatterNd updates of another shape", SCATTER_ND, kNoOptions, {I({1, 1}, {0}), F({7}), I({1}, {4})}, {f}, "[7]"},
      {"SegmentSum negative id", SEGMENT_SUM, kNoOptions, {F({3}), I({3}, {-1, 0, 1})}, {f}, "-1"},
      {"SegmentSum unsorted ids", SEGMENT_SUM, kNoOptions, {F({3}), I({3}, {0, 2, 1})}, {f}, "1"},
      {"SegmentSum huge id", SEGMENT_SUM, kNoOptions, {F({3}), I({3}, {0, 1, kMax})}, {f}, "8589934592 bytes"},
      {"SegmentSum ids of another length", SEGMENT_SUM, kNoOptions, {F({3}), I({5}, {0, 0, 0, 0, 0})}, {f}, "5"},
      {"UnsortedSegmentSum id", UNSORTED_SEGMENT_SUM, kNoOptions, {F({3}), I({3}, {0, 1, 2}), I({}, {2})}, {f}, "id 2"},
      {"UnsortedSegmentSum negative id", UNSORTED_SEGMENT_SUM, kNoOptions, {F({3}), I({3}, {0, kMin, 1}), I({}, {2})}, {f}, kRuns},
      {"UnsortedSegmentMax negative count", UNSORTED_SEGMENT_MAX, kNoOptions, {F({3}), I({3}, {0, 0, 0}), I({}, {-2})}, {f}, "-2"},
      {"UnsortedSegmentMin of gigabytes", UNSORTED_SEGMENT_MIN, kNoOptions, {F({3}), I({3}, {0, 0, 0}), I({}, {kMax})}, {f}, "8589934588 bytes"},
      {"SparseToDense index", SPARSE_TO_DENSE, With(tfl::SparseToDenseOptions{}), {I({1, 2}, {0, 9}), I({2}, {2, 2}), F({1}), f}, {f}, "9"},
      {"SparseToDense negative index", SPARSE_TO_DENSE, With(tfl::SparseToDenseOptions{}), {I({1, 2}, {-1, 0}), I({2}, {2, 2}), F({1}), f}, {f}, "-1"},
      {"SparseToDense negative shape", SPARSE_TO_DENSE, With(tfl::SparseToDenseOptions{}), {I({1, 2}, {0, 0}), I({2}, {2, -2}), F({1}), f}, {f}, "-2"},
      {"SparseToDense values of another length", SPARSE_TO_DENSE, With(tfl::SparseToDenseOptions{}), {I({1, 2}, {0, 0}), I({2}, {2, 2}), F({5}), f}, {f}, "5"},
      {"DynamicUpdateSlice start beyond the end", DYNAMIC_UPDATE_SLICE, kNoOptions, {F({4}), F({2}), I({1}, {kMax})}, {f}, kRuns},
      {"DynamicUpdateSlice start INT_MIN", DYNAMIC_UPDATE_SLICE, kNoOptions, {F({4}), F({2}), I({1}, {kMin})}, {f}, kRuns},
      {"DynamicUpdateSlice update larger than the operand", DYNAMIC_UPDATE_SLICE, kNoOptions, {F({2}), F({4}), I({1}, {0})}, {f}, "4"},
      {"DynamicUpdateSlice starts of another rank", DYNAMIC_UPDATE_SLICE, kNoOptions, {F({4}), F({2}), I({2}, {0, 0})}, {f}, "2"},
      // Sizes, begins, paddings, lengths
      {"Slice begin beyond the end", SLICE, kNoOptions, {F({4}), I({1}, {9}), I({1}, {1})}, {f}, "9"},
      {"Slice negative begin", SLICE, kNoOptions, {F({4}), I({1}, {-2}), I({1}, {1})}, {f}, "-2"},
      {"Slice size", SLICE, kNoOptions, {F({4}), I({1}, {2}), I({1}, {kMax})}, {f}, "2147483647"},
      {"Slice begin and size that wrap", SLICE, kNoOptions, {F({4}), L({1}, {INT64_MAX}), L({1}, {INT64_MAX})}, {f}, "9223372036854775807"},
      {"Slice size -2", SLICE, kNoOptions, {F({4}), I({1}, {0}), I({1}, {-2})}, {f}, "-2"},
      {"Slice of another rank", SLICE, kNoOptions, {F({4}), I({2}, {0, 0}), I({2}, {1, 1})}, {f}, "2"},
      {"StridedSlice stride 0", STRIDED_SLICE, With(tfl::StridedSliceOptions{}), {F({4}), I({1}, {0}), I({1}, {4}), I({1}, {0})}, {f}, "stride"},
      {"StridedSlice stride that wraps the counter", STRIDED_SLICE, With(tfl::StridedSliceOptions{}), {F({4}), I({1}, {0}), I({1}, {kMax}), I({1}, {126322568})}, {f}, kRuns},
      {"StridedSlice end - begin wraps", STRIDED_SLICE, With(tfl::StridedSliceOptions{}), {F({4}), I({1}, {kMin}), I({1}, {kMax}), I({1}, {1})}, {f}, kRuns},
      {"StridedSlice stride INT_MIN", STRIDED_SLICE, With(tfl::StridedSliceOptions{}), {F({4}), I({1}, {kMax}), I({1}, {kMin}), I({1}, {kMin})}, {f}, kRuns},
      {"StridedSlice two ellipses", STRIDED_SLICE, With(tfl::StridedSliceOptions{.ellipsis_mask = 3}), {F({4}), I({2}, {0, 0}), I({2}, {1, 1}), I({2}, {1, 1})}, {f}, "ellipsis"},
      {"StridedSlice of more dims", STRIDED_SLICE, With(tfl::StridedSliceOptions{}), {F({4}), I({2}, {0, 0}), I({2}, {1, 1}), I({2}, {1, 1})}, {f}, "2"},
      {"StridedSlice shrinks outside", STRIDED_SLICE, With(tfl::StridedSliceOptions{.shrink_axis_mask = 1}), {F({4}), I({1}, {7}), I({1}, {8}), I({1}, {1})}, {f}, "7"},
      {"StridedSlice 40 new axes", STRIDED_SLICE, With(tfl::StridedSliceOptions{.new_axis_mask = -1}), {F({4}), I({40}), I({40}), I({40})}, {f}, "40"},
      {"Pad negative", PAD, kNoOptions, {F({2}), I({1, 2}, {-3, 0})}, {f}, "-3"},
      {"Pad that wraps", PAD, kNoOptions, {F({2}), I({1, 2}, {kMax, kMax})}, {f}, "17179869184 bytes"},
      {"Pad that wraps 64 bits", PAD, kNoOptions, {F({2}), L({1, 2}, {INT64_MAX, INT64_MAX})}, {f}, "9223372036854775807"},
      {"Pad of another rank", PAD, kNoOptions, {F({2}), I({2, 2}, {0, 0, 0, 0})}, {f}, "2"},
      {"PadV2 with a vector as value", PADV2, kNoOptions, {F({2}), I({1, 2}, {1, 1}), F({3})}, {f}, "3"},
      {"MirrorPad wider than the data", MIRROR_PAD, With(tfl::MirrorPadOptions{}), {F({2}), I({1, 2}, {5, 0})}, {f}, "5"},
      {"MirrorPad of nothing", MIRROR_PAD, With(tfl::MirrorPadOptions{}), {F({0}), I({1, 2}, {1, 0})}, {f}, "1"},
      {"Tile negative", TILE, kNoOptions, {F({2}), I({1}, {-1})}, {f}, "-1"},
      {"Tile of gigabytes", TILE, kNoOptions, {F({2, 2}), I({2}, {kMax, kMax})}, {f}, "4294967294"},
      {"Tile that wraps 64 bits", TILE, kNoOptions, {F({2}), L({1}, {INT64_MAX})}, {f}, "9223372036854775807"},
      {"Tile of another rank", TILE, kNoOptions, {F({2}), I({2}, {1, 1})}, {f}, "2"},
      {"Fill negative", FILL, kNoOptions, {I({1}, {-5}), f}, {f}, "-5"},
      {"Fill of gigabytes", FILL, kNoOptions, {I({2}, {kMax, kMax}), f}, {f}, "2147483647"},
      {"Fill of rank 40", FILL, kNoOptions, {I({40}), f}, {f}, "40"},
      {"Range step 0", RANGE, kNoOptions, {I({}, {0}), I({}, {5}), I({}, {0})}, {i}, "0"},
      {"Range away from the limit", RANGE, kNoOptions, {I({}, {0}), I({}, {5}), I({}, {-1})}, {i}, "-1"},
      {"Range of 4 G elements", RANGE, kNoOptions, {I({}, {kMin}), I({}, {kMax}), I({}, {1})}, {i}, "17179869180 bytes"},
      {"Range of NaN", RANGE, kNoOptions, {F({}, {0}), F({}, {NAN}), F({}, {1})}, {f}, "nan"},
      {"Range without end", RANGE, kNoOptions, {F({}, {0}), F({}, {INFINITY}), F({}, {1})}, {f}, "inf"},
      {"Range with a step of a denormal", RANGE, kNoOptions, {F({}, {0}), F({}, {3e38f}), F({}, {1e-45f})}, {f}, "limit"},
      {"ReverseSequence length", REVERSE_SEQUENCE, With(tfl::ReverseSequenceOptions{.seq_dim = 1, .batch_dim = 0}), {F({2, 3}), I({2}, {1, 4})}, {f}, "4"},
      {"ReverseSequence negative length", REVERSE_SEQUENCE, With(tfl::ReverseSequenceOptions{.seq_dim = 1, .batch_dim = 0}), {F({2, 3}), I({2}, {1, -1})}, {f}, "-1"},
      {"ReverseSequence dims", REVERSE_SEQUENCE, With(tfl::ReverseSequenceOptions{.seq_dim = 5, .batch_dim = 0}), {F({2, 3}), I({2}, {1, 1})}, {f}, "5"},
      {"ReverseSequence lengths of another batch", REVERSE_SEQUENCE, With(tfl::ReverseSequenceOptions{.seq_dim = 1, .batch_dim = 0}), {F({2, 3}), I({9})}, {f}, "9"},
      {"TopK negative", TOPK_V2, kNoOptions, {F({4}), I({}, {-1})}, {f, i}, "-1"},
      {"TopK of more than there is", TOPK_V2, kNoOptions, {F({4}), I({}, {5})}, {f, i}, "5"},
      {"TopK with NaN", TOPK_V2, kNoOptions, {F({4}, {NAN, 1, NAN, 2}), I({}, {4})}, {f, i}, kRuns},
      {"ResizeBilinear to nothing", RESIZE_BILINEAR, With(tfl::ResizeBilinearOptions{}), {F({1, 2, 2, 1}), I({2}, {0, 2})}, {f}, "0"},
      {"ResizeBilinear negative", RESIZE_BILINEAR, With(tfl::ResizeBilinearOptions{}), {F({1, 2, 2, 1}), I({2}, {-4, 2})}, {f}, "-4"},
      {"ResizeNearest of gigabytes", RESIZE_NEAREST_NEIGHBOR, With(tfl::ResizeNearestNeighborOptions{}), {F({1, 2, 2, 1}), I({2}, {kMax, kMax})}, {f}, "2147483647"},
      {"ResizeBilinear of an empty image", RESIZE_BILINEAR, With(tfl::ResizeBilinearOptions{}), {F({1, 0, 2, 1}), I({2}, {2, 2})}, {f}, "0"},
      {"Rfft2d negative length", RFFT2D, kNoOptions, {F({4, 4}), I({2}, {4, -4})}, {Operand{.dtype = DType::kComplex64, .shape = {}, .data = {}}}, "-4"},
      {"Rfft2d length 0", RFFT2D, kNoOptions, {F({4, 4}), I({2}, {0, 4})}, {Operand{.dtype = DType::kComplex64, .shape = {}, .data = {}}}, "0"},
      {"Rfft2d length of gigabytes", RFFT2D, kNoOptions, {F({4, 4}), I({2}, {1 << 30, 1 << 30})}, {Operand{.dtype = DType::kComplex64, .shape = {}, .data = {}}}, "1073741824"},
      {"Rfft2d three lengths", RFFT2D, kNoOptions, {F({4, 4}), I({3}, {4, 4, 4})}, {Operand{.dtype = DType::kComplex64, .shape = {}, .data = {}}}, "3"},
      {"Rfft2d of a vector", RFFT2D, kNoOptions, {F({4}), I({2}, {4, 4})}, {Operand{.dtype = DType::kComplex64, .shape = {}, .data = {}}}, "[4]"},
      // Index spaces of STABLEHLO operators
      {"StablehloGather slice larger than the operand", STABLEHLO_GATHER, With(tfl::StablehloGatherOptions{.offset_dims = kOne, .start_index_map = kZero, .index_vector_dim = 1, .slice_sizes = kNine}), {F({4}), I({2, 1})}, {f}, "9"},
      {"StablehloGather slice of another rank", STABLEHLO_GATHER, With(tfl::StablehloGatherOptions{.start_index_map = kZero, .index_vector_dim = 1, .slice_sizes = kOne}), {F({4, 4}), I({2, 1})}, {f}, "slice_sizes"},
      {"StablehloGather index map outside of the operand", STABLEHLO_GATHER, With(tfl::StablehloGatherOptions{.offset_dims = kOne, .start_index_map = kNine, .index_vector_dim = 1, .slice_sizes = kOne}), {F({4}), I({2, 1})}, {f}, "start_index_map"},
      {"StablehloGather negative vector dim", STABLEHLO_GATHER, With(tfl::StablehloGatherOptions{.offset_dims = kOne, .start_index_map = kZero, .index_vector_dim = -1, .slice_sizes = kOne}), {F({4}), I({2, 1})}, {f}, "-1"},
      {"StablehloGather start far outside", STABLEHLO_GATHER, With(tfl::StablehloGatherOptions{.offset_dims = kOne, .start_index_map = kZero, .index_vector_dim = 1, .slice_sizes = kOne}), {F({4}), I({2, 1}, {kMin, kMax})}, {f}, kRuns},
      {"StablehloCase without branches", STABLEHLO_CASE, With(tfl::StablehloCaseOptions{}), {I({}), F({2, 3})}, {f}, "branch_subgraph_indices"},
      {"StablehloPad of gigabytes", STABLEHLO_PAD, With(tfl::StablehloPadOptions{.edge_padding_low = kHuge, .edge_padding_high = kZero, .interior_padding = kZero}), {F({4}), F({})}, {f}, "9223372036854775807"},
      {"StablehloPad crops more than there is", STABLEHLO_PAD, With(tfl::StablehloPadOptions{.edge_padding_low = kMinusNine, .edge_padding_high = kZero, .interior_padding = kZero}), {F({4}), F({})}, {f}, "-9"},
      {"StablehloPad negative interior", STABLEHLO_PAD, With(tfl::StablehloPadOptions{.edge_padding_low = kZero, .edge_padding_high = kZero, .interior_padding = kMinusNine}), {F({4}), F({})}, {f}, "-9"},
      {"StablehloPad of another rank", STABLEHLO_PAD, With(tfl::StablehloPadOptions{.edge_padding_low = kZero, .edge_padding_high = kZero, .interior_padding = kZero}), {F({4, 4}), F({})}, {f}, "edge_padding_low"},
      {"StablehloRngBitGenerator without algorithm", STABLEHLO_RNG_BIT_GENERATOR, With(tfl::StablehloRngBitGeneratorOptions{.algorithm = static_cast<tfl::RngAlgorithm>(9)}),
       {Of<uint64_t>({2}, {1, 2})}, {Of<uint64_t>({2}, {}), Of<uint32_t>({4}, {})}, "9"},
      {"StablehloRngBitGenerator state of another size", STABLEHLO_RNG_BIT_GENERATOR, With(tfl::StablehloRngBitGeneratorOptions{.algorithm = tfl::RngAlgorithm::THREEFRY}),
       {Of<uint64_t>({3}, {1, 2, 3})}, {Of<uint64_t>({3}, {}), Of<uint32_t>({4}, {})}, "3 elements"},
      // Words and hashes
      {"LshProjection without type", LSH_PROJECTION, With(tfl::LSHProjectionOptions{}), {F({2, 3}), I({4})}, {i}, "type"},
      {"LshProjection of 33 bits", LSH_PROJECTION, With(tfl::LSHProjectionOptions{.type = tfl::LSHProjectionType::DENSE}), {F({1, 33}), I({4})}, {i}, "32"},
      {"LshProjection numbers that wrap", LSH_PROJECTION, With(tfl::LSHProjectionOptions{.type = tfl::LSHProjectionType::SPARSE}), {F({9, 30}), I({4})}, {i}, "do not fit"},
      {"LshProjection of nothing", LSH_PROJECTION, With(tfl::LSHProjectionOptions{.type = tfl::LSHProjectionType::DENSE}), {F({2, 3}), I({0})}, {i}, "at least one item"},
      {"LshProjection weights of another length", LSH_PROJECTION, With(tfl::LSHProjectionOptions{.type = tfl::LSHProjectionType::DENSE}), {F({2, 3}), I({4}), F({5})}, {i}, "[5]"},
      {"SkipGram of no words", SKIP_GRAM, With(tfl::SkipGramOptions{}), {kText}, {kText}, "ngram_size"},
      {"SkipGram that skips less than none", SKIP_GRAM, With(tfl::SkipGramOptions{.ngram_size = 1, .max_skip_size = -1}), {kText}, {kText}, "max_skip_size"},
      {"SkipGram of 2 G words", SKIP_GRAM, With(tfl::SkipGramOptions{.ngram_size = kMax, .max_skip_size = kMax}), {kText}, {kText}, kRuns},
      // Quantised
      {"Div of quantised values by 0", DIV, With(tfl::DivOptions{}), {I8({2}, {0.5f}), OnZero(I8({2}, {0.5f}))}, {I8({2}, {0.5f})}, "divided"},
      {"FullyConnected with int16 weights for int8", FULLY_CONNECTED, With(tfl::FullyConnectedOptions{}), {I8({1, 2}, {0.5f}), Scaled16({3, 2})}, {I8({1, 3}, {0.5f})}, "int16"},
      {"NMS negative output size", NON_MAX_SUPPRESSION_V4, kNoOptions, {F({2, 4}), F({2}), I({}, {-3}), F({}), F({})}, {i, i}, "-3"},
      {"NMS output size of gigabytes", NON_MAX_SUPPRESSION_V4, kNoOptions, {F({2, 4}), F({2}), I({}, {kMax}), F({}), F({})}, {i, i}, "8589934588 bytes"},
      {"NMS scores of another length", NON_MAX_SUPPRESSION_V4, kNoOptions, {F({2, 4}), F({3}), I({}, {1}), F({}), F({})}, {i, i}, "3"},
      {"NMS boxes of three corners", NON_MAX_SUPPRESSION_V4, kNoOptions, {F({2, 3}), F({2}), I({}, {1}), F({}), F({})}, {i, i}, "3"},
      {"NMS of NaN", NON_MAX_SUPPRESSION_V5, kNoOptions, {F({2, 4}, std::vector<float>(8, NAN)), F({2}, {NAN, 1}), I({}, {2}), F({}, {NAN}), F({}, {NAN}), F({}, {NAN})}, {i, f, i}, "is nan", "nan must lie"},
      {"Bucketize of NaN", BUCKETIZE, With(tfl::BucketizeOptions{}), {F({2}, {NAN, 1})}, {i}, kRuns},
      {"Multinomial of no classes", MULTINOMIAL, With(tfl::RandomOptions{}), {F({1, 0}), I({}, {3})}, {i}, "0"},
      {"Multinomial negative count", MULTINOMIAL, With(tfl::RandomOptions{}), {F({1, 2}), I({}, {-3})}, {i}, "-3"},
      {"RandomUniform negative shape", RANDOM_UNIFORM, With(tfl::RandomOptions{}), {I({1}, {-3})}, {f}, "-3"},
      {"RandomUniform of gigabytes", RANDOM_UNIFORM, With(tfl::RandomOptions{}), {I({2}, {kMax, kMax})}, {f}, "2147483647"},
      {"FakeQuant num_bits", FAKE_QUANT, With(tfl::FakeQuantOptions{.min = 0, .max = 1, .num_bits = 99}), {F({2})}, {f}, "99"},
      {"FakeQuant NaN range", FAKE_QUANT, With(tfl::FakeQuantOptions{.min = NAN, .max = NAN, .num_bits = 8}), {F({2})}, {f}, "nan"},
      {"LRN negative radius", LOCAL_RESPONSE_NORMALIZATION, With(tfl::LocalResponseNormalizationOptions{.radius = -1, .bias = 1, .alpha = 1, .beta = 1}), {F({1, 1, 1, 4})}, {f}, "-1"},
      {"LRN radius INT_MAX", LOCAL_RESPONSE_NORMALIZATION, With(tfl::LocalResponseNormalizationOptions{.radius = kMax, .bias = 1, .alpha = 1, .beta = 1}), {F({1, 1, 1, 4})}, {f}, kRuns},
      // Resources: handles that the caller forged, or of another kind
      {"ReadVariable of a forged handle", READ_VARIABLE, kNoOptions, {Handle(7)}, {f}, "cannot be a constant", "cannot be given"},
      {"AssignVariable to a forged handle", ASSIGN_VARIABLE, kNoOptions, {Handle(-1), f}, {}, "cannot be a constant", "cannot be given"},
      {"HashtableSize of a forged handle", HASHTABLE_SIZE, kNoOptions, {Handle(7)}, {L({})}, "cannot be a constant", "cannot be given"},
      {"HashtableFind of a forged handle", HASHTABLE_FIND, kNoOptions, {Handle(7), L({1}), F({})}, {f}, "cannot be a constant", "cannot be given"},
      {"HashtableImport to a forged handle", HASHTABLE_IMPORT, kNoOptions, {Handle(7), L({2}), F({3})}, {}, "cannot be a constant", "cannot be given"},
      {"Hashtable of a key that is no type", HASHTABLE, With(tfl::HashtableOptions{.table_id = 1, .key_dtype = static_cast<tfl::TensorType>(96)}), {}, {Handle(0)}, "96"},
      {"Hashtable of a negative type", HASHTABLE, With(tfl::HashtableOptions{.table_id = 1, .value_dtype = static_cast<tfl::TensorType>(-2)}), {}, {Handle(0)}, "-2"},
      {"Cast to a type that is none: the tensor's counts", CAST, With(tfl::CastOptions{.out_data_type = static_cast<tfl::TensorType>(66)}), {F({1}, {1})}, {f}, kRuns},
      {"Shape of a type that is none", SHAPE, With(tfl::ShapeOptions{.out_type = static_cast<tfl::TensorType>(66)}), {F({1}, {1})}, {i}, "66"},
      {"Hashtable of a strange key", HASHTABLE, With(tfl::HashtableOptions{.table_id = 1, .key_dtype = tfl::TensorType::COMPLEX64}), {}, {Handle(0)}, "key_dtype"},
      // Sub-byte types
      {"int4 of an odd count, transposed", TRANSPOSE, kNoOptions, {Operand{.dtype = DType::kInt4, .shape = {3, 1}, .data = {0x21, 0x03}}, I({2}, {1, 0})}, {Operand{.dtype = DType::kInt4}}, kRuns, "must have a shape that is known"},
      {"int4 Gather beyond the dim", GATHER, With(tfl::GatherOptions{}), {Operand{.dtype = DType::kInt4, .shape = {3}, .data = {0x21, 0x03}}, I({1}, {9})}, {Operand{.dtype = DType::kInt4}}, "GATHER"},
      // Strings
      {"string with an offset behind the end", GATHER, With(tfl::GatherOptions{}), {Operand{.dtype = DType::kString, .shape = {1}, .data = Pack<int32_t>({1, 12, 4000})}, I({1}, {0})}, {Operand{.dtype = DType::kString}}, "offset"},
      {"strings of a huge count", GATHER, With(tfl::GatherOptions{}), {Operand{.dtype = DType::kString, .shape = {1}, .data = Pack<int32_t>({kMax, 12, 12})}, I({1}, {0})}, {Operand{.dtype = DType::kString}}, "2147483647"},
      {"string with offsets that fall", GATHER, With(tfl::GatherOptions{}), {Operand{.dtype = DType::kString, .shape = {2}, .data = Pack<int32_t>({2, 16, 12, 16})}, I({1}, {0})}, {Operand{.dtype = DType::kString}}, "offset"},
      // Names of axes that wrap, by attribute
      {"Squeeze of a dim that is not 1", SQUEEZE, Squeeze(0), {F({2, 1})}, {f}, "2"},
      {"Squeeze axis beyond the rank", SQUEEZE, Squeeze(9), {F({2, 1})}, {f}, "9"},
      {"Reshape by an option of rank 40", RESHAPE, NewShape(40), {F({1})}, {f}, "40"},
      // No kernel: refused by name
      {"SVDF", SVDF, kNoOptions, {F({1, 1}), F({1, 1}), F({1, 1}), kAbsent, F({1, 1})}, {f}, "SVDF"},
      {"HashtableLookup", HASHTABLE_LOOKUP, kNoOptions, {I({1}), I({1}), F({0, 1})}, {f, i}, "HASHTABLE_LOOKUP"},
      {"LshProjection", LSH_PROJECTION, kNoOptions, {F({1, 1}), I({1})}, {i}, "LSH_PROJECTION"},
      {"EmbeddingLookupSparse", EMBEDDING_LOOKUP_SPARSE, kNoOptions, {I({1}), I({1, 2}), I({2}, {kMax, kMax}), F({1}), F({1, 1})}, {f}, "EMBEDDING_LOOKUP_SPARSE"},
  };
}

}  // namespace tflower::runtime::test
