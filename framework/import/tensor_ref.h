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
  int32_t number = 0;        // kControl for "^node"
};
inline constexpr int32_t kControl = -1;

// "node", "node:1" (main graphs), "node:out_arg:1" (functions) or "^node". kInvalidGraph: the number is not a small natural
// number, or there is no name.
inline Result<TensorRef> ParseTensorRef(std::string_view text) {
  constexpr size_t kMaxDigits = 8;
  const auto broken = [&] { return Error(Code::kInvalidGraph, "'" + std::string(text) + "' is not the name of a tensor"); };
  TensorRef ref;
  const bool control = text.starts_with('^');
  if (control) text.remove_prefix(1);
  const size_t last = text.rfind(':');
  ref.node = text.substr(0, text.find(':'));
  if (ref.node.empty()) return broken();
  if (control && last != std::string_view::npos) return broken();
  if (control) ref.number = kControl;
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
