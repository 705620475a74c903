// Variables. One that nothing writes to is a constant; of others the host makes VAR_HANDLE, READ_VARIABLE and ASSIGN_VARIABLE. Updates of a
// part of a variable read it whole and assign it whole.
//
// The ops on reference variables (TF1) give the variable as their output, which is read where it is used, as in TF.
#include "index.h"
#include "scatter.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kHandle[] = {NoEffect("container"), NoEffect("shared_name"), NoEffect("debug_name"), Type("dtype"), NoEffect("shape"), NoEffect("allowed_devices")};
constexpr AttrDef kRead[] = {Type("dtype")};
constexpr AttrDef kAssign[] = {Type("dtype"), NoEffect("validate_shape")};
constexpr AttrDef kRefAssign[] = {Type("T"), NoEffect("validate_shape"), NoEffect("use_locking")};
constexpr AttrDef kShape[] = {Type("out_type", DType::kInt32)};
constexpr AttrDef kScatter[] = {Type("dtype"), Type("Tindices"), String("bad_indices_policy", OneOf("", "DEFAULT", "ERROR"), "")};
constexpr AttrDef kNdScatter[] = {Type("T"), Type("Tindices"), NoEffect("use_locking"), String("bad_indices_policy", OneOf("", "DEFAULT", "ERROR"), "")};
constexpr AttrDef kNone[] = {NoEffect("dtype")};

Status LowerAssign(const Node& node, Builder& build) { return build.AssignVariable(node.Input(0), node.Input(1)); }

template <class TflOp>
Status LowerUpdate(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value old, build.ReadVariable(node.Input(0)));
  TFLOWER_TRY(const Value value, build.Emit(TflOp{}, {old, node.Input(1)}));
  return build.AssignVariable(node.Input(0), value);
}

// ResourceScatterAdd and so on: `indices` of any shape number the variable's rows; one update for each, or a scalar for all.
template <Scattering how>
Status LowerScatter(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value old, build.ReadVariable(node.Input(0)));
  if (old.rank() == 0) return Error(Code::kInvalidGraph, "the variable is a scalar").What("input 0");
  const int32_t last[] = {node.Input(1).rank()};
  TFLOWER_TRY(const Value indices, InsertDims(build, node.Input(1), last));
  Value updates = node.Input(2);
  if (updates.rank() == 0) {
    TFLOWER_TRY(const Value rows, build.Emit(tfl::GatherNd{}, {old, indices}));
    TFLOWER_TRY(const Value shape, ShapeOf(build, rows));
    TFLOWER_TRY(updates, build.Emit(tfl::BroadcastTo{}, {updates, shape}));
  }
  TFLOWER_TRY(const Value value, ScatterInto(build, how, old, indices, updates));
  return build.AssignVariable(node.Input(0), value);
}

template <Scattering how>
Status LowerScatterNd(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value old, build.ReadVariable(node.Input(0)));
  TFLOWER_TRY(const Value value, ScatterInto(build, how, old, node.Input(1), node.Input(2)));
  return build.AssignVariable(node.Input(0), value);
}

// The ops on reference variables give the variable as their output.
template <Status (*lower)(const Node&, Builder&)>
Status LowerRef(const Node& node, Builder& build) {
  TFLOWER_CHECK(lower(node, build));
  return build.Bind(0, node.Input(0));
}

Status LowerShape(const Node& node, Builder& build) {
  const DType type = node.Type("out_type");
  if (type != DType::kInt32 && type != DType::kInt64) return Error(Code::kUnsupportedAttribute, "must be int32 or int64").What("out_type");
  return build.Replace(node, tfl::Shape{.out_type = type == DType::kInt64 ? tfl::TensorType::INT64 : tfl::TensorType::INT32}, {node.Input(0)});
}

// A model's variables have the values that were saved with it.
Status LowerIsInitialized(const Node&, Builder& build) {
  const uint8_t yes = 1;
  return build.Bind(0, build.ConstantBytes(DType::kBool, {}, &yes, 1));
}

constexpr Operand kIndices = Of(kIndex, 0, TFLOWER_MAX_RANK);
constexpr Operand kFloatOrInt = Of(kF32 | kI32, 0, TFLOWER_MAX_RANK);
constexpr const char* kEmits =
    "ADD ASSIGN_VARIABLE BROADCAST_TO CAST DIV EQUAL EXPAND_DIMS GATHER GATHER_ND GREATER LOGICAL_AND MAXIMUM MINIMUM MUL READ_VARIABLE REDUCE_ANY "
    "REDUCE_MAX REDUCE_MIN REDUCE_PROD RESHAPE SCATTER_ND SELECT_V2 SHAPE SLICE SUB SUM";

