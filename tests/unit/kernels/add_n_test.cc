// ADD_N: through its rows, and against the reference on every SIMD target.
#include "add_n/add_n.h"
#include "tests/support/kernel_harness.h"
#include "vector_support.h"

namespace tflower::kernels {
extern const KernelFamily family_add_n;
}

namespace {
using namespace tflower;
using namespace tflower::test;
using namespace tflower::kernels::vector_test;

template <class T, class Random, class Add>
void CompareWithReference(Random random, Add add) {
  ForEachTarget([&] {
    INFO(TargetName());
    for (const size_t operands : {1, 2, 3, 7, 12}) {
      for (const size_t n : {0, 1, 3, 8, 15, 16, 17, 33, 64, 1000, 20001}) {
        CAPTURE(operands);
        CAPTURE(n);
        std::vector<std::vector<T>> x;
        std::vector<const T*> pointers;
        for (size_t k = 0; k < operands; ++k) pointers.push_back(x.emplace_back(random(n)).data());
        Guarded<T> y(n), last{std::span<const T>(x.back())};
        std::vector<T> expected(n);
        kernels::AddNRef(pointers, n, expected.data());
        add(std::span<const T* const>(pointers), n, y.data(), Splitting());
        CHECK(std::equal(expected.begin(), expected.end(), y.data()));
        pointers.back() = last.data();  // the sum over one of its operands
        add(std::span<const T* const>(pointers), n, last.data(), Splitting());
        CHECK(std::equal(expected.begin(), expected.end(), last.data()));
      }
    }
  });
}

TEST_CASE("ADD_N equals the reference, also over one of its operands") {
  CompareWithReference<float>([](size_t n) { return RandomFloats(n, -100, 100); }, kernels::AddNF32);
  const auto integers = [](size_t n) {
    std::vector<int32_t> v(n);
    for (int32_t& x : v) x = static_cast<int32_t>(RandomInt(INT32_MIN, INT32_MAX));
    return v;
  };
  CompareWithReference<int32_t>(integers, kernels::AddNI32);
}

KernelCall AddN(const std::vector<Value>& operands) {
  KernelCall call(kernels::family_add_n, tfl::Builtin::ADD_N);
  for (const Value& v : operands) call.Input(v);
  return call;
}

TEST_CASE("ADD_N of one to many operands, of any rank") {
  const Value x = Make<float>({2, 2}, {1, 2, 3, 4}), y = Make<float>({2, 2}, {10, 20, 30, 40}), z = Make<float>({2, 2}, {0.5f, 0, -3, 100});
  CHECK(AddN({x}).Run().value()[0].As<float>() == std::vector<float>{1, 2, 3, 4});
  CHECK(AddN({x, y, z}).Run().value()[0].As<float>() == std::vector<float>{11.5f, 22, 30, 144});
  CHECK(AddN({x, y, z}).InPlace(1).Threads(2).Run().value()[0].As<float>() == std::vector<float>{11.5f, 22, 30, 144});
  CHECK(AddN(std::vector<Value>(9, Scalar<int32_t>(INT32_MAX / 4))).Run().value()[0].As<int32_t>()[0] == static_cast<int32_t>(9u * (INT32_MAX / 4)));
  CHECK(AddN(std::vector<Value>(3, Iota<int32_t>({0, 3}))).Run().value()[0].dims == Dims{0, 3});
}

TEST_CASE("ADD_N refuses what does not fit together") {
  CHECK_FAILS(AddN({}).Run(), Code::kInvalidGraph, "inputs: has 0, the operator takes 1 or more");
  CHECK_FAILS(AddN({Iota<float>({2, 3}), Iota<float>({2, 3}), Iota<float>({3})}).Run(), Code::kUnsupportedShape, "input 2 (addend): shape [3] must be that of input 0, [2, 3]");
  CHECK_FAILS(AddN({Iota<float>({3}), Iota<int32_t>({3})}).Run(), Code::kMissingKernel, "");
  KernelCall absent = AddN({Iota<float>({3})});
  CHECK_FAILS(absent.Absent().Run(), Code::kInvalidGraph, "input 1 (inputs): is absent (tensor -1) but required");
}

}  // namespace
