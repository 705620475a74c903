// The GRU: memory, and what a step consists of.
#include <algorithm>

#include "gru/gru.h"

namespace tflower::kernels {
namespace {

constexpr size_t kPieceProducts = 16384;  // of the candidate that a thread takes at least

size_t Size(int64_t n) { return static_cast<size_t>(n); }

class Cell : public SequenceCell {
 public:
  Cell(const GruPlan& plan, const float* packed, const SequenceRun& run, float* scratch) : plan_(plan), packed_(packed), run_(run), scratch_(scratch) {}

  void MultiplyInputs(size_t from, size_t to, size_t rows, const Parallel& parallel) const override {
    MultiplyFloatInputs(plan_.layer, {packed_ + plan_.input, nullptr, packed_ + plan_.bias}, run_, scratch_ + plan_.pre, from, to, rows, parallel);
  }
  void Blocks(const SequenceStep& step, Range rows, Range blocks) const override { GruBlocks({&plan_, packed_, scratch_, step}, rows, blocks); }
  void FinishRows(const SequenceStep& step, Range rows, const Parallel& parallel) const override {
    if (plan_.options.reset_after) return;
    const UnitBlocks& units = plan_.layer.units;
    const size_t products = (rows.end - rows.begin) * units.lanes * plan_.layer.depth;  // of a block
    parallel.For(static_cast<int64_t>(units.blocks()), 1 + static_cast<int64_t>(kPieceProducts / (1 + products)), [&](int64_t begin, int64_t end) {
      GruCandidates({&plan_, packed_, scratch_, step}, rows, {Size(begin), Size(end)});
    });
  }

 private:
  const GruPlan& plan_;
  const float* const packed_;
  const SequenceRun& run_;
  float* const scratch_;
};

}  // namespace

Result<GruPlan> PlanGru(const GruShape& s, const GruOptions& options) {
  GruPlan plan;
  plan.options = options;
  plan.layer.shape = {.batch = s.batch, .time = s.time, .inputs = s.inputs, .aux = 0, .outputs = s.units, .time_major = s.time_major};
  TFLOWER_CHECK(CheckSequence(plan.layer.shape, s.units));
  plan.layer.units = UnitBlocks(Size(s.units), 3);
  plan.layer.depth = Size(s.units);
  plan.layer.Plan(false);
  const size_t columns = plan.layer.units.columns(), padded = plan.layer.units.padded(), depth = plan.layer.depth;
  FloatParts packed, scratch;
  plan.input = packed.Add(columns * Size(s.inputs));
  plan.bias = packed.Add(columns);
  plan.recurrent = packed.Add(plan.gates().columns() * depth);
  plan.after = packed.Add(options.reset_after ? padded : 0);
  plan.candidate = packed.Add(options.reset_after ? 0 : padded * depth);
  plan.packed_bytes = packed.bytes();
  plan.pre = scratch.Add(plan.layer.PreElements());
  plan.update = scratch.Add(options.reset_after ? 0 : Size(s.batch) * padded);
  plan.old = scratch.Add(options.reset_after ? 0 : Size(s.batch) * padded);
  plan.scratch_bytes = scratch.bytes();
  return plan;
}

void PackGru(const GruPlan& plan, const GruWeights& w, float* packed) {
  const size_t units = plan.layer.units.units, inputs = Size(plan.layer.shape.inputs), depth = plan.layer.depth;
  const float* const input[] = {w.input, w.input + units * inputs, w.input + 2 * units * inputs};
  const float* const recurrent[] = {w.recurrent, w.recurrent + units * depth, w.recurrent + 2 * units * depth};
  const float* const bias[] = {w.bias, w.bias + units, w.bias + 2 * units};
  PackBlocksForGemm(plan.layer.units, input, inputs, packed + plan.input);
  PackBlocks(plan.layer.units, bias, 1, packed + plan.bias);
  PackBlocks(plan.gates(), recurrent, depth, packed + plan.recurrent);
  const UnitBlocks one(units, 1);
  if (plan.options.reset_after) PackBlocks(one, &w.after, 1, packed + plan.after);
  else PackBlocks(one, recurrent + 2, depth, packed + plan.candidate);
}

void EvalGru(const GruPlan& plan, const float* packed, const SequenceRun& run, float* scratch, const Parallel& parallel) {
  RunSequence<float, float>(plan.layer, run, Cell(plan, packed, run, scratch), scratch + plan.pre, parallel);
}

}  // namespace tflower::kernels
