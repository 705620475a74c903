// The order of work in a layer over time.
#include "recurrent/sequence.h"

#include <algorithm>

#include "gemm/sizes.h"

namespace tflower::kernels {
namespace {

constexpr int64_t kChunkFloats = 1 << 18;  // of W x: 1 MiB, which stays in L2 or L3 until the steps read it
constexpr int64_t kChunkSteps = 8;         // at least, so that W is read seldom
constexpr size_t kPieceProducts = 49152;   // of one thread in one step: about 1 us, which waiting for each other at its end takes, too

size_t Size(int64_t n) { return static_cast<size_t>(n); }

template <class T, class Pre>
class Evaluation {
 public:
  using Step = SequenceStepOf<T, Pre>;
  Evaluation(const SequenceLayer& layer, const SequenceRunOf<T>& run, const SequenceCellOf<T, Pre>& cell, Pre* pre, const Parallel& parallel)
      : layer_(layer), s_(layer.shape), run_(run), cell_(cell), pre_(pre), parallel_(parallel), batch_(Size(layer.shape.batch)) {}

  void Run() {
    for (int64_t done = 0; done < s_.time; done += layer_.chunk) {
      first_ = done;
      count_ = std::min(layer_.chunk, s_.time - done);
      MultiplyInputs();
      RunSteps();
    }
    for (int64_t b = 0; b < s_.batch; ++b) std::copy_n(StateBehind(s_.time, b), s_.outputs, run_.h + b * s_.outputs);
  }

 private:
  int64_t TimeOf(int64_t step) const { return run_.backwards ? s_.time - 1 - step : step; }
  int64_t FirstTime() const { return run_.backwards ? s_.time - first_ - count_ : first_; }
  int64_t RowOf(int64_t time, int64_t b) const { return s_.time_major ? time * s_.batch + b : b * s_.time + time; }
  T* ResultOf(int64_t step, int64_t b) const { return run_.y + RowOf(TimeOf(step), b) * run_.y_stride; }
  size_t ResultStride() const { return Size(s_.time_major ? run_.y_stride : s_.time * run_.y_stride); }
  const T* StateBehind(int64_t steps, int64_t b) const { return steps == 0 ? run_.h + b * s_.outputs : ResultOf(steps - 1, b); }

  // Rows of the present chunk: all together where they follow each other in memory, else those of one sequence after the other.
  void MultiplyInputs() const {
    if (s_.time_major || s_.batch == 1 || count_ == s_.time) return MultiplyRows(RowOf(FirstTime(), 0), 0, Size(count_ * s_.batch));
    for (int64_t b = 0; b < s_.batch; ++b) MultiplyRows(RowOf(FirstTime(), b), Size(b * count_), Size(count_));
  }
  void MultiplyRows(int64_t from, size_t to, size_t rows) const { cell_.MultiplyInputs(Size(from), to, rows, parallel_); }

  void RunSteps() const {
    const size_t products = batch_ * layer_.work;  // of a step
    const size_t threads = Size(parallel_.threads()), useful = std::min(threads, products / kPieceProducts);
    if (batch_ >= useful) return RunStepsOfRows(std::min(threads, products * Size(count_) / kPieceProducts));
    const size_t blocks = layer_.units.blocks();
    const int64_t grain = static_cast<int64_t>((blocks + useful - 1) / useful);
    for (int64_t i = first_; i < first_ + count_; ++i) {
      const Step step = StepOf(i);
      cell_.BeginRows(step, {0, batch_});
      parallel_.For(static_cast<int64_t>(blocks), grain, [&](int64_t begin, int64_t end) { cell_.Blocks(step, {0, batch_}, {Size(begin), Size(end)}); });
      cell_.FinishRows(step, {0, batch_}, parallel_);
    }
  }
  void RunStepsOfRows(size_t pieces) const {
    pieces = std::max<size_t>(1, pieces);
    parallel_.For(s_.batch, static_cast<int64_t>((batch_ + pieces - 1) / pieces), [&](int64_t begin, int64_t end) {
      const Range rows{Size(begin), Size(end)};
      for (int64_t i = first_; i < first_ + count_; ++i) {
        const Step step = StepOf(i);
        cell_.BeginRows(step, rows);
        cell_.Blocks(step, rows, {0, layer_.units.blocks()});
        cell_.FinishRows(step, rows, Parallel());
      }
    });
  }

