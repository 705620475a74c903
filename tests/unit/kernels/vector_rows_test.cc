// The rows of the vector kernel families, run as a host runs them: shapes, options, dynamic outputs and errors.
#include <doctest/doctest.h>

#include <cmath>

#include "tests/support/kernel_harness.h"

namespace tflower::kernels {
extern const KernelFamily family_elementwise, family_depthwise, family_pool, family_softmax, family_reduce, family_resize;
}  // namespace tflower::kernels

namespace tflower::test {
namespace {

using tfl::ActivationFunctionType;
using tfl::Builtin;
using tfl::Padding;

TEST_CASE("unary rows") {
  KernelCall relu(kernels::family_elementwise, Builtin::RELU6);
  auto out = relu.Input(Make<float>({2, 2}, {-1, 3, 7, 0})).Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].dims == Dims{2, 2});
  CHECK(out.value()[0].As<float>() == std::vector<float>{0, 3, 6, 0});

  KernelCall leaky(kernels::family_elementwise, Builtin::LEAKY_RELU);
  out = leaky.Options(tfl::LeakyReluOptions{.alpha = 0.5f}).Input(Make<float>({2}, {-4, 4})).InPlace(0).Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].As<float>() == std::vector<float>{-2, 4});

  KernelCall negate(kernels::family_elementwise, Builtin::NEG);
  out = negate.Input(Make<int64_t>({3}, {1, -2, 0})).Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].As<int64_t>() == std::vector<int64_t>{-1, 2, 0});

  KernelCall negation(kernels::family_elementwise, Builtin::LOGICAL_NOT);
  out = negation.Input(Make<bool>({2}, {true, false})).Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].As<bool>() == std::vector<bool>{false, true});

  for (const bool approximate : {false, true}) {
    KernelCall gelu(kernels::family_elementwise, Builtin::GELU);
    out = gelu.Options(tfl::GeluOptions{.approximate = approximate}).Input(Make<float>({1}, {1.0f})).Run();
    REQUIRE_OK(out);
    CHECK(std::fabs(out.value()[0].As<float>()[0] - (approximate ? 0.841191990f : 0.841344746f)) < 1e-6f);
  }
  KernelCall no_form(kernels::family_elementwise, Builtin::EXP);
  CHECK_FAILS(no_form.Input(Make<int32_t>({1}, {1})).Run(), Code::kMissingKernel, "");
}

TEST_CASE("binary rows broadcast and clamp") {
  KernelCall add(kernels::family_elementwise, Builtin::ADD);
  add.Options(tfl::AddOptions{.fused_activation_function = ActivationFunctionType::RELU});
  auto out = add.Input(Make<float>({2, 1}, {-3, 1})).Input(Make<float>({3}, {1, 2, 4})).Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].dims == Dims{2, 3});
  CHECK(out.value()[0].As<float>() == std::vector<float>{0, 0, 1, 2, 3, 5});

  KernelCall multiply(kernels::family_elementwise, Builtin::MUL);
  multiply.Options(tfl::MulOptions{.fused_activation_function = ActivationFunctionType::RELU6});
  out = multiply.Input(Make<int32_t>({3}, {-1, 2, 5})).Input(Scalar<int32_t>(3)).Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].As<int32_t>() == std::vector<int32_t>{0, 6, 6});

  KernelCall divide(kernels::family_elementwise, Builtin::FLOOR_DIV);
  CHECK_FAILS(divide.Input(Make<int32_t>({1}, {1})).Input(Scalar<int32_t>(0)).Run(), Code::kInvalidOperand, "division by zero");
  KernelCall shapes(kernels::family_elementwise, Builtin::SUB);
  CHECK_FAILS(shapes.Input(Make<float>({2}, {1, 2})).Input(Make<float>({3}, {1, 2, 3})).Run(), Code::kUnsupportedShape, "broadcast(lhs, rhs)");
  KernelCall types(kernels::family_elementwise, Builtin::SUB);
  CHECK_FAILS(types.Input(Make<float>({1}, {1})).Input(Scalar<int32_t>(1)).Run(), Code::kUnsupportedType, "input 1");
  KernelCall tanh(kernels::family_elementwise, Builtin::ADD);
  tanh.Options(tfl::AddOptions{.fused_activation_function = ActivationFunctionType::TANH});
  CHECK_FAILS(tanh.Input(Scalar(1.0f)).Input(Scalar(1.0f)).Run(), Code::kUnsupportedAttribute, "fused_activation_function");
}

