// Which SIMD targets the float matrix kernels are compiled for. Include before any Highway header.
//
// Their accumulators are arrays of vectors, which need a vector type of known size, so scalable vectors are left out;
// those machines run the fixed-size target (NEON) instead.
#pragma once

#ifndef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#endif
