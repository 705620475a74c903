// A plugin in C++ on the raw ABI: one kernel of a custom operator, and a variable that the loader would share between
// libraries (STB_GNU_UNIQUE) if tflower_add_plugin did not forbid it.
#include <cstring>

#include <tflower/abi.h>

namespace {

template <class T>
struct Counter {
  inline static int calls = 0;
};

tflower_status Infer(const tflower_kernel*, tflower_eval_ctx*, const tflower_op*, tflower_type* outputs) noexcept {
  ++Counter<int>::calls;
  outputs[0].dtype = 0;
  return TFLOWER_OK;
}

tflower_status Eval(const tflower_kernel*, tflower_eval_ctx*, const tflower_op*, void*, const void*, void*) noexcept {
  return TFLOWER_OK;
}

constexpr tflower_kernel kKernel = {.struct_size = sizeof(tflower_kernel),
                                    .code = 32,
                                    .min_version = 1,
                                    .max_version = 3,
                                    .priority = 10,
                                    .custom_code = "test.Cpp",
                                    .infer = Infer,
                                    .eval = Eval};
constexpr const void* kRows[] = {&kKernel};

tflower_status GetTable(const char* id, tflower_table* out) noexcept {
  if (std::strcmp(id, TFLOWER_KERNELS) != 0) return TFLOWER_DECLINED;
  out->count = 1;
  out->rows = kRows;
  return TFLOWER_OK;
}

}  // namespace

extern "C" TFLOWER_EXPORT tflower_status tflower_plugin_main(const tflower_host* host, tflower_plugin* out) {
  if (host->abi_major != TFLOWER_ABI_MAJOR) return TFLOWER_ERROR;
  out->abi_major = TFLOWER_ABI_MAJOR;
  out->id = "com.test.cpp";
  out->version = TFLOWER_PLUGIN_VERSION;
  out->get_table = GetTable;
  return TFLOWER_OK;
}
