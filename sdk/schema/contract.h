// What each builtin operator demands of its operands, results and options: one table, compiled from contracts.txt.
//
// From it come the checks when a file is loaded, the checks before any kernel's infer, the operator version that the exporter
// writes, and docs/operators.md. A constraint is an expression with a text; the text is the error message. The language is
// described at the head of contracts.txt. Everything here is constant data with static lifetime; all functions are thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "tflower/abi.h"
#include "tflower/dtype.h"
#include "tflower/status.h"
#include "tflower/tfl_ops.h"

namespace tflower::tfl {

struct OperandRule {
  const char* name;   // "filter"
  DTypeSet types;     // kAnyType: no constraint
  bool optional;      // may be absent (tensor -1), or left out at the end
  bool repeated;      // the last one: any number of these; with `optional` also none, and each may be absent
};

// One step of an expression, on a stack of numbers of which each may be unknown.
struct Step {
  enum class Code : uint8_t {
    kNumber, kOption, kEachOfOption,
    kRank, kDim, kCount, kType, kValue, kEach, kPresent, kQuantized, kScales, kScale, kInputs, kOutputs,
    kSameShape, kBroadcast, kInTypes, kTypeAt,
    kAdd, kSub, kMul, kDiv, kMod, kNeg, kMax,
    kEq, kNe, kLt, kLe, kGt, kGe, kAnd, kOr, kNot,
  };
  Code code;
  uint8_t a = 0, b = 0;  // operands: 0.. inputs, kFirstOutput.. outputs; or the index of an option in OpInfo::fields; b of kTypeAt: which of a repeated operand
  double number = 0;     // of kNumber
  DTypeSet types = 0;    // of kInTypes
};
inline constexpr uint8_t kFirstOutput = 64;

struct Rule {
  const char* text;     // "stride_w >= 1"
  int32_t version;      // of version rules: what the operator has at least when the expression holds
  std::span<const Step> steps;
};

// A result's type, where TFLite's kernel sets it, whatever a file declares.
struct ResultRule {
  uint8_t output;       // index into Contract::outputs
  const char* text;     // "type(lhs)"
  std::span<const Step> steps;
};

struct Contract {
  std::span<const OperandRule> inputs, outputs;
  std::span<const Rule> requirements;  // each must not be false
  std::span<const Rule> versions;      // the highest that holds counts, and at least min_version
  std::span<const ResultRule> results;
  int32_t min_version, max_version;
};

// Null for codes that no runtime has (much of StableHLO) and for CUSTOM.
const Contract* FindContract(int32_t code);
inline const Contract* FindContract(Builtin code) { return FindContract(static_cast<int32_t>(code)); }

// Counts, types, ranks, shapes, options, contents and quantisation, as far as they are known: dims of -1, operands without data and
// outputs == NULL are unknown, and what depends on them holds. Errors: kInvalidGraph, kUnsupportedType, kUnsupportedShape, kUnsupportedAttribute,
// kInvalidOperand, with the constraint and the values that break it.
Status CheckContract(const Contract& contract, const tflower_op& op);

// The type that result i has whatever a file declares; kNone where the declared one counts, or what it depends on is unknown or no type of the result. The operands need not
// have been counted.
DType ResultType(const Contract& contract, const tflower_op& op, size_t i);

// The version that the operator's types, shapes and options call for. What is unknown does not raise it.
int32_t VersionOf(const Contract& contract, const tflower_op& op);

// Whether nothing is left to compute, by what infer says of the results: all are known to be empty, and the kernel has no state. No host prepares or runs such an operator,
// as its operands may claim dimensions of any size without having elements.
bool ComputesNothing(const tflower_kernel& kernel, std::span<const tflower_type> outputs);

}  // namespace tflower::tfl
