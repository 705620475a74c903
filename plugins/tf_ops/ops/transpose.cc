// Transpose, ConjugateTranspose -> TRANSPOSE; the identity permutation leaves nothing.
#include "by_numbers.h"
#include "re_im.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kTransposeAttrs[] = {Type("T"), Type("Tperm", DType::kInt32)};

Result<Value> Transposed(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  if (!node.Input(1).has_elements()) {
    TFLOWER_TRY(const Value computed, AsInt32(build, node.Input(1)));
    return build.Emit(tfl::Transpose{}, {x, computed});
  }
  TFLOWER_TRY(const std::vector<int32_t> perm, AxesOperand(build, node.Input(1), x.rank(), "input 1"));
  if (perm.size() != static_cast<size_t>(x.rank()))
    return Error(Code::kInvalidGraph, "permutes " + std::to_string(perm.size()) + " dimensions of an input with " + std::to_string(x.rank()))
        .What("input 1");
  if (std::is_sorted(perm.begin(), perm.end())) return x;
  TFLOWER_TRY(const Value operand, build.Vector(std::span<const int32_t>(perm)));
  return build.Emit(tfl::Transpose{}, {x, operand});
}

Status LowerConjugate(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value turned, Transposed(node, build));
  return build.Bind(0, Conjugated(build, turned));
}

constexpr OpDef kOps[] = {
    {"Transpose", {Any(), Index(1, 1)}, kTransposeAttrs, ByNumbers<Transposed>, "CAST GATHER RANGE REDUCE_PROD RESHAPE SHAPE TRANSPOSE"},
    {"ConjugateTranspose", {Any(), Index(1, 1)}, kTransposeAttrs, LowerConjugate, "CAST IMAG NEG PACK REAL RESHAPE RFFT2D SHAPE SLICE TRANSPOSE"},
};
}  // namespace
TFLOWER_OP_FAMILY(transpose, kOps);
}  // namespace tflower::tf_ops
