// Ops that only pass their inputs on: Identity and its kin. They leave no operator behind.
#include <tflower/op_def.h>

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};
constexpr AttrDef kListT[] = {NoEffect("T")};
constexpr AttrDef kPlaceholder[] = {Type("dtype"), NoEffect("shape")};
constexpr AttrDef kDtype[] = {Type("dtype")};
constexpr AttrDef kMessage[] = {Type("T"), NoEffect("message")};
constexpr AttrDef kSharding[] = {Type("T"), NoEffect("sharding"), NoEffect("unspecified_dims")};

constexpr OpDef kOps[] = {
    {"Identity", {Any()}, kT, Forward, ""},
    {"IdentityN", {Variadic()}, kListT, Forward, ""},
    {"ReadVariableOp", {Any()}, kDtype, Forward, ""},  // the host hands over the value of a variable that nobody writes
    {"StopGradient", {Any()}, kT, Forward, ""},
    {"PreventGradient", {Any()}, kMessage, Forward, ""},
    {"Snapshot", {Any()}, kT, Forward, ""},
    {"CheckNumerics", {Any()}, kMessage, Forward, ""},
    {"PlaceholderWithDefault", {Any()}, kPlaceholder, Forward, ""},
    {"XlaSharding", {Any()}, kSharding, Forward, ""},
};
}  // namespace
TFLOWER_OP_FAMILY(forward, kOps);
}  // namespace tflower::tf_ops
