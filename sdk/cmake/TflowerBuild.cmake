# How tflower's own targets are compiled: language level, warnings, sanitizers, hidden symbols. Not installed.
include_guard(GLOBAL)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
# Kernels ask for -O3 themselves; for all else it only costs build time and size.
string(REPLACE "-O3" "-O2" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")
string(REPLACE "-O3" "-O2" CMAKE_C_FLAGS_RELEASE "${CMAKE_C_FLAGS_RELEASE}")
find_program(TFLOWER_CCACHE ccache)
if(TFLOWER_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Precompiled headers are cached only with these liberties; the sources use no __TIME__.
  set(TFLOWER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${TFLOWER_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${TFLOWER_LAUNCHER})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${TFLOWER_LAUNCHER})
endif()

# tflower_compile_options(target): warnings as errors, hidden visibility, sanitizers.
function(tflower_compile_options target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wno-missing-field-initializers
    $<$<BOOL:${TFLOWER_WERROR}>:-Werror>
    -ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)  # errors name the line that raised them, not the builder's folders
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")  # GCC 12 sees overlaps and overruns in inlined std::string operations that cannot be (its bugs 105329, 105651)
    target_compile_options(${target} PRIVATE -Wno-restrict -Wno-array-bounds -Wno-stringop-overread -Wno-stringop-overflow)
  else()  # Clang says so where a loop marked TFLOWER_INDEPENDENT stays scalar, as all do at -O1 with sanitizers
    target_compile_options(${target} PRIVATE -Wno-pass-failed)
  endif()
  set_target_properties(${target} PROPERTIES
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  tflower_sanitize(${target})
endfunction()

# tflower_sanitize(target): the sanitizers of the build, for a target with options of its own.
function(tflower_sanitize target)
  if(TFLOWER_SANITIZE)
    # Undefined behaviour ends the program: a message alone would let the test pass.
    target_compile_options(${target} PRIVATE -fsanitize=${TFLOWER_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g1)
    target_link_options(${target} PRIVATE -fsanitize=${TFLOWER_SANITIZE})
  endif()
endfunction()

# tflower_precompile(target headers...): parses the standard library and these headers once for all of the target's sources. They need
# not be named in the sources any less: the build works without it, in twice the time.
function(tflower_precompile target)
  target_precompile_headers(${target} PRIVATE <algorithm> <functional> <memory> <optional> <span> <string> <string_view> <unordered_map>
    <variant> <vector> ${ARGN})
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)  # for ccache
endfunction()

# tflower_cold(target): code that handles options, messages and tables, compiled for build time rather than for speed.
function(tflower_cold target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
endfunction()

# tflower_add_library(name SOURCES... ): a static library with the project's options, alias tflower::name.
function(tflower_add_library name)
  add_library(${name} STATIC ${ARGN})
  add_library(tflower::${name} ALIAS ${name})
  set_target_properties(${name} PROPERTIES OUTPUT_NAME tflower_${name})
  tflower_compile_options(${name})
endfunction()
