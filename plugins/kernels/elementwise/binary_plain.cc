// Binary operators in plain loops: integers, double, and the f32 operators that go to the C library.
#include "elementwise/binary_plain.h"

namespace tflower::kernels {

template Status BinaryPlain<double>(Binary, const BroadcastPlan&, const double*, const double*, const ClampRange<double>&, double*, const Parallel&);
template Status BinaryPlain<float>(Binary, const BroadcastPlan&, const float*, const float*, const ClampRange<float>&, float*, const Parallel&);
template Status BinaryPlain<int32_t>(Binary, const BroadcastPlan&, const int32_t*, const int32_t*, const ClampRange<int32_t>&, int32_t*, const Parallel&);
template Status BinaryPlain<int64_t>(Binary, const BroadcastPlan&, const int64_t*, const int64_t*, const ClampRange<int64_t>&, int64_t*, const Parallel&);

}  // namespace tflower::kernels
