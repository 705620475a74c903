// TRANSPOSE through its row; the copying itself is in copy_test.cc.
#include "tests/support/kernel_harness.h"

namespace tflower::kernels {
extern const KernelFamily family_transpose;
}

namespace {
using namespace tflower;
using namespace tflower::test;

Result<std::vector<Value>> Transpose(const Value& x, std::vector<int32_t> perm, bool constant = true, int threads = 1) {
  KernelCall call(kernels::family_transpose, tfl::Builtin::TRANSPOSE);
  const Value p = Make<int32_t>({static_cast<int64_t>(perm.size())}, perm);
  call.Input(x).Version(4).Threads(threads);
  return (constant ? call.Const(p) : call.Input(p)).Run();
}

TEST_CASE("TRANSPOSE permutes dimensions; negative entries count from the end") {
  for (const bool constant : {true, false}) {
    const auto out = Transpose(Iota<float>({2, 3}), {1, 0}, constant);
    REQUIRE_OK(out);
    CHECK(out.value()[0].dims == Dims{3, 2});
    CHECK(out.value()[0].As<float>() == std::vector<float>{0, 3, 1, 4, 2, 5});
    CHECK(Transpose(Iota<float>({2, 3}), {-1, 0}, constant).value()[0].As<float>() == std::vector<float>{0, 3, 1, 4, 2, 5});
  }
  // numpy.arange(12).reshape(1, 2, 3, 2).transpose(3, 1, 0, 2)
  const auto out = Transpose(Iota<int8_t>({1, 2, 3, 2}), {3, 1, 0, 2});
  CHECK(out.value()[0].dims == Dims{2, 2, 1, 3});
  CHECK(out.value()[0].As<int8_t>() == std::vector<int8_t>{0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11});
}

TEST_CASE("TRANSPOSE of rank 10, of scalars and of nothing") {
  const auto out = Transpose(Iota<int32_t>({1, 2, 1, 2, 1, 2, 1, 2, 1, 2}), {9, 8, 7, 6, 5, 4, 3, 2, 1, 0});
  REQUIRE_OK(out);
  CHECK(out.value()[0].As<int32_t>()[1] == 16);   // index bits reversed: 00001 -> 10000
  CHECK(out.value()[0].As<int32_t>()[11] == 26);  // 01011 -> 11010
  CHECK(Transpose(Scalar(4.0f), {}).value()[0].As<float>() == std::vector<float>{4});
  CHECK(Transpose(Iota<float>({0, 3, 2}), {2, 0, 1}).value()[0].dims == Dims{2, 0, 3});
}

TEST_CASE("TRANSPOSE on threads") {
  const Value x = Iota<int32_t>({300, 400});
  CHECK(Transpose(x, {1, 0}, true, 4).value()[0].bytes == Transpose(x, {1, 0}).value()[0].bytes);
  CHECK(Transpose(x, {1, 0}).value()[0].As<int32_t>()[300 * 7 + 5] == 5 * 400 + 7);
}

TEST_CASE("TRANSPOSE refuses what is no permutation") {
  CHECK_FAILS(Transpose(Iota<float>({2, 3}), {0, 0}), Code::kInvalidOperand, "[0, 0] is not a permutation: axis 0 occurs twice");
  CHECK_FAILS(Transpose(Iota<float>({2, 3}), {0, 2}, false), Code::kInvalidOperand, "input 1 (perm): axis 2 is outside [-2, 2)");
  CHECK_FAILS(Transpose(Iota<float>({2, 3}), {0}), Code::kUnsupportedShape, "count(perm) == rank(input)");
}

}  // namespace
