// CONCATENATION and PACK through their rows.
#include "tests/support/kernel_harness.h"

namespace tflower::kernels {
extern const KernelFamily family_concat;
}

namespace {
using namespace tflower;
using namespace tflower::test;
using tfl::ActivationFunctionType;
using F = std::vector<float>;

KernelCall Concat(int32_t axis, ActivationFunctionType activation = ActivationFunctionType::NONE) {
  return KernelCall(kernels::family_concat, tfl::Builtin::CONCATENATION)
      .Options(tfl::ConcatenationOptions{.axis = axis, .fused_activation_function = activation});
}

TEST_CASE("CONCATENATION along first and last axes") {
  const Value a = Make<float>({1, 2}, {1, 2}), b = Make<float>({2, 2}, {3, 4, 5, 6}), c = Make<float>({2, 1}, {7, 8});
  CHECK(Concat(0).Input(a).Input(b).Run().value()[0].As<float>() == F{1, 2, 3, 4, 5, 6});
  const auto out = Concat(-1).Input(b).Input(c).Input(b).Run();
  CHECK(out.value()[0].dims == Dims{2, 5});
  CHECK(out.value()[0].As<float>() == F{3, 4, 7, 3, 4, 5, 6, 8, 5, 6});
  CHECK(Concat(0).Input(a).Run().value()[0].As<float>() == F{1, 2});
}

TEST_CASE("CONCATENATION with empty operands") {
  CHECK(Concat(0).Input(Iota<int8_t>({0, 2})).Input(Iota<int8_t>({1, 2})).Run().value()[0].dims == Dims{1, 2});
  CHECK(Concat(1).Input(Iota<int8_t>({0, 2})).Input(Iota<int8_t>({0, 3})).Run().value()[0].dims == Dims{0, 5});
}

TEST_CASE("CONCATENATION of many operands and of large ones on threads") {
  KernelCall many = Concat(1);
  for (int i = 0; i < 20; ++i) many.Input(Make<int32_t>({2, 1}, {i, 100 + i}));
  CHECK(many.Run().value()[0].As<int32_t>()[21] == 101);
  const Value big = Iota<int32_t>({2, 100'000});
  const auto out = Concat(1).Input(big).Input(big).Threads(3).Run();
  CHECK(out.value()[0].As<int32_t>()[399'999] == 199'999);
  CHECK(out.value()[0].As<int32_t>()[100'000] == 0);
}

TEST_CASE("CONCATENATION clamps floats with its fused activation") {
  const Value x = Make<float>({4}, {-2, 0.5f, 3, 7});
  CHECK(Concat(0, ActivationFunctionType::RELU).Input(x).Run().value()[0].As<float>() == F{0, 0.5f, 3, 7});
  CHECK(Concat(0, ActivationFunctionType::RELU6).Input(x).Run().value()[0].As<float>() == F{0, 0.5f, 3, 6});
  CHECK(Concat(0, ActivationFunctionType::RELU_N1_TO_1).Input(x).Run().value()[0].As<float>() == F{-1, 0.5f, 1, 1});
  CHECK_FAILS(Concat(0, ActivationFunctionType::TANH).Input(x).Run(), Code::kUnsupportedAttribute, "must be NONE, RELU");
  CHECK_FAILS(Concat(0, ActivationFunctionType::RELU).Input(Iota<int32_t>({2})).Run(), Code::kUnsupportedAttribute,
              "only float32 is clamped");
}

TEST_CASE("CONCATENATION refuses operands that do not fit together") {
  CHECK_FAILS(Concat(0).Input(Iota<float>({1, 2})).Input(Iota<float>({1, 3})).Run(), Code::kUnsupportedShape,
              "input 1 (value 1): shape [1, 3] must be that of input 0, [1, 2]");
  CHECK_FAILS(Concat(0).Input(Iota<float>({1, 2})).Input(Iota<float>({2})).Run(), Code::kUnsupportedShape, "shape [2]");
  CHECK_FAILS(Concat(0).Input(Iota<float>({2})).Input(Iota<int32_t>({2})).Run(), Code::kUnsupportedType,
              "type(values) == type(values, 0), but input 1 (values) is int32[2]");
  CHECK_FAILS(Concat(1).Input(Iota<float>({2})).Run(), Code::kUnsupportedAttribute, "axis in [-rank(values), rank(values))");
  CHECK_FAILS(Concat(0).Input(Scalar(1.0f)).Run(), Code::kUnsupportedShape, "rank(values) >= 1");
  const Value q = Iota<int8_t>({2});
  CHECK_FAILS(Concat(0).Input(q.Quantized({0.5f}, {0})).Input(q.Quantized({0.25f}, {0})).Run(), Code::kUnsupportedType, "must be equal");
}

KernelCall Pack(int32_t axis, int32_t count) {
  return KernelCall(kernels::family_concat, tfl::Builtin::PACK).Options(tfl::PackOptions{.values_count = count, .axis = axis});
}

TEST_CASE("PACK makes a new axis anywhere") {
  const Value a = Make<float>({2}, {1, 2}), b = Make<float>({2}, {3, 4});
  CHECK(Pack(0, 2).Input(a).Input(b).Run().value()[0].As<float>() == F{1, 2, 3, 4});
  CHECK(Pack(-1, 2).Input(a).Input(b).Run().value()[0].As<float>() == F{1, 3, 2, 4});
  CHECK(Pack(0, 3).Input(Scalar(1.0f)).Input(Scalar(2.0f)).Input(Scalar(3.0f)).Run().value()[0].dims == Dims{3});
  CHECK(Pack(1, 2).Input(Iota<float>({2, 0})).Input(Iota<float>({2, 0})).Run().value()[0].dims == Dims{2, 2, 0});
  CHECK_FAILS(Pack(0, 3).Input(a).Input(b).Run(), Code::kInvalidGraph, "values_count == inputs");
  CHECK_FAILS(Pack(2, 2).Input(a).Input(b).Run(), Code::kUnsupportedAttribute, "axis in [-rank(values) - 1, rank(values)]");
  CHECK_FAILS(Pack(0, 2).Input(a).Input(Iota<float>({3})).Run(), Code::kUnsupportedShape, "shape [3] must be that of input 0, [2]");
}

}  // namespace
