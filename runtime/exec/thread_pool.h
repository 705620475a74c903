// ThreadPool: splits one loop at a time over a few threads that spin briefly between loops and then sleep.
//
// Every thread begins with its own part of the range, always the same one, and takes from the others' parts when it is through:
// operators follow each other on rows of the same picture, and what a core wrote for one it finds in its cache for the next.
//
// A warm (spinning) pool starts a loop in well under a microsecond; a sleeping worker needs 16-27 us to wake, and the
// loop does not wait for it: the caller works too, and only workers that joined in time are waited for.
//
// A child of fork() has none of its parent's threads: a pool that finds itself in one starts its own at the next loop.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "tflower/parallel.h"

namespace tflower::runtime {

class ThreadPool {
 public:
  // `threads` counts the caller; 1 or less starts no thread. When the system gives fewer, the pool has fewer.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  // Runs body over disjoint ranges that cover [0, n) and returns when all have finished. Ranges begin at multiples of
  // `grain` and are at least that long, except the last. A call while another runs (nested, or from a second thread)
  // is done inline on the calling thread.
  void For(int64_t n, int64_t grain, Parallel::Body body, void* user);

  Parallel parallel();

 private:
  struct alignas(64) Part {
    std::atomic<int64_t> next{0};  // piece to claim
    int64_t end = 0;
  };

  void Start(size_t extra);
  void ForgetWorkers();
  void WorkerLoop(size_t part);
  bool Join(uint32_t& last_epoch);
  void WaitForWork(uint32_t last_epoch);
  void Work(size_t own_part);
  void DealPieces();
  int64_t PieceBegin(int64_t piece) const { return piece == pieces_ ? n_ : grains_ * piece / pieces_ * grain_; }
  void OpenJob();
  void CloseJob();

  uint32_t forks_;  // of the process, when the workers were started
  std::vector<std::thread> workers_;
  Parallel::Body body_ = nullptr;
  void* user_ = nullptr;
  int64_t n_ = 0;
  int64_t grain_ = 1;
  int64_t grains_ = 0;  // in [0, n_), the last one perhaps shorter
  int64_t pieces_ = 1;  // nearly equal numbers of grains
  std::vector<Part> parts_;  // one per thread, the caller's first
  std::atomic<bool> busy_{false};
  std::atomic<bool> quit_{false};
  // High 24 bits: epoch, odd while a job is open. Low 8 bits: workers inside it.
  alignas(64) std::atomic<uint32_t> state_{0};
  alignas(64) std::atomic<uint32_t> asleep_{0};
};

}  // namespace tflower::runtime
