// TensorRef: the parts of a tensor's written name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tflower/status.h"

namespace tflower::tf {

struct TensorRef {
  std::string_view node;     // or a function's argument
  std::string_view out_arg;  // only in functions
  int32_t number = 0;
};

// "node", "node:1" (main graphs) or "node:out_arg:1" (functions). kInvalidGraph: the number is not a small natural number.
inline Result<TensorRef> ParseTensorRef(std::string_view text) {
  constexpr size_t kMaxDigits = 8;
  const auto broken = [&] { return Error(Code::kInvalidGraph, "'" + std::string(text) + "' is not the name of a tensor"); };
  TensorRef ref;
  const size_t last = text.rfind(':');
  ref.node = text.substr(0, text.find(':'));
  if (ref.node.empty()) return broken();
  if (last == std::string_view::npos) return ref;
  if (last > ref.node.size()) ref.out_arg = text.substr(ref.node.size() + 1, last - ref.node.size() - 1);
  const std::string_view digits = text.substr(last + 1);
  if (digits.empty() || digits.size() > kMaxDigits) return broken();
  for (const char digit : digits) {
    if (digit < '0' || digit > '9') return broken();
    ref.number = ref.number * 10 + (digit - '0');
  }
  return ref;
}

}  // namespace tflower::tf
