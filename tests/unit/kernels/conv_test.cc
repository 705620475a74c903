// Float 2-D convolution against its specification: every algorithm, every SIMD target.
#include "conv/conv2d.h"

#include "matrix_test_util.h"
#include "tests/support/kernel_harness.h"

namespace tflower::kernels::matrix_test {
namespace {

int64_t OutSize(int64_t in, int64_t kernel, int64_t stride, int64_t dilation, int64_t pad_sum) {
  return std::max<int64_t>(0, (in + pad_sum - (kernel - 1) * dilation - 1) / stride + 1);
}

size_t Count(std::initializer_list<int64_t> dims) {
  size_t n = 1;
  for (int64_t d : dims) n *= static_cast<size_t>(d);
  return n;
}

struct Data {
  Floats x, filter, bias, residual, y, want;
  explicit Data(const Conv2DShape& s)
      : x(Count({s.batch, s.in_h, s.in_w, s.in_c})),
        filter(Count({s.out_c, s.kernel_h, s.kernel_w, s.in_c / s.groups})),
        bias(Count({s.out_c})),
        residual(Count({s.batch, s.out_h, s.out_w, s.out_c})),
        y(residual.size(), 7.0f),
        want(y.size()) {}
};

Epilogue EpilogueOf(const Data& d, bool bias, bool residual, Clamp clamp) {
  return {.bias = bias ? d.bias.data() : nullptr, .residual = residual ? d.residual.data() : nullptr, .clamp = clamp};
}

void Run(const Conv2DPlan& plan, Data& d, const Epilogue& tail) {
  const Parallel parallel = Threads(plan.threads);
  Floats packed(plan.packed_bytes / sizeof(float)), scratch(plan.scratch_bytes / sizeof(float), std::nanf(""));
  PackConv2D(plan, d.filter.data(), packed.data(), parallel);
  EvalConv2D(plan, d.x.data(), packed.data(), tail, d.y.data(), scratch.data(), parallel);
  CHECK(packed.GuardsIntact());
  CHECK(scratch.GuardsIntact());
  CHECK(d.y.GuardsIntact());
}

void Check(const Conv2DShape& s, const Conv2DOptions& options, double tolerance, uint32_t seed, Clamp clamp = {},
           bool bias = true) {
  INFO("batch ", s.batch, " in ", s.in_h, "x", s.in_w, "x", s.in_c, " out ", s.out_h, "x", s.out_w, "x", s.out_c, " kernel ",
       s.kernel_h, "x", s.kernel_w, " stride ", s.stride_h, "x", s.stride_w, " dilation ", s.dilation_h, "x", s.dilation_w,
       " pad ", s.pad_top, ",", s.pad_left, " groups ", s.groups, " threads ", options.threads);
  auto plan = PlanConv2D(s, options);
  REQUIRE(plan.ok());
  Random random(seed);
  Data d(s);
  random.Fill(d.x), random.Fill(d.filter), random.Fill(d.bias), random.Fill(d.residual);
  for (const bool residual : {false, true}) {
    const Epilogue tail = EpilogueOf(d, bias, residual, clamp);
    Run(plan.value(), d, tail);
    Conv2DRef(s, d.x.data(), d.filter.data(), tail, d.want.data());
    CHECK(LargestError(d.y, d.want) <= tolerance);
  }
}

Conv2DShape RandomShape(Random& random) {
  Conv2DShape s;
  s.batch = random.In(0, 3);
  s.groups = random.In(0, 3) == 0 ? random.In(2, 4) : 1;
  s.in_c = s.groups * random.In(1, random.In(0, 1) == 1 ? 40 : 4);
  s.out_c = s.groups * random.In(1, 70);
  s.in_h = random.In(1, 14), s.in_w = random.In(1, 14);
  s.kernel_h = random.In(1, 5), s.kernel_w = random.In(1, 5);
  s.stride_h = random.In(1, 3), s.stride_w = random.In(1, 3);
  s.dilation_h = random.In(1, 2), s.dilation_w = random.In(1, 2);
  s.pad_top = random.In(0, s.kernel_h), s.pad_left = random.In(0, s.kernel_w);
  s.out_h = OutSize(s.in_h, s.kernel_h, s.stride_h, s.dilation_h, s.pad_top + random.In(0, 2));
  s.out_w = OutSize(s.in_w, s.kernel_w, s.stride_w, s.dilation_w, s.pad_left + random.In(0, 2));
  return s;
}

TEST_CASE("random shapes, strides, dilations, paddings, groups, batches") {
  ForEachTarget([] {
    Random random(3);
    for (uint32_t i = 0; i < 120; ++i) {
      const Conv2DShape s = RandomShape(random);
      const Clamp clamp = i % 3 == 0 ? Clamp{0.0f, 6.0f} : Clamp{};
      Check(s, {.threads = static_cast<int>(random.In(1, 3))}, 3e-6, i, clamp, i % 4 != 0);
    }
  });
}

TEST_CASE("a 1x1 convolution is one matrix product, with groups too") {
  ForEachTarget([] {
    Conv2DShape s{.batch = 2, .in_h = 5, .in_w = 7, .in_c = 24, .out_h = 5, .out_w = 7, .out_c = 40};
    CHECK(PlanConv2D(s, {}).value().algorithm == Conv2DAlgorithm::kMatrix);
    Check(s, {.threads = 2}, 2e-6, 1);
    s.groups = 4;
    CHECK(PlanConv2D(s, {}).value().algorithm == Conv2DAlgorithm::kMatrix);
    Check(s, {.threads = 2}, 2e-6, 2);
  });
}

TEST_CASE("image stems with few channels") {
  ForEachTarget([] {
    Check({.in_h = 32, .in_w = 31, .in_c = 3, .out_h = 16, .out_w = 16, .out_c = 64, .kernel_h = 7, .kernel_w = 7,
           .stride_h = 2, .stride_w = 2, .pad_top = 2, .pad_left = 3}, {.threads = 2}, 2e-6, 1);
    Check({.in_h = 20, .in_w = 2, .in_c = 1, .out_h = 20, .out_w = 2, .out_c = 8, .kernel_h = 3, .kernel_w = 7,
           .pad_top = 1, .pad_left = 3}, {}, 2e-6, 2);
    for (const int threads : {1, 2})  // a spectrogram: most pixels of a row reach over its sides
      Check({.batch = 2, .in_h = 49, .in_w = 10, .in_c = 1, .out_h = 25, .out_w = 5, .out_c = 64, .kernel_h = 10, .kernel_w = 4,
             .stride_h = 2, .stride_w = 2, .pad_top = 4, .pad_left = 1}, {.threads = threads}, 2e-6, 3);
  });
}

TEST_CASE("both Winograd forms, odd sizes, paddings, threads") {
  ForEachTarget([] {
    for (const auto algorithm : {Conv2DAlgorithm::kWinograd2, Conv2DAlgorithm::kWinograd4}) {
      for (int threads : {1, 2, 3}) {
        const Conv2DOptions options{.threads = threads, .keep_algorithm = true, .algorithm = algorithm};
        Check({.in_h = 7, .in_w = 9, .in_c = 33, .out_h = 7, .out_w = 9, .out_c = 70, .kernel_h = 3, .kernel_w = 3,
               .pad_top = 1, .pad_left = 1}, options, 5e-6, 1, {0.0f, 1000.0f});
        Check({.batch = 2, .in_h = 8, .in_w = 5, .in_c = 16, .out_h = 6, .out_w = 3, .out_c = 17, .kernel_h = 3, .kernel_w = 3},
              options, 5e-6, 2, {}, false);
        Check({.in_h = 1, .in_w = 1, .in_c = 16, .out_h = 5, .out_w = 2, .out_c = 16, .kernel_h = 3, .kernel_w = 3,
               .pad_top = 3, .pad_left = 2}, options, 5e-6, 3);
        Check({.batch = 0, .in_h = 8, .in_w = 8, .in_c = 16, .out_h = 8, .out_w = 8, .out_c = 16, .kernel_h = 3, .kernel_w = 3,
               .pad_top = 1, .pad_left = 1}, options, 0, 4);
      }
      const Conv2DOptions options{.threads = 2, .keep_algorithm = true, .algorithm = algorithm};
      Check({.batch = 2, .in_h = 30, .in_w = 30, .in_c = 32, .out_h = 30, .out_w = 30, .out_c = 48, .kernel_h = 3,
             .kernel_w = 3, .pad_top = 1, .pad_left = 1}, options, 5e-6, 5);
    }
  });
}

TEST_CASE("deep Winograd stays within its documented error") {
  for (const auto algorithm : {Conv2DAlgorithm::kWinograd2, Conv2DAlgorithm::kWinograd4}) {
    Check({.in_h = 7, .in_w = 7, .in_c = 512, .out_h = 7, .out_w = 7, .out_c = 64, .kernel_h = 3, .kernel_w = 3, .pad_top = 1,
           .pad_left = 1}, {.keep_algorithm = true, .algorithm = algorithm},
          algorithm == Conv2DAlgorithm::kWinograd2 ? 2e-6 : 2e-5, 6);
  }
}

TEST_CASE("Winograd can be switched off, and a packed algorithm kept") {
  Conv2DShape s{.in_h = 56, .in_w = 56, .in_c = 64, .out_h = 56, .out_w = 56, .out_c = 64, .kernel_h = 3, .kernel_w = 3,
                .pad_top = 1, .pad_left = 1};
  CHECK(PlanConv2D(s, {}).value().algorithm == Conv2DAlgorithm::kWinograd4);
  CHECK(PlanConv2D(s, {.allow_winograd = false}).value().algorithm == Conv2DAlgorithm::kPixels);
  s.in_h = s.out_h = 3;
  const auto kept = PlanConv2D(s, {.keep_algorithm = true, .algorithm = Conv2DAlgorithm::kWinograd4});
  CHECK(kept.value().algorithm == Conv2DAlgorithm::kWinograd4);
  s.stride_h = 2;
  CHECK_FALSE(PlanConv2D(s, {.keep_algorithm = true, .algorithm = Conv2DAlgorithm::kWinograd4}).ok());
}

TEST_CASE("the algorithm follows the measurements: big images F(4x4), few tiles F(2x2), big filters none") {
  const auto chosen = [](int64_t size, int64_t in_c, int64_t out_c) {
    return PlanConv2D({.in_h = size, .in_w = size, .in_c = in_c, .out_h = size, .out_w = size, .out_c = out_c, .kernel_h = 3,
                       .kernel_w = 3, .pad_top = 1, .pad_left = 1}, {}).value().algorithm;
  };
  CHECK(chosen(128, 16, 16) == Conv2DAlgorithm::kWinograd4);
  CHECK(chosen(28, 128, 128) == Conv2DAlgorithm::kWinograd4);
  CHECK(chosen(14, 256, 256) == Conv2DAlgorithm::kWinograd2);
  CHECK(chosen(7, 512, 512) == Conv2DAlgorithm::kPixels);
  CHECK(chosen(56, 3, 64) == Conv2DAlgorithm::kPixels);
}

TEST_CASE("NaN in a pixel reaches exactly the results that read it") {
  ForEachTarget([] {
    const Conv2DShape s{.in_h = 6, .in_w = 6, .in_c = 3, .out_h = 6, .out_w = 6, .out_c = 20, .kernel_h = 3, .kernel_w = 3,
                        .pad_top = 1, .pad_left = 1};
    Data d(s);
    Random random(1);
    random.Fill(d.x), random.Fill(d.filter), random.Fill(d.bias);
    d.x[(2 * 6 + 5) * 3 + 1] = std::nanf("");
    Run(PlanConv2D(s, {}).value(), d, EpilogueOf(d, true, false, {0.0f, 6.0f}));
    Conv2DRef(s, d.x.data(), d.filter.data(), {.bias = d.bias.data(), .clamp = {0.0f, 6.0f}}, d.want.data());
    CHECK(std::isnan(d.want[(1 * 6 + 4) * 20]));
    CHECK(LargestError(d.y, d.want) <= 2e-6);
  });
}

TEST_CASE("shapes that contradict themselves are refused") {
  const Conv2DShape good{.in_h = 8, .in_w = 8, .in_c = 4, .out_h = 8, .out_w = 8, .out_c = 4};
  CHECK(PlanConv2D(good, {}).ok());
  const auto code = [&](auto change) {
    Conv2DShape s = good;
    change(s);
    const auto plan = PlanConv2D(s, {});
    return plan.ok() ? Code::kOk : plan.error().code;
  };
  CHECK(code([](Conv2DShape& s) { s.stride_w = 0; }) == Code::kInvalidGraph);
  CHECK(code([](Conv2DShape& s) { s.dilation_h = -1; }) == Code::kInvalidGraph);
  CHECK(code([](Conv2DShape& s) { s.pad_top = -1; }) == Code::kInvalidGraph);
  CHECK(code([](Conv2DShape& s) { s.kernel_w = int64_t{1} << 40; }) == Code::kInvalidGraph);
  CHECK(code([](Conv2DShape& s) { s.in_c = 0, s.kernel_h = s.kernel_w = 1 << 20; }) == Code::kInvalidGraph);
  CHECK(code([](Conv2DShape& s) { s.groups = 3; }) == Code::kUnsupportedShape);
  CHECK(code([](Conv2DShape& s) { s.in_w = -8; }) == Code::kUnsupportedShape);
  CHECK(code([](Conv2DShape& s) { s.in_h = s.in_w = s.in_c = INT32_MAX; }) == Code::kUnsupportedShape);
}

}  // namespace
}  // namespace tflower::kernels::matrix_test

