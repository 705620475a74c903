// The parts of SVDF that every type shares: the filters' memories, and their products with the weights over time. Source: Nakkiran et al., Compressing
// Deep Neural Networks using a Rank-Constrained Topology (2015), and TFLite's kernel.
//
// A filter remembers its last `memory` values. In each call all memories are shifted by one, the filters' new values come last, and a unit is the
// sum over its `rank` filters of memory * weights over time.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tflower::kernels {

struct SvdfShape {
  size_t batch = 0, inputs = 0, filters = 0, memory = 0, rank = 1, units = 0;
};

// state: [batch, filters, memory]; latest: [batch, filters]. Sums go to y: [batch, units].
void RememberAndSum(const SvdfShape& shape, const float* latest, const float* weights, float* state, float* y);
// Sums wrap.
void RememberAndSum(const SvdfShape& shape, const int16_t* latest, const int16_t* weights, int16_t* state, int32_t* y);

}  // namespace tflower::kernels