TEST_CASE("plain integer rows leave quantised operands to the next row, except for extrema") {
  const Value q = Make<int8_t>({2}, {1, -2}).Quantized({0.5f}, {3});
  KernelCall add(kernels::family_elementwise, Builtin::ADD);
  CHECK_FAILS(add.Input(q).Input(q).Run(), Code::kDeclined, "quantised");
  KernelCall less(kernels::family_elementwise, Builtin::LESS);
  CHECK_FAILS(less.Input(q).Input(q).Run(), Code::kDeclined, "quantised");
  KernelCall negate(kernels::family_elementwise, Builtin::NEG);
  CHECK_FAILS(negate.Input(q).Run(), Code::kDeclined, "quantised");
  KernelCall most(kernels::family_elementwise, Builtin::MAXIMUM);
  auto out = most.Input(q).Input(Make<int8_t>({2}, {-1, 4}).Quantized({0.5f}, {3})).Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].As<int8_t>() == std::vector<int8_t>{1, 4});
}

TEST_CASE("comparison, logic and select rows") {
  KernelCall less(kernels::family_elementwise, Builtin::LESS);
  auto out = less.Input(Make<float>({3}, {1, 2, 3})).Input(Scalar(2.0f)).Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].As<bool>() == std::vector<bool>{true, false, false});

  KernelCall both(kernels::family_elementwise, Builtin::LOGICAL_AND);
  out = both.Input(Make<bool>({2}, {true, true})).Input(Make<bool>({2}, {true, false})).Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].As<bool>() == std::vector<bool>{true, false});

  KernelCall rows(kernels::family_elementwise, Builtin::SELECT);
  out = rows.Input(Make<bool>({2}, {true, false})).Input(Make<int32_t>({2, 2}, {1, 2, 3, 4})).Input(Make<int32_t>({2, 2}, {5, 6, 7, 8})).Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].As<int32_t>() == std::vector<int32_t>{1, 2, 7, 8});

  KernelCall columns(kernels::family_elementwise, Builtin::SELECT_V2);
  out = columns.Input(Make<bool>({2}, {true, false})).Input(Make<int32_t>({2, 2}, {1, 2, 3, 4})).Input(Scalar<int32_t>(0)).Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].As<int32_t>() == std::vector<int32_t>{1, 0, 3, 0});
}

TEST_CASE("softmax rows") {
  KernelCall softmax(kernels::family_softmax, Builtin::SOFTMAX);
  auto out = softmax.Options(tfl::SoftmaxOptions{.beta = 1}).Input(Make<float>({2, 2}, {0, 0, 1, 1})).InPlace(0).Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].As<float>() == std::vector<float>{0.5f, 0.5f, 0.5f, 0.5f});
  KernelCall negative(kernels::family_softmax, Builtin::SOFTMAX);
  CHECK_FAILS(negative.Options(tfl::SoftmaxOptions{.beta = -1}).Input(Make<float>({1}, {0})).Run(), Code::kInvalidGraph, "beta > 0");
  KernelCall scalar(kernels::family_softmax, Builtin::LOG_SOFTMAX);
  CHECK_FAILS(scalar.Input(Scalar(1.0f)).Run(), Code::kUnsupportedShape, "rank");
}

TEST_CASE("reduction rows: constant and run-time axes, keep_dims") {
  const Value x = Make<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  KernelCall sum(kernels::family_reduce, Builtin::SUM);
  auto out = sum.Input(x).Const(Make<int32_t>({1}, {-1})).Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].dims == Dims{2});
  CHECK(out.value()[0].As<float>() == std::vector<float>{6, 15});

  KernelCall mean(kernels::family_reduce, Builtin::MEAN);
  out = mean.Options(tfl::ReducerOptions{.keep_dims = true}).Input(x).Input(Make<int32_t>({1}, {0})).Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].dims == Dims{1, 3});
  CHECK(out.value()[0].As<float>() == std::vector<float>{2.5f, 3.5f, 4.5f});

  KernelCall all(kernels::family_reduce, Builtin::REDUCE_ALL);
  out = all.Input(Make<bool>({2}, {true, false})).Const(Scalar<int32_t>(0)).Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].dims == Dims{});
  CHECK(out.value()[0].As<bool>() == std::vector<bool>{false});

  KernelCall most(kernels::family_reduce, Builtin::REDUCE_MAX);
  out = most.Input(Make<int8_t>({2, 2}, {-5, 3, -128, -7})).Const(Make<int32_t>({2}, {0, 1})).Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].As<int8_t>() == std::vector<int8_t>{3});

  KernelCall outside(kernels::family_reduce, Builtin::SUM);
  CHECK_FAILS(outside.Input(x).Const(Make<int32_t>({1}, {2})).Run(), Code::kInvalidOperand, "each(axes) in [-rank(input), rank(input))");
  KernelCall late(kernels::family_reduce, Builtin::SUM);
  late.Options(tfl::ReducerOptions{.keep_dims = true}).Input(x).Input(Make<int32_t>({1}, {-3}));
  CHECK_FAILS(late.Run(), Code::kInvalidOperand, "-3 is outside");
  KernelCall quantized(kernels::family_reduce, Builtin::SUM);
  quantized.Input(Make<int8_t>({2}, {1, 2}).Quantized({0.5f}, {0})).Const(Make<int32_t>({1}, {0}));
  CHECK_FAILS(quantized.Run(), Code::kDeclined, "quantised");
}

