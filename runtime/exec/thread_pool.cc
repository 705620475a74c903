// ThreadPool: pieces are claimed from a counter per part; workers join a job by a compare-and-swap on state_.
#include "thread_pool.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <system_error>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tflower::runtime {
namespace {

constexpr uint32_t kEpoch = 1u << 8;
constexpr uint32_t kInside = kEpoch - 1;
constexpr int kMaxThreads = 128;         // the count of workers inside a job has 8 bits
constexpr int64_t kSmallJob = 8;         // grains per thread; a small job is not worth what a stolen piece moves between caches
constexpr int64_t kPiecesPerThread = 4;  // enough to even out threads of unequal speed, few enough to keep claims rare
constexpr std::chrono::microseconds kSpin{500};  // longer than an operator that one thread runs alone

void Relax() {
#if defined(__x86_64__)
  _mm_pause();
#else
  std::this_thread::yield();
#endif
}

bool Open(uint32_t state) { return (state & kEpoch) != 0; }

// How often this process was made by fork() since the first pool.
uint32_t Forks() {
  static std::atomic<uint32_t> forks{0};
  static const int registered = pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });
  static_cast<void>(registered);  // without memory for it: as if there were no forks
  return forks.load(std::memory_order_relaxed);
}

}  // namespace

ThreadPool::ThreadPool(int threads) {
  const size_t extra = static_cast<size_t>(std::clamp(threads, 1, kMaxThreads) - 1);
  parts_ = std::vector<Part>(extra + 1);
  Start(extra);
}

void ThreadPool::Start(size_t extra) {
  forks_ = Forks();
  workers_.reserve(extra);
  try {
    for (size_t i = 0; i < extra; ++i) workers_.emplace_back([this, i] { WorkerLoop(i + 1); });
  } catch (const std::system_error&) {
    // The process is at its thread limit: the threads that did start are enough to go on.
  }
}

// In a child of fork(). The handles are of threads that only the parent has: they can be neither joined nor destroyed.
void ThreadPool::ForgetWorkers() {
  static std::mutex& mutex = *new std::mutex;
  static auto& gone = *new std::vector<std::vector<std::thread>>;
  const std::lock_guard lock(mutex);
  gone.push_back(std::move(workers_));
  workers_.clear();
  busy_.store(false, std::memory_order_relaxed);
  state_.store(0, std::memory_order_relaxed);
  asleep_.store(0, std::memory_order_relaxed);
}

ThreadPool::~ThreadPool() {
  if (forks_ != Forks()) {
    ForgetWorkers();
    return;
  }
  quit_.store(true, std::memory_order_relaxed);
  state_.fetch_add(2 * kEpoch, std::memory_order_seq_cst);  // changes what sleepers wait on, opens nothing
  state_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::For(int64_t n, int64_t grain, Parallel::Body body, void* user) {
  if (n <= 0) return;
  if (forks_ != Forks()) {
    const size_t extra = workers_.size();
    ForgetWorkers();
    Start(extra);
  }
  grain = std::max<int64_t>(grain, 1);
  if (workers_.empty() || n <= grain || busy_.exchange(true, std::memory_order_acquire)) {
    body(user, 0, n);
    return;
  }
  body_ = body;
  user_ = user;
  n_ = n;
  grain_ = grain;
  grains_ = (n - 1) / grain + 1;
  pieces_ = grains_ < kSmallJob * threads() ? std::min<int64_t>(grains_, threads()) : kPiecesPerThread * threads();
  DealPieces();
  OpenJob();
  Work(0);
  CloseJob();
  busy_.store(false, std::memory_order_release);
}

Parallel ThreadPool::parallel() {
  return Parallel(
      this,
      [](void* host, int64_t n, int64_t grain, Parallel::Body body, void* user) {
        static_cast<ThreadPool*>(host)->For(n, grain, body, user);
      },
      threads());
}

void ThreadPool::OpenJob() {
  state_.fetch_add(kEpoch, std::memory_order_seq_cst);
  if (asleep_.load(std::memory_order_seq_cst) != 0) state_.notify_all();  // a system call only if somebody sleeps
}

// No worker can join once the epoch is even; those inside leave as soon as the pieces are gone.
void ThreadPool::CloseJob() {
  state_.fetch_add(kEpoch, std::memory_order_acq_rel);
  for (int spins = 0; (state_.load(std::memory_order_acquire) & kInside) != 0; ++spins) {
    if (spins < 4096)
      Relax();
    else
      std::this_thread::yield();  // more threads than cores: let the worker have this one
  }
}

void ThreadPool::DealPieces() {
  const int64_t count = threads();
  for (int64_t i = 0; i < count; ++i) {
    Part& part = parts_[static_cast<size_t>(i)];
    part.next.store(pieces_ * i / count, std::memory_order_relaxed);
    part.end = pieces_ * (i + 1) / count;
  }
}

// Own pieces first, then those of the threads behind, which may sleep still.
void ThreadPool::Work(size_t own_part) {
  const size_t count = static_cast<size_t>(threads());
  for (size_t k = 0; k < count; ++k) {
    Part& part = parts_[(own_part + k) % count];
    while (part.next.load(std::memory_order_relaxed) < part.end) {  // a look costs less than a claim in vain
      const int64_t piece = part.next.fetch_add(1, std::memory_order_relaxed);
      if (piece >= part.end) break;
      body_(user_, PieceBegin(piece), PieceBegin(piece + 1));
    }
  }
}

bool ThreadPool::Join(uint32_t& last_epoch) {
  uint32_t state = state_.load(std::memory_order_acquire);
  while (Open(state) && state / kEpoch != last_epoch) {
    if (state_.compare_exchange_weak(state, state + 1, std::memory_order_acq_rel, std::memory_order_acquire)) {
      last_epoch = state / kEpoch;
      return true;
    }
  }
  return false;
}

void ThreadPool::WaitForWork(uint32_t last_epoch) {
  auto start = std::chrono::steady_clock::now();
  for (uint32_t spins = 1;; ++spins) {
    const uint32_t state = state_.load(std::memory_order_acquire);
    if (quit_.load(std::memory_order_relaxed) || (Open(state) && state / kEpoch != last_epoch)) return;
    Relax();
    if (spins % 64 != 0 || std::chrono::steady_clock::now() - start < kSpin) continue;
    asleep_.fetch_add(1, std::memory_order_seq_cst);
    // Read again: whatever was opened before asleep_ rose did not notify us.
    const uint32_t now = state_.load(std::memory_order_seq_cst);
    if (!quit_.load(std::memory_order_relaxed) && !(Open(now) && now / kEpoch != last_epoch)) {
      state_.wait(now, std::memory_order_seq_cst);
    }
    asleep_.fetch_sub(1, std::memory_order_relaxed);
    start = std::chrono::steady_clock::now();  // one loop rarely comes alone: stay awake for the next
  }
}

void ThreadPool::WorkerLoop(size_t part) {
  uint32_t last_epoch = 0;
  for (;;) {
    WaitForWork(last_epoch);
    if (quit_.load(std::memory_order_relaxed)) return;
    if (!Join(last_epoch)) continue;
    Work(part);
    state_.fetch_sub(1, std::memory_order_release);
  }
}

}  // namespace tflower::runtime
