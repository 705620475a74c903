// Float 3-D convolutions against their specification, every SIMD target; the rows' checks.
#include "conv3d/conv3d_f32.h"

#include "matrix_test_util.h"
#include "tests/support/kernel_harness.h"

namespace tflower::kernels {
extern const KernelFamily family_conv3d;
}

namespace tflower::kernels::matrix_test {
namespace {

size_t Floats3(const Conv3DShape& s, int64_t VolumeAxis::*size, int64_t channels) {
  return static_cast<size_t>(s.batch * s.axes[0].*size * s.axes[1].*size * s.axes[2].*size * channels);
}

void Check(const Conv3DShape& s, bool transposed, int threads, uint32_t seed, Clamp clamp = {}, bool with_bias = true) {
  const VolumeAxis &z = s.axes[0], &y_axis = s.axes[1], &x_axis = s.axes[2];
  INFO((transposed ? "transposed" : "forward"), " seed ", seed, " in ", z.in, "x", y_axis.in, "x", x_axis.in, "x", s.in_c, " out ", z.out, "x", y_axis.out, "x",
       x_axis.out, "x", s.out_c, " kernel ", z.kernel, "x", y_axis.kernel, "x", x_axis.kernel, " strides ", z.stride, ",", y_axis.stride, ",", x_axis.stride,
       " dilations ", z.dilation, ",", y_axis.dilation, ",", x_axis.dilation, " pads ", z.pad, ",", y_axis.pad, ",", x_axis.pad);
  const auto planned = transposed ? PlanTransposeConv3D(s, threads) : PlanConv3D(s, threads);
  REQUIRE(planned.ok());
  const Conv3DPlan& plan = planned.value();
  Floats x(Floats3(s, &VolumeAxis::in, s.in_c)), bias(static_cast<size_t>(s.out_c));
  Floats filter(static_cast<size_t>(z.kernel * y_axis.kernel * x_axis.kernel * s.in_c * s.out_c));
  Floats y(Floats3(s, &VolumeAxis::out, s.out_c), 7.0f), want(y.size());
  Random random(seed);
  random.Fill(x), random.Fill(filter), random.Fill(bias);
  const Parallel parallel = Threads(threads);
  Floats packed(plan.packed_bytes / sizeof(float)), scratch(plan.scratch_bytes / sizeof(float), std::nanf(""));
  const float* const b = with_bias ? bias.data() : nullptr;
  (transposed ? PackTransposeConv3D : PackConv3D)(plan, filter.data(), packed.data(), parallel);
  (transposed ? EvalTransposeConv3D : EvalConv3D)(plan, x.data(), packed.data(), b, clamp, y.data(), scratch.data(), parallel);
  (transposed ? TransposeConv3DRef : Conv3DRef)(s, x.data(), filter.data(), b, clamp, want.data());
  CHECK(y.GuardsIntact());
  CHECK(packed.GuardsIntact());
  CHECK(scratch.GuardsIntact());
  CHECK(LargestError(y, want) <= 3e-6);
}

Conv3DShape RandomShape(Random& random, bool transposed) {
  Conv3DShape s;
  s.batch = random.In(0, 2), s.in_c = random.In(1, 9), s.out_c = random.In(1, 40);
  for (VolumeAxis& a : s.axes) {
    a.in = random.In(1, 7), a.kernel = random.In(1, 4), a.stride = random.In(1, 4), a.dilation = random.In(1, 3);
    const int64_t reach = (a.kernel - 1) * a.dilation + 1;
    a.pad = random.In(0, reach - 1);
    a.out = transposed ? std::max<int64_t>(0, (a.in - 1) * a.stride + reach - a.pad - random.In(-2, 3))
                       : std::max<int64_t>(0, (a.in + a.pad + random.In(0, 3) - reach) / a.stride + 1);
  }
  return s;
}

TEST_CASE("conv3d: random shapes, strides, dilations, paddings") {
  ForEachTarget([] {
    Random random(5);
    for (uint32_t i = 0; i < 60; ++i) {
      Check(RandomShape(random, i % 2 != 0), i % 2 != 0, static_cast<int>(random.In(1, 3)), i, i % 4 < 2 ? Clamp{0.0f, 1000.0f} : Clamp{}, i % 3 != 0);
    }
  });
}

TEST_CASE("conv3d: many channels, more than one block of voxels") {
  const VolumeAxis same{.in = 9, .out = 9, .kernel = 3, .pad = 1}, doubled{.in = 5, .out = 10, .kernel = 4, .stride = 2, .pad = 1};
  ForEachTarget([&] {
    Check({.batch = 1, .in_c = 20, .out_c = 70, .axes = {same, same, same}}, false, 2, 1);
    Check({.batch = 1, .in_c = 20, .out_c = 70, .axes = {doubled, doubled, doubled}}, true, 2, 2);
  });
}

TEST_CASE("conv3d: what breaks the rules is refused") {
  const VolumeAxis axis{.in = 4, .out = 4};
  for (const bool transposed : {false, true}) {
    const auto code = [&](const Conv3DShape& s) {
      const auto plan = transposed ? PlanTransposeConv3D(s, 1) : PlanConv3D(s, 1);
      return plan.ok() ? Code::kOk : plan.error().code;
    };
    VolumeAxis none = axis, huge = axis, negative = axis;
    none.stride = 0, huge.kernel = int64_t{1} << 31, negative.pad = -1;
    CHECK(code({.in_c = 1, .out_c = 1, .axes = {axis, axis, axis}}) == Code::kOk);
    CHECK(code({.in_c = 1, .out_c = 1, .axes = {axis, none, axis}}) == Code::kUnsupportedAttribute);
    CHECK(code({.in_c = 1, .out_c = 1, .axes = {axis, axis, huge}}) == Code::kUnsupportedAttribute);
    CHECK(code({.in_c = 1, .out_c = 1, .axes = {negative, axis, axis}}) == Code::kUnsupportedAttribute);
    CHECK(code({.in_c = 0, .out_c = 1, .axes = {axis, axis, axis}}) == Code::kUnsupportedShape);
    CHECK(code({.batch = int64_t{1} << 31, .in_c = 1, .out_c = 1, .axes = {axis, axis, axis}}) == Code::kUnsupportedShape);
  }
}

using namespace tflower::test;
using tfl::Builtin;

tfl::Conv3DOptions Options(tfl::Padding padding, int32_t stride) {
  return {.padding = padding, .stride_d = stride, .stride_w = stride, .stride_h = stride};
}

TEST_CASE("CONV_3D through its row") {
  const auto run = [](bool constant_filter) {
    KernelCall call(family_conv3d, Builtin::CONV_3D);
    call.Options(Options(tfl::Padding::VALID, 1)).Input(Iota<float>({1, 2, 2, 2, 1}));
    const Value filter = Make<float>({2, 2, 2, 1, 1}, {1, 0, 0, 0, 0, 0, 0, 2});
    if (constant_filter) call.Const(filter);
    else call.Input(filter);
    return call.Const(Make<float>({1}, {100})).Run();
  };
  for (const bool constant : {true, false}) {
    const auto out = run(constant);
    REQUIRE_OK(out);
    CHECK(out.value()[0].dims == Dims{1, 1, 1, 1, 1});
    CHECK(out.value()[0].As<float>() == std::vector<float>{114});
  }
  KernelCall call(family_conv3d, Builtin::CONV_3D);
  call.Options(Options(tfl::Padding::SAME, 1)).Input(Iota<float>({1, 2, 2, 2, 3})).Const(Iota<float>({1, 1, 1, 2, 1}));
  CHECK_FAILS(call.Run(), Code::kUnsupportedShape, "dim(filter, 3) == dim(input, 4)");
}

TEST_CASE("CONV_3D_TRANSPOSE through its row, its output shape known or not") {
  for (const bool known : {true, false}) {
    KernelCall call(family_conv3d, Builtin::CONV_3D_TRANSPOSE);
    call.Options(Options(tfl::Padding::VALID, 2));
    const Value shape = Make<int32_t>({5}, {1, 1, 1, 4, 1});
    if (known) call.Const(shape);
    else call.Input(shape);
    const auto out = call.Const(Make<float>({1, 1, 2, 1, 1}, {1, 10})).Input(Make<float>({1, 1, 1, 2, 1}, {1, 2})).Run();
    REQUIRE_OK(out);
    CHECK(out.value()[0].dims == Dims{1, 1, 1, 4, 1});
    CHECK(out.value()[0].As<float>() == std::vector<float>{1, 10, 2, 20});
  }
  const auto fails = [](std::vector<int32_t> shape) {
    KernelCall call(family_conv3d, Builtin::CONV_3D_TRANSPOSE);
    call.Options(Options(tfl::Padding::VALID, 2)).Const(Make<int32_t>({5}, shape)).Const(Make<float>({1, 1, 2, 1, 1}, {1, 10}));
    return call.Input(Make<float>({1, 1, 1, 2, 1}, {1, 2})).Run();
  };
  CHECK_FAILS(fails({1, 1, 1, 7, 1}), Code::kInvalidOperand, "an output of 7 needs an input of 3");
  CHECK_FAILS(fails({2, 1, 1, 4, 1}), Code::kInvalidOperand, "must have batch 1 and 1 channels");
  CHECK_FAILS(fails({1, -1, 1, 4, 1}), Code::kInvalidOperand, "is not in [0, 2^31)");
}

}  // namespace
}  // namespace tflower::kernels::matrix_test
