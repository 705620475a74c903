// Variables. One that nothing writes to is a constant; of others the host makes VAR_HANDLE, READ_VARIABLE and ASSIGN_VARIABLE.
#include <tflower/op_def.h>

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kHandle[] = {NoEffect("container"), NoEffect("shared_name"), NoEffect("debug_name"), Type("dtype"), NoEffect("shape"), NoEffect("allowed_devices")};
constexpr AttrDef kRead[] = {Type("dtype")};
constexpr AttrDef kAssign[] = {Type("dtype"), NoEffect("validate_shape")};
constexpr AttrDef kRefAssign[] = {Type("T"), NoEffect("validate_shape"), NoEffect("use_locking")};

Status LowerAssign(const Node& node, Builder& build) { return build.AssignVariable(node.Input(0), node.Input(1)); }

template <class TflOp>
Status LowerUpdate(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value old, build.ReadVariable(node.Input(0)));
  TFLOWER_TRY(const Value value, build.Emit(TflOp{}, {old, node.Input(1)}));
  return build.AssignVariable(node.Input(0), value);
}

// The ops on reference variables give the variable as their output.
template <Status (*lower)(const Node&, Builder&)>
Status LowerRef(const Node& node, Builder& build) {
  TFLOWER_CHECK(lower(node, build));
  return build.Bind(0, node.Input(0));
}

constexpr OpDef kOps[] = {
    HostOp("VarHandleOp", {}, kHandle, Role::kVariable, "VAR_HANDLE"),
    HostOp("VariableV2", {}, kHandle, Role::kRefVariable, "VAR_HANDLE"),
    HostOp("Variable", {}, kHandle, Role::kRefVariable, "VAR_HANDLE"),
    {"ReadVariableOp", {Any()}, kRead, [](const Node& node, Builder& build) { return build.Bind(0, node.Input(0)); }, "READ_VARIABLE"},
    {"AssignVariableOp", {WrittenHandle(), Any()}, kAssign, LowerAssign, "ASSIGN_VARIABLE"},
    {"AssignAddVariableOp", {WrittenHandle(), Any()}, kAssign, LowerUpdate<tfl::Add>, "READ_VARIABLE ADD ASSIGN_VARIABLE"},
    {"AssignSubVariableOp", {WrittenHandle(), Any()}, kAssign, LowerUpdate<tfl::Sub>, "READ_VARIABLE SUB ASSIGN_VARIABLE"},
    {"Assign", {WrittenHandle(), Any()}, kRefAssign, LowerRef<LowerAssign>, "ASSIGN_VARIABLE"},
    {"AssignAdd", {WrittenHandle(), Any()}, kRefAssign, LowerRef<LowerUpdate<tfl::Add>>, "READ_VARIABLE ADD ASSIGN_VARIABLE"},
    {"AssignSub", {WrittenHandle(), Any()}, kRefAssign, LowerRef<LowerUpdate<tfl::Sub>>, "READ_VARIABLE SUB ASSIGN_VARIABLE"},
};
}  // namespace
TFLOWER_OP_FAMILY(variables, kOps);
}  // namespace tflower::tf_ops
