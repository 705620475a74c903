// Gather, GatherV2, ResourceGather -> GATHER; GatherNd, ResourceGatherNd -> GATHER_ND. Indices out of range are an error at run time, as
// in TF on CPU. The resource is the variable's value: the host reads variables before lowering.
#include "by_numbers.h"
#include "moved_axis.h"

namespace tflower::tf_ops {
namespace {

// validate_indices: no effect in TF either, since GatherV2.
constexpr AttrDef kGatherAttrs[] = {NoEffect("validate_indices"), Type("Tparams"), Type("Tindices")};
constexpr AttrDef kGatherV2Attrs[] = {Int("batch_dims", 0), Type("Tparams"), Type("Tindices"), Type("Taxis")};
constexpr AttrDef kResourceAttrs[] = {Int("batch_dims", 0), NoEffect("validate_indices"), Type("dtype"), Type("Tindices")};
constexpr AttrDef kGatherNdAttrs[] = {Type("Tparams"), Type("Tindices"), String("bad_indices_policy", OneOf("", "DEFAULT", "ERROR"), "")};
constexpr AttrDef kResourceNdAttrs[] = {Type("dtype"), Type("Tindices")};

// GATHER takes strings from vectors only.
Result<Value> Gathered(const Node& node, Builder& build, const tfl::Gather& gather) {
  const Value x = node.Input(0);
  if (x.dtype() != DType::kString || x.rank() <= 1) return build.Emit(gather, {x, node.Input(1)});
  TFLOWER_TRY(const Value numbers, NumbersOf(build, x));
  TFLOWER_TRY(const Value chosen, build.Emit(gather, {numbers, node.Input(1)}));
  return StringsAt(build, x, chosen);
}

Status EmitGather(const Node& node, Builder& build, int32_t axis, int32_t batch_dims) {
  if (batch_dims > axis)
    return Error(Code::kInvalidGraph, std::to_string(batch_dims) + " batch dimensions reach beyond axis " + std::to_string(axis)).What("batch_dims");
  return build.Bind(0, Gathered(node, build, {.axis = axis, .batch_dims = batch_dims}));
}

// As many batch dimensions as the indices have is allowed; negative ones count from there.
Result<int32_t> BatchDims(const Node& node) {
  const int rank = node.Input(1).rank();
  const int64_t n = node.Int("batch_dims");
  if (n < -rank || n > rank)
    return Error(Code::kInvalidGraph, std::to_string(n) + " batch dimensions for indices of rank " + std::to_string(rank)).What("batch_dims");
  return static_cast<int32_t>(n < 0 ? n + rank : n);
}

Status LowerGather(const Node& node, Builder& build) { return EmitGather(node, build, 0, 0); }

// Along an axis that is computed at run time, with one index or a vector of them.
Status GatherComputed(const Node& node, Builder& build) {
  const Value x = node.Input(0), indices = node.Input(1);
  const MovedAxis moved(build, node.Input(2), x.rank());
  TFLOWER_TRY(const Value first, moved.First(x));
  TFLOWER_TRY(const Value y, build.Emit(tfl::Gather{}, {first, indices}));
  return build.Bind(0, indices.rank() == 0 ? Result<Value>(y) : moved.Back(y));
}

Status LowerGatherV2(const Node& node, Builder& build) {
  const bool simple = node.Input(0).rank() > 0 && node.Input(1).rank() <= 1 && node.Int("batch_dims") == 0 && node.Input(0).dtype() != DType::kString;
  if (simple && !build.ReadElements(node.Input(2)).ok()) return GatherComputed(node, build);
  TFLOWER_TRY(const int32_t axis, AxisOperand(build, node.Input(2), node.Input(0).rank(), "input 2"));
  TFLOWER_TRY(const int32_t batch_dims, BatchDims(node));
  return EmitGather(node, build, axis, batch_dims);
}

// Gathers along the first dimension after the batch dimensions.
Status LowerResourceGather(const Node& node, Builder& build) {
  TFLOWER_TRY(const int32_t batch_dims, BatchDims(node));
  TFLOWER_TRY(const int32_t axis, NormalAxis(batch_dims, node.Input(0).rank(), "batch_dims"));
  return EmitGather(node, build, axis, batch_dims);
}

Status LowerGatherNd(const Node& node, Builder& build) { return build.Bind(0, build.Emit(tfl::GatherNd{}, {node.Input(0), node.Input(1)})); }

constexpr DTypeSet kIndices = kIndex | Types({DType::kInt16});
constexpr Operand kAnyIndices = Of(kIndices, 0, TFLOWER_MAX_RANK);
constexpr Operand kParams = Ranked(1, TFLOWER_MAX_RANK);

constexpr const char* kEmits = "GATHER RANGE REDUCE_PROD RESHAPE SHAPE";

constexpr const char* kV2Emits = TFLOWER_MOVED_AXIS_EMITS "EXPAND_DIMS GATHER RANGE REDUCE_PROD RESHAPE SHAPE";

constexpr OpDef kOps[] = {
    {"Gather", {kParams, kAnyIndices}, kGatherAttrs, LowerGather, kEmits},
    {"GatherV2", {kParams, kAnyIndices, Index(0, 1)}, kGatherV2Attrs, LowerGatherV2, kV2Emits},
    {"ResourceGather", {kParams, kAnyIndices}, kResourceAttrs, LowerResourceGather, kEmits},
    {"GatherNd", {Any(), Of(kIndices, 1, TFLOWER_MAX_RANK)}, kGatherNdAttrs, LowerGatherNd, "GATHER_ND"},
    {"ResourceGatherNd", {Any(), Of(kIndices, 1, TFLOWER_MAX_RANK)}, kResourceNdAttrs, LowerGatherNd, "GATHER_ND"},
};
}  // namespace
TFLOWER_OP_FAMILY(gather, kOps);
}  // namespace tflower::tf_ops
