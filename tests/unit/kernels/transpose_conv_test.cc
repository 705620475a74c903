// Float transposed convolution against its specification, every SIMD target.
#include "transpose_conv/transpose_conv.h"

#include "matrix_test_util.h"
#include "tests/support/kernel_harness.h"

namespace tflower::kernels::matrix_test {
namespace {

void Check(const TransposeConvShape& s, int threads, uint32_t seed, Clamp clamp = {}, bool with_bias = true) {
  INFO("batch ", s.batch, " in ", s.in_h, "x", s.in_w, "x", s.in_c, " out ", s.out_h, "x", s.out_w, "x", s.out_c, " kernel ",
       s.kernel_h, "x", s.kernel_w, " stride ", s.stride_h, "x", s.stride_w, " pad ", s.pad_top, ",", s.pad_left, " threads ", threads);
  const auto planned = PlanTransposeConv(s, threads);
  REQUIRE(planned.ok());
  const TransposeConvPlan& plan = planned.value();
  const auto floats = [](auto... dims) { return static_cast<size_t>((dims * ...)); };
  Floats x(floats(s.batch, s.in_h, s.in_w, s.in_c)), filter(floats(s.out_c, s.kernel_h, s.kernel_w, s.in_c)), bias(floats(s.out_c));
  Floats y(floats(s.batch, s.out_h, s.out_w, s.out_c), 7.0f), want(y.size());
  Random random(seed);
  random.Fill(x), random.Fill(filter), random.Fill(bias);
  const Parallel parallel = Threads(threads);
  Floats packed(plan.packed_bytes / sizeof(float)), scratch(plan.scratch_bytes / sizeof(float), std::nanf(""));
  PackTransposeConv(plan, filter.data(), packed.data(), parallel);
  const float* const b = with_bias ? bias.data() : nullptr;
  EvalTransposeConv(plan, x.data(), packed.data(), b, clamp, y.data(), scratch.data(), parallel);
  TransposeConvRef(s, x.data(), filter.data(), b, clamp, want.data());
  CHECK(y.GuardsIntact());
  CHECK(packed.GuardsIntact());
  CHECK(scratch.GuardsIntact());
  CHECK(LargestError(y, want) <= 3e-6);
}

TEST_CASE("transpose_conv: random shapes, strides above and below the kernel, paddings, output sizes") {
  ForEachTarget([] {
    Random random(9);
    for (uint32_t i = 0; i < 100; ++i) {
      TransposeConvShape s;
      s.batch = random.In(0, 2);
      s.in_h = random.In(1, 9), s.in_w = random.In(1, 9), s.in_c = random.In(1, 40), s.out_c = random.In(1, 70);
      s.kernel_h = random.In(1, 5), s.kernel_w = random.In(1, 5);
      s.stride_h = random.In(1, 4), s.stride_w = random.In(1, 4);
      s.pad_top = random.In(0, s.kernel_h - 1), s.pad_left = random.In(0, s.kernel_w - 1);
      s.out_h = std::max<int64_t>(0, (s.in_h - 1) * s.stride_h + s.kernel_h - s.pad_top - random.In(-3, 3));
      s.out_w = std::max<int64_t>(0, (s.in_w - 1) * s.stride_w + s.kernel_w - s.pad_left - random.In(-3, 3));
      Check(s, static_cast<int>(random.In(1, 3)), i, i % 2 == 0 ? Clamp{0.0f, 1000.0f} : Clamp{}, i % 3 != 0);
    }
  });
}

TEST_CASE("transpose_conv: U-Net's forms") {
  ForEachTarget([] {
    Check({.in_h = 16, .in_w = 16, .in_c = 64, .out_h = 32, .out_w = 32, .out_c = 32, .kernel_h = 2, .kernel_w = 2, .stride_h = 2, .stride_w = 2}, 2, 1);
    Check({.in_h = 16, .in_w = 16, .in_c = 64, .out_h = 32, .out_w = 32, .out_c = 32, .kernel_h = 4, .kernel_w = 4, .stride_h = 2, .stride_w = 2,
           .pad_top = 1, .pad_left = 1}, 2, 2);
  });
}

TEST_CASE("transpose_conv: a stride of billions touches one result") {
  ForEachTarget([] {
    Check({.in_h = 3, .in_w = 3, .in_c = 4, .out_h = 2, .out_w = 2, .out_c = 5, .kernel_h = 1, .kernel_w = 1, .stride_h = 2147483647, .stride_w = 2147483647}, 1, 1);
  });
}

TEST_CASE("transpose_conv: shapes that contradict themselves are refused") {
  const TransposeConvShape good{.in_h = 3, .in_w = 3, .in_c = 4, .out_h = 6, .out_w = 6, .out_c = 5, .kernel_h = 2, .kernel_w = 2, .stride_h = 2, .stride_w = 2};
  CHECK(PlanTransposeConv(good, 1).ok());
  const auto refused = [&](auto change) {
    TransposeConvShape s = good;
    change(s);
    return !PlanTransposeConv(s, 1).ok();
  };
  CHECK(refused([](TransposeConvShape& s) { s.stride_h = 0; }));
  CHECK(refused([](TransposeConvShape& s) { s.pad_left = -1; }));
  CHECK(refused([](TransposeConvShape& s) { s.out_w = -1; }));
  CHECK(refused([](TransposeConvShape& s) { s.in_h = s.in_w = s.in_c = INT32_MAX; }));
}

}  // namespace
}  // namespace tflower::kernels::matrix_test

