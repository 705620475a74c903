// Custom operators whose options are C structs: pooling with places, its reverse, and transposed convolution with a bias.
#include <bit>

#include "tests/support/kernel_harness.h"

namespace tflower::kernels {
extern const KernelFamily family_argmax_pool, family_transpose_conv_bias;
}

namespace tflower::test {
namespace {

using F = std::vector<float>;

KernelCall Custom(const KernelFamily& family, std::string code, const std::vector<int32_t>& options) {
  KernelCall call(family, tfl::Builtin::CUSTOM);
  const auto bytes = std::as_bytes(std::span(options));
  call.Custom(std::move(code), {bytes.begin(), bytes.end()});
  return call;
}
KernelCall Pool(const std::vector<int32_t>& options) { return Custom(kernels::family_argmax_pool, "MaxPoolingWithArgmax2D", options); }
KernelCall Unpool(const std::vector<int32_t>& options) { return Custom(kernels::family_argmax_pool, "MaxUnpooling2D", options); }
KernelCall Transposed(const std::vector<int32_t>& options) { return Custom(kernels::family_transpose_conv_bias, "Convolution2DTransposeBias", options); }

// Places as the operators have them: integers in the bits of floats.
F Places(std::initializer_list<uint32_t> places) {
  F bits;
  for (const uint32_t place : places) bits.push_back(std::bit_cast<float>(place));
  return bits;
}
std::vector<uint32_t> PlacesOf(const Value& value) {
  std::vector<uint32_t> places;
  for (const float bits : value.As<float>()) places.push_back(std::bit_cast<uint32_t>(bits));
  return places;
}

TEST_CASE("MaxPoolingWithArgmax2D counts places down the columns") {
  const auto out = Pool({2, 2, 2, 2, 2, 0}).Input(Make<float>({1, 2, 4, 1}, {1, 5, 0, 0, 7, 2, 0, 9})).Outputs(2).Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].dims == Dims{1, 1, 2, 1});
  CHECK(out.value()[0].As<float>() == F{7, 9});
  CHECK(PlacesOf(out.value()[1]) == std::vector<uint32_t>{1, 3});
}

TEST_CASE("MaxPoolingWithArgmax2D: padding repeats the edge; of equal elements the first counts") {
  const auto out = Pool({1, 3, 1, 3, 1, 0, -1, -1}).Input(Make<float>({1, 1, 7, 1}, {7, 6, 5, 5, 5, 2, 1})).Outputs(2).Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].As<float>() == F{7, 5, 2});
  CHECK(PlacesOf(out.value()[1]) == std::vector<uint32_t>{0, 0, 0});
  CHECK(Pool({1, 2, 2, 2, 2, 0}).Input(Make<float>({1, 0, 2, 1}, {})).Outputs(2).Run().value()[0].dims == Dims{1, 0, 1, 1});
}

TEST_CASE("MaxUnpooling2D puts values where they came from") {
  const auto out = Unpool({2, 3, 2, 3, 2, 0}).Input(Make<float>({1, 1, 2, 1}, {7, 9})).Input(Make<float>({1, 1, 2, 1}, Places({4, 3}))).Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].dims == Dims{1, 2, 6, 1});
  CHECK(out.value()[0].As<float>() == F{0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 9, 0});
}

TEST_CASE("Convolution2DTransposeBias") {
  const auto valid = Transposed({2, 2, 1}).Input(Make<float>({1, 1, 2, 1}, {1, 10})).Const(Make<float>({1, 1, 3, 1}, {1, 2, 3})).Const(Make<float>({1}, {100})).Run();
  REQUIRE_OK(valid);
  CHECK(valid.value()[0].dims == Dims{1, 1, 5, 1});
  CHECK(valid.value()[0].As<float>() == F{101, 102, 113, 120, 130});
  const auto same = Transposed({1, 2, 1}).Input(Make<float>({1, 1, 2, 1}, {1, 10})).Input(Make<float>({1, 1, 3, 1}, {1, 2, 3})).Run();
  REQUIRE_OK(same);
  CHECK(same.value()[0].As<float>() == F{1, 2, 13, 20});
}

TEST_CASE("options and operands that are not what they should be") {
  const Value x = Make<float>({1, 2, 2, 1}, {1, 2, 3, 4}), filter = Make<float>({1, 1, 1, 1}, {1});
  CHECK_FAILS(Pool({1, 2, 2}).Input(x).Outputs(2).Run(), Code::kMalformed, "12 bytes");
  CHECK_FAILS(Pool({0, 2, 2, 2, 2, 0}).Input(x).Outputs(2).Run(), Code::kUnsupportedAttribute, "padding: 0 must be 1");
  CHECK_FAILS(Pool({1, 1, 1, 2, 2, 0}).Input(x).Outputs(2).Run(), Code::kUnsupportedAttribute, "must be the filter's size");
  CHECK_FAILS(Pool({1, 0, 0, 0, 0, 0}).Input(x).Outputs(2).Run(), Code::kUnsupportedAttribute, "must be positive");
  CHECK_FAILS(Pool({1, INT32_MAX, 2, INT32_MAX, 2, 0}).Input(x).Outputs(2).Run(), Code::kUnsupportedAttribute, "below 2^31");
  CHECK_FAILS(Pool({1, 2, 2, 2, 2, 1}).Input(x).Outputs(2).Run(), Code::kUnsupportedAttribute, "activation");
  CHECK_FAILS(Unpool({1, 2, 2, 2, 2, 0}).Input(x).Input(x).Run(), Code::kUnsupportedAttribute, "VALID");
  CHECK_FAILS(Unpool({2, 2, 2, 2, 2, 0}).Input(x).Input(Make<float>({1, 2, 2, 1}, Places({0, 1, 4, 2}))).Run(), Code::kInvalidOperand, "4 is not in a window");
  CHECK_FAILS(Unpool({2, 2, 2, 2, 2, 0}).Input(x).Input(filter).Run(), Code::kUnsupportedShape, "must be that of the values");
  CHECK_FAILS(Transposed({1, 0, 1}).Input(x).Const(filter).Run(), Code::kUnsupportedAttribute, "stride: 0 must be positive");
  CHECK_FAILS(Transposed({1, 1, 1}).Input(x).Const(Make<float>({1, 1, 1, 2}, {1, 2})).Run(), Code::kUnsupportedShape, "the input's 1 channels");
  CHECK_FAILS(Transposed({1, 1, 1}).Input(x).Const(filter).Const(Make<float>({2}, {1, 2})).Run(), Code::kUnsupportedShape, "must have 1 elements");
}

}  // namespace
}  // namespace tflower::test
