// GATHER, GATHER_ND, SCATTER_ND, EMBEDDING_LOOKUP, ONE_HOT through their rows.
#include <tuple>

#include "tests/support/kernel_harness.h"

namespace tflower::kernels {
extern const KernelFamily family_gather;
}

namespace {
using namespace tflower;
using namespace tflower::test;
using tfl::Builtin;
using I = std::vector<int32_t>;
using F = std::vector<float>;

KernelCall Call(Builtin code) { return KernelCall(kernels::family_gather, code); }

Result<std::vector<Value>> Gather(const Value& params, const Value& indices, int32_t axis, int32_t batch_dims = 0, int threads = 1) {
  return Call(Builtin::GATHER)
      .Version(5)
      .Input(params)
      .Input(indices)
      .Options(tfl::GatherOptions{.axis = axis, .batch_dims = batch_dims})
      .Threads(threads)
      .Run();
}

TEST_CASE("GATHER along an axis, with indices of any rank and integer type") {
  const Value params = Iota<int32_t>({2, 3, 2});
  const auto out = Gather(params, Make<int64_t>({2, 1}, {2, 0}), 1);
  REQUIRE_OK(out);
  CHECK(out.value()[0].dims == Dims{2, 2, 1, 2});
  CHECK(out.value()[0].As<int32_t>() == I{4, 5, 0, 1, 10, 11, 6, 7});
  CHECK(Gather(params, Scalar<int16_t>(1), -1).value()[0].As<int32_t>() == I{1, 3, 5, 7, 9, 11});
  CHECK(Gather(Iota<int8_t>({4}), Make<int32_t>({3}, {3, 3, 0}), 0).value()[0].As<int8_t>() == std::vector<int8_t>{3, 3, 0});
  CHECK(Gather(params, Make<int32_t>({0}, {}), 1).value()[0].dims == Dims{2, 0, 2});
  CHECK(Gather(Iota<float>({0, 3}), Make<int32_t>({1}, {2}), 1).value()[0].dims == Dims{0, 1});
}

TEST_CASE("GATHER with batch dimensions") {
  // tf.gather(x, [[2], [0]], axis=1, batch_dims=1)
  const auto out = Gather(Iota<int32_t>({2, 3, 2}), Make<int32_t>({2, 1}, {2, 0}), 1, 1);
  REQUIRE_OK(out);
  CHECK(out.value()[0].dims == Dims{2, 1, 2});
  CHECK(out.value()[0].As<int32_t>() == I{4, 5, 6, 7});
  // tf.gather(x, [[1, 0], [1, 1]], axis=2, batch_dims=1): x[b, o, idx[b, k]]
  const auto inner = Gather(Iota<int32_t>({2, 3, 2}), Make<int32_t>({2, 2}, {1, 0, 1, 1}), 2, 1);
  CHECK(inner.value()[0].dims == Dims{2, 3, 2});
  CHECK(inner.value()[0].As<int32_t>() == I{1, 0, 3, 2, 5, 4, 7, 7, 9, 9, 11, 11});
  CHECK(Gather(Iota<int32_t>({2, 3}), Make<int32_t>({2}, {2, 0}), 1, -1 + 2).value()[0].As<int32_t>() == I{2, 3});
}

TEST_CASE("GATHER on threads") {
  std::vector<int32_t> indices(50'000);
  for (size_t i = 0; i < indices.size(); ++i) indices[i] = static_cast<int32_t>(i * 7 % 1000);
  const auto out = Gather(Iota<int32_t>({1000, 3}), Make<int32_t>({50'000}, indices), 0, 0, 3);
  CHECK(out.value()[0].As<int32_t>()[3 * 49'999 + 2] == indices[49'999] * 3 + 2);
}

// From tables and to results beyond the caches; and blocks of which the next is fetched meanwhile.
TEST_CASE("GATHER of rows of all lengths from large tables") {
  for (const auto& [table, row, count] : {std::tuple<int64_t, int64_t, int64_t>{300'001, 1, 5'003}, {1'001, 16, 140'003}, {1'001, 19, 120'001}, {401, 300, 7'013}}) {
    I indices(static_cast<size_t>(count));
    for (size_t i = 0; i < indices.size(); ++i) indices[i] = static_cast<int32_t>(i * 7919 % static_cast<size_t>(table));
    const auto out = Gather(Iota<int32_t>({table, row}), Make<int32_t>({count}, indices), 0);
    REQUIRE_OK(out);
    const I seen = out.value()[0].As<int32_t>();
    int64_t wrong = 0;
    for (int64_t i = 0; i < count * row; ++i) wrong += seen[static_cast<size_t>(i)] != indices[static_cast<size_t>(i / row)] * row + i % row;
    CHECK(wrong == 0);
  }
  I indices(1000);
  for (size_t i = 0; i < indices.size(); ++i) indices[i] = static_cast<int32_t>(i * 37 % 123);
  const I seen = Gather(Iota<int32_t>({50, 123}), Make<int32_t>({1000}, indices), 1).value()[0].As<int32_t>();
  int64_t wrong = 0;
  for (int32_t i = 0; i < 50'000; ++i) wrong += seen[static_cast<size_t>(i)] != i / 1000 * 123 + indices[static_cast<size_t>(i % 1000)];
  CHECK(wrong == 0);
}

TEST_CASE("GATHER refuses what is not there") {
  const Value params = Iota<int32_t>({2, 3});
  CHECK_FAILS(Gather(params, Make<int32_t>({2}, {0, -1}), 1), Code::kInvalidOperand,
              "input 1 (indices): index -1 at position 1 is outside [0, 3)");
  CHECK_FAILS(Gather(params, Make<int64_t>({1}, {int64_t{1} << 40}), 0), Code::kInvalidOperand, "outside [0, 2)");
  CHECK_FAILS(Gather(Iota<int32_t>({0}), Make<int32_t>({1}, {0}), 0), Code::kInvalidOperand, "outside [0, 0)");
  CHECK_FAILS(Gather(params, Make<int32_t>({2}, {0, 1}), 2), Code::kUnsupportedAttribute, "axis in [-rank(params), rank(params))");
  CHECK_FAILS(Gather(params, Make<int32_t>({3}, {0, 1, 0}), 1, 1), Code::kUnsupportedShape,
              "batch dimension 0 of [3] must be that of params [2, 3]");
  CHECK_FAILS(Gather(params, Make<int32_t>({2}, {0, 1}), 0, 1), Code::kUnsupportedAttribute, "batch_dims: 1 must be at most");
}

Result<std::vector<Value>> GatherNd(const Value& params, const Value& indices) {
  return Call(Builtin::GATHER_ND).Input(params).Input(indices).Run();
}

TEST_CASE("GATHER_ND takes elements and slices") {
  const Value params = Iota<int32_t>({2, 3, 2});
  CHECK(GatherNd(params, Make<int32_t>({2, 3}, {0, 2, 1, 1, 0, 0})).value()[0].As<int32_t>() == I{5, 6});
  const auto out = GatherNd(params, Make<int64_t>({1, 2, 1}, {1, 0}));
  CHECK(out.value()[0].dims == Dims{1, 2, 3, 2});
  CHECK(out.value()[0].As<int32_t>() == I{6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4, 5});
  CHECK(GatherNd(Iota<int32_t>({3}), Make<int32_t>({2, 0}, {})).value()[0].As<int32_t>() ==
        I{0, 1, 2, 0, 1, 2});  // tf.gather_nd: no index, the whole tensor
  CHECK(GatherNd(params, Make<int32_t>({0, 2}, {})).value()[0].dims == Dims{0, 2});
  CHECK_FAILS(GatherNd(params, Make<int32_t>({1, 2}, {0, 3})), Code::kInvalidOperand,
              "index 3 for dimension 1 (entry 0) is outside [0, 3)");
  CHECK_FAILS(GatherNd(params, Make<int32_t>({1, 1}, {-1})), Code::kInvalidOperand, "index -1 for dimension 0");
  CHECK_FAILS(GatherNd(Iota<int32_t>({3}), Make<int32_t>({1, 2}, {0, 0})), Code::kUnsupportedShape,
              "dim(indices, -1) <= rank(params)");
}

Result<std::vector<Value>> ScatterNd(const Value& indices, const Value& updates, I shape, bool constant = true) {
  KernelCall call = Call(Builtin::SCATTER_ND);
  call.Input(indices).Input(updates);
  const Value s = Make<int32_t>({static_cast<int64_t>(shape.size())}, shape);
  return (constant ? call.Const(s) : call.Input(s)).Run();
}

TEST_CASE("SCATTER_ND adds updates where places repeat") {
  for (const bool constant : {true, false}) {
    const auto out = ScatterNd(Make<int32_t>({3, 1}, {1, 1, 0}), Make<float>({3}, {1, 2, 3}), {4}, constant);
    REQUIRE_OK(out);
    CHECK(out.value()[0].As<float>() == F{3, 3, 0, 0});
    CHECK_FAILS(ScatterNd(Make<int32_t>({1, 1}, {4}), Make<float>({1}, {1}), {4}, constant), Code::kInvalidOperand,
                "input 0 (indices): index 4 for dimension 0 (entry 0) is outside [0, 4)");
    CHECK_FAILS(ScatterNd(Make<int32_t>({1, 1}, {0}), Make<float>({2}, {1, 2}), {4}, constant), Code::kUnsupportedShape,
                "shape [2] must be that of indices [1, 1] without the last, then []");
    CHECK_FAILS(ScatterNd(Make<int32_t>({1, 2}, {0, 0}), Make<float>({1}, {1}), {4}, constant), Code::kUnsupportedShape,
                "must be at most the rank of shape [4]");
    CHECK_FAILS(ScatterNd(Make<int32_t>({1, 1}, {0}), Make<float>({1}, {1}), {-4}, constant), Code::kUnsupportedShape, "negative dimension");
  }
  CHECK(ScatterNd(Make<int32_t>({2, 1}, {2, 0}), Make<int8_t>({2, 2}, {1, 2, 3, 4}), {3, 2}).value()[0].As<int8_t>() ==
        std::vector<int8_t>{3, 4, 0, 0, 1, 2});
  CHECK(ScatterNd(Make<int32_t>({2, 1}, {1, 1}), Make<bool>({2}, {true, true}), {2}).value()[0].As<bool>() ==
        std::vector<bool>{false, true});
  CHECK(ScatterNd(Make<int32_t>({0, 1}, {}), Make<float>({0}, {}), {2}).value()[0].As<float>() == F{0, 0});
}

TEST_CASE("EMBEDDING_LOOKUP takes rows, of int8 tables as they are or as floats") {
  const auto lookup = [](const Value& value, I rows) {
    return Call(Builtin::EMBEDDING_LOOKUP).Input(Make<int32_t>({static_cast<int64_t>(rows.size())}, rows)).Input(value);
  };
  CHECK(lookup(Iota<float>({3, 2, 1}), {2, 0}).Run().value()[0].As<float>() == F{4, 5, 0, 1});
  CHECK(lookup(Iota<float>({3, 2}), {}).Run().value()[0].dims == Dims{0, 2});
  CHECK_FAILS(lookup(Iota<float>({3, 2}), {3}).Run(), Code::kInvalidOperand, "input 0 (lookup): index 3 at position 0 is outside [0, 3)");
  CHECK_FAILS(lookup(Iota<float>({3}), {0}).Run(), Code::kUnsupportedShape, "rank(value) >= 2");
  CHECK_FAILS(Call(Builtin::EMBEDDING_LOOKUP).Input(Make<int32_t>({1}, {0})).Run(), Code::kInvalidGraph, "inputs: has 1, the operator takes 2");
  const Value table = Make<int8_t>({2, 2}, {1, -2, 3, 127});
  CHECK(lookup(table, {1}).Run().value()[0].As<int8_t>() == std::vector<int8_t>{3, 127});
  CHECK(lookup(table.Quantized({0.5f}, {0}), {1}).OutputTypes({DType::kFloat32}).Run().value()[0].As<float>() == F{1.5f, 63.5f});
  CHECK(lookup(table.Quantized({0.5f, 2.0f}, {0, 0}), {1, 0}).OutputTypes({DType::kFloat32}).Run().value()[0].As<float>() ==
        F{6, 254, 0.5f, -1});
  CHECK_FAILS(lookup(table.Quantized({0.5f}, {3}), {1}).OutputTypes({DType::kFloat32}).Run(), Code::kUnsupportedType,
              "zero point 3 must be 0");
  CHECK_FAILS(lookup(table, {1}).OutputTypes({DType::kFloat32}).Run(), Code::kUnsupportedType, "0 scales");
}

Result<std::vector<Value>> OneHot(const Value& indices, int32_t depth, int32_t axis, bool constant = true) {
  KernelCall call = Call(Builtin::ONE_HOT);
  call.Input(indices);
  constant ? call.Const(Scalar(depth)) : call.Input(Scalar(depth));
  return call.Const(Scalar(2.0f)).Const(Scalar(1.0f)).Options(tfl::OneHotOptions{.axis = axis}).Run();
}

TEST_CASE("ONE_HOT; indices outside the depth give no one") {
  for (const bool constant : {true, false}) {
    const auto out = OneHot(Make<int32_t>({3}, {-1, 1, 5}), 3, -1, constant);
    REQUIRE_OK(out);
    CHECK(out.value()[0].dims == Dims{3, 3});
    CHECK(out.value()[0].As<float>() == F{1, 1, 1, 1, 2, 1, 1, 1, 1});
    CHECK(OneHot(Make<int64_t>({1, 2}, {0, 2}), 3, 1, constant).value()[0].As<float>() == F{2, 1, 1, 1, 1, 2});
    CHECK(OneHot(Make<int32_t>({2}, {0, 1}), 0, 0, constant).value()[0].dims == Dims{0, 2});
    CHECK_FAILS(OneHot(Make<int32_t>({2}, {0, 1}), -1, 0, constant), Code::kInvalidOperand, "input 1 (depth)");
    CHECK_FAILS(OneHot(Make<int32_t>({2}, {0, 1}), 3, 2, constant), Code::kUnsupportedAttribute, "axis in [-1, rank(indices)]");
  }
}

TEST_CASE("ONE_HOT of short rows, so many that they go past the caches") {
  const auto check = [](auto on, auto off, int32_t depth) {
    using T = decltype(on);
    const auto rows = static_cast<int64_t>((9 << 20) / sizeof(T)) / depth;
    CAPTURE(depth);
    std::vector<int32_t> indices(static_cast<size_t>(rows));
    std::vector<T> expected(static_cast<size_t>(rows * depth), off);
    for (int64_t r = 0; r < rows; ++r) {
      const auto at = static_cast<int32_t>(static_cast<uint32_t>(r) * 2654435761u >> 8) % (depth + 2) - 1;
      indices[static_cast<size_t>(r)] = at;
      if (at >= 0 && at < depth) expected[static_cast<size_t>(r * depth + at)] = on;
    }
    const auto seen = Call(Builtin::ONE_HOT).Input(Make<int32_t>({rows}, indices)).Const(Scalar(depth)).Const(Scalar(on)).Const(Scalar(off)).Options(tfl::OneHotOptions{.axis = -1}).Threads(2).Run();
    REQUIRE_OK(seen);
    CHECK((seen.value()[0].template As<T>() == expected));
  };
  check(2.0f, 1.0f, 10);
  check(int8_t{2}, int8_t{1}, 19);
  check(int64_t{2}, int64_t{1}, 32);
  check(int16_t{2}, int16_t{1}, 3);
}

}  // namespace
