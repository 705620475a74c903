// The C interface: handles, codes, messages. Kernels come from the C++ side, as no plugin is needed here.
#include <doctest/doctest.h>

#include <string_view>

#include "model_spec.h"
#include "test_kernels.h"
#include "tflower/runtime_c.h"

using namespace tflower::runtime::test;

namespace {

// The same layout as in runtime_c.cc: a handle to kernels that were not found by a registry.
tflower_kernels* OpenNone() {
  tflower_kernels* kernels = nullptr;
  REQUIRE(tflower_kernels_open(nullptr, 0, &kernels) == 0);
  return kernels;
}

bool Says(std::string_view words) {
  return std::string_view(tflower_last_error()).find(words) != std::string_view::npos;
}

}  // namespace

TEST_CASE("load, look, resize") {
  tflower_kernels* kernels = OpenNone();
  const Bytes bytes = Build(AddModel());
  tflower_model* model = nullptr;
  REQUIRE(tflower_model_open_bytes(bytes.data(), bytes.size(), kernels, &model) == 0);
  tflower_session* session = nullptr;
  tflower_session_options options = {};
  options.struct_size = sizeof options;
  options.threads = 2;
  REQUIRE(tflower_session_create(model, &options, &session) == 0);
  tflower_kernels_free(kernels);  // in any order
  tflower_model_free(model);

  CHECK(tflower_session_num_inputs(session) == 1);
  tflower_tensor_info info = {};
  info.struct_size = sizeof info;
  REQUIRE(tflower_session_input_info(session, 0, &info) == 0);
  CHECK(std::string_view(info.name, info.name_size) == "in");
  CHECK(info.rank == 2);
  CHECK(info.dims[1] == 3);
  size_t index = 7;
  CHECK(tflower_session_find_output(session, "out", &index) == 0);
  CHECK(index == 0);
  CHECK(tflower_session_find_output(session, "nothing", &index) == 206);
  CHECK(Says("nothing"));
  size_t size = 1;
  CHECK(tflower_session_output_data(session, 0, &size) == nullptr);
  CHECK(size == 0);
  tflower_session_cancel(session);
  tflower_session_reset_variables(session);
  tflower_session_free(session);
}

TEST_CASE("wrong use is answered, not punished") {
  tflower_model* model = nullptr;
  tflower_session* session = nullptr;
  tflower_kernels* kernels = OpenNone();
  CHECK(tflower_model_open_file("/nonexistent.tflite", kernels, &model) == 100);
  CHECK(Says("/nonexistent.tflite"));
  const Bytes bad = {1, 2, 3};
  CHECK(tflower_model_open_bytes(bad.data(), bad.size(), kernels, &model) == 102);
  CHECK(tflower_model_open_bytes(bad.data(), bad.size(), nullptr, &model) == 300);
  CHECK(tflower_session_create(nullptr, nullptr, &session) == 300);
  CHECK(tflower_session_invoke(nullptr) == 300);
  CHECK(tflower_session_num_inputs(nullptr) == 0);
  tflower_session_free(nullptr);
  tflower_model_free(nullptr);
  tflower_kernels_free(kernels);

  const Bytes bytes = Build(AddModel());
  kernels = OpenNone();
  REQUIRE(tflower_model_open_bytes(bytes.data(), bytes.size(), kernels, &model) == 0);
  tflower_session_options options = {};
  CHECK(tflower_session_create(model, &options, &session) == 300);  // struct_size forgotten
  REQUIRE(tflower_session_create(model, nullptr, &session) == 0);
  tflower_tensor_info info = {};
  CHECK(tflower_session_input_info(session, 0, &info) == 300);
  info.struct_size = sizeof info;
  CHECK(tflower_session_input_info(session, 1, &info) == 300);
  CHECK(tflower_session_resize_input(session, 0, -1, nullptr) == 300);
  size_t size = 0;
  CHECK(tflower_session_input_data(session, 9, &size) == nullptr);
  tflower_session_free(session);
  tflower_model_free(model);
  tflower_kernels_free(kernels);
}
