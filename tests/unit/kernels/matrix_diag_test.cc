// MATRIX_DIAG and MATRIX_SET_DIAG through their rows.
#include "tests/support/kernel_harness.h"

namespace tflower::kernels {
extern const KernelFamily family_matrix_diag;
}

namespace {
using namespace tflower;
using namespace tflower::test;
using I = std::vector<int32_t>;

TEST_CASE("MATRIX_DIAG puts vectors on diagonals") {
  const auto diag = [](const Value& x) { return KernelCall(kernels::family_matrix_diag, tfl::Builtin::MATRIX_DIAG).Input(x).Run(); };
  const auto out = diag(Make<int32_t>({2, 2}, {1, 2, 3, 4}));
  REQUIRE_OK(out);
  CHECK(out.value()[0].dims == Dims{2, 2, 2});
  CHECK(out.value()[0].As<int32_t>() == I{1, 0, 0, 2, 3, 0, 0, 4});
  CHECK(diag(Iota<float>({3, 0})).value()[0].dims == Dims{3, 0, 0});
  CHECK_FAILS(diag(Scalar(1.0f)), Code::kUnsupportedShape, "rank(diagonal) >= 1");
}

TEST_CASE("MATRIX_SET_DIAG replaces diagonals of matrices of any form") {
  const auto set = [](const Value& x, const Value& d) {
    return KernelCall(kernels::family_matrix_diag, tfl::Builtin::MATRIX_SET_DIAG).Input(x).Input(d).Run();
  };
  CHECK(set(Iota<int32_t>({2, 3}), Make<int32_t>({2}, {90, 91})).value()[0].As<int32_t>() == I{90, 1, 2, 3, 91, 5});
  CHECK(set(Iota<int32_t>({2, 2, 1}), Make<int32_t>({2, 1}, {90, 91})).value()[0].As<int32_t>() == I{90, 1, 91, 3});
  CHECK_FAILS(set(Iota<int32_t>({2, 3}), Iota<int32_t>({3})), Code::kUnsupportedShape, "shape [3] must be [2] for input [2, 3]");
  CHECK_FAILS(set(Iota<int32_t>({2, 3}), Iota<float>({2})), Code::kUnsupportedType, "input 1 (diagonal)");
}

}  // namespace
