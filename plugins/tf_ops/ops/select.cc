// Selection: Select and SelectV2 -> SELECT where all shapes are equal, else SELECT_V2, which broadcasts.
#include "elementwise.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};

// Values are copied, so that nearly any type will do.
constexpr DTypeSet kCopied = (kRealNumbers | kBoolean | kC64) & ~Types({DType::kBFloat16});

Expr SelectV2(const Expr& condition, const Expr& x, const Expr& y) { return Where(condition, x, y); }

constexpr OpDef kOps[] = {
    // A vector condition chooses whole rows; SELECT has that rule, too.
    {"Select", {Boolean(), Any(), Any()}, kT, Direct<tfl::Select, kCopied>, "CAST BITCAST SELECT"},
    {"SelectV2", {Boolean(), Any(), Any()}, kT, Elementwise<SelectV2, kCopied>, "CAST BITCAST SELECT SELECT_V2"},
};
}  // namespace
TFLOWER_OP_FAMILY(select, kOps);
}  // namespace tflower::tf_ops
