// SPARSE_TO_DENSE through its row.
#include "tests/support/kernel_harness.h"

namespace tflower::kernels {
extern const KernelFamily family_sparse_to_dense;
}

namespace {
using namespace tflower;
using namespace tflower::test;
using I = std::vector<int32_t>;

Result<std::vector<Value>> Run(const Value& indices, const Value& shape, const Value& values, const Value& rest, bool known = true) {
  KernelCall call(kernels::family_sparse_to_dense, tfl::Builtin::SPARSE_TO_DENSE);
  call.Input(indices);
  return (known ? call.Const(shape) : call.Input(shape)).Input(values).Input(rest).Run();
}

TEST_CASE("SPARSE_TO_DENSE: places of one or more dimensions, one value or many") {
  const Value three = Make<int32_t>({1}, {3}), matrix = Make<int64_t>({2}, {2, 2});
  for (const bool known : {true, false}) {
    const auto out = Run(Make<int64_t>({2, 2}, {0, 1, 1, 0}), matrix, Make<int32_t>({2}, {5, 6}), Scalar<int32_t>(-1), known);
    REQUIRE_OK(out);
    CHECK(out.value()[0].dims == Dims{2, 2});
    CHECK(out.value()[0].As<int32_t>() == I{-1, 5, 6, -1});
    CHECK(Run(Make<int32_t>({2}, {0, 2}), three, Scalar<int32_t>(7), Scalar<int32_t>(0), known).value()[0].As<int32_t>() == I{7, 0, 7});
    CHECK(Run(Scalar<int32_t>(1), three, Scalar<int32_t>(7), Scalar<int32_t>(0), known).value()[0].As<int32_t>() == I{0, 7, 0});
    CHECK_FAILS(Run(Make<int32_t>({1}, {3}), three, Scalar<int32_t>(7), Scalar<int32_t>(0), known), Code::kInvalidOperand, "index 3 of element 0 is outside [0, 3)");
    CHECK_FAILS(Run(Make<int32_t>({1}, {-1}), three, Scalar<int32_t>(7), Scalar<int32_t>(0), known), Code::kInvalidOperand, "index -1");
  }
}

TEST_CASE("SPARSE_TO_DENSE: operands that do not fit") {
  const Value three = Make<int32_t>({1}, {3});
  CHECK_FAILS(Run(Make<int32_t>({1, 2}, {0, 0}), three, Scalar(1), Scalar(0)), Code::kUnsupportedShape, "must hold 1 numbers");
  CHECK_FAILS(Run(Make<int32_t>({2}, {0, 1}), three, Make<int32_t>({3}, {1, 2, 3}), Scalar(0)), Code::kUnsupportedShape, "must be [] or [2]");
  CHECK_FAILS(Run(Make<int32_t>({1}, {0}), Make<int32_t>({1}, {-3}), Scalar(1), Scalar(0)), Code::kUnsupportedShape, "negative");
}

}  // namespace
