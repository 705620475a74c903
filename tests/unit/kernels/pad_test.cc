// PAD, PADV2, MIRROR_PAD through their rows.
#include "tests/support/kernel_harness.h"

namespace tflower::kernels {
extern const KernelFamily family_pad;
}

namespace {
using namespace tflower;
using namespace tflower::test;
using tfl::Builtin;
using I = std::vector<int32_t>;

KernelCall Padded(Builtin code, const Value& x, const I& paddings, bool constant = true) {
  KernelCall call(kernels::family_pad, code);
  const Value p = Make<int32_t>({static_cast<int64_t>(paddings.size()) / 2, 2}, paddings);
  call.Input(x);
  return constant ? call.Const(p) : call.Input(p);
}

TEST_CASE("PAD puts zeros around a tensor") {
  for (const bool constant : {true, false}) {
    const auto out = Padded(Builtin::PAD, Make<int32_t>({2, 2}, {1, 2, 3, 4}), {1, 0, 1, 2}, constant).Run();
    REQUIRE_OK(out);
    CHECK(out.value()[0].dims == Dims{3, 5});
    CHECK(out.value()[0].As<int32_t>() == I{0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 3, 4, 0, 0});
    CHECK_FAILS(Padded(Builtin::PAD, Iota<int32_t>({2}), {-1, 0}, constant).Run(), Code::kInvalidOperand,
                "input 1 (paddings)");
  }
  CHECK(Padded(Builtin::PAD, Make<int32_t>({1, 2, 1}, {1, 2}), {1, 0, 0, 0, 0, 0}).Run().value()[0].As<int32_t>() == I{0, 0, 1, 2});
  CHECK(Padded(Builtin::PAD, Iota<int32_t>({2, 2}), {0, 0, 0, 0}).Run().value()[0].As<int32_t>() == I{0, 1, 2, 3});
  CHECK(Padded(Builtin::PAD, Iota<int32_t>({2, 0}), {0, 0, 1, 1}).Run().value()[0].As<int32_t>() == I{0, 0, 0, 0});
  CHECK(Padded(Builtin::PAD, Scalar<int32_t>(6), {}).Run().value()[0].As<int32_t>() == I{6});
  CHECK_FAILS(Padded(Builtin::PAD, Iota<int32_t>({2, 2}), {1, 1}).Run(), Code::kUnsupportedShape,
              "dim(paddings, 0) == rank(input)");
}

TEST_CASE("PAD fills quantised tensors with the zero point") {
  const auto out = Padded(Builtin::PAD, Make<int8_t>({1}, {5}).Quantized({0.5f}, {-3}), {1, 1}).Version(2).OutputQuant(0, 0.5f, -3).Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].As<int8_t>() == std::vector<int8_t>{-3, 5, -3});
}

TEST_CASE("PAD on threads, with a large inner block") {
  const auto one = Padded(Builtin::PAD, Iota<int32_t>({4, 30, 30, 16}), {0, 0, 1, 1, 2, 1, 0, 0}).Run(),
             many = Padded(Builtin::PAD, Iota<int32_t>({4, 30, 30, 16}), {0, 0, 1, 1, 2, 1, 0, 0}).Threads(3).Run();
  REQUIRE_OK(one);
  CHECK(one.value()[0].dims == Dims{4, 32, 33, 16});
  CHECK(one.value()[0].bytes == many.value()[0].bytes);
  CHECK(one.value()[0].As<int32_t>()[((3 * 32 + 30) * 33 + 31) * 16 + 15] == 4 * 30 * 30 * 16 - 1);
}

TEST_CASE("PADV2 fills with a value of the same type") {
  CHECK(Padded(Builtin::PADV2, Make<float>({2}, {1, 2}), {1, 1}).Input(Scalar(7.0f)).Run().value()[0].As<float>() ==
        std::vector<float>{7, 1, 2, 7});
  CHECK_FAILS(Padded(Builtin::PADV2, Make<float>({2}, {1, 2}), {1, 1}).Input(Scalar<int32_t>(7)).Run(), Code::kUnsupportedType,
              "type(input) == type(constant_value)");
  CHECK_FAILS(Padded(Builtin::PADV2, Make<float>({2}, {1, 2}), {1, 1}).Input(Iota<float>({2})).Run(), Code::kUnsupportedShape,
              "count(constant_value) == 1");
}

TEST_CASE("MIRROR_PAD with and without the border element") {
  const auto mirror = [](const Value& x, const I& paddings, tfl::MirrorPadMode mode, bool constant = true) {
    return Padded(Builtin::MIRROR_PAD, x, paddings, constant).Options(tfl::MirrorPadOptions{.mode = mode}).Run();
  };
  using enum tfl::MirrorPadMode;
  for (const bool constant : {true, false}) {
    CHECK(mirror(Make<int32_t>({3}, {1, 2, 3}), {2, 2}, REFLECT, constant).value()[0].As<int32_t>() == I{3, 2, 1, 2, 3, 2, 1});
    CHECK(mirror(Make<int32_t>({3}, {1, 2, 3}), {3, 1}, SYMMETRIC, constant).value()[0].As<int32_t>() == I{3, 2, 1, 1, 2, 3, 3});
    CHECK_FAILS(mirror(Make<int32_t>({3}, {1, 2, 3}), {3, 0}, REFLECT, constant), Code::kInvalidOperand,
                "[3, 0] for dimension 0 of [3] must be at most 2");
    CHECK_FAILS(mirror(Make<int32_t>({3}, {1, 2, 3}), {0, 4}, SYMMETRIC, constant), Code::kInvalidOperand, "must be at most 3");
  }
  // numpy.pad([[1, 2], [3, 4]], [[1, 1], [1, 0]], 'reflect')
  CHECK(mirror(Make<int32_t>({2, 2}, {1, 2, 3, 4}), {1, 1, 1, 0}, REFLECT).value()[0].As<int32_t>() ==
        I{4, 3, 4, 2, 1, 2, 4, 3, 4, 2, 1, 2});
  // The last dimension untouched: rows are blocks.
  CHECK(mirror(Make<int32_t>({2, 2}, {1, 2, 3, 4}), {1, 0, 0, 0}, SYMMETRIC).value()[0].As<int32_t>() == I{1, 2, 1, 2, 3, 4});
  CHECK(mirror(Iota<int32_t>({0, 2}), {0, 0, 1, 1}, REFLECT).value()[0].dims == Dims{0, 4});
  CHECK_FAILS(mirror(Iota<int32_t>({0}), {1, 0}, SYMMETRIC), Code::kInvalidOperand, "must be at most 0");
}

}  // namespace
