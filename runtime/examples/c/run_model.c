/* Runs a .tflite model on zeros and prints its outputs and how long each operator took: the C interface from end to end.
 *
 *   find_package(tflower REQUIRED)                     # CMake; the library is C++, so link with that
 *   add_executable(run_model run_model.c)
 *   set_target_properties(run_model PROPERTIES LINKER_LANGUAGE CXX)
 *   target_link_libraries(run_model PRIVATE tflower::runtime)
 *
 *   ./run_model MODEL.tflite [FOLDER WITH PLUGINS]
 */
#include <stdio.h>
#include <string.h>

#include <tflower/runtime_c.h>

static int failed(const char* what) {
  fprintf(stderr, "%s: %s\n", what, tflower_last_error());
  return 1;
}

/* Sums up what an invocation did. */
typedef struct profile {
  unsigned operators;
  double ms;
} profile;

static void on_operator(void* user, const tflower_operator_event* event) {
  profile* p = (profile*)user;
  p->operators += 1;
  p->ms += (double)event->ns * 1e-6;
}

static void print_tensor(const char* what, const tflower_tensor_info* info, size_t size) {
  int32_t d;
  printf("%s '%.*s' type %d [", what, (int)info->name_size, info->name, (int)info->dtype);
  for (d = 0; d < info->rank; ++d) printf(d == 0 ? "%ld" : ", %ld", (long)info->dims[d]);
  printf("] %lu bytes\n", (unsigned long)size);
}

static int fill_inputs(tflower_session* session) {
  size_t i;
  for (i = 0; i < tflower_session_num_inputs(session); ++i) {
    tflower_tensor_info info;
    size_t size = 0;
    void* data;
    info.struct_size = sizeof info;
    if (tflower_session_input_info(session, i, &info) != 0) return failed("input");
    data = tflower_session_input_data(session, i, &size);
    if (data == NULL && size != 0) return failed("input");
    if (size != 0) memset(data, 0, size);
    print_tensor("input", &info, size);
  }
  return 0;
}

static int print_outputs(const tflower_session* session) {
  size_t i;
  for (i = 0; i < tflower_session_num_outputs(session); ++i) {
    tflower_tensor_info info;
    size_t size = 0;
    info.struct_size = sizeof info;
    if (tflower_session_output_info(session, i, &info) != 0) return failed("output");
    (void)tflower_session_output_data(session, i, &size);
    print_tensor("output", &info, size);
  }
  return 0;
}

static int run(tflower_session* session) {
  profile p = {0, 0};
  if (fill_inputs(session) != 0) return 1;
  tflower_session_set_operator_hook(session, on_operator, &p);
  if (tflower_session_invoke(session) != 0) return failed("invoke");
  printf("%u operators, %.3f ms\n", p.operators, p.ms);
  return print_outputs(session);
}

int main(int argc, char** argv) {
  tflower_kernels* kernels = NULL;
  tflower_model* model = NULL;
  tflower_session* session = NULL;
  tflower_session_options options;
  const char* plugins[1];
  int result;
  if (argc < 2) {
    fprintf(stderr, "usage: %s MODEL.tflite [FOLDER WITH PLUGINS]\n", argv[0]);
    return 2;
  }
  plugins[0] = argc > 2 ? argv[2] : NULL;
  if (tflower_kernels_open(plugins, argc > 2 ? 1 : 0, &kernels) != 0) return failed("kernels");
  if (tflower_model_open_file(argv[1], kernels, &model) != 0) return failed("model");

  memset(&options, 0, sizeof options); /* what is not set is 0: no limit */
  options.struct_size = sizeof options;
  options.threads = 2;
  options.max_time_ns = (uint64_t)10 * 1000 * 1000 * 1000;
  if (tflower_session_create(model, &options, &session) != 0) return failed("session");
  tflower_model_free(model); /* in any order: the session keeps what it needs */
  tflower_kernels_free(kernels);
  result = run(session);
  tflower_session_free(session);
  return result;
}
