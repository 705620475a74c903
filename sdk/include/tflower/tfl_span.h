// Span and Str: borrowed views inside TFLite options structs. Standard layout, so that the structs can cross the C ABI.
//
// Neither owns what it points to: an options struct given to the builder must outlive the call, and one that is read
// from a model points into the model's bytes.
#pragma once

#include <cstddef>

namespace tflower::tfl {

// size elements beginning at data; data may be null when size is 0.
template <class T>
struct Span {
  const T* data = nullptr;
  size_t size = 0;

  constexpr const T* begin() const { return data; }
  constexpr const T* end() const { return data + size; }
  constexpr const T& operator[](size_t i) const { return data[i]; }
};

// size bytes of text beginning at data, not necessarily zero-terminated.
struct Str {
  const char* data = nullptr;
  size_t size = 0;
};

}  // namespace tflower::tfl
