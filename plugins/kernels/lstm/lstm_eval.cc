// The float LSTM: memory, and what a step consists of.
#include <algorithm>

#include "lstm/step.h"

namespace tflower::kernels {
namespace {

constexpr size_t kPieceProducts = 32768;  // of int8 inputs that a thread takes at least

size_t Size(int64_t n) { return static_cast<size_t>(n); }
// As many floats as hold these bytes.
size_t Floats(size_t bytes) { return (bytes + sizeof(float) - 1) / sizeof(float); }

// Gates in the order of UnitBlocks begin with this one.
size_t FirstGate(const LstmShape& s) { return s.cifg ? 1 : 0; }

class Cell : public SequenceCell {
 public:
  Cell(const LstmPlan& plan, const float* packed, const LstmRun& run, float* scratch) : plan_(plan), units_(plan.layer.units), packed_(packed), run_(run), scratch_(scratch) {}

  void MultiplyInputs(size_t from, size_t to, size_t rows, const Parallel& parallel) const override {
    if (plan_.bytes) return MultiplyByteInputs(from, to, rows, parallel);
    const SequenceWeights weights{packed_ + plan_.input, packed_ + plan_.aux, plan_.shape.norm ? nullptr : packed_ + plan_.bias};
    MultiplyFloatInputs(plan_.layer, weights, run_, scratch_ + plan_.pre, from, to, rows, parallel);
  }
  void Blocks(const SequenceStep& at, Range rows, Range blocks) const override { LstmBlocks(StepOf(at), rows, blocks); }
  void BeginRows(const SequenceStep& at, Range rows) const override {
    if (plan_.bytes && !plan_.shape.diagonal) QuantizeRows(at.h, at.h_stride, Size(plan_.shape.outputs), rows);
  }
  void FinishRows(const SequenceStep& at, Range rows, const Parallel& parallel) const override {
    if (plan_.shape.norm) LstmNormalizedRows(StepOf(at), rows);
    if (plan_.shape.projection) plan_.bytes ? ProjectBytes(at, rows) : Project(at, rows, parallel);
  }

  void CopyState(bool in) const {
    float* state = run_.c;
    for (size_t b = 0; b < Size(plan_.shape.batch); ++b, state += units_.units) {
      float* const padded = scratch_ + plan_.cells + b * units_.padded();
      std::copy_n(in ? state : padded, units_.units, in ? padded : state);
      if (in) std::fill(padded + units_.units, padded + units_.padded(), 0.0f);
    }
  }

 private:
  LstmStep StepOf(const SequenceStep& at) const {
    LstmStep out;
    out.plan = &plan_;
    out.at = at;
    out.packed = packed_;
    out.c = scratch_ + plan_.cells;
    out.out = plan_.shape.projection ? scratch_ + plan_.hidden : at.y;
    out.out_stride = plan_.shape.projection ? units_.padded() : at.y_stride;
    out.state = State();
    out.state_scales = scratch_ + plan_.state_scales;
    out.gates = plan_.shape.norm ? scratch_ + plan_.gates : nullptr;
    return out;
  }

  void Project(const SequenceStep& at, Range rows, const Parallel& parallel) const {
    GemmProblem g;
    g.rows = rows.end - rows.begin;
    g.columns = Size(plan_.shape.outputs);
    g.depth = units_.units;
    g.a = scratch_ + plan_.hidden + rows.begin * units_.padded();
    g.a_stride = units_.padded();
    g.b = packed_ + plan_.projection;
    g.bias = packed_ + plan_.projection_bias;
    g.c = at.y + rows.begin * at.y_stride;
    g.c_stride = at.y_stride;
    if (plan_.options.proj_clip > 0) g.clamp = {-plan_.options.proj_clip, plan_.options.proj_clip};
    Gemm(g, parallel);
  }

  int16_t* State() const { return reinterpret_cast<int16_t*>(scratch_ + plan_.state); }

  // Rows of [row, n] into State() and its scales.
  void QuantizeRows(const float* x, size_t stride, size_t n, Range rows) const {
    for (size_t row = rows.begin; row < rows.end; ++row) {
      scratch_[plan_.state_scales + row] = QuantizeRow16(x + row * stride, n, plan_.options.asymmetric, State() + row * 2 * PairsOf(n));
    }
  }

