// What fuzz targets share.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "tflower/status.h"

namespace tflower::fuzz {

inline std::string_view Text(const uint8_t* data, size_t size) { return {reinterpret_cast<const char*>(data), size}; }

// A promise that the input broke: reported like a crash.
[[noreturn]] inline void Broken(const char* promise, const Error& error) {
  std::fprintf(stderr, "broken promise: %s: %s (%s:%u)\n", promise, error.ToString().c_str(), error.where.file_name(),
               static_cast<unsigned>(error.where.line()));
  std::abort();
}

// Whatever the input, it is not our own bug, and there are words.
inline void CheckError(const Error& error) {
  if (error.code == Code::kInternal) Broken("no internal error", error);
  if (error.message.empty()) Broken("errors have words", error);
}
template <class T>
bool Good(const Result<T>& result) {
  if (!result.ok()) CheckError(result.error());
  return result.ok();
}

}  // namespace tflower::fuzz
