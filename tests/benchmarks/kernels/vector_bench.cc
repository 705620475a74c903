// Speed of the vector kernels on one thread: elementwise, depthwise, pooling, softmax, reductions, resizing.
//
// vector_bench [target] [filter]: target "avx3", "avx2", "sse4", "ssse3" or "all" (default: the best one); only lines whose name
// contains `filter`. Every line is the fastest of many runs, so that other load on the machine matters little.
#include <hwy/aligned_allocator.h>
#include <hwy/targets.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "depthwise/depthwise.h"
#include "elementwise/binary.h"
#include "elementwise/unary.h"
#include "pool/pool.h"
#include "reduce/reduce.h"
#include "resize/resize.h"
#include "softmax/softmax.h"

namespace tflower::kernels {
namespace {

using Buffer = hwy::AlignedFreeUniquePtr<float[]>;
const char* g_filter = "";

Buffer Floats(size_t n) {
  Buffer buffer = hwy::AllocateAligned<float>(n + 16);
  for (size_t i = 0; i < n; ++i) buffer[i] = (static_cast<float>(static_cast<uint32_t>(i) * 2654435761u >> 16) - 32768.0f) / 8192.0f;
  return buffer;
}

bool Chosen(const std::string& name) { return name.find(g_filter) != std::string::npos; }

// Seconds of the fastest run, over about 0.1 s.
template <class F>
double Fastest(F f) {
  using Clock = std::chrono::steady_clock;
  const auto stop = Clock::now() + std::chrono::milliseconds(100);
  double best = 1e9;
  do {
    const auto start = Clock::now();
    f();
    best = std::min(best, std::chrono::duration<double>(Clock::now() - start).count());
  } while (Clock::now() < stop);
  return best;
}

void PrintRate(const std::string& name, double seconds, double values, double bytes) {
  std::printf("%-44s %9.4f ms %7.2f values/ns %7.1f GB/s\n", name.c_str(), seconds * 1e3, values / seconds * 1e-9, bytes / seconds * 1e-9);
}

void BenchUnary() {
  const struct { const char* name; Unary op; } kOps[] = {
      {"relu6", Unary::kRelu6}, {"hard_swish", Unary::kHardSwish}, {"rsqrt", Unary::kRsqrt}, {"exp", Unary::kExp}, {"log", Unary::kLog},
      {"logistic", Unary::kLogistic}, {"tanh", Unary::kTanh}, {"elu", Unary::kElu}, {"gelu_erf", Unary::kGeluErf},
      {"gelu_tanh", Unary::kGeluTanh}, {"sin", Unary::kSin}};
  const size_t n = 4096;
  const Buffer x = Floats(n), y = Floats(n);
  for (const auto& op : kOps) {
    const std::string name = std::string("unary ") + op.name + " 4096";
    if (Chosen(name)) PrintRate(name, Fastest([&] { UnaryF32(op.op, x.get(), n, 0.1f, y.get()); }), n, 8.0 * n);
  }
}

void BenchBinary() {
  const struct { const char* name; std::vector<int64_t> a, b; } kCases[] = {
      {"same shape, L1", {4096}, {4096}},
      {"same shape, L2", {98304}, {98304}},
      {"scalar", {98304}, {}},
      {"row 64", {1536, 64}, {64}},
      {"row 24", {4096, 24}, {24}},
      {"row 3", {32768, 3}, {3}},
      {"column", {1536, 64}, {1536, 1}},
      {"gate [1,1,1,96]", {1, 32, 32, 96}, {1, 1, 1, 96}},
      {"gate [2,1,1,96]", {2, 16, 32, 96}, {2, 1, 1, 96}}};
  const Buffer a = Floats(98304), b = Floats(98304), y = Floats(98304);
  for (const auto& c : kCases) {
    const std::string name = std::string("mul ") + c.name;
    const std::span<const int64_t> shapes[] = {c.a, c.b};
    const BroadcastPlan plan = PlanBroadcast(shapes).value();
    if (!Chosen(name)) continue;
    const double t = Fastest([&] { (void)BinaryF32(Binary::kMul, plan, a.get(), b.get(), {}, y.get()); });
    PrintRate(name, t, static_cast<double>(plan.size), 8.0 * static_cast<double>(plan.size));
  }
}

void BenchSoftmax() {
  const Buffer x = Floats(65536), y = Floats(65536);
  for (const size_t depth : {10, 64, 1000, 32000}) {
    const size_t rows = 64000 / depth;
    const std::string name = "softmax " + std::to_string(rows) + " x " + std::to_string(depth);
    if (Chosen(name)) PrintRate(name, Fastest([&] { SoftmaxF32(x.get(), rows, depth, 1, y.get()); }), static_cast<double>(rows * depth), 8.0 * static_cast<double>(rows * depth));
  }
}

void BenchReduce() {
  const struct { const char* name; std::vector<int64_t> shape; std::vector<int32_t> axes; } kCases[] = {
      {"last axis 64 x 1024", {64, 1024}, {1}}, {"last axis 4096 x 16", {4096, 16}, {1}}, {"first axis 1024 x 64", {1024, 64}, {0}},
      {"image 49 x 1280", {1, 7, 7, 1280}, {1, 2}}, {"all of 65536", {65536}, {0}}};
  const Buffer x = Floats(65536), y = Floats(65536);
  for (const auto& c : kCases) {
    const std::string name = std::string("mean ") + c.name;
    if (!Chosen(name)) continue;
    const ReducePlan plan = PlanReduce(c.shape, c.axes).value();
    const double n = static_cast<double>(plan.outputs * plan.count);
    PrintRate(name, Fastest([&] { (void)ReduceF32(Reduction::kMean, plan, x.get(), y.get()); }), n, 4 * n);
  }
}

void BenchPool() {
  const struct { const char* name; Pool op; PoolShape shape; } kCases[] = {
      {"max 3x3 s2 112x112x64", Pool::kMax, {1, 112, 112, 64, 56, 56, 3, 3, 2, 2, 0, 0}},
      {"max 2x2 s2 56x56x64", Pool::kMax, {1, 56, 56, 64, 28, 28, 2, 2, 2, 2, 0, 0}},
      {"average 3x3 s1 28x28x64", Pool::kAverage, {1, 28, 28, 64, 28, 28, 3, 3, 1, 1, 1, 1}},
      {"average global 7x7x1280", Pool::kAverage, {1, 7, 7, 1280, 1, 1, 7, 7, 1, 1, 0, 0}}};
  for (const auto& c : kCases) {
    const std::string name = std::string("pool ") + c.name;
    if (!Chosen(name)) continue;
    const PoolShape& s = c.shape;
    const int64_t in = s.in_h * s.in_w * s.channels, out = s.out_h * s.out_w * s.channels;
    const Buffer x = Floats(static_cast<size_t>(in)), y = Floats(static_cast<size_t>(out));
    const double t = Fastest([&] { PoolF32(c.op, s, x.get(), -1e30f, 1e30f, y.get()); });
    PrintRate(name, t, static_cast<double>(out * s.filter_h * s.filter_w), 4.0 * static_cast<double>(in + out));
  }
}

void BenchResize() {
  const struct { const char* name; ResizeShape shape; } kCases[] = {
      {"28x28x64 -> 56x56", {1, 28, 28, 64, 56, 56, false, true}}, {"224x224x3 -> 300x300", {1, 224, 224, 3, 300, 300, false, true}}};
  for (const auto& c : kCases) {
    const ResizeShape& s = c.shape;
    const size_t in = static_cast<size_t>(s.in_h * s.in_w * s.channels), out = static_cast<size_t>(s.out_h * s.out_w * s.channels);
    const Buffer x = Floats(in), y = Floats(out);
    const std::string bilinear = std::string("bilinear ") + c.name, nearest = std::string("nearest ") + c.name;
    const double bytes = 4.0 * static_cast<double>(in + out);
    if (Chosen(bilinear)) PrintRate(bilinear, Fastest([&] { ResizeBilinearF32(s, x.get(), y.get()); }), static_cast<double>(out), bytes);
    const size_t pixel = static_cast<size_t>(s.channels) * sizeof(float);
    if (Chosen(nearest)) PrintRate(nearest, Fastest([&] { ResizeNearest(s, x.get(), pixel, y.get()); }), static_cast<double>(out), bytes);
  }
}

void BenchDepthwise() {
  const struct { int64_t filter, stride, dilation, size, channels, multiplier; } kCases[] = {
      {3, 1, 1, 112, 96, 1}, {3, 2, 1, 112, 96, 1}, {3, 1, 1, 56, 144, 1}, {3, 2, 1, 56, 144, 1}, {3, 1, 1, 28, 192, 1}, {3, 1, 1, 14, 480, 1},
      {3, 2, 1, 14, 480, 1}, {3, 1, 1, 7, 960, 1}, {5, 1, 1, 28, 240, 1}, {5, 1, 1, 14, 480, 1}, {5, 1, 1, 7, 960, 1}, {5, 2, 1, 28, 240, 1},
      {7, 1, 1, 28, 192, 1}, {7, 1, 1, 14, 384, 1}, {7, 1, 1, 7, 768, 1}, {3, 1, 2, 28, 192, 1}, {3, 1, 1, 112, 8, 1}, {3, 1, 1, 112, 1, 32}};
  for (const auto& c : kCases) {
    const int64_t out = (c.size + c.stride - 1) / c.stride;
    const int64_t pad = std::max<int64_t>(0, (out - 1) * c.stride + (c.filter - 1) * c.dilation + 1 - c.size) / 2;
    const DepthwiseShape s{1, c.size, c.size, c.channels, c.multiplier, out, out, c.filter, c.filter, c.stride, c.stride, c.dilation, c.dilation, pad, pad};
    const std::string name = "depthwise " + std::to_string(c.filter) + "x" + std::to_string(c.filter) + " s" + std::to_string(c.stride) + " d" +
                             std::to_string(c.dilation) + " " + std::to_string(c.size) + "x" + std::to_string(c.size) + "x" +
                             std::to_string(c.channels) + "*" + std::to_string(c.multiplier);
    if (!Chosen(name)) continue;
    const int64_t in_size = c.size * c.size * c.channels, out_size = out * out * s.out_channels();
    const Buffer x = Floats(static_cast<size_t>(in_size)), y = Floats(static_cast<size_t>(out_size));
    const Buffer weights = Floats(static_cast<size_t>(c.filter * c.filter * s.out_channels()));
    const Buffer packed = Floats(DepthwisePackedBytes(s) / sizeof(float)), scratch = Floats(DepthwiseScratchBytes(s) / sizeof(float));
    PackDepthwiseF32(s, weights.get(), nullptr, packed.get());
    const double t = Fastest([&] { DepthwiseF32(s, x.get(), packed.get(), 0, 6, scratch.get(), y.get()); });
    const double flop = 2.0 * static_cast<double>(c.filter * c.filter * out_size), bytes = 4.0 * static_cast<double>(in_size + out_size);
    std::printf("%-44s %9.4f ms %7.1f GFLOP/s   %7.1f GB/s\n", name.c_str(), t * 1e3, flop / t * 1e-9, bytes / t * 1e-9);
  }
}

void BenchAll(int64_t target) {
  hwy::SetSupportedTargetsForTest(target);
  std::printf("== %s\n", hwy::TargetName(target));
  BenchUnary();
  BenchBinary();
  BenchSoftmax();
  BenchReduce();
  BenchPool();
  BenchResize();
  BenchDepthwise();
}

}  // namespace
}  // namespace tflower::kernels

int main(int argc, char** argv) {
  const std::string wanted = argc > 1 ? argv[1] : "";
  if (argc > 2) tflower::kernels::g_filter = argv[2];
  const struct { const char* name; int64_t target; } kTargets[] = {{"avx3", HWY_AVX3}, {"avx2", HWY_AVX2}, {"sse4", HWY_SSE4}, {"ssse3", HWY_SSSE3}};
  bool found = false;
  for (const auto& t : kTargets) {
    const bool supported = (hwy::SupportedTargets() & t.target) != 0;
    if (!supported || !(wanted == t.name || wanted == "all" || (wanted.empty() && !found))) continue;
    found = true;
    tflower::kernels::BenchAll(t.target);
    hwy::SetSupportedTargetsForTest(0);
  }
  if (!found) std::fprintf(stderr, "target %s is unknown or not supported here\n", wanted.c_str());
  return found ? 0 : 1;
}
