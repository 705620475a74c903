// Comparisons with broadcasting: Less -> LESS, ..., NotEqual -> NOT_EQUAL.
#include <tflower/op_def.h>

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};
// With false, TF answers a scalar when the shapes do not broadcast; TFLite cannot.
constexpr AttrDef kEqualAttrs[] = {Type("T"), Bool("incompatible_shape_error", true, MustBeTrue)};

constexpr OpDef kOps[] = {
    {"Less", {Any(), Any()}, kT, Rename<tfl::Less>, "LESS"},
    {"LessEqual", {Any(), Any()}, kT, Rename<tfl::LessEqual>, "LESS_EQUAL"},
    {"Greater", {Any(), Any()}, kT, Rename<tfl::Greater>, "GREATER"},
    {"GreaterEqual", {Any(), Any()}, kT, Rename<tfl::GreaterEqual>, "GREATER_EQUAL"},
    {"Equal", {Any(), Any()}, kEqualAttrs, Rename<tfl::Equal>, "EQUAL"},
    {"NotEqual", {Any(), Any()}, kEqualAttrs, Rename<tfl::NotEqual>, "NOT_EQUAL"},
};
}  // namespace
TFLOWER_OP_FAMILY(compare, kOps);
}  // namespace tflower::tf_ops
