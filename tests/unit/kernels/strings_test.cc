// String tensors: their layout, and the operators that move or compare them.
#include "tests/support/kernel_harness.h"

namespace tflower::kernels {
extern const KernelFamily family_gather, family_slice, family_shape, family_elementwise;
}

using namespace tflower;
using namespace tflower::test;
using Strings = std::vector<std::string>;

namespace {

Value Words() { return MakeStrings({2, 3}, {"a", "", "ccc", "dd", "e", "ffff"}); }

}  // namespace

TEST_CASE("GATHER and GATHER_ND of strings") {
  KernelCall gather(kernels::family_gather, tfl::Builtin::GATHER);
  gather.Options(tfl::GatherOptions{.axis = 1}).Input(Words()).Input(Make<int32_t>({2}, {2, 0}));
  auto out = gather.Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].dims == Dims{2, 2});
  CHECK(StringsOf(out.value()[0]) == Strings{"ccc", "a", "ffff", "dd"});

  KernelCall nd(kernels::family_gather, tfl::Builtin::GATHER_ND);
  nd.Input(Words()).Input(Make<int64_t>({2, 2}, {1, 2, 0, 1}));
  auto places = nd.Run();
  REQUIRE_OK(places);
  CHECK(StringsOf(places.value()[0]) == Strings{"ffff", ""});

  KernelCall beyond(kernels::family_gather, tfl::Builtin::GATHER);
  beyond.Input(Words()).Input(Make<int32_t>({1}, {2}));
  CHECK_FAILS(beyond.Run(), Code::kInvalidOperand, "index 2");
}

TEST_CASE("SLICE and STRIDED_SLICE of strings") {
  KernelCall slice(kernels::family_slice, tfl::Builtin::SLICE);
  slice.Input(Words()).Input(Make<int32_t>({2}, {0, 1})).Input(Make<int32_t>({2}, {2, -1}));
  auto out = slice.Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].dims == Dims{2, 2});
  CHECK(StringsOf(out.value()[0]) == Strings{"", "ccc", "e", "ffff"});

  KernelCall strided(kernels::family_slice, tfl::Builtin::STRIDED_SLICE);
  strided.Options(tfl::StridedSliceOptions{.shrink_axis_mask = 1}).Input(Words()).Const(Make<int32_t>({2}, {1, 2})).Const(Make<int32_t>({2}, {2, -4})).Const(
      Make<int32_t>({2}, {1, -2}));
  auto back = strided.Run();
  REQUIRE_OK(back);
  CHECK(StringsOf(back.value()[0]) == Strings{"ffff", "dd"});
}

TEST_CASE("FILL and TILE of strings") {
  KernelCall fill(kernels::family_shape, tfl::Builtin::FILL);
  fill.Version(2).Input(Make<int32_t>({2}, {2, 2})).Input(MakeStrings({}, {"xy"}));
  auto out = fill.Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].dims == Dims{2, 2});
  CHECK(StringsOf(out.value()[0]) == Strings{"xy", "xy", "xy", "xy"});

  KernelCall none(kernels::family_shape, tfl::Builtin::FILL);
  none.Version(2).Const(Make<int32_t>({1}, {0})).Input(MakeStrings({}, {"xy"}));
  auto empty = none.Run();
  REQUIRE_OK(empty);
  CHECK(StringsOf(empty.value()[0]).empty());

  KernelCall many(kernels::family_shape, tfl::Builtin::FILL);
  many.Version(2).Input(Make<int32_t>({2}, {1 << 16, 1 << 16})).Input(MakeStrings({}, {"xy"}));
  CHECK_FAILS(many.Run(), Code::kLimit, "2 GiB");

  KernelCall tile(kernels::family_shape, tfl::Builtin::TILE);
  tile.Version(2).Input(MakeStrings({1, 2}, {"a", "bb"})).Const(Make<int32_t>({2}, {2, 1}));
  auto twice = tile.Run();
  REQUIRE_OK(twice);
  CHECK(StringsOf(twice.value()[0]) == Strings{"a", "bb", "a", "bb"});
}

TEST_CASE("EQUAL of strings broadcasts") {
  KernelCall equal(kernels::family_elementwise, tfl::Builtin::EQUAL);
  equal.Version(3).Input(Words()).Input(MakeStrings({2, 1}, {"ccc", "e"}));
  auto out = equal.Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].As<uint8_t>() == std::vector<uint8_t>{0, 0, 1, 0, 1, 0});

  KernelCall rows(kernels::family_elementwise, tfl::Builtin::NOT_EQUAL);
  rows.Version(3).Input(MakeStrings({3}, {"a", "e", "ffff"})).Input(Words());
  auto different = rows.Run();
  REQUIRE_OK(different);
  CHECK(different.value()[0].As<uint8_t>() == std::vector<uint8_t>{0, 1, 1, 1, 0, 0});
}

TEST_CASE("A damaged layout is an error, whatever reads it") {
  const auto damaged = [](size_t slot, int32_t x) {
    Value v = Words();
    std::memcpy(v.bytes.data() + slot * 4, &x, 4);
    return v;
  };
  Value cut = Words();
  cut.bytes.resize(20);
  Value nothing = Words();
  nothing.bytes.clear();
  for (const Value& v : {damaged(0, 5), damaged(0, -1), damaged(1, 0), damaged(2, 1 << 30), damaged(3, -5), damaged(7, 100), cut, nothing}) {
    KernelCall gather(kernels::family_gather, tfl::Builtin::GATHER);
    gather.Input(v).Input(Make<int32_t>({1}, {0}));
    CHECK_FAILS(gather.Run(), Code::kInvalidOperand, "layout is damaged");
    KernelCall equal(kernels::family_elementwise, tfl::Builtin::EQUAL);
    equal.Version(3).Input(Words()).Input(v);
    CHECK_FAILS(equal.Run(), Code::kInvalidOperand, "layout is damaged");
  }
}
