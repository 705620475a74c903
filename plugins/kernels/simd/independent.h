// For plain loops that compilers make vectors of.
#pragma once

// In front of a loop: what one step writes no other step reads, so that results may also lie where operands are. (Otherwise compilers look whether they do, and
// then take one element at a time.)
#if defined(__clang__)
#define TFLOWER_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define TFLOWER_INDEPENDENT _Pragma("GCC ivdep")
#else
#define TFLOWER_INDEPENDENT
#endif
