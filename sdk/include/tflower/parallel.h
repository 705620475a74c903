// Parallel: how a kernel splits work over the host's threads. A value of two pointers and a count; copy freely.
//
// The default-constructed Parallel runs everything on the calling thread, so kernels are written once. Nested calls run inline.
#pragma once

#include <cstdint>
#include <type_traits>

namespace tflower {

class Parallel {
 public:
  using Body = void (*)(void* user, int64_t begin, int64_t end);
  // Host's loop: runs body over disjoint ranges that cover [0, n), each at least `grain` long (the last may be shorter),
  // and returns when all have finished. Ranges may run at the same time on different threads.
  using Loop = void (*)(void* host, int64_t n, int64_t grain, Body body, void* user);

  Parallel() = default;
  Parallel(void* host, Loop loop, int threads) : host_(host), loop_(loop), threads_(threads) {}

  // Threads that may run at once, the caller's included; >= 1.
  int threads() const { return threads_; }

  // f(begin, end) over [0, n). Choose grain so that one piece is worth at least ~2 us of work.
  template <class F>
  void For(int64_t n, int64_t grain, F&& f) const {
    if (n <= 0) return;
    if (loop_ == nullptr || threads_ <= 1 || n <= grain) {
      f(int64_t{0}, n);
      return;
    }
    using Fn = std::remove_reference_t<F>;
    loop_(host_, n, grain, [](void* user, int64_t begin, int64_t end) { (*static_cast<Fn*>(user))(begin, end); },
          const_cast<void*>(static_cast<const void*>(&f)));
  }

 private:
  void* host_ = nullptr;
  Loop loop_ = nullptr;
  int threads_ = 1;
};

}  // namespace tflower
