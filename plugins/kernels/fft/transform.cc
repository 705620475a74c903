// The radix-2 Fourier transform.  Source: Cooley and Tukey, An Algorithm for the Machine Calculation of Complex Fourier Series (1965).
#include "fft/transform.h"

#include <cmath>
#include <numbers>
#include <utility>

namespace tflower::kernels {
namespace {

// Element i changes places with the one whose index has i's bits in reverse.
void ReverseBits(int64_t n, std::complex<double>* x) {
  for (int64_t i = 1, reversed = 0; i < n; ++i) {
    int64_t bit = n >> 1;
    for (; (reversed & bit) != 0; bit >>= 1) reversed ^= bit;
    reversed |= bit;
    if (i < reversed) std::swap(x[i], x[reversed]);
  }
}

// Written out: std::complex's product checks for NaN.
std::complex<double> Times(std::complex<double> a, std::complex<double> b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

}  // namespace

void FillRoots(int64_t n, std::complex<double>* roots) {
  for (int64_t k = 0; k < n / 2; ++k) {
    const double angle = -2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(n);
    roots[k] = {std::cos(angle), std::sin(angle)};
  }
}

void Transform(int64_t n, const std::complex<double>* roots, std::complex<double>* x) {
  ReverseBits(n, x);
  for (int64_t half = 1; half < n; half *= 2) {
    for (int64_t block = 0; block < n; block += 2 * half) {
      for (int64_t k = 0; k < half; ++k) {
        std::complex<double>& low = x[block + k];
        std::complex<double>& high = x[block + half + k];
        const std::complex<double> turned = Times(high, roots[k * (n / (2 * half))]);
        high = low - turned;
        low += turned;
      }
    }
  }
}

}  // namespace tflower::kernels
