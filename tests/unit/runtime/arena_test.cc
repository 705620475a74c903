// Arena layout: blocks that live together never overlap; those that do not, share.
#include <doctest/doctest.h>

#include <random>

#include "runtime/plan/arena.h"

using namespace tflower;
using namespace tflower::runtime;

namespace {

bool Overlap(const ArenaBlock& a, const ArenaBlock& b) {
  return a.first <= b.last && b.first <= a.last && a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
}

}  // namespace

TEST_CASE("a chain needs two blocks at a time") {
  std::vector<ArenaBlock> blocks = {{1000, 0, 1}, {1000, 1, 2}, {1000, 2, 3}, {1000, 3, 4}};
  const auto total = LayOut(blocks, UINT64_MAX);
  REQUIRE(total.ok());
  CHECK(total.value() == 2048);
  CHECK(blocks[0].offset == blocks[2].offset);
}

TEST_CASE("empty blocks cost nothing") {
  std::vector<ArenaBlock> blocks = {{0, 0, 9}, {0, 1, 1}};
  CHECK(LayOut(blocks, 0).value() == 0);
}

TEST_CASE("random lifetimes: aligned, disjoint, not larger than the sum") {
  std::mt19937 random(1);
  for (int round = 0; round < 50; ++round) {
    std::vector<ArenaBlock> blocks(60);
    uint64_t sum = 0;
    for (ArenaBlock& block : blocks) {
      block.bytes = random() % 5000;
      block.first = static_cast<int64_t>(random() % 40);
      block.last = block.first + static_cast<int64_t>(random() % 6);
      sum += (block.bytes + 63) / 64 * 64;
    }
    const auto total = LayOut(blocks, UINT64_MAX);
    REQUIRE(total.ok());
    CHECK(total.value() <= sum);
    for (size_t i = 0; i < blocks.size(); ++i) {
      CHECK(blocks[i].offset % 64 == 0);
      CHECK(blocks[i].offset + blocks[i].bytes <= total.value());
      for (size_t j = 0; j < i; ++j) REQUIRE_FALSE(Overlap(blocks[i], blocks[j]));
    }
  }
}

TEST_CASE("the limit is kept, also for sizes that would overflow") {
  std::vector<ArenaBlock> blocks = {{600, 0, 1}, {600, 0, 1}};
  CHECK(LayOut(blocks, 1000).error().code == Code::kLimit);
  blocks = {{UINT64_MAX - 10, 0, 1}, {UINT64_MAX - 10, 0, 1}};
  CHECK(LayOut(blocks, uint64_t{1} << 40).error().code == Code::kLimit);
}
