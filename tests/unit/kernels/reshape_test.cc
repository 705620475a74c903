// RESHAPE, SQUEEZE, EXPAND_DIMS through their rows.
#include "tests/support/kernel_harness.h"

namespace tflower::kernels {
extern const KernelFamily family_reshape;
}

namespace {
using namespace tflower;
using namespace tflower::test;
using tfl::Builtin;

KernelCall Reshape(Dims from, std::vector<int32_t> to, bool constant = true) {
  KernelCall call(kernels::family_reshape, Builtin::RESHAPE);
  const auto n = static_cast<int64_t>(to.size());
  call.Input(Iota<float>(std::move(from)));
  return constant ? call.Const(Make<int32_t>({n}, to)) : call.Input(Make<int32_t>({n}, to));
}

TEST_CASE("RESHAPE keeps the bytes, whether or not the shape is known beforehand") {
  for (const bool constant : {true, false}) {
    const auto out = Reshape({2, 6}, {3, -1, 2}, constant).Run();
    REQUIRE_OK(out);
    CHECK(out.value()[0].dims == Dims{3, 2, 2});
    CHECK(out.value()[0].bytes == Iota<float>({12}).bytes);
  }
}

TEST_CASE("RESHAPE of empty tensors and scalars") {
  CHECK(Reshape({0, 3}, {-1}).Run().value()[0].dims == Dims{0});
  CHECK(Reshape({0, 3}, {0, -1}).Run().value()[0].dims == Dims{0, 3});  // zeros left out, as in TensorFlow and TFLite
  CHECK(Reshape({1, 1}, {}).Run().value()[0].dims.empty());
  CHECK(Reshape({}, {1, 1}).Run().value()[0].dims == Dims{1, 1});
}

TEST_CASE("RESHAPE refuses shapes that do not hold the elements") {
  CHECK_FAILS(Reshape({2, 3}, {4, -1}).Run(), Code::kInvalidOperand,
              "input 1 (shape): new shape [4, -1] does not hold the 6 elements of [2, 3]");
  CHECK_FAILS(Reshape({2, 3}, {5}, false).Run(), Code::kInvalidOperand, "does not hold");
  CHECK_FAILS(Reshape({2, 3}, {-1, -1}).Run(), Code::kInvalidOperand, "only one dimension");
  CHECK_FAILS(Reshape({2, 3}, {-2, 3}).Run(), Code::kInvalidOperand, "at least 0");
  CHECK_FAILS(Reshape({2, 3}, {1 << 30, 1 << 30, 1 << 30}).Run(), Code::kLimit, "too large");
  CHECK_FAILS(Reshape({1}, std::vector<int32_t>(17, 1)).Run(), Code::kUnsupportedShape, "at most 16");
}

TEST_CASE("RESHAPE takes the option when there is no shape operand; [0] is an old way to say scalar") {
  const int32_t shape[] = {3, -1}, zero[] = {0};
  KernelCall call(kernels::family_reshape, Builtin::RESHAPE);
  call.Input(Iota<int16_t>({2, 3})).Options(tfl::ReshapeOptions{.new_shape = {shape, 2}});
  CHECK(call.Run().value()[0].dims == Dims{3, 2});
  KernelCall scalar(kernels::family_reshape, Builtin::RESHAPE);
  scalar.Input(Iota<float>({1})).Absent().Options(tfl::ReshapeOptions{.new_shape = {zero, 1}});
  CHECK(scalar.Run().value()[0].dims.empty());
  KernelCall row(kernels::family_reshape, Builtin::RESHAPE);  // a shape operand that is no vector does not count
  row.Input(Iota<float>({6})).Const(Make<int32_t>({1, 2}, {3, 2})).Options(tfl::ReshapeOptions{.new_shape = {shape, 2}});
  CHECK(row.Run().value()[0].dims == Dims{3, 2});
  KernelCall scalar_row(kernels::family_reshape, Builtin::RESHAPE);
  scalar_row.Input(Iota<float>({6})).Const(Scalar<int32_t>(6));
  CHECK_FAILS(scalar_row.Run(), Code::kUnsupportedShape, "input 1 (shape): has rank 0, must be a vector");
  KernelCall neither(kernels::family_reshape, Builtin::RESHAPE);
  neither.Input(Iota<float>({2}));
  CHECK_FAILS(neither.Run(), Code::kUnsupportedAttribute, "new_shape: new shape [] does not hold the 2 elements");
}

TEST_CASE("RESHAPE and EXPAND_DIMS pass strings through") {
  const Value strings{.dtype = DType::kString, .dims = {2}, .bytes = std::vector<std::byte>(17, std::byte{5})};
  for (const bool constant : {true, false}) {
    KernelCall call(kernels::family_reshape, Builtin::RESHAPE);
    call.Input(strings);
    constant ? call.Const(Make<int32_t>({2}, {2, 1})) : call.Input(Make<int32_t>({2}, {2, 1}));
    const auto out = call.Run();
    REQUIRE_OK(out);
    CHECK(out.value()[0].bytes == strings.bytes);
    CHECK(out.value()[0].dims == Dims{2, 1});
  }
}

KernelCall Squeeze(Dims from, const std::vector<int32_t>& dims) {
  KernelCall call(kernels::family_reshape, Builtin::SQUEEZE);
  return call.Input(Iota<float>(std::move(from))).Options(tfl::SqueezeOptions{.squeeze_dims = {dims.data(), dims.size()}});
}

TEST_CASE("SQUEEZE removes the named dimensions, or all of size 1") {
  CHECK(Squeeze({1, 3, 1, 2}, {}).Run().value()[0].dims == Dims{3, 2});
  const std::vector<int32_t> last{-2}, twice{0, 0}, wrong{1}, outside{4};
  CHECK(Squeeze({1, 3, 1, 2}, last).Run().value()[0].dims == Dims{1, 3, 2});
  CHECK(Squeeze({1, 3, 1, 2}, twice).Run().value()[0].dims == Dims{3, 1, 2});
  CHECK(Squeeze({1, 0}, {}).Run().value()[0].dims == Dims{0});
  CHECK_FAILS(Squeeze({1, 3, 1, 2}, wrong).Run(), Code::kUnsupportedAttribute, "dimension 1 of [1, 3, 1, 2] must be 1");
  CHECK_FAILS(Squeeze({1, 3, 1, 2}, outside).Run(), Code::kUnsupportedAttribute, "each(squeeze_dims) in [-rank(input), rank(input))");
}

TEST_CASE("EXPAND_DIMS inserts a 1") {
  const auto expand = [](int32_t axis, bool constant) {
    KernelCall call(kernels::family_reshape, Builtin::EXPAND_DIMS);
    call.Input(Iota<float>({2, 3}));
    return (constant ? call.Const(Scalar(axis)) : call.Input(Scalar(axis))).Run();
  };
  for (const bool constant : {true, false}) {
    CHECK(expand(0, constant).value()[0].dims == Dims{1, 2, 3});
    CHECK(expand(2, constant).value()[0].dims == Dims{2, 3, 1});
    CHECK(expand(-1, constant).value()[0].dims == Dims{2, 3, 1});
    CHECK(expand(-2, constant).value()[0].dims == Dims{2, 1, 3});
    CHECK_FAILS(expand(3, constant), Code::kInvalidOperand, "input 1 (axis)");
  }
}

}  // namespace