namespace tflower::kernels {
extern const KernelFamily family_conv;
}

namespace tflower::test {
namespace {

// x: 1..9 in 3x3; the filter sums a 2x2 window.
KernelCall WindowSums(tfl::Padding padding, int32_t stride, tfl::ActivationFunctionType activation) {
  KernelCall call(kernels::family_conv, tfl::Builtin::CONV_2D);
  call.Options(tfl::Conv2DOptions{.padding = padding, .stride_w = stride, .stride_h = stride, .fused_activation_function = activation})
      .Input(Make<float>({1, 3, 3, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9}))
      .Const(Make<float>({1, 2, 2, 1}, {1, 1, 1, 1}))
      .Const(Make<float>({1}, {-20}));
  return call;
}

TEST_CASE("CONV_2D: padding, stride, bias, activation") {
  using enum tfl::ActivationFunctionType;
  auto valid = WindowSums(tfl::Padding::VALID, 1, NONE).Run();
  REQUIRE_OK(valid);
  CHECK(valid.value()[0].dims == Dims{1, 2, 2, 1});
  CHECK(valid.value()[0].As<float>() == std::vector<float>{-8, -4, 4, 8});
  auto same = WindowSums(tfl::Padding::SAME, 2, RELU6).Run();
  REQUIRE_OK(same);
  CHECK(same.value()[0].dims == Dims{1, 2, 2, 1});
  CHECK(same.value()[0].As<float>() == std::vector<float>{0, 0, 0, 0});
  auto clipped = WindowSums(tfl::Padding::VALID, 1, RELU_N1_TO_1).Run();
  REQUIRE_OK(clipped);
  CHECK(clipped.value()[0].As<float>() == std::vector<float>{-1, -1, 1, 1});
  CHECK_FAILS(WindowSums(tfl::Padding::VALID, 1, TANH).Run(), Code::kUnsupportedAttribute, "fused_activation_function");
  CHECK_FAILS(WindowSums(tfl::Padding::VALID, 0, NONE).Run(), Code::kInvalidGraph, "stride_w >= 1");
}

TEST_CASE("CONV_2D: a filter that is not constant, without bias, on threads") {
  for (const bool constant : {false, true}) {
    KernelCall call(kernels::family_conv, tfl::Builtin::CONV_2D);
    call.Options(tfl::Conv2DOptions{.padding = tfl::Padding::VALID, .stride_w = 1, .stride_h = 1}).Threads(2);
    call.Input(Iota<float>({2, 3, 3, 2}));
    constant ? call.Const(Make<float>({1, 3, 3, 1}, std::vector<float>(9, 1))) : call.Input(Make<float>({1, 3, 3, 1}, std::vector<float>(9, 1)));
    CHECK_FAILS(call.Run(), Code::kUnsupportedShape, "groups");
  }
  for (const bool constant : {false, true}) {
    KernelCall call(kernels::family_conv, tfl::Builtin::CONV_2D);
    call.Options(tfl::Conv2DOptions{.padding = tfl::Padding::VALID, .stride_w = 1, .stride_h = 1}).Threads(2);
    call.Input(Iota<float>({2, 3, 3, 2}));
    const Value filter = Make<float>({2, 3, 3, 1}, std::vector<float>(18, 1));
    constant ? call.Const(filter) : call.Input(filter);
    auto out = call.Run();
    REQUIRE_OK(out);
    CHECK(out.value()[0].dims == Dims{2, 1, 1, 2});
    CHECK(out.value()[0].As<float>() == std::vector<float>{72, 81, 234, 243});
  }
}

TEST_CASE("CONV_2D: operands that do not fit") {
  const auto run = [](Value x, Value filter, Value bias) {
    KernelCall call(kernels::family_conv, tfl::Builtin::CONV_2D);
    return call.Options(tfl::Conv2DOptions{.padding = tfl::Padding::VALID, .stride_w = 1, .stride_h = 1}).Input(std::move(x)).Const(std::move(filter)).Const(std::move(bias)).Run();
  };
  CHECK_FAILS(run(Iota<float>({1, 3, 3, 3}), Iota<float>({1, 1, 1, 2}), Iota<float>({1})), Code::kUnsupportedShape, "input 1 (filter)");
  CHECK_FAILS(run(Iota<float>({1, 3, 3, 3}), Iota<float>({1, 1, 1, 3}), Iota<float>({2})), Code::kUnsupportedShape, "input 2 (bias)");
  CHECK_FAILS(run(Iota<float>({3, 3, 3}), Iota<float>({1, 1, 1, 3}), Iota<float>({1})), Code::kUnsupportedShape, "rank(input) == 4");
  CHECK_FAILS(run(Iota<float>({1, 3, 3, 1}), Iota<float>({1, 5, 1, 1}), Iota<float>({1})), Code::kUnsupportedShape, "shorter than the kernel");
}

}  // namespace
}  // namespace tflower::test
