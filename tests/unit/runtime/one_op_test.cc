// Single kernels: inference, evaluation, dynamic outputs, packing, and errors in the kernel's own words.
#include <doctest/doctest.h>

#include <array>
#include <chrono>

#include "model_spec.h"
#include "runtime/exec/one_op.h"
#include "test_kernels.h"

using namespace tflower;
using namespace tflower::runtime;
using namespace tflower::runtime::test;

namespace {

struct Operand {
  TensorType type;
  std::vector<float> values;
  tflower_tensor view() {
    return MakeTensor(type, values.data(), values.size() * sizeof(float), TFLOWER_TENSOR_CONSTANT);
  }
};

Operand Floats(std::vector<int64_t> dims, std::vector<float> values) { return {MakeType(0, dims), std::move(values)}; }

OneOp Make(const char* custom, std::span<const tflower_tensor* const> inputs, int32_t code = 32) {
  OneOp op;
  op.kernel = TestKernel(code, custom);
  op.code = code;
  op.custom_code = custom;
  op.inputs = inputs;
  op.name = {custom[0] != 0 ? custom : "ADD", "layer/op"};
  return op;
}

}  // namespace

TEST_CASE("infer and eval") {
  Operand a = Floats({2, 2}, {1, 2, 3, 4}), b = Floats({2, 2}, {10, 20, 30, 40});
  const tflower_tensor ta = a.view(), tb = b.view();
  const std::array<const tflower_tensor*, 2> inputs = {&ta, &tb};
  const auto types = InferOp(Make("", inputs, 0));
  REQUIRE(types.ok());
  CHECK(TypeText(types.value()[0]) == "float32[2, 2]");
  ThreadPool pool(2);
  for (ThreadPool* threads : {static_cast<ThreadPool*>(nullptr), &pool}) {
    auto results = EvalOp(Make("", inputs, 0), threads);
    REQUIRE(results.ok());
    const OwnedTensor& y = results.value()[0];
    CHECK(Values<float>({y.data.data(), y.size_bytes}) == std::vector<float>{11, 22, 33, 44});
    CHECK(reinterpret_cast<uintptr_t>(y.data.data()) % 64 == 0);
  }
}

TEST_CASE("an output whose shape depends on contents") {
  Operand x = Floats({5}, {1, 0, 2, 0, 3});
  tflower_tensor tx = x.view();
  const std::array<const tflower_tensor*, 1> inputs = {&tx};
  CHECK(InferOp(Make("NonZero", inputs)).value()[0].dims[0] == -1);
  auto results = EvalOp(Make("NonZero", inputs));
  REQUIRE(results.ok());
  CHECK(TypeText(results.value()[0].type) == "float32[3]");
  CHECK(Values<float>({results.value()[0].data.data(), results.value()[0].size_bytes}) == std::vector<float>{1, 2, 3});
  CHECK(EvalOp(Make("NonZero", inputs), nullptr, 8).error().code == Code::kLimit);
}

TEST_CASE("the limit holds for static outputs") {
  Operand a = Floats({2, 2}, {1, 2, 3, 4});
  const tflower_tensor ta = a.view();
  const std::array<const tflower_tensor*, 2> inputs = {&ta, &ta};
  CHECK(EvalOp(Make("", inputs, 0), nullptr, 15).error().code == Code::kLimit);
  CHECK(EvalOp(Make("", inputs, 0), nullptr, 16).ok());
}

TEST_CASE("prepare, pack and release are paired") {
  // Scale's prepare wants the data of x to be unknown, as in a plan.
  Operand x = Floats({3}, {1, 2, 3}), w = Floats({}, {2});
  tflower_tensor tx = x.view(), tw = w.view();
  const std::array<const tflower_tensor*, 2> inputs = {&tx, &tw};
  const int packs = Counts().scale_packs, releases = Counts().releases;
  CHECK_FALSE(EvalOp(Make("Scale", inputs)).ok());  // refused in prepare: nothing to release
  CHECK(Counts().scale_packs == packs);
  CHECK(Counts().releases == releases);
}

TEST_CASE("a kernel's failure arrives with op, node, operand, hint and source") {
  Operand x = Floats({1}, {1});
  const tflower_tensor tx = x.view();
  const std::array<const tflower_tensor*, 1> inputs = {&tx};
  const auto failed = EvalOp(Make("Fail", inputs));
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.error().ToString() ==
        "Fail 'layer/op': input 0: index 7 is outside of [0, 5); raised at gather.cc:88; in the kernel's eval; help: "
        "clamp it [TFW0208]");
  CHECK(EvalOp(Make("Silent", inputs)).error().code == Code::kInternal);
  CHECK(EvalOp(Make("NoResize", inputs)).error().code == Code::kPluginAbi);
  CHECK(InferOp(Make("BadInfer", inputs)).error().code == Code::kPluginAbi);
  const auto invalid = InferOp(Make("Invalid", inputs));
  REQUIRE(!invalid.ok());
  CHECK(invalid.error().code == Code::kInvalidGraph);  // the model's fault: exit code 3
  const auto strange = InferOp(Make("Strange", inputs));
  REQUIRE(!strange.ok());
  CHECK(strange.error().code == Code::kInternal);
  const auto newline = InferOp(Make("Unprintable", inputs));
  CHECK(newline.error().code == Code::kUnsupportedAttribute);
  CHECK(newline.error().ToString().find('\n') == std::string::npos);
}

TEST_CASE("a context is clean after a failure") {
  Operand x = Floats({1}, {1});
  tflower_tensor tx = x.view();
  const std::array<const tflower_tensor*, 1> one = {&tx};
  const std::array<const tflower_tensor*, 2> two = {&tx, &tx};
  EvalContext context(nullptr);
  TensorType type;
  CHECK_FALSE(InferOp(Make("Unprintable", one), context, {&type, 1}).ok());
  CHECK(InferOp(Make("", two, 0), context, {&type, 1}).ok());
  CHECK(type.rank == 1);
}

TEST_CASE("tiny tensors are cheap") {
  Operand a = Floats({4}, {1, 2, 3, 4});
  const tflower_tensor ta = a.view();
  const std::array<const tflower_tensor*, 2> inputs = {&ta, &ta};
  const OneOp op = Make("", inputs, 0);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 10000; ++i) REQUIRE(EvalOp(op).ok());
  const auto each = (std::chrono::steady_clock::now() - start) / 10000;
  MESSAGE("EvalOp of 4 floats: " << std::chrono::duration_cast<std::chrono::nanoseconds>(each).count() << " ns");
  CHECK(each < std::chrono::microseconds(100));
}
