// Sums of several tensors of one shape: AddN, AccumulateNV2.
#include <algorithm>

#include "elementwise.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kAddNAttrs[] = {Type("T"), Int("N")};
constexpr AttrDef kAccumulateAttrs[] = {Type("T"), Int("N"), NoEffect("shape")};

// ADD_N is for float32 and int32 in stock runtimes, and shapes must be known to agree.
bool FitsAddN(const std::vector<Value>& operands) {
  if (operands[0].dtype() != DType::kFloat32 && operands[0].dtype() != DType::kInt32) return false;
  return std::all_of(operands.begin(), operands.end(), [&](const Value& v) { return v.SameShape(operands[0]); });
}

// Of two operands, ADD: it takes activations.
Result<Value> Sum(Builder& build, const Node&, const std::vector<Value>& x) {
  if (x.size() > 2 && FitsAddN(x)) return build.Emit(tfl::AddN{}, x);
  const bool complex = x[0].dtype() == DType::kComplex64;
  const auto operand = [&](size_t i) { return complex ? Bitcast(Expr(build, x[i]), DType::kFloat32) : Expr(build, x[i]); };
  Expr sum = operand(0);
  for (size_t i = 1; i < x.size(); ++i) sum = sum + operand(i);
  return complex ? Bitcast(sum, DType::kComplex64).result() : sum.result();
}

constexpr OpDef kOps[] = {
    {"AddN", {Variadic(In(kNumbers))}, kAddNAttrs, Elementwise<Sum, kF32 | kIndex | kC64, Bits::kLow>, "ADD ADD_N BITCAST CAST"},
    {"AccumulateNV2", {Variadic(In(kNumbers))}, kAccumulateAttrs, Elementwise<Sum, kF32 | kIndex | kC64, Bits::kLow>, "ADD ADD_N BITCAST CAST"},
};
}  // namespace
TFLOWER_OP_FAMILY(sums, kOps);
}  // namespace tflower::tf_ops
