// Operators of many operands that rules make of several.
#pragma once

#include <cstdint>

namespace tflower::tfl_rules {

// Whether operators with so many operands each should become one with all of them. Joined one by one, thousands would be copied thousands of times;
// so beyond some hundred only those of like size are joined, which happens to each operand a few times.
inline bool MayJoin(int64_t a, int64_t b) {
  constexpr int64_t kFew = 256;
  return a + b <= kFew || (a <= 2 * b && b <= 2 * a);
}

}  // namespace tflower::tfl_rules
