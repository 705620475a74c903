// Layers over time, whatever their cell: inputs of a chunk of time steps are multiplied at once (gemm/gemm.h), then a step follows the other. Threads
// take rows of the batch through all steps of a chunk or, when the batch has too few, units of each step.
//
// Eval never allocates and cannot fail.
#pragma once

#include <cstddef>
#include <cstdint>

#include <tflower/parallel.h>
#include <tflower/status.h>

#include "recurrent/blocks.h"

namespace tflower::kernels {

struct Range {
  size_t begin = 0, end = 0;
};

struct SequenceShape {
  int64_t batch = 1, time = 1;
  int64_t inputs = 0, aux = 0;  // features
  int64_t outputs = 0;          // of the state
  bool time_major = true;

  int64_t rows() const { return batch * time; }
};

// What one evaluation reads and writes. T: of activations.
template <class T>
struct SequenceRunOf {
  const T* x = nullptr;    // [time, batch, inputs] or [batch, time, inputs]
  const T* aux = nullptr;  // likewise
  T* h = nullptr;          // state [batch, outputs]
  T* y = nullptr;          // result, rows in the order of x
  int64_t y_stride = 0;    // from one row of y to the next
  bool backwards = false;  // begins with the last step
};
using SequenceRun = SequenceRunOf<float>;

// One time step. Row b of each array begins at `array + b * stride`.
template <class T, class Pre>
struct SequenceStepOf {
  const Pre* pre = nullptr;  // W x + V aux + bias, as many columns as UnitBlocks has
  size_t pre_stride = 0;
  const T* h = nullptr;  // the state before
  size_t h_stride = 0;
  T* y = nullptr;  // h': the result, and the state behind
  size_t y_stride = 0;
  bool downwards = false;  // the order of blocks: turned with each step, those in the cache come first
};
using SequenceStep = SequenceStepOf<float, float>;

template <class T, class Pre>
class SequenceCellOf {
 public:
  using Step = SequenceStepOf<T, Pre>;
  virtual ~SequenceCellOf() = default;
  // Rows [to, to + rows) of what Step::pre points into, from the inputs' rows [from, from + rows).
  virtual void MultiplyInputs(size_t from, size_t to, size_t rows, const Parallel& parallel) const = 0;
  // Before the units of these rows.
  virtual void BeginRows(const Step&, Range) const {}
  // These rows and blocks of units; called at the same time for different ones.
  virtual void Blocks(const Step& step, Range rows, Range blocks) const = 0;
  // When all units of these rows are through.
  virtual void FinishRows(const Step&, Range, const Parallel&) const {}
};
using SequenceCell = SequenceCellOf<float, float>;

struct SequenceLayer {
  SequenceShape shape;
  UnitBlocks units;
  size_t depth = 0;   // of the product in each step: outputs, or 1
  size_t work = 0;    // of a row in a step, in float products
  int64_t chunk = 0;  // time steps whose inputs are multiplied at once

  // work and chunk from the rest. byte_weights: four products take the time of one.
  void Plan(bool byte_weights);
  size_t PreElements() const;  // of scratch memory
};

// Sizes that kernels calculate with: kUnsupportedShape.
Status CheckSequence(const SequenceShape& shape, int64_t cells);

struct SequenceWeights {
  const float* input = nullptr;  // PackBlocksForGemm
  const float* aux = nullptr;
  const float* bias = nullptr;  // columns of UnitBlocks; null for zero
};

// SequenceCell::MultiplyInputs of float weights.
void MultiplyFloatInputs(const SequenceLayer& layer, const SequenceWeights& weights, const SequenceRun& run, float* pre, size_t from, size_t to, size_t rows,
                         const Parallel& parallel);

// pre: PreElements(), 64-byte aligned. Leaves the last state in run.h. For float, and for int8 with sums as int16.
template <class T, class Pre>
void RunSequence(const SequenceLayer& layer, const SequenceRunOf<T>& run, const SequenceCellOf<T, Pre>& cell, Pre* pre, const Parallel& parallel);

// Lays parts of memory one behind the other; each begins at a cache line.
class FloatParts {
 public:
  size_t Add(size_t floats) {
    const size_t begin = end_;
    end_ += (floats + 15) / 16 * 16;
    return begin;
  }
  size_t bytes() const { return end_ * sizeof(float); }

 private:
  size_t end_ = 0;
};

}  // namespace tflower::kernels
