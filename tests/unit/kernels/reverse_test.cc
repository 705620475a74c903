// REVERSE_V2 and REVERSE_SEQUENCE through their rows.
#include "tests/support/kernel_harness.h"

namespace tflower::kernels {
extern const KernelFamily family_reverse;
}

namespace {
using namespace tflower;
using namespace tflower::test;
using I = std::vector<int32_t>;

Result<std::vector<Value>> Reverse(const Value& x, const I& axes, bool constant = true) {
  KernelCall call(kernels::family_reverse, tfl::Builtin::REVERSE_V2);
  const Value a = Make<int32_t>({static_cast<int64_t>(axes.size())}, axes);
  call.Input(x);
  return (constant ? call.Const(a) : call.Input(a)).Run();
}

TEST_CASE("REVERSE_V2 along any axes") {
  const Value x = Iota<int32_t>({2, 2, 3});
  for (const bool constant : {true, false}) {
    CHECK(Reverse(x, {-1}, constant).value()[0].As<int32_t>() == I{2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9});
    CHECK(Reverse(x, {0, 2}, constant).value()[0].As<int32_t>() == I{8, 7, 6, 11, 10, 9, 2, 1, 0, 5, 4, 3});
    CHECK(Reverse(x, {}, constant).value()[0].bytes == x.bytes);
    CHECK_FAILS(Reverse(x, {0, -3}, constant), Code::kInvalidOperand, "input 1 (axes)");
    CHECK_FAILS(Reverse(x, {3}, constant), Code::kInvalidOperand, "input 1 (axes)");
  }
  CHECK(Reverse(Iota<int32_t>({0, 3}), {0}).value()[0].dims == Dims{0, 3});
}

Result<std::vector<Value>> ReverseSequence(const Value& x, const I& lengths, int32_t seq_dim, int32_t batch_dim) {
  return KernelCall(kernels::family_reverse, tfl::Builtin::REVERSE_SEQUENCE)
      .Input(x)
      .Input(Make<int32_t>({static_cast<int64_t>(lengths.size())}, lengths))
      .Options(tfl::ReverseSequenceOptions{.seq_dim = seq_dim, .batch_dim = batch_dim})
      .Run();
}

TEST_CASE("REVERSE_SEQUENCE reverses the beginning of each entry") {
  CHECK(ReverseSequence(Iota<int32_t>({2, 4}), {0, 3}, 1, 0).value()[0].As<int32_t>() == I{0, 1, 2, 3, 6, 5, 4, 7});
  // Time first: columns are entries.
  CHECK(ReverseSequence(Iota<int32_t>({3, 2}), {3, 2}, 0, 1).value()[0].As<int32_t>() == I{4, 3, 2, 1, 0, 5});
  CHECK(ReverseSequence(Iota<int32_t>({2, 2, 2}), {2, 1}, 1, 0).value()[0].As<int32_t>() == I{2, 3, 0, 1, 4, 5, 6, 7});
  CHECK_FAILS(ReverseSequence(Iota<int32_t>({2, 4}), {0, 5}, 1, 0), Code::kInvalidOperand, "length 5 of entry 1 must lie in [0, 4]");
  CHECK_FAILS(ReverseSequence(Iota<int32_t>({2, 4}), {0, -1}, 1, 0), Code::kInvalidOperand, "length -1");
  CHECK_FAILS(ReverseSequence(Iota<int32_t>({2, 4}), {0}, 1, 0), Code::kUnsupportedAttribute, "dim(seq_lengths, 0) == dim(input, batch_dim)");
  CHECK_FAILS(ReverseSequence(Iota<int32_t>({2, 4}), {0, 0}, 0, 0), Code::kInvalidGraph, "seq_dim != batch_dim");
}

}  // namespace
