// float16 and bfloat16 as bits: conversion to and from float, rounding to nearest even. Plain integer code that compilers vectorise.
#pragma once

#include <bit>
#include <cstdint>

namespace tflower {

// Exact, subnormals and NaN payloads included.
inline float FloatFromHalf(uint16_t half) {
  const uint32_t magnitude = static_cast<uint32_t>(half & 0x7fffu) << 13;
  uint32_t bits = std::bit_cast<uint32_t>(std::bit_cast<float>(magnitude) * 0x1p112f);  // moves the exponent's bias from 15 to 127
  if (magnitude >= 0x0f800000u) bits = magnitude | 0x7f800000u;                         // infinity and NaN
  return std::bit_cast<float>(bits | static_cast<uint32_t>(half & 0x8000u) << 16);
}

// Values from 65520 on become infinity; a NaN stays one.
inline uint16_t HalfFromFloat(float x) {
  const uint32_t bits = std::bit_cast<uint32_t>(x), magnitude = bits & 0x7fffffffu;
  const auto sign = static_cast<uint16_t>(bits >> 16 & 0x8000u);
  uint32_t half = 0;
  if (magnitude > 0x7f800000u) half = 0x7e00u | (magnitude >> 13 & 0x1ffu);
  else if (magnitude >= 0x477ff000u) half = 0x7c00u;
  // Subnormal: one unit of 0.5f's last place is the smallest half, so the addition rounds.
  else if (magnitude < 0x38800000u) half = std::bit_cast<uint32_t>(std::bit_cast<float>(magnitude) + 0.5f) - 0x3f000000u;
  else half = (magnitude - 0x38000000u + 0xfffu + (magnitude >> 13 & 1u)) >> 13;
  return static_cast<uint16_t>(sign | half);
}

inline float FloatFromBFloat16(uint16_t b) { return std::bit_cast<float>(static_cast<uint32_t>(b) << 16); }

inline uint16_t BFloat16FromFloat(float x) {
  const uint32_t bits = std::bit_cast<uint32_t>(x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return static_cast<uint16_t>(bits >> 16 | 0x40u);  // quiet NaN
  return static_cast<uint16_t>((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

}  // namespace tflower
