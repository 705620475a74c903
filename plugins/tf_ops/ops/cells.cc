// Cells of recurrent layers that TF has as one op: LSTMBlockCell, GRUBlockCell; BlockLSTM(V2), the former over time, unrolled.
// Source: tf.raw_ops.LSTMBlockCell, tf.raw_ops.BlockLSTM.
#include "working.h"
#include "formula.h"
#include "product.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kCellAttrs[] = {Float("forget_bias", 1), Float("cell_clip", 3), Bool("use_peephole", false), Type("T")};
constexpr AttrDef kV2Attrs[] = {Float("cell_clip", 0), Bool("use_peephole", false), Type("T")};
constexpr AttrDef kGruAttrs[] = {Type("T")};

// Steps of an unrolled layer; longer ones make files too large.
constexpr int64_t kMaxSteps = 512;

enum Output { kInputGate, kState, kForgetGate, kOutputGate, kCandidate, kActivated, kHidden, kOutputs };

struct Cell {
  Expr weights, bias;                      // [in + cell, 4 cell] turned, as FULLY_CONNECTED has it; [4 cell]
  Expr to_input, to_forget, to_output;     // peepholes
  bool peephole = false, forget_third = true;  // gates stand as input, candidate, forget, output; or input, forget, candidate, output
  double forget_bias = 0, clip = 0;
};

Result<Cell> ReadCell(const Node& node, Builder& build, int first) {
  const bool v2 = node.op() == "BlockLSTMV2";
  TFLOWER_TRY(const Value turned, Transposed(build, node.Input(first)));
  const auto in = [&](int i) { return Expr(build, node.Input(first + i)); };
  return Cell{Expr(build, turned), in(4), in(1), in(2), in(3), node.Bool("use_peephole"), !v2, v2 ? 0.0 : static_cast<double>(node.Float("forget_bias")),
              static_cast<double>(node.Float("cell_clip"))};
}

// x in `n` parts along its last dimension.
Result<std::vector<Value>> Parts(Builder& build, const Expr& x, int32_t n) {
  TFLOWER_TRY(const Value whole, x.result());
  TFLOWER_TRY(const Value axis, build.Scalar<int32_t>(1));
  const Value in[] = {axis, whole};
  return build.EmitAll(tfl::Split{.num_splits = n}, in, n);
}

Expr Beside(const Expr& a, const Expr& b) { return Emit(tfl::Concatenation{.axis = 1}, {a, b}); }

// One step: the outputs of the op, by number.
Result<std::vector<Value>> Step(Builder& build, const Cell& cell, const Expr& x, const Expr& state, const Expr& hidden) {
  TFLOWER_TRY(const std::vector<Value> gates, Parts(build, Emit(tfl::FullyConnected{}, {Beside(x, hidden), cell.weights, cell.bias}), 4));
  const auto gate = [&](size_t i) { return Expr(build, gates[i]); };
  const auto seen = [&](const Expr& of, const Expr& from, const Expr& weight) { return cell.peephole ? of + from * weight : of; };
  const Expr forget = gate(cell.forget_third ? 2 : 1), candidate = Tanh(gate(cell.forget_third ? 1 : 2));
  const Expr i = Sigmoid(seen(gate(0), state, cell.to_input));
  const Expr f = Sigmoid(seen(cell.forget_bias == 0 ? forget : forget + cell.forget_bias, state, cell.to_forget));
  Expr next = candidate * i + state * f;
  if (cell.clip > 0) next = Max(Min(next, cell.clip), -cell.clip);
  const Expr o = Sigmoid(seen(gate(3), next, cell.to_output));
  const Expr activated = Tanh(next);
  std::vector<Value> out;
  for (const Expr& y : {i, next, f, o, candidate, activated, activated * o}) {
    TFLOWER_TRY(const Value v, y.result());
    out.push_back(v);
  }
  return out;
}

// Inputs: x, state, hidden, weights, three peepholes, bias.
Result<std::vector<Value>> LowerCell(const Node& node, Builder& build) {
  TFLOWER_TRY(const Cell cell, ReadCell(node, build, 3));
  const auto in = [&](int i) { return Expr(build, node.Input(i)); };
  return Step(build, cell, in(0), in(1), in(2));
}

