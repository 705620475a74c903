// What the machine allows: the bounds that kernel_bench.py holds kernels against. Answers a line of standard input with a line each:
//   flops                              the f32 multiply-add peak of one core, in FLOP/s (an operation alone is one FLOP, a multiply-add two)
//   stream READ WRITE THREADS RUNS     the fewest microseconds in which so many threads read and write so many bytes, through the caches or past them
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <memory>
#include <thread>
#include <vector>

namespace tflower::bench {
double RunFmaLoop(size_t rounds, float* sink);
uint8_t StreamLines(const uint8_t* source, size_t read_lines, uint8_t* target, size_t write_lines, bool past_caches);
}  // namespace tflower::bench

namespace {

// The thread's own clock, which stands still while other programs have the core.
double ThreadSeconds() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

double PeakFlops() {
  double best = 0;
  for (int i = 0; i < 20; ++i) {
    float sink;
    const double start = ThreadSeconds();
    const double flops = tflower::bench::RunFmaLoop(100000, &sink);
    best = std::max(best, flops / (ThreadSeconds() - start));
  }
  return best;
}

// Memory in huge pages where the system has them, as the runtime asks for; every page is there.
class Buffer {
 public:
  explicit Buffer(size_t lines) : size_((lines * 64 + kHuge) & ~(kHuge - 1)), data_(static_cast<uint8_t*>(std::aligned_alloc(kHuge, size_))) {
    madvise(data_.get(), size_, MADV_HUGEPAGE);
    std::fill_n(data_.get(), size_, uint8_t{1});
  }
  uint8_t* lines(size_t at) const { return data_.get() + at * 64; }

 private:
  struct Free {
    void operator()(void* p) const { std::free(p); }
  };
  static constexpr size_t kHuge = size_t{1} << 21;
  size_t size_;
  std::unique_ptr<uint8_t, Free> data_;
};

// Each thread has its part; all start together.
double StreamMicroseconds(size_t read, size_t write, size_t threads, int runs) {
  const size_t read_lines = (read + 63) / 64, write_lines = (write + 63) / 64;
  const Buffer source(read_lines), target(write_lines);
  double best = std::numeric_limits<double>::infinity();
  for (int run = 0; run < 2 * runs; ++run) {
    std::atomic<size_t> waiting = threads - 1;
    std::atomic<uint8_t> seen = 0;
    const auto part = [&](size_t t) {
      const size_t r = read_lines * t / threads, w = write_lines * t / threads;
      seen ^= tflower::bench::StreamLines(source.lines(r), read_lines * (t + 1) / threads - r, target.lines(w), write_lines * (t + 1) / threads - w, run % 2 == 1);
    };
    std::vector<std::jthread> others;
    std::atomic<bool> go = false;
    for (size_t t = 1; t < threads; ++t)
      others.emplace_back([&, t] {
        --waiting;
        while (!go) {
        }
        part(t);
      });
    while (waiting > 0) std::this_thread::yield();
    const auto start = std::chrono::steady_clock::now();
    go = true;
    part(0);
    others.clear();
    best = std::min(best, std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

}  // namespace

int main() {
  char line[256];
  while (std::fgets(line, sizeof line, stdin) != nullptr) {
    unsigned long read, write, threads;
    int runs;
    if (std::sscanf(line, "stream %lu %lu %lu %d", &read, &write, &threads, &runs) == 4 && threads > 0) std::printf("%.6g\n", StreamMicroseconds(read, write, threads, runs));
    else std::printf("%.6g\n", PeakFlops());
    std::fflush(stdout);
  }
}
