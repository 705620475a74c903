// Stop: whether a running Invoke has to end early: it was cancelled, or its budget of operators or of time is used up.
//
// Asked before every operator, every round of a WHILE, and every piece of a parallel loop. What is asked for once holds until End.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "tflower/status.h"

namespace tflower::runtime {

// Thread: Begin, Charge and End by the session's thread; Cancel and Requested by any.
class Stop {
 public:
  using Clock = std::chrono::steady_clock;

  // 0 = no limit.
  Stop(uint64_t max_operators, std::chrono::nanoseconds max_time) : max_operators_(max_operators), max_time_(max_time) {}

  // At the start of a call by the user: the budgets are whole. A Cancel that came before still counts.
  void Begin() {
    start_ = Clock::now();
    operators_ = 0;
  }
  void End() { reason_.store(Reason::kNone, std::memory_order_relaxed); }
  void Cancel() { reason_.store(Reason::kCancelled, std::memory_order_relaxed); }

  // Before an operator, or a round of a loop. kLimit with the reason when it must not run.
  Status Charge() {
    if (++operators_ > max_operators_ && max_operators_ != 0) Ask(Reason::kOperators);
    if (Requested()) return Why();
    return Ok();
  }

  bool timed() const { return max_time_.count() > 0; }
  bool Requested() {
    if (timed() && Clock::now() - start_ >= max_time_) Ask(Reason::kTime);
    return WasRequested();
  }
  // The same without a look at the clock.
  bool WasRequested() const { return reason_.load(std::memory_order_relaxed) != Reason::kNone; }
  Error Why() const;

  uint64_t operators() const { return operators_; }
  Clock::time_point start() const { return start_; }

 private:
  enum class Reason : uint8_t { kNone, kCancelled, kTime, kOperators };

  // The first reason stays.
  void Ask(Reason reason) {
    Reason none = Reason::kNone;
    reason_.compare_exchange_strong(none, reason, std::memory_order_relaxed);
  }

  const uint64_t max_operators_;
  const std::chrono::nanoseconds max_time_;
  Clock::time_point start_ = Clock::now();
  uint64_t operators_ = 0;
  std::atomic<Reason> reason_{Reason::kNone};
};

}  // namespace tflower::runtime
