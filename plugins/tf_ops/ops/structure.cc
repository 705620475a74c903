// What holds a graph together: constants, placeholders, calls, branches and loops. The host carries them out; the rows say which ops they are.
#include <tflower/op_def.h>

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kConst[] = {NoEffect("value"), NoEffect("dtype")};
constexpr AttrDef kPlaceholder[] = {Type("dtype"), NoEffect("shape")};
constexpr AttrDef kCall[] = {NoEffect("f"), NoEffect("Tin"), NoEffect("Tout"), NoEffect("config"), NoEffect("config_proto"), NoEffect("executor_type")};
constexpr AttrDef kIf[] = {NoEffect("then_branch"), NoEffect("else_branch"), NoEffect("Tcond"), NoEffect("Tin"), NoEffect("Tout"), NoEffect("output_shapes")};
constexpr AttrDef kCase[] = {NoEffect("branches"), NoEffect("Tin"), NoEffect("Tout"), NoEffect("output_shapes")};
constexpr AttrDef kAssert[] = {NoEffect("T"), NoEffect("summarize")};
constexpr AttrDef kPrint[] = {NoEffect("output_stream"), NoEffect("end")};
constexpr AttrDef kWhile[] = {NoEffect("cond"), NoEffect("body"), NoEffect("T"), NoEffect("output_shapes"), NoEffect("parallel_iterations")};

constexpr OpDef kOps[] = {
    HostOp("Const", {}, kConst, Role::kConst),
    HostOp("Placeholder", {}, kPlaceholder, Role::kPlaceholder),
    HostOp("NoOp", {}, {}, Role::kForward),
    HostOp("Assert", {Variadic()}, kAssert, Role::kNoEffect),
    HostOp("PrintV2", {Any()}, kPrint, Role::kNoEffect),
    HostOp("PartitionedCall", {Variadic()}, kCall, Role::kCall),
    HostOp("StatefulPartitionedCall", {Variadic()}, kCall, Role::kCall),
    HostOp("If", {Variadic()}, kIf, Role::kIf, "IF"),
    HostOp("StatelessIf", {Variadic()}, kIf, Role::kIf, "IF"),
    HostOp("Case", {Variadic()}, kCase, Role::kCase, "EQUAL IF"),
    HostOp("StatelessCase", {Variadic()}, kCase, Role::kCase, "EQUAL IF"),
    HostOp("While", {Variadic()}, kWhile, Role::kWhile, "WHILE"),
    HostOp("StatelessWhile", {Variadic()}, kWhile, Role::kWhile, "WHILE"),
};
}  // namespace
TFLOWER_OP_FAMILY(structure, kOps);
}  // namespace tflower::tf_ops
