// One time step of the GRU, compiled once per SIMD target.
#include <cstddef>

#include "gru/gru.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "gru/gru_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "recurrent/product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {

// Where the rows of a block begin.
template <int kRows>
struct BlockRows {
  const float* h[kRows];
  const float* pre[kRows];
  size_t unit, units;

  HWY_INLINE BlockRows(const GruStep& s, size_t row, size_t block) : unit(block * s.plan->layer.units.lanes), units(s.plan->layer.units.units) {
    TFLOWER_UNROLL
    for (int r = 0; r < kRows; ++r) {
      h[r] = s.at.h + (row + static_cast<size_t>(r)) * s.at.h_stride;
      pre[r] = s.at.pre + (row + static_cast<size_t>(r)) * s.at.pre_stride + block * s.plan->layer.units.width();
    }
  }
  HWY_INLINE TileVec Pre(int r, size_t gate) const { return hn::Load(TileTag(), pre[r] + gate * hn::Lanes(TileTag())); }
  HWY_INLINE TileVec State(int r) const { return LoadN(TileTag(), h[r] + unit, units - unit); }
};

// h' = g + z (h - g).
HWY_INLINE void StoreState(const GruStep& s, size_t row, size_t unit, TileVec update, TileVec old, TileVec candidate) {
  StoreUnits(hn::MulAdd(update, hn::Sub(old, candidate), candidate), s.at.y + row * s.at.y_stride, unit, s.plan->layer.units.units);
}

template <int kRows>
HWY_INLINE void RunAfter(const GruStep& s, size_t row, size_t block) {
  const TileTag d;
  const GruPlan& plan = *s.plan;
  const BlockRows<kRows> at(s, row, block);
  TileVec z[kRows][3];
  TFLOWER_UNROLL
  for (int r = 0; r < kRows; ++r) {
    z[r][0] = at.Pre(r, 0);
    z[r][1] = at.Pre(r, 1);
    z[r][2] = hn::Load(d, s.packed + plan.after + at.unit);
  }
  AddProducts<3, kRows>(at.h, plan.layer.depth, s.packed + plan.recurrent + block * plan.layer.units.width() * plan.layer.depth, z);
  for (int r = 0; r < kRows; ++r) {
    const TileVec candidate = Activate(plan.options.activation, hn::MulAdd(LogisticF32(d, z[r][1]), z[r][2], at.Pre(r, 2)));
    StoreState(s, row + static_cast<size_t>(r), at.unit, LogisticF32(d, z[r][0]), at.State(r), candidate);
  }
}

template <int kRows>
HWY_INLINE void RunGates(const GruStep& s, size_t row, size_t block) {
  const TileTag d;
  const GruPlan& plan = *s.plan;
  const BlockRows<kRows> at(s, row, block);
  TileVec z[kRows][2];
  TFLOWER_UNROLL
  for (int r = 0; r < kRows; ++r) {
    z[r][0] = at.Pre(r, 0);
    z[r][1] = at.Pre(r, 1);
  }
  AddProducts<2, kRows>(at.h, plan.layer.depth, s.packed + plan.recurrent + block * 2 * hn::Lanes(d) * plan.layer.depth, z);
  for (int r = 0; r < kRows; ++r) {
    const size_t to = (row + static_cast<size_t>(r)) * plan.layer.units.padded() + at.unit;
    hn::Store(LogisticF32(d, z[r][0]), d, s.scratch + plan.update + to);
    hn::Store(hn::Mul(LogisticF32(d, z[r][1]), at.State(r)), d, s.scratch + plan.old + to);
  }
}

template <int kRows>
HWY_INLINE void RunCandidate(const GruStep& s, size_t row, size_t block) {
  const TileTag d;
  const GruPlan& plan = *s.plan;
  const BlockRows<kRows> at(s, row, block);
  const float* old[kRows];
  TileVec z[kRows][1];
  TFLOWER_UNROLL
  for (int r = 0; r < kRows; ++r) {
    old[r] = s.scratch + plan.old + (row + static_cast<size_t>(r)) * plan.layer.units.padded();
    z[r][0] = at.Pre(r, 2);
  }
  AddProducts<1, kRows>(old, plan.layer.depth, s.packed + plan.candidate + at.unit * plan.layer.depth, z);
  for (int r = 0; r < kRows; ++r) {
    const size_t i = row + static_cast<size_t>(r);
    const TileVec update = hn::Load(d, s.scratch + plan.update + i * plan.layer.units.padded() + at.unit);
    StoreState(s, i, at.unit, update, at.State(r), Activate(plan.options.activation, z[r][0]));
  }
}

void Blocks(const GruStep& s, Range rows, Range blocks) {
  if (s.plan->options.reset_after) EachBlock<RunAfter<kMaxRows>, RunAfter<1>>(rows, blocks, s.at.downwards, s);
  else EachBlock<RunGates<kMaxRows>, RunGates<1>>(rows, blocks, s.at.downwards, s);
}

void Candidates(const GruStep& s, Range rows, Range blocks) { EachBlock<RunCandidate<kMaxRows>, RunCandidate<1>>(rows, blocks, s.at.downwards, s); }

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(Blocks);
HWY_EXPORT(Candidates);
}  // namespace

void GruBlocks(const GruStep& step, Range rows, Range blocks) { HWY_DYNAMIC_DISPATCH(Blocks)(step, rows, blocks); }
void GruCandidates(const GruStep& step, Range rows, Range blocks) { HWY_DYNAMIC_DISPATCH(Candidates)(step, rows, blocks); }

}  // namespace tflower::kernels
#endif
