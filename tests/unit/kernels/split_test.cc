// SPLIT, SPLIT_V, UNPACK through their rows.
#include "tests/support/kernel_harness.h"

namespace tflower::kernels {
extern const KernelFamily family_split;
}

namespace {
using namespace tflower;
using namespace tflower::test;
using I = std::vector<int32_t>;

Result<std::vector<Value>> Split(const Value& x, int32_t axis, int32_t parts, bool constant = true, int outputs = 0) {
  KernelCall call(kernels::family_split, tfl::Builtin::SPLIT);
  constant ? call.Const(Scalar(axis)) : call.Input(Scalar(axis));
  return call.Input(x).Options(tfl::SplitOptions{.num_splits = parts}).Outputs(outputs > 0 ? outputs : parts).Run();
}

TEST_CASE("SPLIT cuts into equal parts") {
  for (const bool constant : {true, false}) {
    const auto out = Split(Iota<int32_t>({2, 4}), -1, 2, constant);
    REQUIRE_OK(out);
    CHECK(out.value()[0].dims == Dims{2, 2});
    CHECK(out.value()[0].As<int32_t>() == I{0, 1, 4, 5});
    CHECK(out.value()[1].As<int32_t>() == I{2, 3, 6, 7});
    CHECK_FAILS(Split(Iota<int32_t>({2, 4}), 1, 3, constant), Code::kUnsupportedShape,
                "dimension 1 of [2, 4] must be a multiple of num_splits, 3");
    CHECK_FAILS(Split(Iota<int32_t>({2, 4}), 2, 2, constant), Code::kInvalidOperand, "input 0 (axis)");
  }
  CHECK(Split(Iota<int32_t>({2, 0}), 1, 3).value()[2].dims == Dims{2, 0});
  CHECK_FAILS(Split(Iota<int32_t>({4}), 0, 0, true, 1), Code::kInvalidGraph, "num_splits == outputs");
}

// Rows of a few elements, of long parts, of parts longer than the blocks in which all are copied; each has more than is expected in a cache.
TEST_CASE("SPLIT of large tensors") {
  struct Case {
    int64_t rows, cols;
    int parts;
  };
  for (const Case& c : {Case{1'100'001, 2, 2}, {700'001, 3, 3}, {600'001, 4, 4}, {571, 4099, 1}, {571, 4 * 1025, 4}, {70, 2 * 16'391, 2}}) {
    CAPTURE(c.cols);
    const auto out = Split(Iota<int32_t>({c.rows, c.cols}), 1, c.parts);
    REQUIRE_OK(out);
    const int64_t part = c.cols / c.parts;
    int64_t wrong = 0;
    for (int i = 0; i < c.parts; ++i) {
      const I seen = out.value()[static_cast<size_t>(i)].As<int32_t>();
      for (int64_t k = 0; k < c.rows * part; ++k) wrong += seen[static_cast<size_t>(k)] != k / part * c.cols + i * part + k % part;
    }
    CHECK(wrong == 0);
  }
}

Result<std::vector<Value>> SplitV(const Value& x, I sizes, int32_t axis, bool constant = true) {
  KernelCall call(kernels::family_split, tfl::Builtin::SPLIT_V);
  const auto n = static_cast<int>(sizes.size());
  const Value s = Make<int32_t>({n}, sizes);
  call.Input(x);
  constant ? call.Const(s) : call.Input(s);
  return call.Const(Scalar(axis)).Options(tfl::SplitVOptions{.num_splits = n}).Outputs(n).Run();
}

TEST_CASE("SPLIT_V cuts into given sizes, one of which may be the rest") {
  for (const bool constant : {true, false}) {
    const auto out = SplitV(Iota<int32_t>({2, 4}), {1, -1, 0}, 1, constant);
    REQUIRE_OK(out);
    CHECK(out.value()[0].As<int32_t>() == I{0, 4});
    CHECK(out.value()[1].As<int32_t>() == I{1, 2, 3, 5, 6, 7});
    CHECK(out.value()[2].dims == Dims{2, 0});
    CHECK_FAILS(SplitV(Iota<int32_t>({4}), {1, 2}, 0, constant), Code::kInvalidOperand, "sizes add up to 3, must give dimension 0 of [4]");
    CHECK_FAILS(SplitV(Iota<int32_t>({4}), {5, -1}, 0, constant), Code::kInvalidOperand, "sizes add up to 5");
    CHECK_FAILS(SplitV(Iota<int32_t>({4}), {-1, -1}, 0, constant), Code::kInvalidOperand, "only one size can be -1");
    CHECK_FAILS(SplitV(Iota<int32_t>({4}), {-2, 6}, 0, constant), Code::kInvalidOperand, "at least 0");
  }
}

TEST_CASE("UNPACK gives one output an index") {
  const auto unpack = [](const Value& x, int32_t axis, int32_t num) {
    return KernelCall(kernels::family_split, tfl::Builtin::UNPACK)
        .Input(x)
        .Options(tfl::UnpackOptions{.num = num, .axis = axis})
        .Outputs(num)
        .Run();
  };
  const auto out = unpack(Iota<int32_t>({2, 3}), -1, 3);
  REQUIRE_OK(out);
  CHECK(out.value()[2].dims == Dims{2});
  CHECK(out.value()[2].As<int32_t>() == I{2, 5});
  CHECK(unpack(Iota<int32_t>({2}), 0, 2).value()[1].As<int32_t>() == I{1});
  CHECK_FAILS(unpack(Iota<int32_t>({2, 3}), 0, 3), Code::kUnsupportedAttribute, "num == outputs and num == dim(input, axis)");
  CHECK_FAILS(unpack(Scalar<int32_t>(1), 0, 1), Code::kUnsupportedAttribute, "axis in [-rank(input), rank(input))");
}

}  // namespace
