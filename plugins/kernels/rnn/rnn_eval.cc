// The RNN: memory, and what a step consists of.
#include <algorithm>

#include "rnn/rnn.h"

namespace tflower::kernels {
namespace {

constexpr size_t kPieceProducts = 32768;  // of int8 inputs that a thread takes at least

size_t Size(int64_t n) { return static_cast<size_t>(n); }

class Cell : public SequenceCell {
 public:
  Cell(const RnnPlan& plan, const float* packed, const SequenceRun& run, float* scratch) : plan_(plan), units_(plan.layer.units), packed_(packed), run_(run), scratch_(scratch) {}

  void MultiplyInputs(size_t from, size_t to, size_t rows, const Parallel& parallel) const override {
    if (!plan_.bytes) return MultiplyFloatInputs(plan_.layer, {packed_ + plan_.input, packed_ + plan_.aux, packed_ + plan_.bias}, run_, scratch_ + plan_.pre, from, to, rows, parallel);
    ByteProduct p = ProductOf(plan_.rows, plan_.row_scales);
    p.start = packed_ + plan_.bias;
    p.y = scratch_ + plan_.pre + to * units_.columns();
    p.y_stride = p.columns = units_.columns();
    const auto multiply = [&](const float* x, size_t n, size_t weights, const float& scale) {
      SetWeights(p, weights, scale, n);
      parallel.For(static_cast<int64_t>(rows), 1 + static_cast<int64_t>(kPieceProducts / (1 + n * units_.columns())), [&](int64_t begin, int64_t end) {
        for (size_t row = Size(begin); row < Size(end); ++row) Quantize(x + (from + row) * n, n, p, plan_.row_scales, row);
        MultiplyBytes(p, {Size(begin), Size(end)}, {0, units_.blocks()});
      });
      p.add = true;
    };
    multiply(run_.x, Size(plan_.layer.shape.inputs), plan_.input, plan_.scales.input);
    if (plan_.layer.shape.aux != 0) multiply(run_.aux, Size(plan_.layer.shape.aux), plan_.aux, plan_.scales.aux);
  }

  void BeginRows(const SequenceStep& step, Range rows) const override {
    if (!plan_.bytes) return;
    const ByteProduct p = StateProduct();
    for (size_t row = rows.begin; row < rows.end; ++row) Quantize(step.h + row * step.h_stride, units_.units, p, plan_.state_scales, row);
  }

  void Blocks(const SequenceStep& step, Range rows, Range blocks) const override {
    if (!plan_.bytes) return RnnBlocks(plan_, packed_ + plan_.recurrent, step, rows, blocks);
    ByteProduct p = StateProduct();
    p.y = step.y;
    p.y_stride = step.y_stride;
    p.columns = units_.units;
    for (size_t row = rows.begin; row < rows.end; ++row) {  // each starts from its own part of W x
      p.start = step.pre + row * step.pre_stride;
      MultiplyBytes(p, {row, row + 1}, blocks);
    }
    RnnBlocks(plan_, nullptr, step, rows, blocks);
  }

 private:
  ByteProduct ProductOf(size_t rows, size_t scales) const {
    ByteProduct p;
    p.units = units_;
    p.x = reinterpret_cast<const int16_t*>(scratch_ + rows);
    p.row_scales = scratch_ + scales;
    return p;
  }
  void SetWeights(ByteProduct& p, size_t weights, const float& scale, size_t depth) const {
    p.pairs = PairsOf(depth);
    p.x_stride = 2 * p.pairs;
    p.weights = reinterpret_cast<const int8_t*>(packed_ + weights);
    p.gate_scales = &scale;
  }
  ByteProduct StateProduct() const {
    ByteProduct p = ProductOf(plan_.state, plan_.state_scales);
    SetWeights(p, plan_.recurrent, plan_.scales.recurrent, units_.units);
    return p;
  }
  void Quantize(const float* x, size_t n, const ByteProduct& p, size_t scales, size_t row) const {
    scratch_[scales + row] = QuantizeRow16(x, n, plan_.asymmetric, const_cast<int16_t*>(p.x) + row * p.x_stride);
  }

