// SEGMENT_SUM and UNSORTED_SEGMENT_* through their rows.
#include <limits>

#include "tests/support/kernel_harness.h"

namespace tflower::kernels {
extern const KernelFamily family_segment;
}

namespace {
using namespace tflower;
using namespace tflower::test;
using tfl::Builtin;
using F = std::vector<float>;
using I = std::vector<int32_t>;

KernelCall Call(Builtin code) { return KernelCall(kernels::family_segment, code); }
Value Ids(std::vector<int32_t> ids) { return Make<int32_t>({static_cast<int64_t>(ids.size())}, ids); }

TEST_CASE("SEGMENT_SUM adds rows of equal ids; segments without rows are 0") {
  for (const bool known : {true, false}) {
    KernelCall call = Call(Builtin::SEGMENT_SUM);
    call.Input(Make<float>({4, 2}, {1, 2, 3, 4, 5, 6, 7, 8}));
    known ? call.Const(Ids({0, 0, 2, 2})) : call.Input(Ids({0, 0, 2, 2}));
    const auto out = call.Run();
    REQUIRE_OK(out);
    CHECK(out.value()[0].dims == Dims{3, 2});
    CHECK(out.value()[0].As<float>() == F{4, 6, 0, 0, 12, 14});
  }
  CHECK(Call(Builtin::SEGMENT_SUM).Input(Ids({})).Const(Ids({})).Run().value()[0].dims == Dims{0});
}

TEST_CASE("SEGMENT_SUM wants ascending ids, one for each row") {
  const auto run = [](std::vector<int32_t> ids, bool known) {
    KernelCall call = Call(Builtin::SEGMENT_SUM);
    call.Input(Ids({1, 2, 3}));
    return known ? call.Const(Ids(ids)).Run() : call.Input(Ids(ids)).Run();
  };
  for (const bool known : {true, false}) {
    CHECK_FAILS(run({0, 2, 1}, known), Code::kInvalidOperand, "id 1 at position 2");
    CHECK_FAILS(run({-1, 0, 1}, known), Code::kInvalidOperand, "id -1 at position 0");
    CHECK_FAILS(run({0, 1}, known), Code::kUnsupportedShape, "dim(segment_ids, 0) == dim(input, 0)");
  }
}

Result<std::vector<Value>> Unsorted(Builtin code, const Value& data, const Value& ids, int32_t count, bool known = true) {
  KernelCall call = Call(code);
  call.Input(data).Input(ids);
  return known ? call.Const(Scalar(count)).Run() : call.Input(Scalar(count)).Run();
}

TEST_CASE("UNSORTED_SEGMENT: sums, products, extremes; empty segments hold the neutral element; negative ids are left out") {
  const Value data = Make<float>({4}, {2, 3, -5, 7}), ids = Ids({2, 0, 2, -1});
  constexpr float kMax = std::numeric_limits<float>::max();
  for (const bool known : {true, false}) {
    CHECK(Unsorted(Builtin::UNSORTED_SEGMENT_SUM, data, ids, 3, known).value()[0].As<float>() == F{3, 0, -3});
    CHECK(Unsorted(Builtin::UNSORTED_SEGMENT_PROD, data, ids, 3, known).value()[0].As<float>() == F{3, 1, -10});
    CHECK(Unsorted(Builtin::UNSORTED_SEGMENT_MAX, data, ids, 3, known).value()[0].As<float>() == F{3, -kMax, 2});
    CHECK(Unsorted(Builtin::UNSORTED_SEGMENT_MIN, data, ids, 3, known).value()[0].As<float>() == F{3, kMax, -5});
  }
}

TEST_CASE("UNSORTED_SEGMENT: ids of two dimensions, rows, integers that wrap around") {
  const auto out = Unsorted(Builtin::UNSORTED_SEGMENT_SUM, Iota<int32_t>({2, 2, 3}), Make<int32_t>({2, 2}, {1, 0, 1, 1}), 2);
  REQUIRE_OK(out);
  CHECK(out.value()[0].dims == Dims{2, 3});
  CHECK(out.value()[0].As<int32_t>() == I{3, 4, 5, 15, 18, 21});
  constexpr int32_t kMost = std::numeric_limits<int32_t>::max();
  CHECK(Unsorted(Builtin::UNSORTED_SEGMENT_SUM, Make<int32_t>({2}, {kMost, 1}), Ids({0, 0}), 1).value()[0].As<int32_t>() == I{-kMost - 1});
  CHECK(Unsorted(Builtin::UNSORTED_SEGMENT_PROD, Make<int32_t>({2}, {kMost, 2}), Ids({0, 0}), 1).value()[0].As<int32_t>() == I{-2});
}

TEST_CASE("UNSORTED_SEGMENT: threads take columns") {
  const Value data = Iota<float>({40, 3000}), ids = Ids(I(40, 1));
  const auto one = Unsorted(Builtin::UNSORTED_SEGMENT_SUM, data, ids, 2);
  KernelCall call = Call(Builtin::UNSORTED_SEGMENT_SUM);
  const auto four = call.Input(data).Input(ids).Const(Scalar<int32_t>(2)).Threads(4).Run();
  REQUIRE_OK(four);
  CHECK(four.value()[0].bytes == one.value()[0].bytes);
}

TEST_CASE("UNSORTED_SEGMENT: what does not fit is refused") {
  const Value data = Make<float>({2}, {1, 2});
  CHECK_FAILS(Unsorted(Builtin::UNSORTED_SEGMENT_SUM, data, Ids({0, 3}), 3), Code::kInvalidOperand, "id 3 is not below num_segments, 3");
  CHECK_FAILS(Unsorted(Builtin::UNSORTED_SEGMENT_SUM, data, Ids({0}), 3), Code::kUnsupportedShape, "must be how that of data");
  for (const bool known : {true, false})
    CHECK_FAILS(Unsorted(Builtin::UNSORTED_SEGMENT_SUM, data, Ids({0, 1}), -1, known), Code::kInvalidOperand, "input 2 (num_segments)");
}

}  // namespace
