// Cross entropy of logits with what they should be: SoftmaxCrossEntropyWithLogits (a distribution), SparseSoftmaxCrossEntropyWithLogits
// (a class). Two outputs: the loss of each row, and its gradient by the logits, softmax - labels.
// Source: tf.nn.softmax_cross_entropy_with_logits, tf.nn.sparse_softmax_cross_entropy_with_logits.
#include "complex_parts.h"
#include "working.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kAttrs[] = {Type("T")};
constexpr AttrDef kSparseAttrs[] = {Type("T"), Type("Tlabels", DType::kInt64)};

Result<Value> Softmax(Builder& build, const Value& logits) { return build.Emit(tfl::Softmax{.beta = 1.0f}, {logits}); }

// The operands broadcast.
Result<std::vector<Value>> LowerDense(const Node& node, Builder& build) {
  TFLOWER_TRY(const auto both, InCommonShape(build, node.Input(0), node.Input(1)));
  TFLOWER_TRY(const Value logarithms, build.Emit(tfl::LogSoftmax{}, {both.first}));
  TFLOWER_TRY(const Value products, build.Emit(tfl::Mul{}, {logarithms, both.second}));
  TFLOWER_TRY(const Value classes, build.Vector({1}));
  TFLOWER_TRY(const Value sum, build.Emit(tfl::Sum{.keep_dims = false}, {products, classes}));
  TFLOWER_TRY(const Value loss, build.Emit(tfl::Neg{}, {sum}));
  TFLOWER_TRY(const Value softmax, Softmax(build, both.first));
  TFLOWER_TRY(const Value gradient, build.Emit(tfl::Sub{}, {softmax, both.second}));
  return std::vector<Value>{loss, gradient};
}

// A class that there is not is an error at run time, as in TF.
Result<std::vector<Value>> LowerSparse(const Node& node, Builder& build) {
  const Value logits = node.Input(0);
  const int32_t last = 1;
  TFLOWER_TRY(const Value logarithms, build.Emit(tfl::LogSoftmax{}, {logits}));
  TFLOWER_TRY(const Value labels, AsInt32(build, node.Input(1)));
  TFLOWER_TRY(const Value places, InsertDims(build, labels, std::span<const int32_t>(&last, 1)));
  TFLOWER_TRY(const Value own, build.Emit(tfl::Gather{.axis = 1, .batch_dims = 1}, {logarithms, places}));
  TFLOWER_TRY(const Value column, DropDims(build, own, std::span<const int32_t>(&last, 1)));
  TFLOWER_TRY(const Value loss, build.Emit(tfl::Neg{}, {column}));
  TFLOWER_TRY(const Value classes, CountAlong(build, logits, 1));
  TFLOWER_TRY(const Value hit, build.Emit(tfl::Equal{}, {places, classes}));
  TFLOWER_TRY(const Value one_hot, CastTo(build, hit, DType::kFloat32));
  TFLOWER_TRY(const Value softmax, Softmax(build, logits));
  TFLOWER_TRY(const Value gradient, build.Emit(tfl::Sub{}, {softmax, one_hot}));
  return std::vector<Value>{loss, gradient};
}

constexpr Operand kRows = Float(2);

constexpr OpDef kOps[] = {
    {"SoftmaxCrossEntropyWithLogits", {kRows, kRows}, kAttrs, InFloat32<LowerDense>, "BROADCAST_ARGS BROADCAST_TO CAST LOG_SOFTMAX MUL NEG SHAPE SOFTMAX SUB SUM"},
    {"SparseSoftmaxCrossEntropyWithLogits", {kRows, Index(1, 1)}, kSparseAttrs, InFloat32<LowerSparse>,
     "CAST EQUAL EXPAND_DIMS GATHER LOG_SOFTMAX NEG RANGE RESHAPE SHAPE SOFTMAX SQUEEZE SUB"},
};
}  // namespace
TFLOWER_OP_FAMILY(cross_entropy, kOps);
}  // namespace tflower::tf_ops
