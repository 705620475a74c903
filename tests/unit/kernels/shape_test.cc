// SHAPE, RANK, RANGE, FILL, ZEROS_LIKE, BROADCAST_ARGS, BROADCAST_TO, TILE, CUMSUM through their rows.
#include "tests/support/kernel_harness.h"

#include <cmath>
#include <limits>

namespace tflower::kernels {
extern const KernelFamily family_shape;
}

namespace {
using namespace tflower;
using namespace tflower::test;
using tfl::Builtin;
using F = std::vector<float>;
using I = std::vector<int32_t>;
using L = std::vector<int64_t>;

KernelCall Call(Builtin code) { return KernelCall(kernels::family_shape, code); }

TEST_CASE("SHAPE and RANK") {
  const auto shape =
      Call(Builtin::SHAPE).Input(Iota<float>({2, 0, 3})).Options(tfl::ShapeOptions{.out_type = tfl::TensorType::INT64}).Run();
  REQUIRE_OK(shape);
  CHECK(shape.value()[0].As<int64_t>() == L{2, 0, 3});
  CHECK(Call(Builtin::SHAPE).Input(Scalar(1.0f)).Options(tfl::ShapeOptions{.out_type = tfl::TensorType::INT32}).Run().value()[0].dims ==
        Dims{0});
  CHECK_FAILS(Call(Builtin::SHAPE).Input(Scalar(1.0f)).Run(), Code::kUnsupportedAttribute, "out_type: float32 must be int32 or int64");
  CHECK(Call(Builtin::RANK).Input(Iota<bool>({2, 1, 3})).Run().value()[0].As<int32_t>() == I{3});
}

template <class T>
Result<std::vector<Value>> Range(T start, T limit, T delta, bool constant = true) {
  KernelCall call = Call(Builtin::RANGE);
  if (constant) return call.Const(Scalar(start)).Const(Scalar(limit)).Const(Scalar(delta)).Run();
  return call.Input(Scalar(start)).Input(Scalar(limit)).Input(Scalar(delta)).Run();
}

TEST_CASE("RANGE counts up and down and stops before the limit") {
  for (const bool constant : {true, false}) {
    CHECK(Range<int32_t>(3, 18, 5, constant).value()[0].As<int32_t>() == I{3, 8, 13});
    CHECK(Range<int32_t>(10, 1, -4, constant).value()[0].As<int32_t>() == I{10, 6, 2});
    CHECK(Range<int64_t>(5, 5, 1, constant).value()[0].dims == Dims{0});
    CHECK(Range<float>(0, 1, 0.25f, constant).value()[0].As<float>() == F{0, 0.25f, 0.5f, 0.75f});
    CHECK_FAILS(Range<int32_t>(1, 5, 0, constant), Code::kInvalidOperand, "input 2 (delta)");
    CHECK_FAILS(Range<float>(10, 1, 0.1f, constant), Code::kInvalidOperand, "delta must lead from start to limit");
  }
  // The extremes of the type do not overflow on the way.
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min(), kMax = std::numeric_limits<int64_t>::max();
  CHECK(Range<int64_t>(kMin, kMax, kMax).value()[0].As<int64_t>() == L{kMin, -1, kMax - 1});
  CHECK(Range<int64_t>(kMax, kMin, kMin).value()[0].As<int64_t>() == L{kMax, -1});
  CHECK_FAILS(Range<int64_t>(kMin, kMax, 1), Code::kInvalidOperand, "below 2^53");
  CHECK_FAILS(Range<float>(0, std::numeric_limits<float>::infinity(), 1), Code::kInvalidOperand, "finite");
  CHECK_FAILS(Range<float>(0, std::nanf(""), 1), Code::kInvalidOperand, "delta must lead");
}

TEST_CASE("RANGE does not add up rounding errors") {
  // numpy.float32(0.1) * numpy.arange(1000, dtype=float32)
  const auto out = Range<float>(0.0f, 100.0f, 0.1f);
  CHECK(out.value()[0].dims == Dims{1000});
  CHECK(out.value()[0].As<float>()[999] == 99.9000015258789f);
}

TEST_CASE("FILL and ZEROS_LIKE") {
  for (const bool constant : {true, false}) {
    KernelCall call = Call(Builtin::FILL);
    const Value dims = Make<int64_t>({2}, {2, 3});
    const auto out = (constant ? call.Const(dims) : call.Input(dims)).Input(Scalar<int16_t>(7)).Run();
    REQUIRE_OK(out);
    CHECK(out.value()[0].dims == Dims{2, 3});
    CHECK(out.value()[0].As<int16_t>() == std::vector<int16_t>(6, 7));
  }
  CHECK(Call(Builtin::FILL).Const(Make<int32_t>({0}, {})).Const(Scalar(2.5f)).Run().value()[0].As<float>() == F{2.5f});
  CHECK(Call(Builtin::FILL).Const(Make<int32_t>({2}, {0, 4})).Const(Scalar(2.5f)).Run().value()[0].dims == Dims{0, 4});
  CHECK_FAILS(Call(Builtin::FILL).Const(Make<int32_t>({1}, {-1})).Const(Scalar(1.0f)).Run(), Code::kUnsupportedShape, "input 0 (dims): shape [-1] has a negative dimension");
  CHECK_FAILS(Call(Builtin::FILL).Const(Make<int64_t>({3}, {int64_t{1} << 40, 0, int64_t{1} << 40})).Const(Scalar(1.0f)).Run(),
              Code::kLimit, "too large");
  const auto zeros = Call(Builtin::ZEROS_LIKE).Input(Iota<int64_t>({2, 2})).Run();
  CHECK(zeros.value()[0].As<int64_t>() == L{0, 0, 0, 0});
}

TEST_CASE("BROADCAST_ARGS aligns at the end") {
  const auto args = [](I a, I b) {
    const auto n = static_cast<int64_t>(a.size()), m = static_cast<int64_t>(b.size());
    return Call(Builtin::BROADCAST_ARGS).Input(Make<int32_t>({n}, a)).Input(Make<int32_t>({m}, b)).Run();
  };
  CHECK(args({2, 1}, {5, 1, 3}).value()[0].As<int32_t>() == I{5, 2, 3});
  CHECK(args({1}, {0}).value()[0].As<int32_t>() == I{0});
  CHECK(args({}, {4}).value()[0].As<int32_t>() == I{4});
  CHECK_FAILS(args({2, 3}, {4, 3}), Code::kUnsupportedShape, "[2, 3] and [4, 3] do not broadcast");
}

TEST_CASE("BROADCAST_TO repeats dimensions of size 1 and leading ones") {
  const auto to = [](const Value& x, I dims, bool constant = true) {
    KernelCall call = Call(Builtin::BROADCAST_TO);
    const Value shape = Make<int32_t>({static_cast<int64_t>(dims.size())}, dims);
    call.Input(x).Version(2);
    return (constant ? call.Const(shape) : call.Input(shape)).Run();
  };
  for (const bool constant : {true, false}) {
    const auto out = to(Make<float>({2, 1}, {1, 2}), {2, 2, 3}, constant);
    REQUIRE_OK(out);
    CHECK(out.value()[0].dims == Dims{2, 2, 3});
    CHECK(out.value()[0].As<float>() == F{1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2});
    CHECK_FAILS(to(Iota<float>({2, 3}), {3, 3}, constant), Code::kInvalidOperand, "[2, 3] does not broadcast to [3, 3]");
    CHECK_FAILS(to(Iota<float>({2, 3}), {3}, constant), Code::kInvalidOperand, "does not broadcast");
  }
  CHECK(to(Iota<int8_t>({1, 3}), {0, 3}).value()[0].dims == Dims{0, 3});
  CHECK(to(Scalar<uint8_t>(9), {}).value()[0].As<uint8_t>() == std::vector<uint8_t>{9});
}

TEST_CASE("TILE repeats whole tensors") {
  const auto tile = [](const Value& x, I multiples, bool constant = true) {
    KernelCall call = Call(Builtin::TILE);
    const Value m = Make<int32_t>({static_cast<int64_t>(multiples.size())}, multiples);
    call.Input(x);
    return (constant ? call.Const(m) : call.Input(m)).Run();
  };
  for (const bool constant : {true, false}) {
    // numpy.tile([[1, 2], [3, 4]], [2, 3])
    const auto out = tile(Make<int32_t>({2, 2}, {1, 2, 3, 4}), {2, 3}, constant);
    REQUIRE_OK(out);
    CHECK(out.value()[0].dims == Dims{4, 6});
    CHECK(out.value()[0].As<int32_t>() == I{1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4, 1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4});
    CHECK_FAILS(tile(Iota<float>({2}), {-1}, constant), Code::kInvalidOperand, "input 1 (multiples)");
  }
  CHECK(tile(Iota<float>({2, 0}), {3, 4}).value()[0].dims == Dims{6, 0});
  CHECK(tile(Iota<float>({2}), {0}).value()[0].dims == Dims{0});
  CHECK(tile(Scalar(3.0f), {}).value()[0].As<float>() == F{3});
  CHECK_FAILS(tile(Iota<float>({2}), {1, 1}), Code::kUnsupportedShape, "count(multiples) == rank(input)");
  CHECK_FAILS(tile(Iota<float>({4, 4, 4}), {1 << 30, 1 << 30, 1 << 30}), Code::kLimit, "too large");
}

Result<std::vector<Value>> Cumsum(const Value& x, int32_t axis, bool exclusive, bool reverse) {
  return Call(Builtin::CUMSUM).Input(x).Const(Scalar(axis)).Options(tfl::CumsumOptions{.exclusive = exclusive, .reverse = reverse}).Run();
}

TEST_CASE("CUMSUM in four variants on inner and outer axes") {
  const Value x = Make<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  CHECK(Cumsum(x, 1, false, false).value()[0].As<float>() == F{1, 3, 6, 4, 9, 15});
  CHECK(Cumsum(x, -1, true, false).value()[0].As<float>() == F{0, 1, 3, 0, 4, 9});
  CHECK(Cumsum(x, 1, false, true).value()[0].As<float>() == F{6, 5, 3, 15, 11, 6});
  CHECK(Cumsum(x, 1, true, true).value()[0].As<float>() == F{5, 3, 0, 11, 6, 0});
  CHECK(Cumsum(x, 0, false, false).value()[0].As<float>() == F{1, 2, 3, 5, 7, 9});
  CHECK(Cumsum(x, 0, true, true).value()[0].As<float>() == F{4, 5, 6, 0, 0, 0});
  CHECK(Cumsum(Make<int32_t>({2}, {std::numeric_limits<int32_t>::max(), 1}), 0, false, false).value()[0].As<int32_t>()[1] ==
        std::numeric_limits<int32_t>::min());
  CHECK(Cumsum(Iota<int64_t>({0, 3}), 0, false, false).value()[0].dims == Dims{0, 3});
  CHECK_FAILS(Cumsum(x, 2, false, false), Code::kInvalidOperand, "value(axis) in [-rank(input), rank(input))");
}

// The sums along the middle one of three dimensions, against a plain loop.
void CheckCumsum(int64_t outer, int64_t n, int64_t inner) {
  CAPTURE(n);
  CAPTURE(inner);
  std::vector<int32_t> x(static_cast<size_t>(outer * n * inner)), expected(x.size());
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<int32_t>(i * 2654435761u);
  for (const bool exclusive : {false, true}) {
    for (const bool reverse : {false, true}) {
      for (int64_t column = 0; column < outer * inner; ++column) {
        uint32_t sum = 0;
        for (int64_t i = 0; i < n; ++i) {
          const auto at = static_cast<size_t>((column / inner * n + (reverse ? n - 1 - i : i)) * inner + column % inner);
          const uint32_t before = sum;
          sum += static_cast<uint32_t>(x[at]);
          expected[at] = static_cast<int32_t>(exclusive ? before : sum);
        }
      }
      const auto seen = Cumsum(Make<int32_t>({outer, n, inner}, x), 1, exclusive, reverse);
      REQUIRE_OK(seen);
      CHECK((seen.value()[0].As<int32_t>() == expected));
    }
  }
}

TEST_CASE("CUMSUM of more rows than are summed at once, and of so many that they go past the caches") {
  CheckCumsum(19, 37, 1);
  CheckCumsum(16384 + 5, 144, 1);
}

TEST_CASE("CUMSUM down lines longer than a piece of them, and of so many that they go past the caches") {
  CheckCumsum(2, 3, 16384 + 333);
  CheckCumsum(2, 3, 349568);
  CheckCumsum(130, 300, 64);
}

}  // namespace