namespace tflower::kernels {
extern const KernelFamily family_transpose_conv;
}

namespace tflower::test {
namespace {

Result<std::vector<Value>> Spread(Value shape, bool constant_shape, bool constant_filter, int32_t stride) {
  KernelCall call(kernels::family_transpose_conv, tfl::Builtin::TRANSPOSE_CONV);
  call.Options(tfl::TransposeConvOptions{.padding = tfl::Padding::VALID, .stride_w = stride, .stride_h = stride}).Version(3);
  constant_shape ? call.Const(std::move(shape)) : call.Input(std::move(shape));
  const Value filter = Make<float>({1, 2, 2, 1}, {1, 2, 3, 4});
  constant_filter ? call.Const(filter) : call.Input(filter);
  return call.Input(Make<float>({1, 1, 2, 1}, {1, 10})).Const(Make<float>({1}, {0.5})).Run();
}

TEST_CASE("TRANSPOSE_CONV: shape and filter constant or not") {
  for (const bool constant_shape : {true, false}) {
    for (const bool constant_filter : {true, false}) {
      auto out = Spread(Make<int32_t>({4}, {1, 2, 4, 1}), constant_shape, constant_filter, 2);
      REQUIRE_OK(out);
      CHECK(out.value()[0].dims == Dims{1, 2, 4, 1});
      CHECK(out.value()[0].As<float>() == std::vector<float>{1.5, 2.5, 10.5, 20.5, 3.5, 4.5, 30.5, 40.5});
      auto wider = Spread(Make<int32_t>({4}, {1, 3, 5, 1}), constant_shape, constant_filter, 2);
      REQUIRE_OK(wider);
      CHECK(wider.value()[0].As<float>()[4] == 0.5f);
      CHECK_FAILS(Spread(Make<int32_t>({4}, {1, 2, 6, 1}), constant_shape, constant_filter, 2), Code::kInvalidOperand, "output_shape");
      CHECK_FAILS(Spread(Make<int32_t>({4}, {1, -2, 4, 1}), constant_shape, constant_filter, 2), Code::kUnsupportedShape, "output_shape");
      CHECK_FAILS(Spread(Make<int32_t>({4}, {2, 2, 4, 1}), constant_shape, constant_filter, 2), Code::kInvalidOperand, "batch");
    }
  }
  CHECK_FAILS(Spread(Make<int32_t>({4}, {1, 2, 4, 1}), true, true, 0), Code::kInvalidGraph, "stride");
}

}  // namespace
}  // namespace tflower::test
