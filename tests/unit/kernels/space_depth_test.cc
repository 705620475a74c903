// SPACE_TO_DEPTH, DEPTH_TO_SPACE, SPACE_TO_BATCH_ND, BATCH_TO_SPACE_ND through their rows.
#include "tests/support/kernel_harness.h"

namespace tflower::kernels {
extern const KernelFamily family_space_depth;
}

namespace {
using namespace tflower;
using namespace tflower::test;
using tfl::Builtin;
using I = std::vector<int32_t>;

Result<std::vector<Value>> ToDepth(const Value& x, int32_t block) {
  return KernelCall(kernels::family_space_depth, Builtin::SPACE_TO_DEPTH)
      .Input(x)
      .Options(tfl::SpaceToDepthOptions{.block_size = block})
      .Run();
}
Result<std::vector<Value>> ToSpace(const Value& x, int32_t block) {
  return KernelCall(kernels::family_space_depth, Builtin::DEPTH_TO_SPACE)
      .Input(x)
      .Options(tfl::DepthToSpaceOptions{.block_size = block})
      .Run();
}

TEST_CASE("SPACE_TO_DEPTH and DEPTH_TO_SPACE are inverse") {
  const auto deep = ToDepth(Iota<int32_t>({1, 2, 4, 1}), 2);
  REQUIRE_OK(deep);
  CHECK(deep.value()[0].dims == Dims{1, 1, 2, 4});
  CHECK(deep.value()[0].As<int32_t>() == I{0, 1, 4, 5, 2, 3, 6, 7});
  for (const auto& [dims, block] :
       std::vector<std::pair<Dims, int32_t>>{{{2, 6, 9, 4}, 3}, {{1, 4, 4, 1}, 4}, {{2, 3, 3, 2}, 1}, {{0, 2, 2, 1}, 2}}) {
    const Value x = Iota<int16_t>(dims);
    const auto there = ToDepth(x, block);
    REQUIRE_OK(there);
    const auto back = ToSpace(there.value()[0], block);
    REQUIRE_OK(back);
    CHECK(back.value()[0].dims == dims);
    CHECK(back.value()[0].bytes == x.bytes);
  }
  // tf.nn.depth_to_space(range(8) as [1, 1, 2, 4], 2)
  CHECK(ToSpace(Iota<int32_t>({1, 1, 2, 4}), 2).value()[0].As<int32_t>() == I{0, 1, 4, 5, 2, 3, 6, 7});
}

TEST_CASE("SPACE_TO_DEPTH and DEPTH_TO_SPACE refuse what does not divide") {
  CHECK_FAILS(ToDepth(Iota<float>({1, 3, 2, 1}), 2), Code::kUnsupportedAttribute,
              "dim(input, 1) % block_size == 0");
  CHECK_FAILS(ToSpace(Iota<float>({1, 1, 1, 6}), 2), Code::kUnsupportedAttribute, "dim(input, 3) % (block_size * block_size) == 0");
  CHECK_FAILS(ToDepth(Iota<float>({1, 2, 2, 1}), 0), Code::kInvalidGraph, "block_size >= 1");
  CHECK_FAILS(ToSpace(Iota<float>({2, 2, 4}), 2), Code::kUnsupportedShape, "rank(input) == 4");
}

Result<std::vector<Value>> Batch(Builtin code, const Value& x, const I& block, const I& edges, bool constant = true) {
  KernelCall call(kernels::family_space_depth, code);
  const auto m = static_cast<int64_t>(block.size());
  const Value b = Make<int32_t>({m}, block), e = Make<int32_t>({m, 2}, edges);
  call.Version(3).Input(x);
  return (constant ? call.Const(b).Const(e) : call.Input(b).Input(e)).Run();
}

TEST_CASE("SPACE_TO_BATCH_ND moves padded blocks into the batch") {
  for (const bool constant : {true, false}) {
    // tf.space_to_batch_nd(arange(6).reshape(1, 3, 2, 1) + 1, [2, 2], [[1, 0], [0, 2]])
    const auto out = Batch(Builtin::SPACE_TO_BATCH_ND, Make<int32_t>({1, 3, 2, 1}, {1, 2, 3, 4, 5, 6}), {2, 2}, {1, 0, 0, 2}, constant);
    REQUIRE_OK(out);
    CHECK(out.value()[0].dims == Dims{4, 2, 2, 1});
    CHECK(out.value()[0].As<int32_t>() == I{0, 0, 3, 0, 0, 0, 4, 0, 1, 0, 5, 0, 2, 0, 6, 0});
    CHECK_FAILS(Batch(Builtin::SPACE_TO_BATCH_ND, Iota<int32_t>({1, 3, 1}), {2}, {0, 0}, constant), Code::kInvalidOperand,
                "dimension 1 with its padding, 3, must be a multiple of block size 2");
    CHECK_FAILS(Batch(Builtin::SPACE_TO_BATCH_ND, Iota<int32_t>({1, 3, 1}), {0}, {0, 0}, constant), Code::kInvalidOperand,
                "input 1 (block_shape)");
    CHECK_FAILS(Batch(Builtin::SPACE_TO_BATCH_ND, Iota<int32_t>({1, 3, 1}), {2}, {-1, 0}, constant), Code::kInvalidOperand,
                "input 2 (paddings)");
  }
  // Padding wider than a block.
  CHECK(Batch(Builtin::SPACE_TO_BATCH_ND, Make<int32_t>({1, 1}, {9}), {2}, {4, 1}).value()[0].As<int32_t>() == I{0, 0, 9, 0, 0, 0});
  CHECK_FAILS(Batch(Builtin::SPACE_TO_BATCH_ND, Iota<int32_t>({3}), {1}, {0, 0}), Code::kUnsupportedShape,
              "need an input of rank 2 or more");
}

TEST_CASE("SPACE_TO_BATCH_ND without padding, and back") {
  constexpr int64_t kN = 2, kH = 3, kW = 2, kC = 5, kBlockH = 2, kBlockW = 3;
  const Value x = Iota<int32_t>({kN, kH * kBlockH, kW * kBlockW, kC});
  const auto out = Batch(Builtin::SPACE_TO_BATCH_ND, x, {kBlockH, kBlockW}, {0, 0, 0, 0});
  REQUIRE_OK(out);
  CHECK(out.value()[0].dims == Dims{kN * kBlockH * kBlockW, kH, kW, kC});
  const I seen = out.value()[0].As<int32_t>();
  int wrong = 0;
  for (int64_t i = 0; i < static_cast<int64_t>(seen.size()); ++i) {
    const int64_t c = i % kC, w = i / kC % kW, h = i / kC / kW % kH, n = i / kC / kW / kH % kN, b = i / kC / kW / kH / kN;
    wrong += seen[static_cast<size_t>(i)] != ((n * kH * kBlockH + h * kBlockH + b / kBlockW) * kW * kBlockW + w * kBlockW + b % kBlockW) * kC + c;
  }
  CHECK(wrong == 0);
  CHECK(Batch(Builtin::BATCH_TO_SPACE_ND, out.value()[0], {kBlockH, kBlockW}, {0, 0, 0, 0}).value()[0].bytes == x.bytes);
}

TEST_CASE("BATCH_TO_SPACE_ND undoes it and crops") {
  for (const bool constant : {true, false}) {
    const auto out = Batch(Builtin::BATCH_TO_SPACE_ND, Make<int32_t>({4, 2, 2, 1}, {0, 0, 3, 0, 0, 0, 4, 0, 1, 0, 5, 0, 2, 0, 6, 0}),
                           {2, 2}, {1, 0, 0, 2}, constant);
    REQUIRE_OK(out);
    CHECK(out.value()[0].dims == Dims{1, 3, 2, 1});
    CHECK(out.value()[0].As<int32_t>() == I{1, 2, 3, 4, 5, 6});
    CHECK_FAILS(Batch(Builtin::BATCH_TO_SPACE_ND, Iota<int32_t>({3, 2, 1}), {2}, {0, 0}, constant), Code::kInvalidOperand,
                "the batch, 3, must be a multiple of 2");
    CHECK_FAILS(Batch(Builtin::BATCH_TO_SPACE_ND, Iota<int32_t>({2, 2, 1}), {2}, {3, 2}, constant), Code::kInvalidOperand,
                "[3, 2] for dimension 1 must be at most 4 together");
  }
  CHECK(Batch(Builtin::BATCH_TO_SPACE_ND, Iota<int32_t>({2, 2, 1}), {2}, {2, 2}).value()[0].dims == Dims{1, 0, 1});
  const Value x = Iota<int32_t>({2, 4, 6, 3});
  const auto there = Batch(Builtin::SPACE_TO_BATCH_ND, x, {2, 3}, {2, 0, 3, 3});
  REQUIRE_OK(there);
  CHECK(Batch(Builtin::BATCH_TO_SPACE_ND, there.value()[0], {2, 3}, {2, 0, 3, 3}).value()[0].bytes == x.bytes);
}

}  // namespace
