// SLICE and STRIDED_SLICE through their rows. Expected values: NumPy indexing, given with each case.
#include "tests/support/kernel_harness.h"

#include <limits>

namespace tflower::kernels {
extern const KernelFamily family_slice;
}

namespace {
using namespace tflower;
using namespace tflower::test;
using I = std::vector<int32_t>;

Value Vector(const I& x) { return Make<int32_t>({static_cast<int64_t>(x.size())}, x); }

Result<std::vector<Value>> Slice(const Value& x, const I& begin, const I& size, bool constant = true) {
  KernelCall call(kernels::family_slice, tfl::Builtin::SLICE);
  call.Input(x);
  return (constant ? call.Const(Vector(begin)).Const(Vector(size)) : call.Input(Vector(begin)).Input(Vector(size))).Run();
}

TEST_CASE("SLICE takes a box; -1 is the rest") {
  for (const bool constant : {true, false}) {
    const auto out = Slice(Iota<int32_t>({3, 4}), {1, 1}, {2, -1}, constant);
    REQUIRE_OK(out);
    CHECK(out.value()[0].dims == Dims{2, 3});
    CHECK(out.value()[0].As<int32_t>() == I{5, 6, 7, 9, 10, 11});
    CHECK(Slice(Iota<int32_t>({3}), {3}, {-1}, constant).value()[0].dims == Dims{0});
    CHECK_FAILS(Slice(Iota<int32_t>({3}), {-2}, {2}, constant), Code::kInvalidOperand, "input 1 (begin)");
    CHECK_FAILS(Slice(Iota<int32_t>({3}), {2}, {2}, constant), Code::kInvalidOperand,
                "input 2 (size): [2]: entry 0 must lie in [0, 1], or be -1");
    CHECK_FAILS(Slice(Iota<int32_t>({3}), {0}, {-2}, constant), Code::kInvalidOperand, "input 2 (size)");
  }
  CHECK(Slice(Scalar<int32_t>(5), {}, {}).value()[0].As<int32_t>() == I{5});
  CHECK_FAILS(Slice(Iota<int32_t>({3}), {0, 0}, {1, 1}), Code::kUnsupportedShape, "count(begin) == rank(input)");
}

TEST_CASE("SLICE takes int64 begins, and large ones on threads") {
  KernelCall call(kernels::family_slice, tfl::Builtin::SLICE);
  const auto out =
      call.Input(Iota<int32_t>({500, 400})).Const(Make<int64_t>({2}, {1, 1})).Const(Make<int64_t>({2}, {-1, 300})).Threads(3).Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].dims == Dims{499, 300});
  CHECK(out.value()[0].As<int32_t>()[498 * 300 + 299] == 499 * 400 + 300);
}

struct Masks {
  int32_t begin = 0, end = 0, ellipsis = 0, new_axis = 0, shrink = 0;
  bool offset = false;
};

Result<std::vector<Value>> Strided(const Value& x, const I& begin, const I& end, const I& strides, Masks m = {}, bool constant = true) {
  KernelCall call(kernels::family_slice, tfl::Builtin::STRIDED_SLICE);
  call.Version(8).Input(x).Options(tfl::StridedSliceOptions{.begin_mask = m.begin,
                                                            .end_mask = m.end,
                                                            .ellipsis_mask = m.ellipsis,
                                                            .new_axis_mask = m.new_axis,
                                                            .shrink_axis_mask = m.shrink,
                                                            .offset = m.offset});
  return (constant ? call.Const(Vector(begin)).Const(Vector(end)).Const(Vector(strides))
                   : call.Input(Vector(begin)).Input(Vector(end)).Input(Vector(strides)))
      .Run();
}

void CheckStrided(const Result<std::vector<Value>>& out, const Dims& dims, const I& values) {
  REQUIRE_OK(out);
  CHECK(out.value()[0].dims == dims);
  CHECK(out.value()[0].As<int32_t>() == values);
}

const Value kCube = Iota<int32_t>({2, 3, 4});

TEST_CASE("slices at computed places keep the dimensions that do not depend on them") {
  KernelCall slice(kernels::family_slice, tfl::Builtin::SLICE);
  const auto box = slice.Input(Iota<int32_t>({4, 5, 6})).Input(Vector({1, 2, 3})).Const(Vector({2, -1, 3})).Infer();
  REQUIRE_OK(box);
  CHECK(box.value()[0].dims == Dims{2, -1, 3});
  KernelCall large(kernels::family_slice, tfl::Builtin::SLICE);
  CHECK_FAILS(large.Input(Iota<int32_t>({4})).Input(Vector({0})).Const(Vector({5})).Infer(), Code::kInvalidOperand, "must lie in [0, 4]");

  KernelCall index(kernels::family_slice, tfl::Builtin::STRIDED_SLICE);  // x[:, i, i:, ::2]
  index.Options(tfl::StridedSliceOptions{.begin_mask = 0b1001, .end_mask = 0b1101, .shrink_axis_mask = 0b0010});
  index.Input(Iota<int32_t>({4, 5, 6, 7})).Input(Vector({0, 1, 2, 0})).Input(Vector({0, 2, 0, 0})).Const(Vector({1, 1, 1, 2}));
  const auto picked = index.Infer();
  REQUIRE_OK(picked);
  CHECK(picked.value()[0].dims == Dims{4, -1, 4});
  CHECK(index.Run().value()[0].dims == Dims{4, 4, 4});
}

