// The C interface: handles, codes, messages, versions of structs, and what is called back.
#include <doctest/doctest.h>

#include <cstring>
#include <string>
#include <string_view>

#include "model_spec.h"
#include "test_kernels.h"
#include "tflower/runtime_c.h"

using namespace tflower::runtime::test;

namespace {

tflower_kernels* OpenNone() {
  tflower_kernels* kernels = nullptr;
  REQUIRE(tflower_kernels_open(nullptr, 0, &kernels) == 0);
  return kernels;
}

// A session of AddModel with the shipped kernels; y = x + 1.
struct Opened {
  Bytes bytes = Build(AddModel());
  tflower_kernels* kernels = nullptr;
  tflower_model* model = nullptr;
  tflower_session* session = nullptr;

  explicit Opened(const tflower_session_options* options = nullptr) {
#ifdef TFLOWER_TEST_PLUGINS
    const char* const folder = TFLOWER_TEST_PLUGINS;
    REQUIRE(tflower_kernels_open(&folder, 1, &kernels) == 0);
#else
    REQUIRE(tflower_kernels_open(nullptr, 0, &kernels) == 0);
#endif
    REQUIRE(tflower_model_open_bytes(bytes.data(), bytes.size(), kernels, &model) == 0);
    const int32_t code = tflower_session_create(model, options, &session);
    REQUIRE_MESSAGE(code == 0, tflower_last_error());
  }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;
  ~Opened() {
    tflower_session_free(session);
    tflower_model_free(model);
    tflower_kernels_free(kernels);
  }
  void Run() {
    const std::vector<float> x = {0, 1, 2, 3, 4, 5};
    REQUIRE(tflower_session_set_input(session, 0, x.data(), x.size() * sizeof x[0]) == 0);
    const int32_t code = tflower_session_invoke(session);
    REQUIRE_MESSAGE(code == 0, tflower_last_error());
  }
};

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

TEST_CASE("signatures, tensors that stay, statistics") {
  tflower_session_options options = {};
  options.struct_size = sizeof options;
  options.keep_tensors = 1;
  const Opened opened(&options);
  CHECK(tflower_model_num_signatures(opened.model) == 1);
  const char* name = nullptr;
  size_t name_size = 0;
  REQUIRE(tflower_model_signature(opened.model, 0, &name, &name_size) == 0);
  const std::string key(name, name_size);
  CHECK(tflower_model_signature(opened.model, 1, &name, &name_size) == 300);
  CHECK(tflower_session_select(opened.session, key.c_str()) == 0);
  CHECK(tflower_session_select(opened.session, "none") == 206);
  CHECK(Says(key));
  const_cast<Opened&>(opened).Run();
  CHECK(tflower_session_num_tensors(opened.session) == 3);
  size_t index = 0, size = 0;
  REQUIRE(tflower_session_find_tensor(opened.session, "y", &index) == 0);
  const auto* y = static_cast<const float*>(tflower_session_tensor_data(opened.session, index, &size));
  REQUIRE(size == 24);
  CHECK(y[5] == 6);
  tflower_tensor_info info = {};
  info.struct_size = sizeof info;
  REQUIRE(tflower_session_tensor_info(opened.session, index, &info) == 0);
  CHECK(info.declared_rank == 2);
  CHECK(info.declared_dims[1] == 3);
  CHECK(std::string_view(info.tensor_name, info.tensor_name_size) == "y");
  CHECK(tflower_session_tensor_info(opened.session, 99, &info) == 300);
  tflower_session_stats stats = {};
  stats.struct_size = sizeof stats;
  REQUIRE(tflower_session_get_stats(opened.session, &stats) == 0);
  CHECK(stats.operators == 1);
  CHECK(stats.arena_bytes >= 48);
}

TEST_CASE("hooks are called back with their user's pointer") {
  Opened opened;
  std::string seen;
  tflower_session_set_operator_hook(
      opened.session,
      [](void* user, const tflower_operator_event* e) {
        *static_cast<std::string*>(user) += std::string(e->op, e->op_size) + " " + std::string(e->node, e->node_size) + " " + std::to_string(e->bytes) + ";";
      },
      &seen);
  opened.Run();
  CHECK(seen == "ADD y 72;");
  tflower_session_set_operator_hook(opened.session, nullptr, nullptr);
  tflower_session_set_result_hook(
      opened.session,
      [](void* user, const tflower_operator_result* r) {
        *static_cast<std::string*>(user) = std::string(r->name, r->name_size) + " of rank " + std::to_string(r->rank) + ", " + std::to_string(r->size) + " bytes";
      },
      &seen);
  opened.Run();
  CHECK(seen == "y of rank 2, 24 bytes");
  tflower_session_set_result_hook(opened.session, nullptr, nullptr);
  opened.Run();
}

TEST_CASE("structs of an older and of a newer header") {
  // The first version ended before max_operators, and before tensor_name.
  tflower_session_options options = {};
  options.struct_size = offsetof(tflower_session_options, max_operators);
  options.threads = 1;
  options.max_operators = UINT64_MAX;  // behind its end: not looked at
  const Opened old(&options);
  tflower_tensor_info info = {};
  info.struct_size = offsetof(tflower_tensor_info, tensor_name);
  info.declared_rank = 77;
  REQUIRE(tflower_session_input_info(old.session, 0, &info) == 0);
  CHECK(info.rank == 2);
  CHECK(info.declared_rank == 77);
  CHECK(info.struct_size == offsetof(tflower_tensor_info, tensor_name));

  struct {
    tflower_session_options options;
    uint64_t later;
  } newer = {};
  newer.options.struct_size = sizeof newer;
  const Opened unset(&newer.options);
  newer.later = 1;
  tflower_session* session = nullptr;
  CHECK(tflower_session_create(old.model, &newer.options, &session) == 300);
  CHECK(Says("does not know"));
}

TEST_CASE("limits") {
  tflower_session_options options = {};
  options.struct_size = sizeof options;
  options.max_time_ns = 1;
  Opened opened(&options);
  CHECK(tflower_session_invoke(opened.session) == 600);
  CHECK(Says("time limit"));
}
