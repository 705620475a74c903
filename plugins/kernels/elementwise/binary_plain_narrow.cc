// Binary operators in plain loops: narrow and unsigned integers.
#include "elementwise/binary_plain.h"

namespace tflower::kernels {

template Status BinaryPlain<int8_t>(Binary, const BroadcastPlan&, const int8_t*, const int8_t*, const ClampRange<int8_t>&, int8_t*, const Parallel&);
template Status BinaryPlain<int16_t>(Binary, const BroadcastPlan&, const int16_t*, const int16_t*, const ClampRange<int16_t>&, int16_t*, const Parallel&);
template Status BinaryPlain<uint8_t>(Binary, const BroadcastPlan&, const uint8_t*, const uint8_t*, const ClampRange<uint8_t>&, uint8_t*, const Parallel&);
template Status BinaryPlain<uint16_t>(Binary, const BroadcastPlan&, const uint16_t*, const uint16_t*, const ClampRange<uint16_t>&, uint16_t*, const Parallel&);
template Status BinaryPlain<uint32_t>(Binary, const BroadcastPlan&, const uint32_t*, const uint32_t*, const ClampRange<uint32_t>&, uint32_t*, const Parallel&);
template Status BinaryPlain<uint64_t>(Binary, const BroadcastPlan&, const uint64_t*, const uint64_t*, const ClampRange<uint64_t>&, uint64_t*, const Parallel&);

}  // namespace tflower::kernels
