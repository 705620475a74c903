#include "export/op_version.h"

#include <doctest/doctest.h>

namespace tflower::exporter {
namespace {

struct Of {
  DType dtype;
  std::vector<int64_t> dims = {1, 8, 8, 3};
};

template <class Op>
int32_t VersionOf(const Op& options, const std::vector<Of>& inputs, const std::vector<Of>& outputs = {}) {
  std::vector<ir::Value> values(inputs.size() + outputs.size());
  std::vector<ir::Value*> in, out;
  for (size_t i = 0; i < values.size(); ++i) {
    const Of& of = i < inputs.size() ? inputs[i] : outputs[i - inputs.size()];
    values[i].dtype = of.dtype;
    for (const int64_t d : of.dims) values[i].dims.push_back(ir::Dim(d));
    (i < inputs.size() ? in : out).push_back(of.dtype == DType::kNone ? nullptr : &values[i]);
  }
  tflower_bytes bytes{};
  if constexpr (!std::is_empty_v<Op>) bytes = {&options, sizeof options};
  return OperatorVersion(static_cast<int32_t>(Op::kCode), bytes, in, out);
}

}  // namespace

TEST_CASE("versions as TFLite's rules say") {  // expected numbers: op_version rules of TFLite
  const Of f{DType::kFloat32}, i8{DType::kInt8}, none{DType::kNone};
  const tfl::Conv2D conv;
  CHECK(VersionOf(conv, {f, Of{DType::kFloat32, {4, 3, 3, 3}}, f}) == 1);
  CHECK(VersionOf(conv, {Of{DType::kFloat32, {1, 8, 8, 6}}, Of{DType::kFloat32, {4, 3, 3, 3}}, f}) == 6);
  CHECK(VersionOf(conv, {i8, i8, f}) == 3);
  CHECK(VersionOf(tfl::DepthwiseConv2D{}, {f, f, f}) == 1);
  CHECK(VersionOf(tfl::DepthwiseConv2D{.dilation_w_factor = 2}, {f, f, f}) == 2);
  CHECK(VersionOf(tfl::FullyConnected{}, {f, f, f}) == 1);
  CHECK(VersionOf(tfl::FullyConnected{}, {f, f, none}) == 1);  // absent, but an operand
  CHECK(VersionOf(tfl::FullyConnected{}, {f, f}) == 6);
  CHECK(VersionOf(tfl::FullyConnected{.keep_num_dims = true}, {f, f, none}) == 5);
  CHECK(VersionOf(tfl::TransposeConv{}, {f, f, f}) == 1);
  CHECK(VersionOf(tfl::TransposeConv{}, {f, f, f, f}) == 3);
  CHECK(VersionOf(tfl::TransposeConv{.fused_activation_function = tfl::ActivationFunctionType::RELU}, {f, f, f, f}) == 4);
  CHECK(VersionOf(tfl::BroadcastTo{}, {f, f}) == 2);
  CHECK(VersionOf(tfl::ResizeBilinear{.half_pixel_centers = true}, {f, f}) == 3);
  CHECK(VersionOf(tfl::Gather{.batch_dims = 1}, {f, f}) == 5);
  CHECK(VersionOf(tfl::Transpose{}, {Of{DType::kFloat32, {1, 2, 3, 4, 5, 6, 7}}, f}) == 8);
  CHECK(VersionOf(tfl::Add{}, {Of{DType::kInt64}, Of{DType::kInt64}}) == 4);
  CHECK(VersionOf(tfl::Where{}, {Of{DType::kBool}}) == 1);
  CHECK(VersionOf(tfl::Where{}, {f}) == 2);
  CHECK(VersionOf(tfl::Cast{}, {f}, {Of{DType::kFloat64}}) == 5);
}

}  // namespace tflower::exporter
