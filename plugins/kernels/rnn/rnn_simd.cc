// One time step of the float RNN, compiled once per SIMD target.
#include <cstddef>

#include "rnn/rnn.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rnn/rnn_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "recurrent/product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {

template <int kRows>
HWY_INLINE void RunBlock(const RnnPlan& plan, const float* recurrent, const SequenceStep& s, size_t row, size_t block) {
  const TileTag d;
  const UnitBlocks& units = plan.layer.units;
  const size_t unit = block * units.lanes;
  const float* h[kRows];
  TileVec z[kRows][1];
  TFLOWER_UNROLL
  for (int r = 0; r < kRows; ++r) {
    h[r] = s.h + (row + static_cast<size_t>(r)) * s.h_stride;
    z[r][0] = hn::Load(d, s.pre + (row + static_cast<size_t>(r)) * s.pre_stride + unit);
    if (recurrent == nullptr) z[r][0] = LoadN(d, s.y + (row + static_cast<size_t>(r)) * s.y_stride + unit, units.units - unit);
  }
  if (recurrent != nullptr) AddProducts<1, kRows>(h, plan.layer.depth, recurrent + unit * plan.layer.depth, z);
  for (int r = 0; r < kRows; ++r) {
    StoreUnits(Activate(plan.activation, z[r][0]), s.y + (row + static_cast<size_t>(r)) * s.y_stride, unit, units.units);
  }
}

void Blocks(const RnnPlan& plan, const float* recurrent, const SequenceStep& s, Range rows, Range blocks) {
  EachBlock<RunBlock<kMaxRows>, RunBlock<1>>(rows, blocks, s.downwards, plan, recurrent, s);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(Blocks);
}

void RnnBlocks(const RnnPlan& plan, const float* recurrent, const SequenceStep& step, Range rows, Range blocks) {
  HWY_DYNAMIC_DISPATCH(Blocks)(plan, recurrent, step, rows, blocks);
}

}  // namespace tflower::kernels
#endif
