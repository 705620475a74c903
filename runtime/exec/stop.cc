// Stop: the words of each reason.
#include "stop.h"

#include <string>

namespace tflower::runtime {

Error Stop::Why() const {
  switch (reason_.load(std::memory_order_relaxed)) {
    case Reason::kTime:
      return Error(Code::kLimit, "the time limit of " + std::to_string(max_time_.count() / 1000) + " us is over").Hint("SessionOptions::max_time");
    case Reason::kOperators:
      return Error(Code::kLimit, "more than " + std::to_string(max_operators_) + " operators, rounds of loops included").Hint("SessionOptions::max_operators");
    default: return Error(Code::kLimit, "cancelled");
  }
}

}  // namespace tflower::runtime
