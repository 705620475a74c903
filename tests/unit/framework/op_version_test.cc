#include "export/op_version.h"

#include <doctest/doctest.h>

namespace tflower::exporter {
namespace {

template <class Op>
OperatorTypes Make(const Op& options, std::vector<OperandType> inputs) {
  OperatorTypes op{static_cast<int32_t>(Op::kCode), {}, std::move(inputs), {}};
  if constexpr (!std::is_empty_v<Op>) op.options = {&options, sizeof options};
  return op;
}
OperandType Of(DType t, std::vector<int64_t> dims = {1, 8, 8, 3}) { return {t, static_cast<int>(dims.size()), dims, false, false, false}; }

}  // namespace

TEST_CASE("versions as TFLite's rules say") {  // expected numbers: op_version rules of TFLite
  const OperandType f = Of(DType::kFloat32), i8 = Of(DType::kInt8), none{};
  const tfl::Conv2D conv;
  CHECK(OperatorVersion(Make(conv, {f, Of(DType::kFloat32, {4, 3, 3, 3}), f})) == 1);
  CHECK(OperatorVersion(Make(conv, {Of(DType::kFloat32, {1, 8, 8, 6}), Of(DType::kFloat32, {4, 3, 3, 3}), f})) == 6);
  CHECK(OperatorVersion(Make(conv, {i8, i8, f})) == 3);
  CHECK(OperatorVersion(Make(tfl::DepthwiseConv2D{}, {f, f, f})) == 1);
  CHECK(OperatorVersion(Make(tfl::DepthwiseConv2D{.dilation_w_factor = 2}, {f, f, f})) == 2);
  CHECK(OperatorVersion(Make(tfl::FullyConnected{}, {f, f, f})) == 1);
  CHECK(OperatorVersion(Make(tfl::FullyConnected{}, {f, f, none})) == 1);  // absent, but an operand
  CHECK(OperatorVersion(Make(tfl::FullyConnected{}, {f, f})) == 6);
  CHECK(OperatorVersion(Make(tfl::FullyConnected{.keep_num_dims = true}, {f, f, none})) == 5);
  CHECK(OperatorVersion(Make(tfl::TransposeConv{}, {f, f, f})) == 1);
  CHECK(OperatorVersion(Make(tfl::TransposeConv{}, {f, f, f, f})) == 3);
  CHECK(OperatorVersion(Make(tfl::TransposeConv{.fused_activation_function = tfl::ActivationFunctionType::RELU}, {f, f, f, f})) == 4);
  CHECK(OperatorVersion(Make(tfl::BroadcastTo{}, {f, f})) == 2);
  CHECK(OperatorVersion(Make(tfl::ResizeBilinear{.half_pixel_centers = true}, {f, f})) == 3);
  CHECK(OperatorVersion(Make(tfl::Gather{.batch_dims = 1}, {f, f})) == 5);
  CHECK(OperatorVersion(Make(tfl::Transpose{}, {Of(DType::kFloat32, {1, 2, 3, 4, 5, 6, 7}), f})) == 8);
  CHECK(OperatorVersion(Make(tfl::Add{}, {Of(DType::kInt64), Of(DType::kInt64)})) == 4);
  CHECK(OperatorVersion(Make(tfl::Where{}, {Of(DType::kBool)})) == 1);
  CHECK(OperatorVersion(Make(tfl::Where{}, {f})) == 2);
  OperatorTypes cast = Make(tfl::Cast{}, {f});
  cast.outputs = {Of(DType::kFloat64)};
  CHECK(OperatorVersion(cast) == 5);
}

}  // namespace tflower::exporter
