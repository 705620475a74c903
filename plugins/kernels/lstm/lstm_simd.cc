// One time step of the float LSTM, compiled once per SIMD target.
#include <cmath>
#include <cstddef>

#include "lstm/step.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lstm/lstm_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "recurrent/bytes-inl.h"
#include "recurrent/product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {

// c' from c and the gates before their activations. kCount: gates, 3 without an input gate.
template <int kCount>
HWY_INLINE TileVec NewCell(const LstmOptions& o, TileVec c, TileVec input, TileVec forget, TileVec cell) {
  const TileTag d;
  const TileVec f = LogisticF32(d, forget);
  const TileVec i = kCount == kGates ? LogisticF32(d, input) : hn::Sub(hn::Set(d, 1.0f), f);
  const TileVec next = hn::MulAdd(f, c, hn::Mul(i, Activate(o.activation, cell)));
  return o.cell_clip > 0 ? ClampKeepNaN(d, next, hn::Set(d, -o.cell_clip), hn::Set(d, o.cell_clip)) : next;
}

HWY_INLINE TileVec Hidden(const LstmOptions& o, TileVec c, TileVec output) { return hn::Mul(LogisticF32(TileTag(), output), Activate(o.activation, c)); }

// peephole: [gate][padded unit] of input, forget and output gate.
HWY_INLINE TileVec Peep(const LstmStep& s, int gate, size_t unit, TileVec c, TileVec z) {
  if (!s.plan->shape.peephole) return z;
  return hn::MulAdd(hn::Load(TileTag(), s.packed + s.plan->peephole + static_cast<size_t>(gate) * s.plan->layer.units.padded() + unit), c, z);
}

template <int kCount>
HWY_INLINE void FinishUnits(const LstmStep& s, size_t row, size_t unit, const TileVec (&z)[kCount]) {
  const TileTag d;
  float* const cells = s.c + row * s.plan->layer.units.padded() + unit;
  const TileVec c = hn::Load(d, cells);
  const TileVec input = kCount == kGates ? Peep(s, 0, unit, c, z[0]) : z[0];
  const TileVec next = NewCell<kCount>(s.plan->options, c, input, Peep(s, 1, unit, c, z[kCount - 3]), z[kCount - 2]);
  hn::Store(next, d, cells);
  StoreUnits(Hidden(s.plan->options, next, Peep(s, 2, unit, next, z[kCount - 1])), s.out + row * s.out_stride, unit, s.plan->layer.units.units);
}

// R h for a hybrid layer: added to z.
template <int kCount, int kRows>
HWY_INLINE void AddBytes(const LstmStep& s, size_t row, size_t block, TileVec (&z)[kRows][kCount]) {
  const size_t pairs = PairsOf(s.plan->layer.depth);
  const int16_t* x[kRows];
  TFLOWER_UNROLL
  for (int r = 0; r < kRows; ++r) x[r] = s.state + (row + static_cast<size_t>(r)) * 2 * pairs;
  IntVec sums[kRows][kCount];
  SumBytes<kCount, kRows>(x, pairs, reinterpret_cast<const int8_t*>(s.packed + s.plan->recurrent) + block * s.plan->layer.units.width() * 2 * pairs, sums);
  const float* const scales = s.plan->scales.recurrent.data() + (kGates - kCount);
  TFLOWER_UNROLL
  for (int r = 0; r < kRows; ++r) {
    TFLOWER_UNROLL
    for (int g = 0; g < kCount; ++g) z[r][g] = AddScaled(z[r][g], sums[r][g], s.state_scales[row + static_cast<size_t>(r)] * scales[g]);
  }
}

template <int kCount, int kRows>
HWY_INLINE void AddDiagonal(const LstmStep& s, const float* const* h, size_t block, TileVec (&z)[kRows][kCount]) {
  const TileTag d;
  const UnitBlocks& units = s.plan->layer.units;
  const size_t unit = block * units.lanes;
  for (int r = 0; r < kRows; ++r) {
    const TileVec own = LoadN(d, h[r] + unit, units.units - unit);
    for (int g = 0; g < kCount; ++g) {
      z[r][g] = hn::MulAdd(own, hn::Load(d, s.packed + s.plan->recurrent + block * units.width() + static_cast<size_t>(g) * units.lanes), z[r][g]);
    }
  }
}

// z of kRows rows from `row` on, of one block.
template <int kCount, int kRows, bool kBytes>
HWY_INLINE void RunBlock(const LstmStep& s, size_t row, size_t block) {
  const TileTag d;
  const UnitBlocks& units = s.plan->layer.units;
  const size_t lanes = units.lanes, unit = block * lanes, width = units.width();
  const float* h[kRows];
  TileVec z[kRows][kCount];
  TFLOWER_UNROLL
  for (int r = 0; r < kRows; ++r) {
    h[r] = s.at.h + (row + static_cast<size_t>(r)) * s.at.h_stride;
    const float* const pre = s.at.pre + (row + static_cast<size_t>(r)) * s.at.pre_stride + block * width;
    TFLOWER_UNROLL
    for (int g = 0; g < kCount; ++g) z[r][g] = hn::Load(d, pre + static_cast<size_t>(g) * lanes);
  }
  if (HWY_UNLIKELY(s.plan->shape.diagonal)) AddDiagonal<kCount, kRows>(s, h, block, z);
  else if constexpr (kBytes) AddBytes<kCount, kRows>(s, row, block, z);
  else AddProducts<kCount, kRows>(h, s.plan->layer.depth, s.packed + s.plan->recurrent + block * width * s.plan->layer.depth, z);
  for (int r = 0; r < kRows; ++r) {
    if (HWY_LIKELY(s.gates == nullptr)) {
      FinishUnits<kCount>(s, row + static_cast<size_t>(r), unit, z[r]);
      continue;
    }
    float* const gates = s.gates + (row + static_cast<size_t>(r)) * kCount * units.padded() + unit;
    for (int g = 0; g < kCount; ++g) hn::Store(z[r][g], d, gates + static_cast<size_t>(g) * units.padded());
  }
}

