// NON_MAX_SUPPRESSION_V4 and V5 through their rows.
#include <cmath>

#include "tests/support/kernel_harness.h"

namespace tflower::kernels {
extern const KernelFamily family_nms;
}

namespace {
using namespace tflower;
using namespace tflower::test;
using F = std::vector<float>;
using I = std::vector<int32_t>;

// Three boxes of which the first two overlap by 9/11, and one far away given by its other corners.
Value Boxes() { return Make<float>({4, 4}, {0, 0, 1, 1, 0, 0.1f, 1, 1.1f, 0, 10, 1, 11, 1, 21, 0, 20}); }
Value Scores() { return Make<float>({4}, {0.8f, 0.9f, 0.3f, 0.5f}); }

Result<std::vector<Value>> Hard(int32_t wanted, float iou, float score, bool known = true) {
  KernelCall call(kernels::family_nms, tfl::Builtin::NON_MAX_SUPPRESSION_V4);
  call.Input(Boxes()).Input(Scores());
  known ? call.Const(Scalar(wanted)) : call.Input(Scalar(wanted));
  return call.Input(Scalar(iou)).Input(Scalar(score)).Outputs(2).Run();
}

TEST_CASE("NON_MAX_SUPPRESSION_V4: the best of what overlaps, by descending score, padded with 0") {
  for (const bool known : {true, false}) {
    const auto out = Hard(5, 0.5f, 0.0f, known);
    REQUIRE_OK(out);
    CHECK(out.value()[0].As<int32_t>() == I{1, 3, 2, 0, 0});
    CHECK(out.value()[1].dims == Dims{});
    CHECK(out.value()[1].As<int32_t>() == I{3});
  }
  CHECK(Hard(4, 0.9f, 0.0f).value()[0].As<int32_t>() == I{1, 0, 3, 2});   // may overlap so much
  CHECK(Hard(2, 0.5f, 0.0f).value()[0].As<int32_t>() == I{1, 3});         // not more than asked for
  CHECK(Hard(3, 0.5f, 0.5f).value()[1].As<int32_t>() == I{1});            // a score must be above the limit
  CHECK(Hard(0, 0.5f, 0.0f).value()[0].dims == Dims{0});
}

TEST_CASE("NON_MAX_SUPPRESSION_V5: soft suppression lowers scores") {
  KernelCall call(kernels::family_nms, tfl::Builtin::NON_MAX_SUPPRESSION_V5);
  const auto out = call.Input(Boxes()).Input(Scores()).Const(Scalar<int32_t>(5)).Input(Scalar(1.0f)).Input(Scalar(0.0f)).Input(Scalar(0.5f)).Outputs(3).Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].As<int32_t>() == I{1, 3, 0, 2, 0});
  const F scores = out.value()[1].As<float>();
  CHECK(scores[0] == 0.9f);
  CHECK(scores[1] == 0.5f);
  CHECK(scores[2] == doctest::Approx(0.8 * std::exp(-81.0 / 121)));  // IOU 9/11, sigma 1/2
  CHECK(scores[4] == 0.0f);
  CHECK(out.value()[2].As<int32_t>() == I{4});
}

TEST_CASE("NON_MAX_SUPPRESSION: operands that are not what they should be") {
  CHECK_FAILS(Hard(-1, 0.5f, 0.0f), Code::kInvalidOperand, "value(max_output_size) >= 0");
  CHECK_FAILS(Hard(1, 1.5f, 0.0f), Code::kInvalidOperand, "must lie in [0, 1]");
  KernelCall call(kernels::family_nms, tfl::Builtin::NON_MAX_SUPPRESSION_V4);
  call.Input(Make<float>({2, 3}, {0, 0, 0, 0, 0, 0})).Input(Make<float>({2}, {0, 0})).Const(Scalar<int32_t>(1));
  CHECK_FAILS(call.Input(Scalar(0.5f)).Input(Scalar(0.0f)).Outputs(2).Run(), Code::kUnsupportedShape, "dim(boxes, 1) == 4");
}

}  // namespace
