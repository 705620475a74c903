// Ops that only pass their inputs on: Identity and its kin. They leave no operator behind.
#include <tflower/op_def.h>

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};
constexpr AttrDef kListT[] = {NoEffect("T")};
constexpr AttrDef kPlaceholder[] = {Type("dtype"), NoEffect("shape")};
constexpr AttrDef kMessage[] = {Type("T"), NoEffect("message")};
constexpr AttrDef kPrint[] = {Type("T"), NoEffect("U"), NoEffect("message"), NoEffect("first_n"), NoEffect("summarize")};
constexpr AttrDef kSharding[] = {Type("T"), NoEffect("sharding"), NoEffect("unspecified_dims")};

constexpr OpDef kOps[] = {
    HostOp("Identity", {Any()}, kT, Role::kForward),
    HostOp("RefIdentity", {Any()}, kT, Role::kForward),
    HostOp("IdentityN", {Variadic()}, kListT, Role::kForward),
    HostOp("StopGradient", {Any()}, kT, Role::kForward),
    HostOp("PreventGradient", {Any()}, kMessage, Role::kForward),
    HostOp("Snapshot", {Any()}, kT, Role::kForward),
    HostOp("CheckNumerics", {Any()}, kMessage, Role::kForward),
    HostOp("CheckNumericsV2", {Any()}, kMessage, Role::kForward),
    HostOp("GuaranteeConst", {Any()}, kT, Role::kForward),
    HostOp("RefIdentity", {Any()}, kT, Role::kForward),
    HostOp("Print", {Any(), Variadic()}, kPrint, Role::kForward),
    HostOp("PlaceholderWithDefault", {Any()}, kPlaceholder, Role::kForward),
    HostOp("XlaSharding", {Any()}, kSharding, Role::kForward),
};
}  // namespace
TFLOWER_OP_FAMILY(forward, kOps);
}  // namespace tflower::tf_ops
