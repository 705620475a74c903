// DYNAMIC_UPDATE_SLICE through its row.
#include "tests/support/kernel_harness.h"

namespace tflower::kernels {
extern const KernelFamily family_dynamic_update_slice;
}

namespace {
using namespace tflower;
using namespace tflower::test;
using I = std::vector<int32_t>;

KernelCall Update(const Value& operand, const Value& update, const I& start) {
  return KernelCall(kernels::family_dynamic_update_slice, tfl::Builtin::DYNAMIC_UPDATE_SLICE)
      .Version(2)
      .Input(operand)
      .Input(update)
      .Input(Make<int32_t>({static_cast<int64_t>(start.size())}, start));
}

TEST_CASE("DYNAMIC_UPDATE_SLICE overwrites a box; starts are moved inside") {
  CHECK(Update(Iota<int32_t>({3, 3}), Make<int32_t>({2, 1}, {90, 91}), {1, 2}).Run().value()[0].As<int32_t>() ==
        I{0, 1, 2, 3, 4, 90, 6, 7, 91});
  CHECK(Update(Iota<int32_t>({4}), Make<int32_t>({2}, {90, 91}), {-3}).Run().value()[0].As<int32_t>() == I{90, 91, 2, 3});
  CHECK(Update(Iota<int32_t>({4}), Make<int32_t>({2}, {90, 91}), {9}).Run().value()[0].As<int32_t>() == I{0, 1, 90, 91});
  CHECK(Update(Iota<int32_t>({4}), Make<int32_t>({0}, {}), {1}).Run().value()[0].As<int32_t>() == I{0, 1, 2, 3});
  CHECK(Update(Scalar<int32_t>(1), Scalar<int32_t>(2), {}).Run().value()[0].As<int32_t>() == I{2});
}

TEST_CASE("DYNAMIC_UPDATE_SLICE in the memory of its operands") {
  const Value box = Make<int32_t>({2}, {90, 91});
  CHECK(Update(Iota<int32_t>({4}), box, {1}).InPlace(0).Run().value()[0].As<int32_t>() == I{0, 90, 91, 3});
  CHECK(Update(Iota<int32_t>({2}), box, {1}).InPlace(0).Run().value()[0].As<int32_t>() == I{90, 91});
  CHECK(Update(Iota<int32_t>({2}), box, {1}).InPlace(1).Run().value()[0].As<int32_t>() == I{90, 91});
  CHECK(Update(Iota<int32_t>({1, 2}), Make<int32_t>({1, 1}, {90}), {0, 1}).InPlace(2).Run().value()[0].As<int32_t>() == I{0, 90});
}

TEST_CASE("DYNAMIC_UPDATE_SLICE refuses an update that does not fit") {
  CHECK_FAILS(Update(Iota<int32_t>({4}), Iota<int32_t>({5}), {0}).Run(), Code::kUnsupportedShape, "shape [5] must not exceed [4]");
  CHECK_FAILS(Update(Iota<int32_t>({4}), Iota<int32_t>({1, 1}), {0}).Run(), Code::kUnsupportedShape, "rank(operand) == rank(update)");
  CHECK_FAILS(Update(Iota<int32_t>({4}), Iota<float>({1}), {0}).Run(), Code::kUnsupportedType, "type(operand) == type(update)");
  CHECK_FAILS(Update(Iota<int32_t>({4}), Iota<int32_t>({1}), {0, 0}).Run(), Code::kUnsupportedShape,
              "count(start_indices) == rank(operand)");
}

}  // namespace
