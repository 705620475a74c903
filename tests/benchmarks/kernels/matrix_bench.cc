// Times the float matrix kernels and prints GFLOP/s beside the measured FMA peak.
//
//   matrix_bench [--threads N] [--only TEXT] [--cold] [--target AVX2]
//
// --cold rotates through copies of the weights (up to 50, 128 MiB), so that they come from memory as in a whole network; without it the same
// weights are used again. A line shows the minimum and the median of the runs: CPU
// time with one thread, wall time with more. Winograd's GFLOP/s count the plain convolution's
// flops and may exceed the peak.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

#include <hwy/aligned_allocator.h>
#include <hwy/targets.h>

#include "batch_matmul/batch_matmul.h"
#include "conv/conv2d.h"
#include "fully_connected/fully_connected.h"
#include "transpose_conv/transpose_conv.h"

namespace tflower::bench {

double RunFmaLoop(size_t rounds, float* sink);

namespace {

using kernels::Clamp;
using Floats = hwy::AlignedFreeUniquePtr<float[]>;

double WallNow() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// One thread is timed by its own clock, which stands still while other programs have the core.
double CpuNow() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

// The caller and threads - 1 spinning helpers.
class Pool {
 public:
  explicit Pool(int threads) {
    for (int i = 1; i < threads; ++i) helpers_.emplace_back([this] { Help(); });
  }
  ~Pool() {
    quit_ = true;
    for (std::thread& t : helpers_) t.join();
  }
  Parallel parallel() {
    if (helpers_.empty()) return Parallel();
    const auto loop = [](void* host, int64_t n, int64_t grain, Parallel::Body body, void* user) { static_cast<Pool*>(host)->Run(n, grain, body, user); };
    return Parallel(this, loop, static_cast<int>(helpers_.size()) + 1);
  }

 private:
  void Run(int64_t n, int64_t grain, Parallel::Body body, void* user) {
    n_ = n, grain_ = grain, body_ = body, user_ = user;
    next_ = 0;
    busy_ = static_cast<int>(helpers_.size());
    epoch_.fetch_add(1);
    Work();
    while (busy_.load(std::memory_order_acquire) != 0) {
    }
  }
  void Work() {
    for (int64_t begin = next_.fetch_add(grain_); begin < n_; begin = next_.fetch_add(grain_)) {
      body_(user_, begin, std::min(n_, begin + grain_));
    }
  }
  void Help() {
    for (uint32_t seen = 0; !quit_;) {
      if (epoch_.load(std::memory_order_acquire) == seen) continue;
      ++seen;
      Work();
      busy_.fetch_sub(1, std::memory_order_release);
    }
  }
  std::vector<std::thread> helpers_;
  int64_t n_ = 0, grain_ = 1;
  Parallel::Body body_ = nullptr;
  void* user_ = nullptr;
  std::atomic<uint32_t> epoch_{0};
  std::atomic<int64_t> next_{0};
  std::atomic<int> busy_{0};
  std::atomic<bool> quit_{false};
};

Floats Random(size_t n) {
  Floats f = hwy::AllocateAligned<float>(n + 64);
  uint32_t x = 1;
  for (size_t i = 0; i < n; ++i) {
    x = x * 1664525u + 1013904223u;
    f[i] = static_cast<float>(static_cast<int32_t>(x)) * 0x1p-31f;
  }
  return f;
}

struct Settings {
  int threads = 1;
  bool cold = false;
  std::string only;
  Parallel parallel;
};

double Peak(int threads) {
  double best = 0;
  for (int i = 0; i < 5; ++i) {
    float sink;
    const double start = CpuNow();
    const double flops = RunFmaLoop(300000, &sink);
    best = std::max(best, flops / (CpuNow() - start));
  }
  return best * threads * 1e-9;
}

constexpr size_t kColdFloats = size_t{128} << 18;

// Copies of packed weights to rotate through.
class Weights {
 public:
  Weights(const Settings& s, size_t bytes) : floats_(bytes / sizeof(float)), copies_(s.cold && floats_ != 0 ? std::clamp<size_t>(kColdFloats / floats_, 1, 50) : 1) {
    memory_ = hwy::AllocateAligned<float>(floats_ * copies_ + 64);
  }
  float* Copy(size_t i) { return memory_.get() + i % copies_ * floats_; }
  void Spread() {
    for (size_t i = 1; i < copies_; ++i) std::copy_n(Copy(0), floats_, Copy(i));
  }
  size_t copies() const { return copies_; }