// EachBlock, written out: GCC 12 makes code of that which is 5 % slower here, though not for other cells.
template <int kCount, bool kBytes>
HWY_NOINLINE void RunBlocks(const LstmStep& s, Range rows, Range blocks) {
  for (size_t i = blocks.begin; i < blocks.end; ++i) {
    const size_t block = s.at.downwards ? blocks.begin + blocks.end - 1 - i : i;
    size_t row = rows.begin;
    for (; row + kMaxRows <= rows.end; row += kMaxRows) RunBlock<kCount, kMaxRows, kBytes>(s, row, block);
    for (; row < rows.end; ++row) RunBlock<kCount, 1, kBytes>(s, row, block);
  }
}

void Blocks(const LstmStep& s, Range rows, Range blocks) {
  if (s.plan->shape.cifg) s.plan->bytes ? RunBlocks<kGates - 1, true>(s, rows, blocks) : RunBlocks<kGates - 1, false>(s, rows, blocks);
  else s.plan->bytes ? RunBlocks<kGates, true>(s, rows, blocks) : RunBlocks<kGates, false>(s, rows, blocks);
}

// In place: (z - mean) / deviation * coefficients + bias. Coefficients and bias are zero beyond the last unit.
HWY_NOINLINE void Normalize(const LstmStep& s, float* z, size_t gate) {
  const TileTag d;
  const UnitBlocks& blocks = s.plan->layer.units;
  const size_t lanes = blocks.lanes, units = blocks.units, padded = blocks.padded();
  const float* const coefficients = s.packed + s.plan->norm + gate * padded;
  const float* const bias = s.packed + s.plan->bias + gate * padded;
  TileVec sum = hn::Zero(d), squares = hn::Zero(d);
  for (size_t u = 0; u < units; u += lanes) sum = hn::Add(sum, LoadN(d, z + u, units - u));
  const TileVec mean = hn::Set(d, ReduceSum(d, sum) / static_cast<float>(units));
  for (size_t u = 0; u < units; u += lanes) {
    const TileVec off = hn::Sub(hn::Load(d, z + u), mean);
    const TileVec inside = units - u >= lanes ? off : hn::IfThenElseZero(hn::FirstN(d, units - u), off);
    squares = hn::MulAdd(inside, inside, squares);
  }
  const TileVec inverse = hn::Set(d, 1 / std::sqrt(ReduceSum(d, squares) / static_cast<float>(units) + 1e-8f));
  for (size_t u = 0; u < padded; u += lanes) {
    const TileVec normal = hn::Mul(hn::Sub(hn::Load(d, z + u), mean), inverse);
    hn::Store(hn::MulAdd(normal, hn::Load(d, coefficients + u), hn::Load(d, bias + u)), d, z + u);
  }
}

template <int kCount>
HWY_NOINLINE void NormalizedRow(const LstmStep& s, size_t row) {
  const TileTag d;
  const size_t lanes = s.plan->layer.units.lanes, padded = s.plan->layer.units.padded();
  float* const c = s.c + row * padded;
  float* const gates = s.gates + row * kCount * padded;
  float* const forget = gates + (kCount - 3) * padded;
  float* const cell = gates + (kCount - 2) * padded;
  float* const output = gates + (kCount - 1) * padded;
  for (size_t u = 0; u < padded; u += lanes) {
    const TileVec before = hn::Load(d, c + u);
    if (kCount == kGates) hn::Store(Peep(s, 0, u, before, hn::Load(d, gates + u)), d, gates + u);
    hn::Store(Peep(s, 1, u, before, hn::Load(d, forget + u)), d, forget + u);
  }
  for (size_t g = 0; g + 1 < kCount; ++g) Normalize(s, gates + g * padded, g);
  for (size_t u = 0; u < padded; u += lanes) {
    const TileVec next = NewCell<kCount>(s.plan->options, hn::Load(d, c + u), hn::Load(d, gates + u), hn::Load(d, forget + u), hn::Load(d, cell + u));
    hn::Store(next, d, c + u);
    hn::Store(Peep(s, 2, u, next, hn::Load(d, output + u)), d, output + u);
  }
  Normalize(s, output, kCount - 1);
  for (size_t u = 0; u < padded; u += lanes) {
    StoreUnits(Hidden(s.plan->options, hn::Load(d, c + u), hn::Load(d, output + u)), s.out + row * s.out_stride, u, s.plan->layer.units.units);
  }
}

void NormalizedRows(const LstmStep& s, Range rows) {
  for (size_t row = rows.begin; row < rows.end; ++row) {
    if (s.plan->shape.cifg) NormalizedRow<kGates - 1>(s, row);
    else NormalizedRow<kGates>(s, row);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(Blocks);
HWY_EXPORT(NormalizedRows);
}  // namespace

void LstmBlocks(const LstmStep& step, Range rows, Range blocks) { HWY_DYNAMIC_DISPATCH(Blocks)(step, rows, blocks); }
void LstmNormalizedRows(const LstmStep& step, Range rows) { HWY_DYNAMIC_DISPATCH(NormalizedRows)(step, rows); }

}  // namespace tflower::kernels
#endif
