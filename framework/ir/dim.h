// Dim: a dimension (or an element of a shape tensor) that may not be known before run time.
//
// The converter looks at a model in kWorlds concrete worlds at once: in each, every unknown input dimension has some sample size, and
// kernels infer and evaluate with concrete numbers. What comes out equal in all worlds is a constant; what differs is symbolic, and two
// dims with the same samples are the same dimension. So shape arithmetic folds without a second definition of any operator, and B * 49,
// H / 2 or max(B, 1) need no algebra. See docs/architecture.md, "Worlds".
#pragma once

#include <array>
#include <cstdint>

namespace tflower::ir {

inline constexpr int kWorlds = 4;

struct Dim {
  std::array<int64_t, kWorlds> samples{};

  Dim() = default;
  Dim(int64_t known) { samples.fill(known); }  // implicit: a known dimension is just a number

  bool known() const {
    for (int64_t s : samples) if (s != samples[0]) return false;
    return true;
  }
  // The number, or -1 when it is not known before run time.
  int64_t value() const { return known() ? samples[0] : -1; }
  bool operator==(const Dim&) const = default;

  // Equal for equal dims; differs for different ones but for hash collisions (2^-64).
  uint64_t key() const {
    uint64_t h = 0x9e3779b97f4a7c15u;
    for (int64_t s : samples) {
      h ^= static_cast<uint64_t>(s) + 0x9e3779b97f4a7c15u + (h << 6) + (h >> 2);
      h *= 0xff51afd7ed558ccdu;
      h ^= h >> 32;
    }
    return h;
  }
};

// The unknown dimension at `axis` of a model's first input, in round sizes, which models take that halve them; lower/symbols.h begins with others. In world 0 all batches are 1,
// and all other sizes 64: whether two dims are equal is then not known; nor is which one is larger, as their sums over the worlds are equal.
inline Dim InputSymbol(int axis) {
  Dim d;
  if (axis == 0) return d.samples = {1, 2, 3, 257}, d;
  constexpr int64_t kSizes[] = {96, 160, 224};
  d.samples[0] = 64;
  for (int w = 1; w < kWorlds; ++w) d.samples[w] = kSizes[(w + axis - 2) % 3] + 32 * 7 * ((axis - 1) / 3);
  return d;
}

// A dimension that depends on data; `n` counts them, so that no two are equal.
inline Dim FreshSymbol(int64_t n) {
  Dim d;
  constexpr int64_t kBase[kWorlds] = {11, 17, 29, 5};
  for (int w = 0; w < kWorlds; ++w) d.samples[w] = kBase[w] + n * (w + 1);
  return d;
}

}  // namespace tflower::ir