TEST_CASE("pooling rows") {
  KernelCall average(kernels::family_pool, Builtin::AVERAGE_POOL_2D);
  const tfl::Pool2DOptions same = {.padding = Padding::SAME, .stride_w = 2, .stride_h = 2, .filter_width = 2, .filter_height = 2};
  auto out = average.Options(same).Input(Make<float>({1, 3, 3, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9})).Threads(2).Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].dims == Dims{1, 2, 2, 1});
  CHECK(out.value()[0].As<float>() == std::vector<float>{3, 4.5f, 7.5f, 9});
  KernelCall zero(kernels::family_pool, Builtin::MAX_POOL_2D);
  CHECK_FAILS(zero.Options(tfl::Pool2DOptions{}).Input(Make<float>({1, 1, 1, 1}, {1})).Run(), Code::kInvalidGraph, "stride_w >= 1");
  KernelCall wide(kernels::family_pool, Builtin::L2_POOL_2D);
  CHECK_FAILS(wide.Options(same).Input(Make<float>({1, 1}, {1})).Run(), Code::kUnsupportedShape, "rank");
}

TEST_CASE("depthwise row: multiplier, constant and run-time filters") {
  const tfl::DepthwiseConv2DOptions valid = {.padding = Padding::VALID, .stride_w = 1, .stride_h = 1};
  for (const bool constant : {true, false}) {
    KernelCall call(kernels::family_depthwise, Builtin::DEPTHWISE_CONV_2D);
    call.Options(valid).Input(Make<float>({1, 1, 2, 2}, {1, 2, 3, 4}));
    const Value filter = Make<float>({1, 1, 2, 4}, {1, 10, 100, 1000, 2, 20, 200, 2000}), bias = Make<float>({4}, {1, 2, 3, 4});
    if (constant) call.Const(filter).Const(bias);
    else call.Input(filter).Const(bias);
    auto out = call.Run();
    REQUIRE_OK(out);
    CHECK(out.value()[0].dims == Dims{1, 1, 1, 4});
    CHECK(out.value()[0].As<float>() == std::vector<float>{8, 72, 1003, 10004});
  }
  KernelCall odd(kernels::family_depthwise, Builtin::DEPTHWISE_CONV_2D);
  odd.Options(valid).Input(Make<float>({1, 1, 1, 2}, {1, 2})).Const(Make<float>({1, 1, 1, 3}, {1, 2, 3}));
  CHECK_FAILS(odd.Run(), Code::kUnsupportedShape, "dim(input, 3) > 0 and dim(filter, 3) > 0 and dim(filter, 3) % dim(input, 3) == 0");
}

TEST_CASE("resize rows: constant and run-time sizes") {
  const Value row = Make<float>({1, 1, 2, 1}, {0, 10});
  for (const bool constant : {true, false}) {
    KernelCall call(kernels::family_resize, Builtin::RESIZE_BILINEAR);
    call.Options(tfl::ResizeBilinearOptions{.align_corners = true}).Input(row);
    const Value size = Make<int32_t>({2}, {1, 3});
    if (constant) call.Const(size);
    else call.Input(size);
    auto out = call.Run();
    REQUIRE_OK(out);
    CHECK(out.value()[0].dims == Dims{1, 1, 3, 1});
    CHECK(out.value()[0].As<float>() == std::vector<float>{0, 5, 10});
  }
  KernelCall nearest(kernels::family_resize, Builtin::RESIZE_NEAREST_NEIGHBOR);
  auto out = nearest.Input(Make<int16_t>({1, 1, 2, 1}, {7, 9})).Const(Make<int32_t>({2}, {2, 4})).Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].As<int16_t>() == std::vector<int16_t>{7, 7, 9, 9, 7, 7, 9, 9});
  KernelCall both(kernels::family_resize, Builtin::RESIZE_BILINEAR);
  both.Options(tfl::ResizeBilinearOptions{.align_corners = true, .half_pixel_centers = true}).Input(row).Const(Make<int32_t>({2}, {1, 3}));
  CHECK_FAILS(both.Run(), Code::kInvalidGraph, "not (align_corners == 1 and half_pixel_centers == 1)");
  KernelCall empty(kernels::family_resize, Builtin::RESIZE_BILINEAR);
  CHECK_FAILS(empty.Input(row).Input(Make<int32_t>({2}, {0, 3})).Run(), Code::kInvalidOperand, "must be positive");
}

}  // namespace
}  // namespace tflower::test
