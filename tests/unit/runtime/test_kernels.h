// A handful of kernels written against the raw ABI, and a KernelSource that knows them: the runtime is tested without plugins.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "runtime/plan/kernel_source.h"
#include "tflower/abi.h"

namespace tflower::runtime::test {

// Calls that the kernels counted since the program began.
struct Counters {
  std::atomic<int> add_evals{0}, reshape_evals{0}, scale_packs{0}, scale_evals{0}, releases{0}, prepares{0},
      shape_evals{0}, declines{0}, slow_elements{0};
};
Counters& Counts();

// ADD (float32, in place, scalar second operand broadcasts), RESHAPE (view), SHAPE, LESS (int32, scalar), and customs:
//   "Scale"    y = x * w, w a constant scalar that is packed (64 bytes)
//   "NonZero"  the elements that are not 0: a dynamic output
//   "Fail"     refuses in eval, with words; "FailImpure" may have a state
//   "Silent"   fails in eval without words
//   "Twice"    y = 2 x, and fuses an ADD of its own shape: y = 2 x + other
//   "Decline"  two rows: the first declines in prepare, the second copies
//   "BadInfer" infers rank 99
//   "Slot"     adds 1 to a variable tensor (input 1) and returns it
//   "NoResize" infers an unknown shape and never sets it
//   "Unprintable" refuses in infer with a newline in its words
//   "Invalid"  calls the graph invalid in infer
//   "Slow"     copies in a parallel loop, a millisecond an element, and counts the elements
//   "Strange"  refuses in infer with a code that is none
// all for float32, version 1.
class TestKernels final : public KernelSource {
 public:
  Result<KernelRef> FindKernel(const KernelQuery& query) const override;
};

std::shared_ptr<const KernelSource> MakeKernels();
const tflower_kernel* TestKernel(int32_t code, const char* custom = "");

}  // namespace tflower::runtime::test