TEST_CASE("STRIDED_SLICE: ranges, steps and clamping") {
  for (const bool constant : {true, false}) {
    CheckStrided(Strided(Iota<int32_t>({5}), {1}, {4}, {2}, {}, constant), {2}, {1, 3});                          // x[1:4:2]
    CheckStrided(Strided(Iota<int32_t>({5}), {-2}, {100}, {1}, {}, constant), {2}, {3, 4});                       // x[-2:100]
    CheckStrided(Strided(Iota<int32_t>({5}), {9}, {-9}, {-2}, {}, constant), {3}, {4, 2, 0});                     // x[9:-9:-2]
    CheckStrided(Strided(Iota<int32_t>({5}), {2}, {2}, {-2}, {.begin = 1, .end = 1}, constant), {3}, {4, 2, 0});  // x[::-2]
    CheckStrided(Strided(Iota<int32_t>({5}), {3}, {1}, {1}, {}, constant), {0}, {});                              // x[3:1]
  }
  CheckStrided(Strided(kCube, {9, -9, 3}, {-9, 9, 0}, {-1, 2, -2}), {2, 2, 2},
               {15, 13, 23, 21, 3, 1, 11, 9});  // x[9:-9:-1, -9:9:2, 3:0:-2]
  CheckStrided(Strided(Iota<int32_t>({0}), {0}, {5}, {1}), {0}, {});
  CheckStrided(Strided(Iota<int32_t>({0}), {5}, {-5}, {-1}), {0}, {});
  CheckStrided(Strided(Iota<int32_t>({3}), {0}, {3}, {std::numeric_limits<int32_t>::max()}), {1}, {0});
  CheckStrided(Strided(Iota<int32_t>({3}), {2}, {-9}, {std::numeric_limits<int32_t>::min()}), {1}, {2});
}

TEST_CASE("STRIDED_SLICE: shrunk axes") {
  CheckStrided(Strided(kCube, {-1, 0, 2}, {0, 3, 3}, {1, 1, 1}, {.shrink = 5}), {3}, {14, 18, 22});  // x[-1, 0:3, 2]
  CheckStrided(Strided(kCube, {1}, {9}, {2}, {.begin = 1, .shrink = 1}), {3, 4},
               {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});  // begin_mask holds, as in TFLite
  CHECK_FAILS(Strided(kCube, {2}, {3}, {1}, {.shrink = 1}), Code::kInvalidOperand,
              "input 1 (begin): entry 0 = 2 is outside dimension 0 of [2, 3, 4]");
  CHECK_FAILS(Strided(kCube, {-3}, {3}, {1}, {.shrink = 1}), Code::kInvalidOperand, "entry 0 = -3 is outside");
  CHECK_FAILS(Strided(kCube, {1}, {0}, {-1}, {.shrink = 1}), Code::kInvalidOperand, "must be positive where an axis shrinks");
}

TEST_CASE("STRIDED_SLICE: ellipsis and new axes, with TensorFlow's order of precedence") {
  CheckStrided(Strided(kCube, {0, 1}, {0, 2}, {1, 1}, {.ellipsis = 1}), {2, 3, 1}, {1, 5, 9, 13, 17, 21});  // x[..., 1:2]
  CheckStrided(Strided(kCube, {0, 0, 1}, {0, 0, 2}, {1, 1, 1}, {.ellipsis = 1, .new_axis = 2}), {2, 3, 1, 1},
               {1, 5, 9, 13, 17, 21});                                                                           // x[..., newaxis, 1:2]
  CheckStrided(Strided(kCube, {0, 1, 1}, {0, 2, 2}, {1, 1, 1}, {.ellipsis = 1, .shrink = 2}), {2, 1}, {5, 17});  // x[..., 1, 1:2]
  CheckStrided(Strided(kCube, {0, 0}, {1, 1}, {1, 1}, {.new_axis = 1, .shrink = 1}), {1, 1, 3, 4},
               {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});                                                          // new axis wins
  CheckStrided(Strided(kCube, {0, 1, 1}, {0, 2, 2}, {1, 1, 1}, {.ellipsis = 2, .new_axis = 2}), {0, 3, 1}, {});  // ellipsis wins
  CheckStrided(Strided(Scalar<int32_t>(7), {0}, {0}, {1}, {.new_axis = 1}), {1}, {7});
  for (const bool constant : {true, false}) {
    CHECK(Strided(kCube, {0, 1, 1}, {0, 2, 2}, {1, 1, 1}, {.new_axis = 7}, constant).value()[0].dims == Dims{1, 1, 1, 2, 3, 4});
    CHECK_FAILS(Strided(kCube, {0, 0}, {1, 1}, {1, 1}, {.ellipsis = 3}, constant), Code::kUnsupportedAttribute, "more than one ellipsis");
    CHECK_FAILS(Strided(kCube, {0, 0, 0, 0}, {1, 1, 1, 1}, {1, 1, 1, 1}, {}, constant), Code::kUnsupportedShape,
                "4 entries name dimensions, the input has 3");
  }
}

TEST_CASE("STRIDED_SLICE: ends as offsets from begin") {
  CheckStrided(Strided(kCube, {1, 0, 3}, {-1, 2, -2}, {-1, 1, -1}, {.offset = true}), {1, 2, 2}, {15, 14, 19, 18});  // what LiteRT gives
  CheckStrided(Strided(kCube, {1, 0, 1}, {1, 2, 2}, {1, 1, 1}, {.end = 4, .offset = true}), {1, 2, 3}, {13, 14, 15, 17, 18, 19});
  CheckStrided(Strided(Iota<int32_t>({5}), {-2}, {100}, {1}, {.offset = true}), {2}, {3, 4});
}

TEST_CASE("STRIDED_SLICE refuses a stride of 0 and operands of different length") {
  CHECK_FAILS(Strided(kCube, {0}, {1}, {0}), Code::kInvalidOperand, "each(strides) != 0");
  CHECK_FAILS(Strided(kCube, {0}, {1, 1}, {1}), Code::kUnsupportedShape, "count(end) == count(begin)");
}

}  // namespace
