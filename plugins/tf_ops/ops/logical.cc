// Logic on booleans: LogicalAnd -> LOGICAL_AND, LogicalOr -> LOGICAL_OR, LogicalNot -> LOGICAL_NOT.
#include <tflower/op_def.h>

namespace tflower::tf_ops {
namespace {

constexpr OpDef kOps[] = {
    {"LogicalAnd", {Boolean(), Boolean()}, {}, Rename<tfl::LogicalAnd>, "LOGICAL_AND"},
    {"LogicalOr", {Boolean(), Boolean()}, {}, Rename<tfl::LogicalOr>, "LOGICAL_OR"},
    {"LogicalNot", {Boolean()}, {}, Rename<tfl::LogicalNot>, "LOGICAL_NOT"},
};
}  // namespace
TFLOWER_OP_FAMILY(logical, kOps);
}  // namespace tflower::tf_ops
