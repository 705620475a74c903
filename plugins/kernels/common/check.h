// What nearly every Infer and Eval begins with: arity, dtypes, ranks, contents of small integer operands, dynamic outputs.
//
// Errors name the operand ("input 1 (indices)"), the value seen and what is allowed. Strings are built only on failure.
#pragma once

#include <string>
#include <string_view>

#include "common/dims.h"
#include "tflower/kernel_def.h"
#include "tflower/source_location.h"

namespace tflower::kernels {

// Every type whose elements are whole bytes: what data movement takes.
inline constexpr DTypeSet kPlain =
    Types({DType::kFloat32, DType::kFloat16, DType::kInt32, DType::kUInt8, DType::kInt64, DType::kBool, DType::kInt16, DType::kComplex64,
           DType::kInt8, DType::kFloat64, DType::kComplex128, DType::kUInt64, DType::kUInt32, DType::kUInt16, DType::kBFloat16,
           DType::kFloat8E4M3FN, DType::kFloat8E5M2});

using Where = SourceLocation;

inline std::string NameOfInput(int i, std::string_view name) { return "input " + std::to_string(i) + " (" + std::string(name) + ")"; }

inline Error OperandError(Code code, int i, std::string_view name, std::string message, Where where = Where::current()) {
  return Error(code, std::move(message), where).What(NameOfInput(i, name));
}
inline Error OptionError(std::string_view option, std::string message, Where where = Where::current()) {
  return Error(Code::kUnsupportedAttribute, std::move(message), where).What(option);
}

// An error about operand i gets its name.
template <class T>
Result<T> ForInput(int i, std::string_view name, Result<T> result) {
  if (result.ok() || !result.error().what.empty()) return result;
  return std::move(result.error()).What(NameOfInput(i, name));
}
template <class T>
Result<T> ForOption(std::string_view name, Result<T> result) {
  if (result.ok()) return result;
  result.error().code = Code::kUnsupportedAttribute;
  return std::move(result.error()).What(name);
}

// min..max operands of which the first `min` are present; exactly `outputs` results.
inline Status CheckArity(const Op& op, int min_inputs, int max_inputs, int outputs = 1, Where where = Where::current()) {
  if (op.num_inputs() < min_inputs || op.num_inputs() > max_inputs) {
    const std::string allowed =
        min_inputs == max_inputs ? std::to_string(min_inputs) : std::to_string(min_inputs) + " to " + std::to_string(max_inputs);
    return Error(Code::kInvalidGraph, Text("has ", op.num_inputs(), " inputs, must have ", allowed), where);
  }
  if (op.num_outputs() != outputs) {
    return Error(Code::kInvalidGraph, Text("has ", op.num_outputs(), " outputs, must have ", outputs), where);
  }
  for (int i = 0; i < min_inputs; ++i) {
    if (!op.HasInput(i)) return Error(Code::kInvalidGraph, Text("input ", i, " is absent, but is not optional"), where);
  }
  return Ok();
}

inline Status CheckRank(const Op& op, int i, std::string_view name, int min, int max, Where where = Where::current()) {
  const int rank = op.Input(i).rank();
  if (rank >= min && rank <= max) return Ok();
  const std::string allowed = min == max        ? std::to_string(min)
                              : max >= kMaxRank ? "at least " + std::to_string(min)
                                                : std::to_string(min) + " to " + std::to_string(max);
  return OperandError(Code::kUnsupportedShape, i, name,
                      Text("shape ", op.Input(i).dims(), " has rank ", rank, ", must have rank ", allowed), where);
}

// One element, of any rank: TFLite takes [] and [1] alike.
inline Status CheckScalar(const Op& op, int i, std::string_view name, Where where = Where::current()) {
  if (op.Input(i).num_elements() == 1) return Ok();
  return OperandError(Code::kUnsupportedShape, i, name, Text("shape ", op.Input(i).dims(), " must hold one element"), where);
}

// Operand i is a vector of `count` elements.
inline Status CheckVector(const Op& op, int i, std::string_view name, int64_t count, Where where = Where::current()) {
  if (op.Input(i).rank() == 1 && op.Input(i).dim(0) == count) return Ok();
  return OperandError(Code::kUnsupportedShape, i, name, Text("shape ", op.Input(i).dims(), " must be [", count, "]"), where);
}

inline Status CheckSameType(const Op& op, int i, std::string_view name, int like, Where where = Where::current()) {
  const DType a = op.Input(i).dtype(), b = op.Input(like).dtype();
  if (a == b) return Ok();
  return OperandError(Code::kUnsupportedType, i, name, Text("type ", NameOf(a), " must be that of input ", like, ", ", NameOf(b)), where);
}

// Contents can be read: empty tensors are always known.
inline bool Known(const Tensor& t) { return t.has_data() || t.num_elements() == 0; }

// Element i of an int32, int64 or int16 tensor whose contents are known.
inline int64_t IntAt(const Tensor& t, int64_t i) {
  switch (t.dtype()) {
    case DType::kInt64: return t.data<int64_t>()[i];
    case DType::kInt16: return t.data<int16_t>()[i];
    default: return t.data<int32_t>()[i];
  }
}

// All elements of a known integer tensor of at most kMaxRank elements (check its shape first).
inline Shape IntsOf(const Tensor& t) {
  Shape out;
  for (int64_t i = 0, n = t.num_elements(); i < n; ++i) out.push_back(IntAt(t, i));
  return out;
}

// A vector operand holding a shape: at most kMaxRank elements.
inline Status CheckShapeOperand(const Op& op, int i, std::string_view name, Where where = Where::current()) {
  TFLOWER_CHECK(CheckRank(op, i, name, 1, 1, where));
  if (op.Input(i).dim(0) <= kMaxRank) return Ok();
  return OperandError(Code::kUnsupportedShape, i, name, Text(op.Input(i).dim(0), " elements: rank must be at most ", kMaxRank), where);
}

// In Infer: output i has this shape, whose size is checked.
inline Status SetOutput(OpTypes& out, int i, DType dtype, std::span<const int64_t> dims) {
  TFLOWER_TRY([[maybe_unused]] const int64_t count, CountElements(dims, dtype));
  return out.Set(i, dtype, dims);
}

// In Eval: gives a dynamic output its shape and memory; a static one has had both since Infer, and the same by the host's promise.
inline Status EnsureOutput(const Op& op, const EvalContext& eval, int i, std::span<const int64_t> dims, uint64_t string_bytes = 0) {
  const Tensor output = op.Output(i);
  if ((output.abi()->flags & TFLOWER_TENSOR_DYNAMIC) != 0) {
    TFLOWER_TRY([[maybe_unused]] const int64_t count, CountElements(dims, output.dtype()));
    return eval.ResizeOutput(i, dims, string_bytes);
  }
  if (std::equal(dims.begin(), dims.end(), output.dims().begin(), output.dims().end())) return Ok();
  return Error(Code::kInvalidOperand, Text("output ", i, " has shape ", output.dims(), ", the operands now ask for ", dims));
}

// Whether no output has elements, now that i, the last of them, has its shape.
inline bool NothingToCompute(const Op& op, int i) {
  for (int k = 0; k < op.num_outputs(); ++k) if (op.Output(k).size_bytes() != 0) return false;
  return i + 1 == op.num_outputs();
}

// EnsureOutput in an Eval that sizes its outputs in order, which ends there where there is nothing to compute: other dimensions of an empty tensor may have any size, and loops
// over them would take forever or leave the range of int64. The host does the same for static outputs.
#define TFLOWER_ENSURE_OUTPUT(op, eval, i, ...)                \
  do {                                                         \
    TFLOWER_CHECK(EnsureOutput(op, eval, i, __VA_ARGS__));     \
    if (NothingToCompute(op, i)) return Ok();                  \
  } while (false)

inline int64_t ElementBytes(DType t) { return BitsOf(t) / 8; }

// Quantised alike: same scales and zero points (or none).
inline bool SameQuantization(const Tensor& a, const Tensor& b) {
  return std::equal(a.scales().begin(), a.scales().end(), b.scales().begin(), b.scales().end()) &&
         std::equal(a.zero_points().begin(), a.zero_points().end(), b.zero_points().begin(), b.zero_points().end());
}

// Types that hold quantised activations or weights; scales that writers leave at tensors of other types mean nothing.
constexpr bool MayBeQuantized(DType type) {
  return type == DType::kInt8 || type == DType::kUInt8 || type == DType::kInt16 || type == DType::kInt4 || type == DType::kInt2 || type == DType::kUInt4;
}

// Rows are chosen by dtype alone, but the bytes of a quantised tensor mean something else to arithmetic: the kernel for plain numbers leaves
// such operators to the next row.
inline Status DeclineQuantized(const Op& op) {
  for (int i = 0; i < op.num_inputs(); ++i) {
    if (!op.HasInput(i) || op.Input(i).scales().empty() || !MayBeQuantized(op.Input(i).dtype())) continue;
    return Error(Code::kDeclined, Text("input ", i, " is quantised, and the kernel is for plain ", op.Input(i).dtype()));
  }
  return Ok();
}

}  // namespace tflower::kernels
