// Integer arithmetic that TFLite lacks: division of int64. Operands are int32 or int64.
#pragma once

#include "elementwise.h"

namespace tflower::tf_ops {

// a / b truncated towards zero, exact. int64: see integers.cc. A zero in b is an error at run time, as in TF.
Expr TruncateDiv(const Expr& a, const Expr& b);
Expr FloorDiv(const Expr& a, const Expr& b);     // floats, too
Expr TruncateMod(const Expr& a, const Expr& b);  // the remainder has a's sign

}  // namespace tflower::tf_ops
