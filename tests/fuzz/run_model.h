// Runs a model on zeros and short strings, within limits: a fuzz target must come to an end.
#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "fuzz.h"
#include "runtime/plan/kernel_source.h"
#include "tflower/runtime.h"

namespace tflower::fuzz {

// Memory bounds the work of a single operator, too. A WHILE may be endless by right.
inline const runtime::SessionOptions kLimits{.max_bytes = 1 << 18, .max_operators = 1000, .max_time = std::chrono::milliseconds(200)};

// A sanitizer sees a result that was never written.
inline void ReadOutputs(const runtime::Session& session) {
  volatile uint8_t seen = 0;
  for (size_t i = 0; i < session.num_outputs(); ++i)
    for (const std::byte byte : session.OutputData(i)) seen = static_cast<uint8_t>(seen ^ static_cast<uint8_t>(byte));
}

inline void RunModel(const std::shared_ptr<const runtime::Model>& model) {
  auto session = runtime::Session::Create(model, kLimits);
  if (!Good(session)) return;
  for (size_t i = 0; i < session.value()->num_inputs(); ++i) {
    const runtime::TensorInfo info = session.value()->InputInfo(i);
    if (info.dtype == DType::kString) {
      uint64_t count = 1;
      for (const int64_t d : info.shape) count = d < 0 || d > 16 ? 17 : std::min<uint64_t>(count * static_cast<uint64_t>(d), 17);
      std::vector<uint32_t> packed{static_cast<uint32_t>(count)};  // as TFLite packs them; "a 1" for each
      for (uint32_t k = 0; k <= count; ++k) packed.push_back(static_cast<uint32_t>(4 * (count + 2)) + 3 * k);
      std::string bytes(reinterpret_cast<const char*>(packed.data()), packed.size() * sizeof packed[0]);
      for (uint64_t k = 0; k < count; ++k) bytes += "a 1";
      Good(session.value()->SetInput(i, std::as_bytes(std::span(bytes))));
      continue;
    }
    const auto input = session.value()->InputData(i);
    if (Good(input)) std::fill(input.value().begin(), input.value().end(), std::byte{0});
  }
  if (Good(session.value()->Invoke())) ReadOutputs(*session.value());
}

}  // namespace tflower::fuzz
