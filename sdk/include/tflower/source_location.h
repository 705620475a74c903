// SourceLocation: std::source_location, also where the compiler (clang before 16, on libstdc++) has none.
#pragma once

#include <version>

#ifdef __cpp_lib_source_location
#include <source_location>

namespace tflower {
using SourceLocation = std::source_location;
}
#else
#include <cstdint>

namespace tflower {

// What tflower uses of std::source_location.
class SourceLocation {
 public:
  static constexpr SourceLocation current(const char* file = __builtin_FILE(), const char* function = __builtin_FUNCTION(),
                                          uint_least32_t line = __builtin_LINE()) {
    SourceLocation here;
    here.file_ = file;
    here.function_ = function;
    here.line_ = line;
    return here;
  }
  constexpr const char* file_name() const { return file_; }
  constexpr const char* function_name() const { return function_; }
  constexpr uint_least32_t line() const { return line_; }

 private:
  const char* file_ = "";
  const char* function_ = "";
  uint_least32_t line_ = 0;
};

}  // namespace tflower
#endif