  Step StepOf(int64_t step) const {
    const size_t columns = layer_.units.columns(), time = Size(TimeOf(step) - FirstTime());
    Step out;
    out.pre = pre_ + time * (s_.time_major ? batch_ * columns : columns);
    out.pre_stride = s_.time_major ? columns : Size(count_) * columns;
    out.h = StateBehind(step, 0);
    out.h_stride = step == 0 ? Size(s_.outputs) : ResultStride();
    out.y = ResultOf(step, 0);
    out.y_stride = ResultStride();
    out.downwards = step % 2 != 0;
    return out;
  }

  const SequenceLayer& layer_;
  const SequenceShape& s_;
  const SequenceRunOf<T>& run_;
  const SequenceCellOf<T, Pre>& cell_;
  Pre* const pre_;
  const Parallel& parallel_;
  const size_t batch_;
  int64_t first_ = 0, count_ = 0;  // steps of the present chunk
};

}  // namespace

void SequenceLayer::Plan(bool byte_weights) {
  work = units.columns() * depth / (byte_weights ? 4 : 1);
  const int64_t step_floats = std::max<int64_t>(1, shape.batch * static_cast<int64_t>(units.columns()));
  chunk = std::max<int64_t>(1, std::min(shape.time, std::max(kChunkSteps, kChunkFloats / step_floats)));
}

size_t SequenceLayer::PreElements() const { return Size(chunk) * Size(shape.batch) * units.columns(); }

Status CheckSequence(const SequenceShape& s, int64_t cells) {
  TFLOWER_CHECK(CheckElements("input", {s.batch, s.time, s.inputs}));
  TFLOWER_CHECK(CheckElements("aux_input", {s.batch, s.time, s.aux}));
  TFLOWER_CHECK(CheckElements("weights", {cells, std::max({s.inputs, s.aux, s.outputs, int64_t{1}})}));
  return CheckElements("gates", {s.batch, kChunkSteps, 4, cells, std::max<int64_t>(s.outputs, 1)});
}

void MultiplyFloatInputs(const SequenceLayer& layer, const SequenceWeights& weights, const SequenceRun& run, float* pre, size_t from, size_t to, size_t rows,
                         const Parallel& parallel) {
  GemmProblem g;
  g.rows = rows;
  g.columns = layer.units.columns();
  g.depth = g.a_stride = Size(layer.shape.inputs);
  g.a = run.x + from * g.depth;
  g.b = weights.input;
  g.bias = weights.bias;
  g.c = pre + to * g.columns;
  g.c_stride = g.columns;
  Gemm(g, parallel);
  if (layer.shape.aux == 0) return;
  g.depth = g.a_stride = Size(layer.shape.aux);
  g.a = run.aux + from * g.depth;
  g.b = weights.aux;
  g.bias = nullptr;
  g.residual = g.c;
  Gemm(g, parallel);
}

template <class T, class Pre>
void RunSequence(const SequenceLayer& layer, const SequenceRunOf<T>& run, const SequenceCellOf<T, Pre>& cell, Pre* pre, const Parallel& parallel) {
  if (layer.shape.rows() == 0 || layer.units.units == 0) return;
  Evaluation<T, Pre>(layer, run, cell, pre, parallel).Run();
}
template void RunSequence(const SequenceLayer&, const SequenceRun&, const SequenceCell&, float*, const Parallel&);
template void RunSequence(const SequenceLayer&, const SequenceRunOf<int8_t>&, const SequenceCellOf<int8_t, int16_t>&, int16_t*, const Parallel&);

}  // namespace tflower::kernels