// Inputs: the number of steps that count, x [time, batch, in], and then as the cell. What lies behind those steps is zeros.
Result<std::vector<Value>> LowerLayer(const Node& node, Builder& build) {
  const Value x = node.Input(1);
  const int64_t steps = x.dim(0);
  if (steps < 1 || steps > kMaxSteps)
    return Error(Code::kUnsupportedShape, "the number of steps must be known, 1 to " + std::to_string(kMaxSteps) + ", since they are unrolled").What("input 1")
        .Hint("fix it with --input-shape, or build the model from a cell in a loop");
  TFLOWER_TRY(const Cell cell, ReadCell(node, build, 4));
  const Value unpack_in[] = {x};
  TFLOWER_TRY(const std::vector<Value> xs, build.EmitAll(tfl::Unpack{.num = static_cast<int32_t>(steps), .axis = 0}, unpack_in, static_cast<int>(steps)));
  TFLOWER_TRY(const Value length, AsInt32(build, node.Input(0)));
  const Result<int64_t> known = build.Int(length, "input 0");
  Expr state(build, node.Input(2)), hidden(build, node.Input(3));
  std::array<std::vector<Value>, kOutputs> all;
  for (int64_t t = 0; t < steps; ++t) {
    TFLOWER_TRY(std::vector<Value> out, Step(build, cell, Expr(build, xs[static_cast<size_t>(t)]), state, hidden));
    state = Expr(build, out[kState]);
    hidden = Expr(build, out[kHidden]);
    for (size_t i = 0; i < kOutputs; ++i) all[i].push_back(out[i]);
  }
  const Expr counts = Expr(build, build.Constant<int32_t>(std::array<int64_t, 3>{steps, 1, 1}, [&] {
    std::vector<int32_t> numbers(static_cast<size_t>(steps));
    for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<int32_t>(i);
    return numbers;
  }()));
  std::vector<Expr> results;
  for (int i = 0; i < kOutputs; ++i) {
    const Expr y(build, build.Emit(tfl::Pack{.values_count = static_cast<int32_t>(steps), .axis = 0}, all[static_cast<size_t>(i)]));
    const bool all_count = known.ok() && known.value() >= steps;
    results.push_back(all_count ? y : Where(counts < Expr(build, length), y, 0.0));
  }
  return ValuesOf(results);
}

// Inputs: x, hidden, weights of the gates, of the candidate, and their biases. Outputs: reset and update gate, candidate, hidden.
Result<std::vector<Value>> LowerGru(const Node& node, Builder& build) {
  const auto in = [&](int i) { return Expr(build, node.Input(i)); };
  const Expr x = in(0), hidden = in(1);
  TFLOWER_TRY(const Value gate_weights, Transposed(build, node.Input(2)));
  TFLOWER_TRY(const Value weights, Transposed(build, node.Input(3)));
  const Expr both = Sigmoid(Emit(tfl::FullyConnected{}, {Beside(x, hidden), Expr(build, gate_weights), in(4)}));
  TFLOWER_TRY(const std::vector<Value> gates, Parts(build, both, 2));
  const Expr reset(build, gates[0]), update(build, gates[1]);
  const Expr candidate = Tanh(Emit(tfl::FullyConnected{}, {Beside(x, hidden * reset), Expr(build, weights), in(5)}));
  return ValuesOf({reset, update, candidate, (1 - update) * candidate + update * hidden});
}

constexpr Operand kRows = Float(2), kVector = Float(1);
constexpr const char* kEmits = "ADD CAST CONCATENATION FULLY_CONNECTED LESS LOGISTIC MAXIMUM MINIMUM MUL PACK SELECT_V2 SPLIT TANH TRANSPOSE UNPACK";

constexpr OpDef kOps[] = {
    {"LSTMBlockCell", {kRows, kRows, kRows, kRows, kVector, kVector, kVector, kVector}, kCellAttrs, InFloat32<LowerCell>, kEmits},
    {"BlockLSTM", {Index(0, 0), Float(3), kRows, kRows, kRows, kVector, kVector, kVector, kVector}, kCellAttrs, InFloat32<LowerLayer>, kEmits},
    {"BlockLSTMV2", {Index(0, 0), Float(3), kRows, kRows, kRows, kVector, kVector, kVector, kVector}, kV2Attrs, InFloat32<LowerLayer>, kEmits},
    {"GRUBlockCell", {kRows, kRows, kRows, kRows, kVector, kVector}, kGruAttrs, InFloat32<LowerGru>, "ADD CAST CONCATENATION FULLY_CONNECTED LOGISTIC MUL SPLIT SUB TANH TRANSPOSE"},
};
}  // namespace
TFLOWER_OP_FAMILY(cells, kOps);
}  // namespace tflower::tf_ops
