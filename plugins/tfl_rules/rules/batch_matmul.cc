// BATCH_MATMUL: transposes of the last two dimensions around it are its adj_x and adj_y; by constant weights it is FULLY_CONNECTED. ONE_HOT times
// weights looks rows up; weights with one input are a product.
#include "scalars.h"
#include "weights.h"

namespace tflower::tfl_rules {
namespace {

bool SwapsLastTwo(const std::vector<int64_t>& perm) {
  const size_t n = perm.size();
  if (n < 2) return false;
  for (size_t i = 0; i + 2 < n; ++i) if (perm[i] != static_cast<int64_t>(i)) return false;
  return perm[n - 2] == static_cast<int64_t>(n - 1) && perm[n - 1] == static_cast<int64_t>(n - 2);
}

template <bool kLeft>
Status TakeTranspose(const MatchView& m, Builder& build) {
  TFLOWER_TRY(const std::vector<int64_t> perm, build.Ints(m["perm"], "perm"));
  if (!SwapsLastTwo(perm)) return Declined();
  tfl::BatchMatMul op = m.root_op().As<tfl::BatchMatMul>();
  if (kLeft) op.adj_x = !op.adj_x;
  else op.adj_y = !op.adj_y;
  return build.Substitute(m.root(), build.Emit(op, {kLeft ? m["x"] : m["a"], kLeft ? m["b"] : m["x"]}));
}

// (A B)^T = B^T A^T
Status TransposedResult(const MatchView& m, Builder& build) {
  TFLOWER_TRY(const std::vector<int64_t> perm, build.Ints(m["perm"], "perm"));
  if (!SwapsLastTwo(perm)) return Declined();
  tfl::BatchMatMul op = m.Op("product").As<tfl::BatchMatMul>();
  const bool adj_x = op.adj_x;
  op.adj_x = !op.adj_y;
  op.adj_y = !adj_x;
  return build.Substitute(m.root(), build.Emit(op, {m["b"], m["a"]}));
}

// Weights [in, out] that became constant, or their transpose.
Status ToFullyConnected(const MatchView& m, Builder& build) {
  const tfl::BatchMatMul op = m.root_op().As<tfl::BatchMatMul>();
  if (op.adj_x || m["w"].rank() != 2 || m["x"].rank() < 2 || m.root().dtype() != DType::kFloat32) return Declined();
  Value weights = m["w"];
  if (!op.adj_y) {
    TFLOWER_TRY(const Value perm, build.Vector({1, 0}));
    TFLOWER_TRY(weights, build.Emit(tfl::Transpose{}, {weights, perm}));
  }
  return build.Substitute(m.root(), build.Emit(tfl::FullyConnected{.keep_num_dims = m["x"].rank() > 2}, {m["x"], weights, Value()}));
}

// Each row of the product is the column of the weights that the index says. An index out of range ends in an error, where ONE_HOT gave zeros.
Status LookUp(const MatchView& m, Builder& build) {
  const Weighted w = Weighted::Of(m.root_op());
  const tfl::OneHot one_hot = m.Op("one_hot").As<tfl::OneHot>();
  const int rank = w.x.rank();
  const bool last = one_hot.axis == -1 || one_hot.axis == rank - 1;
  if (!last || !w.is_linear() || w.bias || w.weights.dtype() != DType::kFloat32 || rank != m.root().rank()) return Declined();
  if (!IsSplat(build, m["on"], 1) || !IsEvery(build, m["off"], 0) || w.x.dim(-1) != w.weights.dim(1)) return Declined();
  TFLOWER_TRY(const Value perm, build.Vector({1, 0}));
  TFLOWER_TRY(const Value rows, build.Emit(tfl::Transpose{}, {w.weights, perm}));
  return build.Substitute(m.root(), build.Emit(tfl::Gather{.axis = 0}, {rows, m["indices"]}));
}

// Weights [n, 1]: [..., 1] times n numbers.
Status OneInput(const MatchView& m, Builder& build) {
  const Weighted w = Weighted::Of(m.root_op());
  if (w.bias || w.weights.dim(1) != 1 || w.weights.dtype() != DType::kFloat32 || w.x.rank() != m.root().rank() || w.x.dim(-1) != 1) return Declined();
  TFLOWER_TRY(const Value numbers, Reshaped(build, w.weights, {static_cast<int32_t>(w.out_channels)}));
  return build.Substitute(m.root(), build.Emit(tfl::Mul{.fused_activation_function = w.activation()}, {w.x, numbers}));
}

// Rows that a selection replaces behind a dense layer need not be replaced before it by the same condition.
template <bool kFirst>
Status SelectAroundLayer(const MatchView& m, Builder& build) {
  const Value c = m["c"], x = m["x"];
  const Operator layer = m.Op("layer");
  const bool by_rows = c.rank() >= 1 && c.dim(-1) == 1 && x.rank() == m.root().rank() && m["inner"].SameShape(x) && m["layer"].SameShape(m.root());
  if (!by_rows) return Declined();
  TFLOWER_TRY(const Value y, build.Emit(layer.As<tfl::FullyConnected>(), {x, layer.Input(1), layer.Input(2)}));
  return build.Substitute(m.root(), kFirst ? build.Emit(tfl::SelectV2{}, {c, y, m["other"]}) : build.Emit(tfl::SelectV2{}, {c, m["other"], y}));
}
constexpr Pattern Layer(const Pattern& x) { return Match("FULLY_CONNECTED", {x}, "layer", kSingleUse); }
constexpr Pattern kSelectedFirst = Match("SELECT_V2", {Any("c"), Any("x"), Any("z")}, "inner", kSingleUse);
constexpr Pattern kSelectedLast = Match("SELECT_V2", {Any("c"), Any("z"), Any("x")}, "inner", kSingleUse);

constexpr Pattern kOneHot = Match("ONE_HOT", {Any("indices"), Any("depth"), Const("on"), Const("off")}, "one_hot", kSingleUse);
constexpr Pattern kTransposed = Match("TRANSPOSE", {Any("x"), Const("perm")});
constexpr RuleDef kRules[] = {
    {"batch-matmul-transposed-left", 70, Match("BATCH_MATMUL", {kTransposed, Any("b")}), TakeTranspose<true>, "BATCH_MATMUL"},
    {"select-around-layer", 80, Match("SELECT_V2", {Any("c"), Layer(kSelectedFirst), Any("other")}), SelectAroundLayer<true>, "FULLY_CONNECTED SELECT_V2"},
    {"select-around-layer-turned", 80, Match("SELECT_V2", {Any("c"), Any("other"), Layer(kSelectedLast)}), SelectAroundLayer<false>, "FULLY_CONNECTED SELECT_V2"},
    {"transposed-batch-matmul", 80, Match("TRANSPOSE", {Match("BATCH_MATMUL", {Any("a"), Any("b")}, "product", kSingleUse), Const("perm")}), TransposedResult, "BATCH_MATMUL"},
    {"batch-matmul-by-constant", 90, Match("BATCH_MATMUL", {Any("x"), Const("w")}), ToFullyConnected, "FULLY_CONNECTED"},
    {"one-hot-look-up", 95, Match("FULLY_CONNECTED", {kOneHot, Const("weights")}), LookUp, "GATHER"},
    {"fully-connected-of-one", 60, Match("FULLY_CONNECTED", {Any("x"), Const("weights")}), OneInput, "MUL"},
    {"batch-matmul-transposed-right", 70, Match("BATCH_MATMUL", {Any("a"), kTransposed}), TakeTranspose<false>, "BATCH_MATMUL"},
};
}  // namespace
TFLOWER_RULE_FAMILY(batch_matmul, kRules);
}  // namespace tflower::tfl_rules
