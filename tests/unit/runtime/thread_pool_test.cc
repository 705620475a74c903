// ThreadPool: every index once, whatever the sizes; nested and concurrent calls; a hammer for the sanitizers.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "runtime/exec/thread_pool.h"

using tflower::runtime::ThreadPool;

namespace {

struct Cover {
  std::vector<std::atomic<int>> seen;
  int64_t grain;
  std::atomic<bool> odd_range{false};
};

void Mark(void* user, int64_t begin, int64_t end) {
  Cover& cover = *static_cast<Cover*>(user);
  const int64_t n = static_cast<int64_t>(cover.seen.size());
  if (begin % cover.grain != 0 || (end - begin < cover.grain && end != n)) cover.odd_range = true;
  for (int64_t i = begin; i < end; ++i) cover.seen[static_cast<size_t>(i)].fetch_add(1);
}

}  // namespace

TEST_CASE("every index is visited once, in ranges of at least the grain") {
  for (const int threads : {1, 2, 3, 8}) {
    ThreadPool pool(threads);
    CHECK(pool.threads() == threads);
    for (const int64_t n : {0, 1, 2, 7, 64, 65, 1000, 4097}) {
      for (const int64_t grain : {1, 3, 64, 5000}) {
        Cover cover{std::vector<std::atomic<int>>(static_cast<size_t>(n)), grain, false};
        pool.For(n, grain, &Mark, &cover);
        CHECK_FALSE(cover.odd_range);
        for (const auto& seen : cover.seen) REQUIRE(seen == 1);
      }
    }
  }
}

TEST_CASE("nested loops run inline") {
  ThreadPool pool(3);
  struct Both {
    ThreadPool& pool;
    std::atomic<int64_t> sum{0};
  } both{pool, 0};
  pool.For(
      8, 1,
      [](void* user, int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          static_cast<Both*>(user)->pool.For(
              100, 1, [](void* inner, int64_t b, int64_t e) { static_cast<Both*>(inner)->sum += e - b; }, user);
        }
      },
      &both);
  CHECK(both.sum == 800);
}

TEST_CASE("callers on several threads do not disturb each other") {
  ThreadPool pool(2);
  std::vector<std::thread> callers;
  std::atomic<int64_t> sum{0};
  for (int t = 0; t < 3; ++t) {
    callers.emplace_back([&] {
      for (int i = 0; i < 300; ++i)
        pool.For(
            64, 1, [](void* user, int64_t b, int64_t e) { *static_cast<std::atomic<int64_t>*>(user) += e - b; }, &sum);
    });
  }
  for (std::thread& caller : callers) caller.join();
  CHECK(sum == 3 * 300 * 64);
}

TEST_CASE("workers that fell asleep come back, and plain memory is published both ways") {
  ThreadPool pool(2);
  std::vector<int> data(256, 0);
  for (int round = 0; round < 60; ++round) {
    if (round % 3 == 0) std::this_thread::sleep_for(std::chrono::microseconds(150));
    pool.For(
        256, 1,
        [](void* user, int64_t begin, int64_t end) {
          for (int64_t i = begin; i < end; ++i) ++(*static_cast<std::vector<int>*>(user))[static_cast<size_t>(i)];
        },
        &data);
    for (const int value : data) REQUIRE(value == round + 1);
  }
}

TEST_CASE("an unused pool ends at once") {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) ThreadPool pool(4);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
}
