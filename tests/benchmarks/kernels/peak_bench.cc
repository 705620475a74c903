// Prints the f32 multiply-add peak of one core in FLOP/s: the bound that kernel_bench.py holds matrix products against.
#include <ctime>

#include <algorithm>
#include <cstddef>
#include <cstdio>

namespace tflower::bench {
double RunFmaLoop(size_t rounds, float* sink);
}

namespace {

// The thread's own clock, which stands still while other programs have the core.
double Now() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

}  // namespace

int main() {
  double best = 0;
  for (int i = 0; i < 20; ++i) {
    float sink;
    const double start = Now();
    const double flops = tflower::bench::RunFmaLoop(100000, &sink);
    best = std::max(best, flops / (Now() - start));
  }
  std::printf("%.6g\n", best);
}
