// The operands of every builtin operator, one row each, in the order of the codes.
#include "arity.h"

#include <algorithm>
#include <iterator>

namespace tflower::runtime {
namespace {

// x required, ? may be absent, * any number, ~ any number of which each may be absent.
// LSTM: the basic form has 5 operands, the full one 20 or 24; which it is, its kernel decides.
struct Row {
  tfl::Builtin code;
  const char* inputs;
  const char* outputs;
};

constexpr Row kRows[] = {
    {tfl::Builtin::ADD, "xx", "x"},
    {tfl::Builtin::AVERAGE_POOL_2D, "x", "x"},
    {tfl::Builtin::CONCATENATION, "x*", "x"},
    {tfl::Builtin::CONV_2D, "xx?", "x"},
    {tfl::Builtin::DEPTHWISE_CONV_2D, "xx?", "x"},
    {tfl::Builtin::DEPTH_TO_SPACE, "x", "x"},
    {tfl::Builtin::DEQUANTIZE, "x", "x"},
    {tfl::Builtin::EMBEDDING_LOOKUP, "xx", "x"},
    {tfl::Builtin::FLOOR, "x", "x"},
    {tfl::Builtin::FULLY_CONNECTED, "xx?", "x?"},
    {tfl::Builtin::HASHTABLE_LOOKUP, "xxx", "xx"},
    {tfl::Builtin::L2_NORMALIZATION, "x", "x"},
    {tfl::Builtin::L2_POOL_2D, "x", "x"},
    {tfl::Builtin::LOCAL_RESPONSE_NORMALIZATION, "x", "x"},
    {tfl::Builtin::LOGISTIC, "x", "x"},
    {tfl::Builtin::LSH_PROJECTION, "xx?", "x"},
    {tfl::Builtin::LSTM, "x?xxx???????????????????", "x???"},
    {tfl::Builtin::MAX_POOL_2D, "x", "x"},
    {tfl::Builtin::MUL, "xx", "x"},
    {tfl::Builtin::RELU, "x", "x"},
    {tfl::Builtin::RELU_N1_TO_1, "x", "x"},
    {tfl::Builtin::RELU6, "x", "x"},
    {tfl::Builtin::RESHAPE, "x?", "x"},
    {tfl::Builtin::RESIZE_BILINEAR, "xx", "x"},
    {tfl::Builtin::RNN, "xxxxx", "x"},
    {tfl::Builtin::SOFTMAX, "x", "x"},
    {tfl::Builtin::SPACE_TO_DEPTH, "x", "x"},
    {tfl::Builtin::SVDF, "xxx?x", "x"},
    {tfl::Builtin::TANH, "x", "x"},
    {tfl::Builtin::CONCAT_EMBEDDINGS, "x*", "x"},
    {tfl::Builtin::SKIP_GRAM, "x", "x"},
    {tfl::Builtin::CALL, "~", "*"},
    {tfl::Builtin::CUSTOM, "~", "*"},
    {tfl::Builtin::EMBEDDING_LOOKUP_SPARSE, "xxxxx", "x"},
    {tfl::Builtin::PAD, "xx", "x"},
    {tfl::Builtin::UNIDIRECTIONAL_SEQUENCE_RNN, "xxxxx", "x"},
    {tfl::Builtin::GATHER, "xx", "x"},
    {tfl::Builtin::BATCH_TO_SPACE_ND, "xxx", "x"},
    {tfl::Builtin::SPACE_TO_BATCH_ND, "xxx", "x"},
    {tfl::Builtin::TRANSPOSE, "xx", "x"},
    {tfl::Builtin::MEAN, "xx", "x"},
    {tfl::Builtin::SUB, "xx", "x"},
    {tfl::Builtin::DIV, "xx", "x"},
    {tfl::Builtin::SQUEEZE, "x", "x"},
    {tfl::Builtin::UNIDIRECTIONAL_SEQUENCE_LSTM, "x?xxx?xxx????xxx??xx????", "x"},
    {tfl::Builtin::STRIDED_SLICE, "xxxx", "x"},
    {tfl::Builtin::BIDIRECTIONAL_SEQUENCE_RNN, "xxxxxxxxx???", "x?"},
    {tfl::Builtin::EXP, "x", "x"},
    {tfl::Builtin::TOPK_V2, "xx", "xx"},
    {tfl::Builtin::SPLIT, "xx", "x*"},
    {tfl::Builtin::LOG_SOFTMAX, "x", "x"},
    {tfl::Builtin::BIDIRECTIONAL_SEQUENCE_LSTM, "x?xxx?xxx????xxx???xxx?xxx????xxx??xxxx?????????", "x?"},
    {tfl::Builtin::CAST, "x", "x"},
    {tfl::Builtin::PRELU, "xx", "x"},
    {tfl::Builtin::MAXIMUM, "xx", "x"},
    {tfl::Builtin::ARG_MAX, "xx", "x"},
    {tfl::Builtin::MINIMUM, "xx", "x"},
    {tfl::Builtin::LESS, "xx", "x"},
    {tfl::Builtin::NEG, "x", "x"},
    {tfl::Builtin::PADV2, "xxx", "x"},
    {tfl::Builtin::GREATER, "xx", "x"},
    {tfl::Builtin::GREATER_EQUAL, "xx", "x"},
    {tfl::Builtin::LESS_EQUAL, "xx", "x"},
    {tfl::Builtin::SELECT, "xxx", "x"},
    {tfl::Builtin::SLICE, "xxx", "x"},
    {tfl::Builtin::SIN, "x", "x"},
    {tfl::Builtin::TRANSPOSE_CONV, "xxx?", "x"},
    {tfl::Builtin::SPARSE_TO_DENSE, "xxxx", "x"},
    {tfl::Builtin::TILE, "xx", "x"},
    {tfl::Builtin::EXPAND_DIMS, "xx", "x"},
    {tfl::Builtin::EQUAL, "xx", "x"},
    {tfl::Builtin::NOT_EQUAL, "xx", "x"},
    {tfl::Builtin::LOG, "x", "x"},
    {tfl::Builtin::SUM, "xx", "x"},
    {tfl::Builtin::SQRT, "x", "x"},
    {tfl::Builtin::RSQRT, "x", "x"},
    {tfl::Builtin::SHAPE, "x", "x"},
    {tfl::Builtin::POW, "xx", "x"},
    {tfl::Builtin::ARG_MIN, "xx", "x"},
    {tfl::Builtin::FAKE_QUANT, "x", "x"},
    {tfl::Builtin::REDUCE_PROD, "xx", "x"},
    {tfl::Builtin::REDUCE_MAX, "xx", "x"},
    {tfl::Builtin::PACK, "x*", "x"},
    {tfl::Builtin::LOGICAL_OR, "xx", "x"},
    {tfl::Builtin::ONE_HOT, "xxxx", "x"},
    {tfl::Builtin::LOGICAL_AND, "xx", "x"},
    {tfl::Builtin::LOGICAL_NOT, "x", "x"},
    {tfl::Builtin::UNPACK, "x", "*"},
    {tfl::Builtin::REDUCE_MIN, "xx", "x"},
    {tfl::Builtin::FLOOR_DIV, "xx", "x"},
    {tfl::Builtin::REDUCE_ANY, "xx", "x"},
    {tfl::Builtin::SQUARE, "x", "x"},
    {tfl::Builtin::ZEROS_LIKE, "x", "x"},
    {tfl::Builtin::FILL, "xx", "x"},
    {tfl::Builtin::FLOOR_MOD, "xx", "x"},
    {tfl::Builtin::RANGE, "xxx", "x"},
    {tfl::Builtin::RESIZE_NEAREST_NEIGHBOR, "xx", "x"},
    {tfl::Builtin::LEAKY_RELU, "x", "x"},
    {tfl::Builtin::SQUARED_DIFFERENCE, "xx", "x"},
    {tfl::Builtin::MIRROR_PAD, "xx", "x"},
    {tfl::Builtin::ABS, "x", "x"},
    {tfl::Builtin::SPLIT_V, "xxx", "x*"},
    {tfl::Builtin::UNIQUE, "x", "xx"},
    {tfl::Builtin::CEIL, "x", "x"},
    {tfl::Builtin::REVERSE_V2, "xx", "x"},
    {tfl::Builtin::ADD_N, "x*", "x"},
    {tfl::Builtin::GATHER_ND, "xx", "x"},
    {tfl::Builtin::COS, "x", "x"},
    {tfl::Builtin::WHERE, "x", "x"},
    {tfl::Builtin::RANK, "x", "x"},
    {tfl::Builtin::ELU, "x", "x"},
    {tfl::Builtin::REVERSE_SEQUENCE, "xx", "x"},
    {tfl::Builtin::MATRIX_DIAG, "x", "x"},
    {tfl::Builtin::QUANTIZE, "x", "x"},
    {tfl::Builtin::MATRIX_SET_DIAG, "xx", "x"},
    {tfl::Builtin::ROUND, "x", "x"},
    {tfl::Builtin::HARD_SWISH, "x", "x"},
    {tfl::Builtin::IF, "x~", "*"},
    {tfl::Builtin::WHILE, "~", "*"},
    {tfl::Builtin::NON_MAX_SUPPRESSION_V4, "xxxxx", "xx"},
    {tfl::Builtin::NON_MAX_SUPPRESSION_V5, "xxxxxx", "xxx"},
    {tfl::Builtin::SCATTER_ND, "xxx", "x"},
    {tfl::Builtin::SELECT_V2, "xxx", "x"},
    {tfl::Builtin::DENSIFY, "x", "x"},
    {tfl::Builtin::SEGMENT_SUM, "xx", "x"},
    {tfl::Builtin::BATCH_MATMUL, "xx", "x"},
    {tfl::Builtin::CUMSUM, "xx", "x"},
    {tfl::Builtin::CALL_ONCE, "", ""},
    {tfl::Builtin::BROADCAST_TO, "xx", "x"},
    {tfl::Builtin::RFFT2D, "xx", "x"},
    {tfl::Builtin::CONV_3D, "xx?", "x"},
    {tfl::Builtin::IMAG, "x", "x"},
    {tfl::Builtin::REAL, "x", "x"},
    {tfl::Builtin::COMPLEX_ABS, "x", "x"},
    {tfl::Builtin::HASHTABLE, "", "x"},
    {tfl::Builtin::HASHTABLE_FIND, "xxx", "x"},
    {tfl::Builtin::HASHTABLE_IMPORT, "xxx", ""},
    {tfl::Builtin::HASHTABLE_SIZE, "x", "x"},
    {tfl::Builtin::REDUCE_ALL, "xx", "x"},
    {tfl::Builtin::CONV_3D_TRANSPOSE, "xxx?", "x"},
    {tfl::Builtin::VAR_HANDLE, "", "x"},
    {tfl::Builtin::READ_VARIABLE, "x", "x"},
    {tfl::Builtin::ASSIGN_VARIABLE, "xx", ""},
    {tfl::Builtin::BROADCAST_ARGS, "xx", "x"},
    {tfl::Builtin::RANDOM_STANDARD_NORMAL, "x", "x"},
    {tfl::Builtin::BUCKETIZE, "x", "x"},
    {tfl::Builtin::RANDOM_UNIFORM, "x", "x"},
    {tfl::Builtin::MULTINOMIAL, "xx", "x"},
    {tfl::Builtin::GELU, "x", "x"},
    {tfl::Builtin::DYNAMIC_UPDATE_SLICE, "xxx", "x"},
    {tfl::Builtin::RELU_0_TO_1, "x", "x"},
    {tfl::Builtin::UNSORTED_SEGMENT_PROD, "xxx", "x"},
    {tfl::Builtin::UNSORTED_SEGMENT_MAX, "xxx", "x"},
    {tfl::Builtin::UNSORTED_SEGMENT_SUM, "xxx", "x"},
    {tfl::Builtin::ATAN2, "xx", "x"},
    {tfl::Builtin::UNSORTED_SEGMENT_MIN, "xxx", "x"},
    {tfl::Builtin::SIGN, "x", "x"},
    {tfl::Builtin::BITCAST, "x", "x"},
    {tfl::Builtin::BITWISE_XOR, "xx", "x"},
    {tfl::Builtin::RIGHT_SHIFT, "xx", "x"},
    {tfl::Builtin::DILATE, "xxx", "x"},
};

static_assert(std::is_sorted(std::begin(kRows), std::end(kRows),
                             [](const Row& a, const Row& b) { return a.code < b.code; }));

constexpr uint32_t kUnbounded = UINT32_MAX;

OperandCount Count(std::string_view pattern) {
  OperandCount count{0, 0, 0, false};
  for (const char c : pattern) {
    if (c == '*' || c == '~') {
      count.max = kUnbounded;
      count.rest_optional = c == '~';
      break;
    }
    if (c == '?') count.optional |= uint64_t{1} << count.max;
    ++count.max;
    if (c == 'x') count.min = count.max;
  }
  return count;
}

}  // namespace

bool OperandCount::MayBeAbsent(size_t index) const {
  if (index < 64 && (optional >> index & 1) != 0) return true;
  return max == kUnbounded && rest_optional && index >= min;
}

std::optional<Arity> FindArity(int32_t code) {
  const auto row = std::lower_bound(std::begin(kRows), std::end(kRows), code,
                                    [](const Row& r, int32_t wanted) { return static_cast<int32_t>(r.code) < wanted; });
  if (row == std::end(kRows) || static_cast<int32_t>(row->code) != code) return std::nullopt;
  return Arity{Count(row->inputs), Count(row->outputs)};
}

}  // namespace tflower::runtime
