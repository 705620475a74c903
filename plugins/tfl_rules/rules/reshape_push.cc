// Elementwise operators behind a RESHAPE, moved before it: there the convolution of a 1-D layer (RESHAPE, CONV_2D, RESHAPE) can take them, and the
// reshapes of neighbouring layers meet and cancel.
#include <algorithm>

#include "binary.h"
#include "unary.h"
#include "weights.h"

namespace tflower::tfl_rules {
namespace {

constexpr Pattern kReshape = Match("RESHAPE", {Any("x"), Const("shape")}, "reshape", kSingleUse);

Result<Value> ShapeBack(const MatchView& m, Builder& build, const Value& y) { return build.Emit(tfl::Reshape{}, {y, m["shape"]}); }

Status MoveUnary(const MatchView& m, Builder& build) {
  TFLOWER_TRY(const Value y, UnaryOn(build, m.root_op(), m["x"]));
  return build.Substitute(m.root(), ShapeBack(m, build, y));
}

// The constant is one number per channel of x, laid over the trailing dimensions into which the reshape may have split the channels.
bool IsPerChannel(const Value& c, const Value& reshaped, int64_t channels) {
  if (channels < 0 || c.num_elements() != channels) return false;
  int64_t product = 1;
  for (int i = 1; i <= c.rank() && product != channels; ++i) {
    if (i > reshaped.rank() || c.dim(-i) != reshaped.dim(-i)) return false;
    product *= c.dim(-i);
  }
  return product == channels;  // what is left of c's dimensions is 1
}

template <bool kConstantFirst>
Status MoveWithConstant(const MatchView& m, Builder& build) {
  const Value x = m["x"];
  if (x.rank() == 0 || m.root().rank() == 0 || !m["reshape"].SameShape(m.root())) return Declined();
  const int64_t channels = x.dim(-1);
  Value c = m["c"];
  if (c.num_elements() != 1) {
    if (!IsPerChannel(c, m.root(), channels)) return Declined("the constant is not per channel");
    TFLOWER_TRY(c, Reshaped(build, c, {static_cast<int32_t>(channels)}));
  } else if (c.rank() > x.rank()) {
    TFLOWER_TRY(c, Reshaped(build, c, {1}));
  }
  TFLOWER_TRY(const Value y, kConstantFirst ? BinaryOn(build, m.root_op(), c, x) : BinaryOn(build, m.root_op(), x, c));
  return build.Substitute(m.root(), ShapeBack(m, build, y));
}

// Both operands reshaped alike.
Status MoveBinary(const MatchView& m, Builder& build) {
  if (!m["x"].SameShape(m["y"]) || !m["reshape"].SameShape(m["other"])) return Declined();
  TFLOWER_TRY(const Value y, BinaryOn(build, m.root_op(), m["x"], m["y"]));
  return build.Substitute(m.root(), ShapeBack(m, build, y));
}

// A reshape that only merges leading dimensions, before a dense layer: with keep_num_dims the layer needs none.
Status MoveFullyConnected(const MatchView& m, Builder& build) {
  const Value x = m["x"];
  auto options = m.root_op().As<tfl::FullyConnected>();
  if (x.rank() < 2 || x.dim(-1) < 0 || x.dim(-1) != m.root_op().Input(1).dim(1) || m["reshape"].dim(-1) != x.dim(-1)) return Declined();
  std::vector<int64_t> dims(m.root().dims().begin(), m.root().dims().end());
  if (std::count(dims.begin(), dims.end(), -1) > 1) return Declined("more than one dimension is unknown");
  options.keep_num_dims = x.rank() > 2;
  TFLOWER_TRY(const Value y, build.Emit(options, {x, m.root_op().Input(1), m.root_op().Input(2)}));
  TFLOWER_TRY(const Value shape, build.Vector(dims));
  return build.Substitute(m.root(), build.Emit(tfl::Reshape{}, {y, shape}));
}

// ---- products of matrices merge leading dimensions by themselves, and can give them back

// A dense layer that flattens its input needs nobody to do it before.
Status FlattenByLayer(const MatchView& m, Builder& build) {
  const auto options = m.root_op().As<tfl::FullyConnected>();
  if (options.keep_num_dims || m["x"].rank() < 2 || m["x"].dim(-1) != m.root_op().Input(1).dim(1)) return Declined();
  TFLOWER_TRY(const Value y, build.Emit(options, {m["x"], m.root_op().Input(1), m.root_op().Input(2)}));
  return y.SameShape(m.root()) ? build.Substitute(m.root(), y) : Declined();
}
Status KeepByLayer(const MatchView& m, Builder& build) {
  const Operator layer = m.Op("layer");
  auto options = layer.As<tfl::FullyConnected>();
  if (options.keep_num_dims || layer.Input(0).dim(-1) != layer.Input(1).dim(1)) return Declined();
  options.keep_num_dims = true;
  TFLOWER_TRY(const Value y, build.Emit(options, layer.Inputs()));
  return y.SameShape(m.root()) ? build.Substitute(m.root(), y) : Declined();
}
// [m, k] times [k, n] between a reshape that merges rows and one that splits them again.
Status ProductOfRows(const MatchView& m, Builder& build) {
  const auto options = m.Op("product").As<tfl::BatchMatMul>();
  if (options.adj_x || m["merged"].rank() != 2 || m["y"].rank() != 2 || m["x"].rank() < 2 || m["x"].dim_key(-1) != m["merged"].dim_key(-1)) return Declined();
  TFLOWER_TRY(const Value y, build.Emit(options, {m["x"], m["y"]}));
  return y.SameShape(m.root()) ? build.Substitute(m.root(), y) : Declined();
}
constexpr Pattern kMerged = Match("RESHAPE", {Any("x")}, "merged");

constexpr Pattern kOther = Match("RESHAPE", {Any("y"), Any("shape2")}, "other", kSingleUse);

constexpr RuleDef kRules[] = {
    {"unary-before-reshape", 60, Match(kUnary, {kReshape}), MoveUnary, "RESHAPE"},
    {"binary-before-reshape", 60, Match(kBinary, {kReshape, Const("c")}), MoveWithConstant<false>, "RESHAPE"},
    {"binary-by-constant-before-reshape", 60, Match(kBinary, {Const("c"), kReshape}), MoveWithConstant<true>, "RESHAPE"},
    {"fully-connected-before-reshape", 60, Match("FULLY_CONNECTED", {kReshape}), MoveFullyConnected, "FULLY_CONNECTED RESHAPE"},
    {"reshape-before-fully-connected", 70, Match("FULLY_CONNECTED", {Match("RESHAPE", {Any("x")})}), FlattenByLayer, "FULLY_CONNECTED"},
    {"reshape-behind-fully-connected", 130, Match("RESHAPE", {Match("FULLY_CONNECTED", {}, "layer", kSingleUse)}), KeepByLayer, "FULLY_CONNECTED"},
    {"reshapes-around-batch-matmul", 130, Match("RESHAPE", {Match("BATCH_MATMUL", {kMerged, Any("y")}, "product", kSingleUse)}), ProductOfRows, "BATCH_MATMUL"},
    {"binary-of-reshapes", 60, Match(kBinary, {kReshape, kOther}), MoveBinary, "RESHAPE"},
};
}  // namespace
TFLOWER_RULE_FAMILY(reshape_push, kRules);
}  // namespace tflower::tfl_rules
