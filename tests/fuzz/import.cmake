# Fuzzer of the model reader; included when TFLOWER_BUILD_FUZZ is on (clang).
add_executable(import_fuzz import_fuzz.cc)
tflower_compile_options(import_fuzz)
target_compile_options(import_fuzz PRIVATE -fsanitize=fuzzer)
target_link_options(import_fuzz PRIVATE -fsanitize=fuzzer)
target_link_libraries(import_fuzz PRIVATE tflower::import)