constexpr OpDef kOps[] = {
    HostOp("VarHandleOp", {}, kHandle, Role::kVariable, "VAR_HANDLE"),
    HostOp("VariableV2", {}, kHandle, Role::kRefVariable, "VAR_HANDLE"),
    HostOp("Variable", {}, kHandle, Role::kRefVariable, "VAR_HANDLE"),
    {"ReadVariableOp", {Any()}, kRead, [](const Node& node, Builder& build) { return build.Bind(0, node.Input(0)); }, "READ_VARIABLE"},
    {"VariableShape", {Any()}, kShape, LowerShape, "SHAPE"},
    {"VarIsInitializedOp", {Handle()}, {}, LowerIsInitialized, ""},
    {"IsVariableInitialized", {Handle()}, kNone, LowerIsInitialized, ""},
    {"AssignVariableOp", {WrittenHandle(), Any()}, kAssign, LowerAssign, "ASSIGN_VARIABLE"},
    {"AssignAddVariableOp", {WrittenHandle(), Any()}, kAssign, LowerUpdate<tfl::Add>, "READ_VARIABLE ADD ASSIGN_VARIABLE"},
    {"AssignSubVariableOp", {WrittenHandle(), Any()}, kAssign, LowerUpdate<tfl::Sub>, "READ_VARIABLE SUB ASSIGN_VARIABLE"},
    {"Assign", {WrittenHandle(), Any()}, kRefAssign, LowerRef<LowerAssign>, "ASSIGN_VARIABLE"},
    {"AssignAdd", {WrittenHandle(), Any()}, kRefAssign, LowerRef<LowerUpdate<tfl::Add>>, "READ_VARIABLE ADD ASSIGN_VARIABLE"},
    {"AssignSub", {WrittenHandle(), Any()}, kRefAssign, LowerRef<LowerUpdate<tfl::Sub>>, "READ_VARIABLE SUB ASSIGN_VARIABLE"},
    {"ResourceScatterUpdate", {WrittenHandle(), kIndices, Any()}, kScatter, LowerScatter<Scattering::kUpdate>, kEmits},
    {"ResourceScatterAdd", {WrittenHandle(), kIndices, Any()}, kScatter, LowerScatter<Scattering::kAdd>, kEmits},
    {"ResourceScatterSub", {WrittenHandle(), kIndices, Any()}, kScatter, LowerScatter<Scattering::kSub>, kEmits},
    {"ResourceScatterMul", {WrittenHandle(), kIndices, kFloatOrInt}, kScatter, LowerScatter<Scattering::kMul>, kEmits},
    {"ResourceScatterDiv", {WrittenHandle(), kIndices, kFloatOrInt}, kScatter, LowerScatter<Scattering::kDiv>, kEmits},
    {"ResourceScatterMin", {WrittenHandle(), kIndices, kFloatOrInt}, kScatter, LowerScatter<Scattering::kMin>, kEmits},
    {"ResourceScatterMax", {WrittenHandle(), kIndices, kFloatOrInt}, kScatter, LowerScatter<Scattering::kMax>, kEmits},
    {"ResourceScatterNdUpdate", {WrittenHandle(), kIndices, Any()}, kNdScatter, LowerScatterNd<Scattering::kUpdate>, kEmits},
    {"ResourceScatterNdAdd", {WrittenHandle(), kIndices, Any()}, kNdScatter, LowerScatterNd<Scattering::kAdd>, kEmits},
    {"ResourceScatterNdSub", {WrittenHandle(), kIndices, Any()}, kNdScatter, LowerScatterNd<Scattering::kSub>, kEmits},
    {"ResourceScatterNdMin", {WrittenHandle(), kIndices, kFloatOrInt}, kNdScatter, LowerScatterNd<Scattering::kMin>, kEmits},
    {"ResourceScatterNdMax", {WrittenHandle(), kIndices, kFloatOrInt}, kNdScatter, LowerScatterNd<Scattering::kMax>, kEmits},
    {"ScatterUpdate", {WrittenHandle(), kIndices, Any()}, kNdScatter, LowerRef<LowerScatter<Scattering::kUpdate>>, kEmits},
    {"ScatterAdd", {WrittenHandle(), kIndices, Any()}, kNdScatter, LowerRef<LowerScatter<Scattering::kAdd>>, kEmits},
    {"ScatterSub", {WrittenHandle(), kIndices, Any()}, kNdScatter, LowerRef<LowerScatter<Scattering::kSub>>, kEmits},
    {"ScatterMul", {WrittenHandle(), kIndices, kFloatOrInt}, kNdScatter, LowerRef<LowerScatter<Scattering::kMul>>, kEmits},
    {"ScatterDiv", {WrittenHandle(), kIndices, kFloatOrInt}, kNdScatter, LowerRef<LowerScatter<Scattering::kDiv>>, kEmits},
    {"ScatterMin", {WrittenHandle(), kIndices, kFloatOrInt}, kNdScatter, LowerRef<LowerScatter<Scattering::kMin>>, kEmits},
    {"ScatterMax", {WrittenHandle(), kIndices, kFloatOrInt}, kNdScatter, LowerRef<LowerScatter<Scattering::kMax>>, kEmits},
    {"ScatterNdUpdate", {WrittenHandle(), kIndices, Any()}, kNdScatter, LowerRef<LowerScatterNd<Scattering::kUpdate>>, kEmits},
    {"ScatterNdAdd", {WrittenHandle(), kIndices, Any()}, kNdScatter, LowerRef<LowerScatterNd<Scattering::kAdd>>, kEmits},
    {"ScatterNdSub", {WrittenHandle(), kIndices, Any()}, kNdScatter, LowerRef<LowerScatterNd<Scattering::kSub>>, kEmits},
    {"ScatterNdMax", {WrittenHandle(), kIndices, kFloatOrInt}, kNdScatter, LowerRef<LowerScatterNd<Scattering::kMax>>, kEmits},
    {"ScatterNdMin", {WrittenHandle(), kIndices, kFloatOrInt}, kNdScatter, LowerRef<LowerScatterNd<Scattering::kMin>>, kEmits},
};
}  // namespace
TFLOWER_OP_FAMILY(variables, kOps);
}  // namespace tflower::tf_ops