  void MultiplyByteInputs(size_t from, size_t to, size_t rows, const Parallel& parallel) const {
    const size_t first = FirstGate(plan_.shape);
    ByteProduct p;
    p.units = units_;
    p.start = plan_.shape.norm ? nullptr : packed_ + plan_.bias;
    p.y = scratch_ + plan_.pre + to * units_.columns();
    p.y_stride = p.columns = units_.columns();
    p.row_scales = scratch_ + plan_.row_scales;
    const auto multiply = [&](const float* x, size_t n, const float* weights, const float* scales) {
      int16_t* const stored = reinterpret_cast<int16_t*>(scratch_ + plan_.rows);
      p.pairs = PairsOf(n);
      p.weights = reinterpret_cast<const int8_t*>(weights);
      p.gate_scales = scales + first;
      p.x = stored;
      p.x_stride = 2 * p.pairs;
      const int64_t grain = 1 + static_cast<int64_t>(kPieceProducts / (1 + n * units_.columns()));
      parallel.For(static_cast<int64_t>(rows), grain, [&](int64_t begin, int64_t end) {
        for (size_t row = Size(begin); row < Size(end); ++row) {
          scratch_[plan_.row_scales + row] = QuantizeRow16(x + (from + row) * n, n, plan_.options.asymmetric, stored + row * p.x_stride);
        }
        MultiplyBytes(p, {Size(begin), Size(end)}, {0, units_.blocks()});
      });
      p.add = true;
    };
    multiply(run_.x, Size(plan_.shape.inputs), packed_ + plan_.input, plan_.scales.input.data());
    if (plan_.shape.aux != 0) multiply(run_.aux, Size(plan_.shape.aux), packed_ + plan_.aux, plan_.scales.aux.data());
  }

  void ProjectBytes(const SequenceStep& at, Range rows) const {
    QuantizeRows(scratch_ + plan_.hidden, units_.padded(), units_.units, rows);
    ByteProduct p;
    p.units = UnitBlocks(Size(plan_.shape.outputs), 1);
    p.pairs = PairsOf(units_.units);
    p.weights = reinterpret_cast<const int8_t*>(packed_ + plan_.projection);
    p.gate_scales = &plan_.scales.projection;
    p.x = State();
    p.x_stride = 2 * p.pairs;
    p.row_scales = scratch_ + plan_.state_scales;
    p.start = packed_ + plan_.projection_bias;
    p.y = at.y;
    p.y_stride = at.y_stride;
    p.columns = Size(plan_.shape.outputs);
    if (plan_.options.proj_clip > 0) p.clamp = {-plan_.options.proj_clip, plan_.options.proj_clip};
    MultiplyBytes(p, rows, {0, p.units.blocks()});
  }

  const LstmPlan& plan_;
  const UnitBlocks& units_;
  const float* const packed_;
  const LstmRun& run_;
  float* const scratch_;
};

}  // namespace

namespace {

Result<LstmPlan> Plan(const LstmShape& s, const LstmOptions& options, bool bytes) {
  LstmPlan plan;
  plan.shape = s;
  plan.options = options;
  plan.bytes = bytes;
  plan.layer.shape = {.batch = s.batch, .time = s.time, .inputs = s.inputs, .aux = s.aux, .outputs = s.outputs, .time_major = s.time_major};
  TFLOWER_CHECK(CheckSequence(plan.layer.shape, s.cells));
  plan.layer.units = UnitBlocks(Size(s.cells), s.cifg ? kGates - 1 : kGates);
  plan.layer.depth = s.diagonal ? 1 : Size(s.outputs);
  plan.layer.Plan(bytes && !s.diagonal);
  const UnitBlocks &units = plan.layer.units, outputs(Size(s.outputs), 1);
  const size_t columns = units.columns(), padded = units.padded(), batch = Size(s.batch);
  const auto weights = [&](size_t depth, bool floats) { return floats ? columns * depth : Floats(ByteBlockBytes(units, depth)); };
  const size_t projection = bytes ? Floats(ByteBlockBytes(outputs, Size(s.cells))) : GemmPackedBytes(Size(s.cells), Size(s.outputs)) / sizeof(float);
  FloatParts packed, scratch;
  plan.input = packed.Add(weights(Size(s.inputs), !bytes));
  plan.aux = packed.Add(weights(Size(s.aux), !bytes));
  plan.recurrent = packed.Add(weights(plan.layer.depth, !bytes || s.diagonal));
  plan.bias = packed.Add(columns);
  plan.peephole = packed.Add(s.peephole ? 3 * padded : 0);
  plan.norm = packed.Add(s.norm ? columns : 0);
  plan.projection = packed.Add(s.projection ? projection : 0);
  plan.projection_bias = packed.Add(s.projection ? Size(s.outputs) : 0);
  plan.packed_bytes = packed.bytes();
  plan.pre = scratch.Add(plan.layer.PreElements());
  plan.gates = scratch.Add(s.norm ? batch * columns : 0);
  plan.cells = scratch.Add(batch * padded);
  plan.hidden = scratch.Add(s.projection ? batch * padded : 0);
  if (bytes) {
    const size_t rows = Size(plan.layer.chunk) * batch;
    plan.rows = scratch.Add(rows * PairsOf(Size(std::max(s.inputs, s.aux))));  // a pair takes as much as a float
    plan.row_scales = scratch.Add(rows);
    plan.state = scratch.Add(batch * PairsOf(Size(std::max(s.outputs, s.cells))));
    plan.state_scales = scratch.Add(batch);
  }
  plan.scratch_bytes = scratch.bytes();
  return plan;
}

// Packs into plan.packed_bytes.
class Packer {
 public:
  Packer(const LstmPlan& plan, float* packed) : plan_(plan), s_(plan.shape), units_(plan.layer.units), first_(FirstGate(plan.shape)), packed_(packed) {}