 private:
  size_t floats_, copies_;
  Floats memory_;
};

template <class F>
void Time(const Settings& s, const std::string& name, double flops, size_t copies, const F& run) {
  const size_t runs = std::max<size_t>(std::clamp<size_t>(static_cast<size_t>(3e9 / flops), 11, 1000), 2 * copies);
  std::vector<double> times;
  for (size_t i = 0; i < runs; ++i) {
    const double start = s.threads == 1 ? CpuNow() : WallNow();
    run(i);
    times.push_back((s.threads == 1 ? CpuNow() : WallNow()) - start);
  }
  std::sort(times.begin(), times.end());
  const double peak = Peak(s.threads);
  std::printf("%-44s min %8.4f median %8.4f ms  %6.1f GFLOP/s = %5.1f %% of %5.1f\n", name.c_str(), times[0] * 1e3,
              times[times.size() / 2] * 1e3, flops / times[0] * 1e-9, flops / times[0] * 1e-7 / peak, peak);
  std::fflush(stdout);
}

bool Wanted(const Settings& s, const std::string& name) { return name.find(s.only) != std::string::npos; }

void BenchConv(const Settings& s, const kernels::Conv2DShape& shape, kernels::Conv2DAlgorithm algorithm, const char* label) {
  char name[96];
  std::snprintf(name, sizeof name, "conv %s %dx%dx%d k%d s%d -> %d", label, static_cast<int>(shape.in_h), static_cast<int>(shape.in_w),
                static_cast<int>(shape.in_c), static_cast<int>(shape.kernel_h), static_cast<int>(shape.stride_h), static_cast<int>(shape.out_c));
  if (!Wanted(s, name)) return;
  const auto planned = kernels::PlanConv2D(shape, {.threads = s.threads, .keep_algorithm = true, .algorithm = algorithm});
  if (!planned.ok()) return;
  const kernels::Conv2DPlan& plan = planned.value();
  const Floats x = Random(static_cast<size_t>(shape.in_h * shape.in_w * shape.in_c)), bias = Random(static_cast<size_t>(shape.out_c));
  const Floats filter = Random(static_cast<size_t>(shape.out_c * shape.kernel_h * shape.kernel_w * shape.in_c));
  Floats y = Random(static_cast<size_t>(shape.out_h * shape.out_w * shape.out_c)), scratch = Random(plan.scratch_bytes / sizeof(float));
  Weights weights(s, plan.packed_bytes);
  kernels::PackConv2D(plan, filter.get(), weights.Copy(0), s.parallel);
  weights.Spread();
  const double flops = 2.0 * static_cast<double>(shape.out_h * shape.out_w * shape.out_c) * static_cast<double>(shape.kernel_h * shape.kernel_w * shape.in_c);
  Time(s, name, flops, weights.copies(), [&](size_t i) {
    kernels::EvalConv2D(plan, x.get(), weights.Copy(i), {.bias = bias.get(), .clamp = {.lo = 0.0f}}, y.get(), scratch.get(), s.parallel);
  });
}

// A square image with SAME padding.
kernels::Conv2DShape Square(int64_t size, int64_t in_c, int64_t kernel, int64_t stride, int64_t out_c) {
  const int64_t out = (size + stride - 1) / stride;
  const int64_t pad = std::max<int64_t>(0, (out - 1) * stride + kernel - size) / 2;
  return {.in_h = size, .in_w = size, .in_c = in_c, .out_h = out, .out_w = out, .out_c = out_c, .kernel_h = kernel, .kernel_w = kernel,
          .stride_h = stride, .stride_w = stride, .pad_top = pad, .pad_left = pad};
}

void BenchConvs(const Settings& s) {
  using enum kernels::Conv2DAlgorithm;
  const int64_t matrix[][3] = {{56, 64, 256}, {56, 256, 64}, {28, 128, 512}, {28, 512, 128}, {14, 256, 1024}, {14, 1024, 256}, {7, 512, 2048}, {7, 2048, 512},
                               {112, 16, 96}, {112, 32, 16}, {56, 144, 24}, {56, 24, 144}, {28, 192, 32}, {14, 384, 96}, {14, 576, 96}, {7, 960, 160}, {7, 160, 960}, {7, 320, 1280}};
  for (const auto& [size, in, out] : matrix) BenchConv(s, Square(size, in, 1, 1, out), kMatrix, "matrix");
  const int64_t pixels[][5] = {{224, 3, 7, 2, 64}, {224, 3, 3, 2, 32}, {56, 256, 1, 2, 128}, {28, 512, 1, 2, 1024}, {56, 64, 3, 2, 64}, {128, 16, 3, 1, 16}, {128, 32, 3, 1, 16}, {49, 1, 10, 2, 64}};
  for (const auto& [size, in, kernel, stride, out] : pixels) BenchConv(s, Square(size, in, kernel, stride, out), kPixels, "pixels");
  const int64_t winograd[][3] = {{128, 16, 16}, {112, 32, 32}, {56, 32, 32}, {56, 64, 64}, {28, 64, 64}, {28, 128, 128}, {14, 64, 64}, {14, 128, 128}, {14, 256, 256}, {14, 128, 32}, {7, 128, 128}, {7, 512, 512}, {7, 128, 32}};
  for (const auto& [size, in, out] : winograd) {
    BenchConv(s, Square(size, in, 3, 1, out), kPixels, "pixels");
    BenchConv(s, Square(size, in, 3, 1, out), kWinograd2, "winograd2");
    BenchConv(s, Square(size, in, 3, 1, out), kWinograd4, "winograd4");
  }
}

void BenchFullyConnected(const Settings& s, int64_t batch, int64_t in, int64_t out, bool constant) {
  const std::string name = "fully_connected " + std::string(constant ? "" : "changing ") + std::to_string(batch) + "x" + std::to_string(in) + " -> " + std::to_string(out);
  if (!Wanted(s, name)) return;
  const kernels::FullyConnectedPlan plan = kernels::PlanFullyConnected({batch, in, out}, constant).value();
  const Floats x = Random(static_cast<size_t>(batch * in)), w = Random(static_cast<size_t>(out * in)), bias = Random(static_cast<size_t>(out));
  Floats y = Random(static_cast<size_t>(batch * out)), scratch = Random(plan.scratch_bytes / sizeof(float));
  Weights weights(s, constant ? plan.packed_bytes : static_cast<size_t>(in * out) * sizeof(float));
  if (constant) kernels::PackFullyConnected(plan, w.get(), weights.Copy(0), s.parallel);
  else std::copy_n(w.get(), static_cast<size_t>(in * out), weights.Copy(0));
  weights.Spread();
  Time(s, name, 2.0 * static_cast<double>(batch * in * out), weights.copies(), [&](size_t i) {
    kernels::EvalFullyConnected(plan, x.get(), weights.Copy(i), {.bias = bias.get()}, y.get(), scratch.get(), s.parallel);
  });
}

void BenchBatchMatMul(const Settings& s, int64_t batch, int64_t m, int64_t k, int64_t n, bool adj_y) {
  const std::string name = "batch_matmul " + std::to_string(batch) + "x" + std::to_string(m) + "x" + std::to_string(k) + "x" + std::to_string(n) + (adj_y ? " adj_y" : "");
  if (!Wanted(s, name)) return;
  const int64_t x_dims[] = {batch, m, k}, w_dims[] = {batch, adj_y ? n : k, adj_y ? k : n};
  const kernels::BatchMatMulPlan plan = kernels::PlanBatchMatMul(x_dims, w_dims, false, adj_y, false, s.threads).value();
  const Floats x = Random(static_cast<size_t>(batch * m * k)), w = Random(static_cast<size_t>(batch * k * n));
  Floats y = Random(static_cast<size_t>(batch * m * n)), scratch = Random(plan.scratch_bytes / sizeof(float));
  Time(s, name, 2.0 * static_cast<double>(batch * m * k * n), 1, [&](size_t) {
    kernels::EvalBatchMatMul(plan, x.get(), w.get(), y.get(), scratch.get(), s.parallel);
  });
}

void BenchTransposeConv(const Settings& s, int64_t size, int64_t in_c, int64_t kernel, int64_t stride, int64_t out_c) {
  const std::string name = "transpose_conv " + std::to_string(size) + "x" + std::to_string(size) + "x" + std::to_string(in_c) + " k" + std::to_string(kernel) + " s" + std::to_string(stride) + " -> " + std::to_string(out_c);
  if (!Wanted(s, name)) return;
  const int64_t pad = std::max<int64_t>(0, kernel - stride) / 2;
  const kernels::TransposeConvShape shape{.in_h = size, .in_w = size, .in_c = in_c, .out_h = size * stride, .out_w = size * stride, .out_c = out_c,
                                          .kernel_h = kernel, .kernel_w = kernel, .stride_h = stride, .stride_w = stride, .pad_top = pad, .pad_left = pad};
  const kernels::TransposeConvPlan plan = kernels::PlanTransposeConv(shape, s.threads).value();
  const Floats x = Random(static_cast<size_t>(size * size * in_c)), filter = Random(static_cast<size_t>(out_c * kernel * kernel * in_c)), bias = Random(static_cast<size_t>(out_c));
  Floats y = Random(static_cast<size_t>(shape.out_h * shape.out_w * out_c)), scratch = Random(plan.scratch_bytes / sizeof(float));
  Weights weights(s, plan.packed_bytes);
  kernels::PackTransposeConv(plan, filter.get(), weights.Copy(0), s.parallel);
  weights.Spread();
  Time(s, name, 2.0 * static_cast<double>(size * size * kernel * kernel * in_c * out_c), weights.copies(), [&](size_t i) {
    kernels::EvalTransposeConv(plan, x.get(), weights.Copy(i), bias.get(), {}, y.get(), scratch.get(), s.parallel);
  });
}

int Run(int argc, char** argv) {
  Settings s;
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    const char* const value = i + 1 < argc ? argv[i + 1] : "";
    if (arg == "--cold") s.cold = true;
    else if (arg == "--threads") s.threads = std::max(1, std::atoi(value)), ++i;
    else if (arg == "--only") s.only = value, ++i;
    else if (arg == "--target") {
      for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
        if (std::strcmp(hwy::TargetName(target), value) == 0) hwy::SetSupportedTargetsForTest(target);
      }
      ++i;
    } else {
      std::fprintf(stderr, "usage: matrix_bench [--threads N] [--only TEXT] [--cold] [--target NAME]\n");
      return 3;
    }
  }
  Pool pool(s.threads);
  s.parallel = pool.parallel();
  BenchConvs(s);
  const int64_t dense[][3] = {{1, 2048, 1000}, {1, 1024, 1024}, {1, 1280, 1000}, {1, 1280, 10}, {128, 256, 1024}, {16, 4096, 4096}, {64, 4096, 1000}};
  for (const auto& [batch, in, out] : dense) {
    BenchFullyConnected(s, batch, in, out, true);
    BenchFullyConnected(s, batch, in, out, false);
  }
  const int64_t products[][4] = {{4, 128, 64, 128}, {8, 512, 64, 512}, {8, 512, 512, 64}, {8, 1, 64, 512}, {1, 256, 256, 256}};
  for (const auto& [batch, m, k, n] : products) {
    BenchBatchMatMul(s, batch, m, k, n, false);
    BenchBatchMatMul(s, batch, m, k, n, true);
  }
  BenchTransposeConv(s, 32, 128, 2, 2, 64);
  BenchTransposeConv(s, 32, 64, 4, 2, 32);
  BenchTransposeConv(s, 16, 128, 3, 2, 64);
  return 0;
}

}  // namespace
}  // namespace tflower::bench

int main(int argc, char** argv) { return tflower::bench::Run(argc, argv); }
