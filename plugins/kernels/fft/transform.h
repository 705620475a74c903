// The discrete Fourier transform of a power of two complex numbers, in double.
#pragma once

#include <complex>
#include <cstdint>

namespace tflower::kernels {

// roots[k] = e^(-2 pi i k / n) for k < n / 2.
void FillRoots(int64_t n, std::complex<double>* roots);

// x[k] = sum over j < n of x[j] e^(-2 pi i j k / n), in place. n is a power of two; roots: from FillRoots(n).
void Transform(int64_t n, const std::complex<double>* roots, std::complex<double>* x);

}  // namespace tflower::kernels