  void Floats(const LstmWeights& w) const {
    PackBlocksForGemm(units_, w.input.data() + first_, Size(s_.inputs), packed_ + plan_.input);
    if (s_.aux != 0) PackBlocksForGemm(units_, w.aux.data() + first_, Size(s_.aux), packed_ + plan_.aux);
    PackBlocks(units_, w.recurrent.data() + first_, plan_.layer.depth, packed_ + plan_.recurrent);
    for (size_t i = 0; s_.peephole && i < 3; ++i) Vector(w.peephole[kPeepholes[i]], plan_.peephole + i * units_.padded(), units_.units, units_.padded());
    if (s_.projection) GemmPackB(w.projection, 1, units_.units, units_.units, Size(s_.outputs), packed_ + plan_.projection, Parallel());
  }
  void Bytes(const LstmBytes& w, const LstmWeights& floats) const {
    PackByteBlocks(units_, w.input.data() + first_, Size(s_.inputs), BytesAt(plan_.input));
    if (s_.aux != 0) PackByteBlocks(units_, w.aux.data() + first_, Size(s_.aux), BytesAt(plan_.aux));
    if (s_.diagonal) PackBlocks(units_, floats.recurrent.data() + first_, 1, packed_ + plan_.recurrent);
    else PackByteBlocks(units_, w.recurrent.data() + first_, plan_.layer.depth, BytesAt(plan_.recurrent));
    for (size_t i = 0; s_.peephole && i < 3; ++i) Peephole(w, kPeepholes[i], packed_ + plan_.peephole + i * units_.padded());
    if (s_.projection) PackByteBlocks(UnitBlocks(Size(s_.outputs), 1), &w.projection, units_.units, BytesAt(plan_.projection));
  }
  // What is float in either form.
  void Vectors(const LstmWeights& w) const {
    const size_t padded = units_.padded();
    if (!s_.norm) PackBlocks(units_, w.bias.data() + first_, 1, packed_ + plan_.bias);
    for (size_t g = first_; s_.norm && g < kGates; ++g) {
      Vector(w.bias[g], plan_.bias + (g - first_) * padded, units_.units, padded);
      Vector(w.norm[g], plan_.norm + (g - first_) * padded, units_.units, padded);
    }
    if (s_.projection) Vector(w.projection_bias, plan_.projection_bias, Size(s_.outputs), Size(s_.outputs));
  }

 private:
  static constexpr size_t kPeepholes[] = {kInputGate, kForgetGate, kOutputGate};

  int8_t* BytesAt(size_t part) const { return reinterpret_cast<int8_t*>(packed_ + part); }
  void Vector(const float* from, size_t to, size_t count, size_t room) const {
    if (from != nullptr) std::copy_n(from, count, packed_ + to);
    std::fill(packed_ + to + (from != nullptr ? count : 0), packed_ + to + room, 0.0f);
  }
  void Peephole(const LstmBytes& w, size_t gate, float* to) const {
    std::fill(to, to + units_.padded(), 0.0f);
    for (size_t u = 0; w.peephole[gate] != nullptr && u < units_.units; ++u) to[u] = plan_.scales.peephole[gate] * w.peephole[gate][u];
  }

  const LstmPlan& plan_;
  const LstmShape& s_;
  const UnitBlocks& units_;
  const size_t first_;
  float* const packed_;
};

}  // namespace

Result<LstmPlan> PlanLstm(const LstmShape& s, const LstmOptions& options) { return Plan(s, options, false); }

Result<LstmPlan> PlanHybridLstm(const LstmShape& s, const LstmOptions& options, const LstmScales& scales) {
  TFLOWER_TRY(LstmPlan plan, Plan(s, options, true));
  plan.scales = scales;
  return plan;
}

void PackLstm(const LstmPlan& plan, const LstmWeights& weights, float* packed, const LstmBytes& bytes) {
  const Packer packer(plan, packed);
  plan.bytes ? packer.Bytes(bytes, weights) : packer.Floats(weights);
  packer.Vectors(weights);
}

void EvalLstm(const LstmPlan& plan, const float* packed, const LstmRun& run, float* scratch, const Parallel& parallel) {
  if (plan.layer.shape.rows() == 0) return;
  const Cell cell(plan, packed, run, scratch);
  cell.CopyState(true);
  RunSequence<float, float>(plan.layer, run, cell, scratch + plan.pre, parallel);
  cell.CopyState(false);
}

}  // namespace tflower::kernels
