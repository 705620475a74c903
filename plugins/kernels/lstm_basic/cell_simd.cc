// The cells of LSTM's basic form.
#include <cstddef>
#include <cstdint>

#include "lstm_basic/cell.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lstm_basic/cell_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "gemm/vector-inl.h"
#include "lstm_integer/fixed16-inl.h"
#include "simd/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {

void Floats(const float* gates, const float* before, float* cells, float* h, size_t units) {
  const TileTag d;
  for (size_t u = 0; u < units; u += hn::Lanes(d)) {
    const size_t n = units - u;
    const auto gate = [&](size_t i) { return LoadN(d, gates + i * units + u, n); };
    const TileVec kept = hn::Mul(LogisticF32(d, gate(2)), LoadN(d, before + u, n));
    const TileVec cell = hn::MulAdd(LogisticF32(d, gate(0)), TanhF32(d, gate(1)), kept);
    StoreN(cell, d, cells + u, n);
    StoreN(hn::Mul(LogisticF32(d, gate(3)), TanhF32(d, cell)), d, h + u, n);
  }
}

void Ints(const int16_t* HWY_RESTRICT gates, const int16_t* HWY_RESTRICT before, int16_t* HWY_RESTRICT cells, uint8_t* HWY_RESTRICT h, size_t units) {
  for (size_t u = 0; u < units; ++u) {
    const int32_t added = Product16(Sigmoid16(gates[u]), Tanh16<3>(gates[units + u]));
    const int32_t cell = Saturated16(ShiftedRight16(added, 4) + Product16(Sigmoid16(gates[2 * units + u]), before[u]));
    const int32_t out = Product16(Sigmoid16(gates[3 * units + u]), Tanh16<3>(ShiftedLeft16(cell, 1)));
    cells[u] = static_cast<int16_t>(cell);
    h[u] = static_cast<uint8_t>(128 + std::min(std::max(ShiftedRight16(out, 8), -128), 127));
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(Floats);
HWY_EXPORT(Ints);
}  // namespace

void BasicCell(const float* gates, const float* before, float* cells, float* h, size_t units) { HWY_DYNAMIC_DISPATCH(Floats)(gates, before, cells, h, units); }
void BasicCell(const int16_t* gates, const int16_t* before, int16_t* cells, uint8_t* h, size_t units) {
  HWY_DYNAMIC_DISPATCH(Ints)(gates, before, cells, h, units);
}

}  // namespace tflower::kernels
#endif
