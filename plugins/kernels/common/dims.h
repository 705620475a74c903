// Shapes inside kernels: a fixed-capacity list of dims, row-major strides, overflow-safe sizes, axes, broadcasting. No allocation.
//
// Thread-safety: plain values. Everything that can fail says which number broke which rule; the caller adds the operand's name.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "tflower/abi.h"
#include "tflower/dtype.h"
#include "tflower/status.h"

namespace tflower::kernels {

inline constexpr int kMaxRank = TFLOWER_MAX_RANK;

// Up to kMaxRank numbers: dims, strides, starts, permutations. push_back beyond kMaxRank is our mistake: check ranks first.
class Shape {
 public:
  constexpr Shape() = default;
  constexpr Shape(std::initializer_list<int64_t> dims) {
    for (int64_t d : dims) push_back(d);
  }
  constexpr explicit Shape(std::span<const int64_t> dims) {
    for (int64_t d : dims) push_back(d);
  }
  static constexpr Shape Filled(int rank, int64_t value) {
    Shape s;
    for (int i = 0; i < rank; ++i) s.push_back(value);
    return s;
  }
  constexpr void push_back(int64_t d) {
    assert(rank_ < kMaxRank);
    dims_[static_cast<size_t>(rank_++)] = d;
  }
  constexpr int rank() const { return rank_; }
  constexpr bool empty() const { return rank_ == 0; }
  constexpr int64_t& operator[](int i) { return dims_[static_cast<size_t>(i)]; }
  constexpr int64_t operator[](int i) const { return dims_[static_cast<size_t>(i)]; }
  constexpr const int64_t* begin() const { return dims_.data(); }
  constexpr const int64_t* end() const { return dims_.data() + rank_; }
  constexpr std::span<const int64_t> span() const { return {dims_.data(), static_cast<size_t>(rank_)}; }
  constexpr operator std::span<const int64_t>() const { return span(); }
  friend constexpr bool operator==(const Shape& a, const Shape& b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

 private:
  std::array<int64_t, kMaxRank> dims_{};
  int rank_ = 0;
};

// "[2, 3]", for messages.
inline std::string TextOf(std::span<const int64_t> dims) {
  std::string text = "[";
  for (size_t i = 0; i < dims.size(); ++i) text += (i == 0 ? "" : ", ") + std::to_string(dims[i]);
  return text + "]";
}

// Its arguments side by side, for messages: words, numbers, dims as "[2, 3]", element types by name.
template <class... Parts>
std::string Text(const Parts&... parts) {
  std::string text;
  const auto add = [&text]<class T>(const T& part) {
    if constexpr (std::is_same_v<T, DType>) text += NameOf(part);
    else if constexpr (std::is_arithmetic_v<T>) text += std::to_string(part);
    else if constexpr (std::is_convertible_v<const T&, std::string_view>) text += std::string_view(part);
    else text += TextOf(part);
  };
  (add(parts), ...);
  return text;
}

// Product of dims[begin, end) of an existing tensor (its size in memory was checked by the host, so it cannot overflow).
constexpr int64_t Product(std::span<const int64_t> dims, int begin, int end) {
  int64_t n = 1;
  for (int i = begin; i < end; ++i) n *= dims[static_cast<size_t>(i)];
  return n;
}
constexpr int64_t Product(std::span<const int64_t> dims) { return Product(dims, 0, static_cast<int>(dims.size())); }

// Row-major strides in elements: [2, 3, 4] -> [12, 4, 1]. Dims of size 0 count as 1, so that strides stay meaningful.
constexpr Shape StridesOf(std::span<const int64_t> dims) {
  Shape strides = Shape::Filled(static_cast<int>(dims.size()), 1);
  for (int i = strides.rank() - 2; i >= 0; --i) strides[i] = strides[i + 1] * std::max<int64_t>(dims[static_cast<size_t>(i) + 1], 1);
  return strides;
}

// Elements of a shape that is about to be made: kLimit when the bytes would not fit 62 bits, kUnsupportedShape for negative dims.
// Dims of 0 do not hide an overflow of the others, so strides of an accepted shape never overflow.
inline Result<int64_t> CountElements(std::span<const int64_t> dims, DType dtype = DType::kComplex128) {
  const int64_t element_bytes = std::max(BitsOf(dtype) / 8, 1);
  int64_t bytes = element_bytes;
  bool zero = false;
  for (int64_t d : dims) {
    if (d < 0) return Error(Code::kUnsupportedShape, Text("shape ", dims, " has a negative dimension"));
    if (d == 0) zero = true;
    else if (__builtin_mul_overflow(bytes, d, &bytes) || bytes > (int64_t{1} << 62)) {
      return Error(Code::kLimit, Text("shape ", dims, " is too large: more than 2^62 bytes"));
    }
  }
  return zero ? 0 : bytes / element_bytes;
}

// -1 -> last axis. axis must lie in [-rank, rank).
inline Result<int> NormalizeAxis(int64_t axis, int rank) {
  if (axis < -rank || axis >= rank) { return Error(Code::kInvalidOperand, Text("axis ", axis, " is outside [", -rank, ", ", rank, ")")); }
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

// NumPy's rule: aligned at the end, equal or 1. Ranks up to kMaxRank.
inline Result<Shape> BroadcastShapes(std::span<const int64_t> a, std::span<const int64_t> b) {
  const size_t rank = std::max(a.size(), b.size());
  Shape out;
  for (size_t i = 0; i < rank; ++i) {
    const int64_t x = i + a.size() < rank ? 1 : a[i + a.size() - rank];
    const int64_t y = i + b.size() < rank ? 1 : b[i + b.size() - rank];
    if (x != y && x != 1 && y != 1) {
      return Error(Code::kUnsupportedShape,
                   Text("shapes ", a, " and ", b, " do not broadcast: dimensions must be equal or 1, seen ", x, " and ", y));
    }
    out.push_back(x == 1 ? y : x);
  }
  return out;
}

}  // namespace tflower::kernels