  const RnnPlan& plan_;
  const UnitBlocks& units_;
  const float* const packed_;
  const SequenceRun& run_;
  float* const scratch_;
};

Result<RnnPlan> Plan(const RnnShape& s, tfl::ActivationFunctionType activation, bool bytes) {
  RnnPlan plan;
  plan.activation = activation;
  plan.bytes = bytes;
  plan.layer.shape = {.batch = s.batch, .time = s.time, .inputs = s.inputs, .aux = s.aux, .outputs = s.units, .time_major = s.time_major};
  TFLOWER_CHECK(CheckSequence(plan.layer.shape, s.units));
  plan.layer.units = UnitBlocks(Size(s.units), 1);
  plan.layer.depth = Size(s.units);
  plan.layer.Plan(bytes);
  const size_t columns = plan.layer.units.columns();
  FloatParts packed, scratch;
  const auto add = [&](int64_t depth) { return packed.Add(bytes ? ByteBlockBytes(plan.layer.units, Size(depth)) / sizeof(float) + 1 : columns * Size(depth)); };
  plan.input = add(s.inputs);
  plan.aux = add(s.aux);
  plan.recurrent = add(s.units);
  plan.bias = packed.Add(columns);
  plan.packed_bytes = packed.bytes();
  plan.pre = scratch.Add(plan.layer.PreElements());
  if (bytes) {
    const size_t rows = Size(plan.layer.chunk) * Size(s.batch);
    plan.rows = scratch.Add(rows * PairsOf(Size(std::max(s.inputs, s.aux))));  // a pair takes as much as a float
    plan.row_scales = scratch.Add(rows);
    plan.state = scratch.Add(Size(s.batch) * PairsOf(Size(s.units)));
    plan.state_scales = scratch.Add(Size(s.batch));
  }
  plan.scratch_bytes = scratch.bytes();
  return plan;
}

}  // namespace

Result<RnnPlan> PlanRnn(const RnnShape& s, tfl::ActivationFunctionType activation) { return Plan(s, activation, false); }

Result<RnnPlan> PlanHybridRnn(const RnnShape& s, tfl::ActivationFunctionType activation, const RnnScales& scales, bool asymmetric) {
  TFLOWER_TRY(RnnPlan plan, Plan(s, activation, true));
  plan.scales = scales;
  plan.asymmetric = asymmetric;
  return plan;
}

void PackRnn(const RnnPlan& plan, const RnnWeights& w, float* packed, const RnnBytes& bytes) {
  const SequenceShape& s = plan.layer.shape;
  const UnitBlocks& units = plan.layer.units;
  PackBlocks(units, &w.bias, 1, packed + plan.bias);
  if (plan.bytes) {
    PackByteBlocks(units, &bytes.input, Size(s.inputs), reinterpret_cast<int8_t*>(packed + plan.input));
    if (s.aux != 0) PackByteBlocks(units, &bytes.aux, Size(s.aux), reinterpret_cast<int8_t*>(packed + plan.aux));
    PackByteBlocks(units, &bytes.recurrent, plan.layer.depth, reinterpret_cast<int8_t*>(packed + plan.recurrent));
    return;
  }
  PackBlocksForGemm(units, &w.input, Size(s.inputs), packed + plan.input);
  if (s.aux != 0) PackBlocksForGemm(units, &w.aux, Size(s.aux), packed + plan.aux);
  PackBlocks(units, &w.recurrent, plan.layer.depth, packed + plan.recurrent);
}

void EvalRnn(const RnnPlan& plan, const float* packed, const SequenceRun& run, float* scratch, const Parallel& parallel) {
  RunSequence<float, float>(plan.layer, run, Cell(plan, packed, run, scratch), scratch + plan.pre, parallel);
}

}  // namespace tflower::kernels
