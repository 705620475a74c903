// ThreadPool: splits one loop at a time over a few threads that spin briefly between loops and then sleep.
//
// A warm (spinning) pool starts a loop in well under a microsecond; a sleeping worker needs 16-27 us to wake, and the
// loop does not wait for it: the caller works too, and only workers that joined in time are waited for.
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
  void WorkerLoop();
  bool Join(uint32_t& last_epoch);
  void WaitForWork(uint32_t last_epoch);
  void Work();
  void OpenJob();
  void CloseJob();

  std::vector<std::thread> workers_;
  Parallel::Body body_ = nullptr;
  void* user_ = nullptr;
  int64_t n_ = 0;
  int64_t piece_ = 1;
  int64_t pieces_ = 0;
  std::atomic<bool> busy_{false};
  std::atomic<bool> quit_{false};
  alignas(64) std::atomic<int64_t> next_{0};
  // High 24 bits: epoch, odd while a job is open. Low 8 bits: workers inside it.
  alignas(64) std::atomic<uint32_t> state_{0};
  alignas(64) std::atomic<uint32_t> asleep_{0};
};

}  // namespace tflower::runtime
