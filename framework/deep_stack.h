// OnDeepStack: runs a function on a thread with much stack, and waits for it. Calls within calls, and constants made from constants, are
// walked by recursion; how deep a model may go must not depend on who calls the converter.
#pragma once

#include <functional>

namespace tflower {

// f must not throw. Where no such thread can be had, f runs on the caller's stack.
void OnDeepStack(const std::function<void()>& f);

}  // namespace tflower
