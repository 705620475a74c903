// Arithmetic of quantised tensors on known values, and what the rows refuse. Whole operators are compared with LiteRT by
// tests/parity/quant_parity.py.
#include "common/quantized.h"

#include <cmath>

#include "common/inverse_root.h"
#include "hybrid/rows.h"
#include "quantized_unary/sigmoid16.h"
#include "tests/support/kernel_harness.h"

namespace tflower::kernels {
extern const KernelFamily family_quantize, family_quantized_conv, family_quantized_dense, family_quantized_binary, family_quantized_unary, family_quantized_pool, family_quantized_softmax, family_hybrid;
}  // namespace tflower::kernels

namespace tflower::test {
namespace {

using namespace kernels;
using tfl::ActivationFunctionType;
using tfl::Builtin;

TEST_CASE("multipliers: value / 2^31 * 2^shift") {
  const auto equal = [](double factor, int32_t value, int shift) {
    const Multiplier m = MultiplierOf(factor);
    INFO("factor ", factor);
    CHECK(m.value == value);
    CHECK(m.shift == shift);
  };
  equal(0.5, 1 << 30, 0);
  equal(1.0, 1 << 30, 1);
  equal(0.75, 1610612736, 0);
  equal(3.0, 1610612736, 2);
  equal(0.1, 1717986918, -3);
  equal(1.0 - 0x1p-40, 1 << 30, 1);  // rounds up to the next power of two
  equal(0.0, 0, 0);
  equal(1e-30, 0, 0);
  equal(1e30, INT32_MAX, 30);
  equal(INFINITY, INT32_MAX, 30);
  equal(NAN, 0, 0);
}

TEST_CASE("rounding multiplications and shifts") {
  CHECK(HighMul(1 << 30, 3) == 2);    // 1.5
  CHECK(HighMul(1 << 30, -3) == -1);  // -1.5
  CHECK(HighMul(INT32_MIN, INT32_MIN) == INT32_MAX);
  CHECK(HighMul(INT32_MAX, INT32_MAX) == INT32_MAX - 1);
  CHECK(RoundingShift(5, 1) == 3);
  CHECK(RoundingShift(-5, 1) == -3);  // ties go away from zero here
  CHECK(RoundingShift(-7, 2) == -2);
  CHECK(RoundingShift(INT32_MIN, 31) == -1);
  CHECK(RoundingShift(7, 0) == 7);
  CHECK(Scaled(int32_t{1000}, MultiplierOf(0.1)) == 100);
  CHECK(Scaled(int32_t{-1000}, MultiplierOf(3.5)) == -3500);
  CHECK(Scaled(int64_t{1} << 40, MultiplierOf(0x1p-30)) == 1024);
  CHECK(Scaled(int64_t{-3}, MultiplierOf(0.5)) == -1);  // rounded once, upwards
  for (const double factor : {1e-9, 0.3, 7.0, 1e9}) {
    for (const int64_t x : {INT64_MIN, INT64_MAX, int64_t{-1}}) CHECK((Scaled(x, MultiplierOf(factor)) | 1) != 0);  // wraps, and is defined
  }
}

TEST_CASE("products that are rounded once") {
  CHECK(ScaledOnce(5, MultiplierOf(0.5)) == 3);
  CHECK(ScaledOnce(-5, MultiplierOf(0.5)) == -2);
  CHECK(ScaledOnce(1000, MultiplierOf(3.5)) == 3500);
  CHECK(ScaledOnce(int64_t{3} << 40, MultiplierOf(0x1p-30)) == 3072);
  CHECK(ScaledOnce(-(int64_t{3} << 40), MultiplierOf(0x1p-30)) == -3072);
  CHECK(ScaledOnce(INT64_MAX, MultiplierOf(0x1p-38)) == 0);
  CHECK(ScaledOnce(INT64_MAX, MultiplierOf(1e9)) == INT32_MAX);
  CHECK(ScaledOnce(INT64_MIN, MultiplierOf(7.0)) == INT32_MIN);
}

TEST_CASE("bounds of fused activations") {
  const Affine y{0.5f, -3};
  const auto check = [&](ActivationFunctionType activation, int32_t lo, int32_t hi) {
    const auto bounds = ActivationBounds(activation, DType::kInt8, y);
    REQUIRE_OK(bounds);
    CHECK(bounds.value().lo == lo);
    CHECK(bounds.value().hi == hi);
  };
  check(ActivationFunctionType::NONE, -128, 127);
  check(ActivationFunctionType::RELU, -3, 127);
  check(ActivationFunctionType::RELU6, -3, 9);
  check(ActivationFunctionType::RELU_N1_TO_1, -5, -1);
  CHECK_FAILS(ActivationBounds(ActivationFunctionType::TANH, DType::kInt8, y), Code::kUnsupportedAttribute, "RELU6");
  const auto tiny = ActivationBounds(ActivationFunctionType::RELU6, DType::kInt16, Affine{1e-38f, 0});
  REQUIRE_OK(tiny);
  CHECK(tiny.value().hi == INT16_MAX);
}

TEST_CASE("inverse roots, logistic function and tanh in fixed point") {
  for (const int32_t n : {2, 3, 4, 100, 65025, 1 << 20, 1 << 29, INT32_MAX}) {
    const Multiplier m = InverseRootOf(n);
    INFO("n ", n);
    CHECK(std::fabs(std::ldexp(static_cast<double>(m.value), m.shift - 31) * std::sqrt(n) - 1) < 2e-6);  // what five iterations leave
  }
  CHECK(InverseRootOf(0).value == INT32_MAX);
  const Sigmoid16 f(1.0f / 4096);
  for (int x = -32768; x <= 32767; x += 97) {
    const double real = x / 4096.0;
    CHECK(std::fabs(f.Logistic(static_cast<int16_t>(x)) - 32768 / (1 + std::exp(-real))) < 2);
    CHECK(std::fabs(f.Tanh(static_cast<int16_t>(x)) - 32768 * std::tanh(real)) < 3);
  }
  for (const float scale : {1e-30f, 1e30f}) CHECK(Sigmoid16(scale).Logistic(1000) >= 16383);
}

TEST_CASE("rows of floats as int8") {
  int8_t to[4];
  const float x[] = {-1, 0, 0.5f, 2};
  const RowScale symmetric = QuantizeRow(x, 4, false, to);
  CHECK(symmetric.scale == 2.0f / 127);
  CHECK(symmetric.zero == 0);
  CHECK(to[0] == -64);  // -63.5
  CHECK(to[3] == 127);
  const RowScale asymmetric = QuantizeRow(x, 4, true, to);
  CHECK(asymmetric.zero == -43);
  CHECK(to[0] == -128);
  CHECK(to[3] == 127);
  const float zeros[] = {0, 0};
  CHECK(QuantizeRow(zeros, 2, true, to).scale == 1);
  const float bad[] = {1, NAN, INFINITY};
  CHECK(std::isnan(QuantizeRow(bad, 3, true, to).scale));
  const float tiny[] = {1e-40f, -1e-38f};
  for (const bool any : {false, true}) CHECK(QuantizeRow(tiny, 2, any, to).scale == 1);
  const float wide[] = {-3e38f, 3e38f};
  CHECK(std::isfinite(QuantizeRow(wide, 2, true, to).scale));
}

TEST_CASE("quantised rows want scales, one zero point that fits, and weights that go with the activations") {
  const Value plain = Make<int8_t>({1, 1, 1, 2}, {1, -2}), q = plain.Quantized({0.5f}, {3});
  KernelCall add(family_quantized_binary, Builtin::ADD);
  CHECK_FAILS(add.Input(q).Input(plain).Run(), Code::kUnsupportedType, "input 1");
  KernelCall zero(family_quantized_unary, Builtin::RELU);
  CHECK_FAILS(zero.Input(plain.Quantized({0.5f}, {300})).Run(), Code::kInvalidGraph, "300 is no int8");
  KernelCall channels(family_quantized_pool, Builtin::MAX_POOL_2D);
  channels.Options(tfl::Pool2DOptions{.stride_w = 1, .stride_h = 1, .filter_width = 1, .filter_height = 1}).Input(plain.Quantized({0.5f, 1}, {0, 0}, 3));
  CHECK_FAILS(channels.Run(), Code::kUnsupportedType, "2 scales");

  const tfl::Conv2DOptions window{.stride_w = 1, .stride_h = 1};
  KernelCall axis(family_quantized_conv, Builtin::CONV_2D);
  CHECK_FAILS(axis.Options(window).Input(q).Const(plain.Quantized({0.5f, 1}, {0, 0}, 3)).Run(), Code::kUnsupportedType, "dimension 3");
  KernelCall mixed(family_quantized_conv, Builtin::CONV_2D);
  CHECK_FAILS(mixed.Options(window).Input(q).Const(Make<uint8_t>({1, 1, 1, 2}, {1, 2}).Quantized({0.5f}, {0})).Run(), Code::kUnsupportedType, "uint8 weights for int8");
  KernelCall bias(family_quantized_conv, Builtin::CONV_2D);
  bias.Options(window).Input(q).Const(q).Const(Make<int64_t>({1}, {1}).Quantized({0.25f}, {0}));
  CHECK_FAILS(bias.Run(), Code::kUnsupportedType, "int64");
  KernelCall hybrid(family_hybrid, Builtin::FULLY_CONNECTED);
  CHECK_FAILS(hybrid.Input(Make<float>({1, 2}, {1, 2})).Const(Make<int8_t>({1, 2}, {1, 2})).Run(), Code::kUnsupportedType, "without scale");
  KernelCall dequantize(family_quantize, Builtin::DEQUANTIZE);
  CHECK_FAILS(dequantize.Input(plain).Run(), Code::kUnsupportedType, "without scale");
}

TEST_CASE("extreme scales are no danger") {
  const Value small = Make<int8_t>({1, 4}, {-128, 0, 1, 127}).Quantized({1e-45f}, {-128}), large = Make<int8_t>({1, 4}, {-128, 0, 1, 127}).Quantized({3e38f}, {127});
  const auto run = [](const KernelFamily& family, Builtin code, const Value& x, float scale) {
    KernelCall call(family, code);
    call.Options(tfl::SoftmaxOptions{.beta = 3e38f}).Input(x).OutputQuant(0, scale, 5);
    REQUIRE_OK(call.Run());
  };
  for (const Value& x : {small, large}) {
    for (const float scale : {1e-45f, 3e38f}) {
      for (const Builtin code : {Builtin::LOGISTIC, Builtin::EXP, Builtin::LOG, Builtin::RELU6, Builtin::ABS, Builtin::RSQRT, Builtin::SQRT, Builtin::ELU}) run(family_quantized_unary, code, x, scale);
      for (const Builtin code : {Builtin::SOFTMAX, Builtin::LOG_SOFTMAX}) run(family_quantized_softmax, code, x, scale);
      run(family_quantize, Builtin::QUANTIZE, Make<float>({3}, {NAN, INFINITY, -3e38f}), scale);
      for (const Builtin code : {Builtin::ADD, Builtin::MUL, Builtin::SQUARED_DIFFERENCE}) {
        KernelCall call(family_quantized_binary, code);
        REQUIRE_OK(call.Input(x).Input(large).OutputQuant(0, scale, 5).Run());
      }
    }
  }
}

TEST_CASE("hybrid dense layer with int4 weights") {
  KernelCall dense(family_hybrid, Builtin::FULLY_CONNECTED);
  const Value packed = Make<uint8_t>({2}, {0x21, 0xf7});  // [1, 2], [7, -1]
  dense.Input(Make<float>({1, 2}, {1.0f, 0.0f})).Const(packed.Retyped(DType::kInt4, {2, 2}).Quantized({0.5f}, {0}));
  const auto out = dense.Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].As<float>() == std::vector<float>{0.5f, 3.5f});
}

}  // namespace
}  // namespace tflower::test
