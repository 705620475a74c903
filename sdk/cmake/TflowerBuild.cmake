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
find_program(TFLOWER_CCACHE ccache)
if(TFLOWER_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${TFLOWER_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${TFLOWER_CCACHE})
endif()

# tflower_compile_options(target): warnings as errors, hidden visibility, sanitizers.
function(tflower_compile_options target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wno-missing-field-initializers -Wno-restrict
    $<$<BOOL:${TFLOWER_WERROR}>:-Werror>)
  set_target_properties(${target} PROPERTIES
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  if(TFLOWER_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${TFLOWER_SANITIZE} -fno-omit-frame-pointer -g)
    target_link_options(${target} PRIVATE -fsanitize=${TFLOWER_SANITIZE})
  endif()
endfunction()

# tflower_add_library(name SOURCES... ): a static library with the project's options, alias tflower::name.
function(tflower_add_library name)
  add_library(${name} STATIC ${ARGN})
  add_library(tflower::${name} ALIAS ${name})
  set_target_properties(${name} PROPERTIES OUTPUT_NAME tflower_${name})
  tflower_compile_options(${name})
endfunction()

# tflower_add_test(name SOURCES... LIBS libs...): one doctest program, registered with CTest.
function(tflower_add_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBS;LABELS" ${ARGN})
  find_package(doctest CONFIG REQUIRED)
  add_executable(${name} ${arg_SOURCES})
  tflower_compile_options(${name})
  target_link_libraries(${name} PRIVATE ${arg_LIBS} doctest::doctest)
  target_compile_definitions(${name} PRIVATE DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN)
  add_test(NAME ${name} COMMAND ${name} --no-version)
  set_tests_properties(${name} PROPERTIES LABELS "unit;${arg_LABELS}")
endfunction()
