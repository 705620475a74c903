// The C API: handles around the C++ classes, errors as codes and a thread's last sentence.
#include "tflower/runtime_c.h"

#include <algorithm>
#include <new>

#include "../plan/kernel_source.h"
#include "tflower/runtime.h"

using tflower::Code;
using tflower::Error;
using tflower::Result;
using tflower::Status;
using tflower::runtime::KernelSource;
using tflower::runtime::Model;
using tflower::runtime::Session;
using tflower::runtime::TensorInfo;

struct tflower_kernels {
  std::shared_ptr<const KernelSource> source;
};
struct tflower_model {
  std::shared_ptr<const Model> model;
};
struct tflower_session {
  std::unique_ptr<Session> session;
};

namespace {

thread_local std::string last_error;

int32_t Report(const Error& error) noexcept {
  try {
    last_error = error.ToString();
  } catch (...) {
    last_error.clear();
  }
  return static_cast<int32_t>(error.code);
}

// Runs f, which returns a Status; memory exhaustion is the only exception that the runtime lets pass.
template <class F>
int32_t Guard(F&& f) noexcept {
  try {
    const Status status = f();
    return status.ok() ? 0 : Report(status.error());
  } catch (const std::bad_alloc&) {
    return Report(Error(Code::kLimit, "out of memory"));
  } catch (...) {
    return Report(Error(Code::kInternal, "an exception reached the C interface"));
  }
}

Status CheckIndex(size_t index, size_t count, const char* what) {
  if (index < count) return tflower::Ok();
  return Error(Code::kUsage,
               std::string(what) + " " + std::to_string(index) + " of " + std::to_string(count) + " does not exist");
}

// A member that the caller's struct does not have yet is left alone; ours only grow at the end, so a short one is too old.
Status Fill(const TensorInfo& from, tflower_tensor_info* to) {
  if (to == nullptr || to->struct_size < sizeof(tflower_tensor_info))
    return Error(Code::kUsage, "struct_size of tflower_tensor_info is not set");
  to->dtype = static_cast<int32_t>(from.dtype);
  to->name = from.name.data();
  to->name_size = from.name.size();
  to->rank = static_cast<int32_t>(from.shape.size());
  to->quantized_dimension = from.quantized_dimension;
  std::copy_n(from.shape.begin(), std::min<size_t>(from.shape.size(), 16), to->dims);
  to->scale = from.scale.data();
  to->zero_point = from.zero_point.data();
  to->quant_count = from.scale.size();
  return tflower::Ok();
}

Status CheckOut(const void* handle, const void* out) {
  if (handle != nullptr && out != nullptr) return tflower::Ok();
  return Error(Code::kUsage, "a handle or result pointer is NULL");
}

template <class T>
Status Store(Result<T> result, T* out) {
  if (!result.ok()) return std::move(result.error());
  *out = std::move(result.value());
  return tflower::Ok();
}

}  // namespace

extern "C" {

const char* tflower_last_error(void) { return last_error.c_str(); }

int32_t tflower_kernels_open(const char* const* plugins, size_t count, tflower_kernels** out) {
  return Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(out, out));
    tflower::runtime::KernelOptions options;
    for (size_t i = 0; i < count; ++i) options.plugins.emplace_back(plugins[i]);
    TFLOWER_TRY(auto source, tflower::runtime::OpenKernels(options));
    *out = new tflower_kernels{std::move(source)};
    return tflower::Ok();
  });
}

void tflower_kernels_free(tflower_kernels* kernels) { delete kernels; }

int32_t tflower_model_open_file(const char* path, tflower_kernels* kernels, tflower_model** out) {
  return Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(kernels, out));
    TFLOWER_CHECK(CheckOut(path, out));
    TFLOWER_TRY(auto model, Model::FromFile(path, kernels->source));
    *out = new tflower_model{std::move(model)};
    return tflower::Ok();
  });
}

int32_t tflower_model_open_bytes(const void* data, size_t size, tflower_kernels* kernels, tflower_model** out) {
  return Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(kernels, out));
    TFLOWER_TRY(auto model, Model::FromBytes({static_cast<const std::byte*>(data), size}, kernels->source));
    *out = new tflower_model{std::move(model)};
    return tflower::Ok();
  });
}

void tflower_model_free(tflower_model* model) { delete model; }

int32_t tflower_session_create(tflower_model* model, const tflower_session_options* options, tflower_session** out) {
  return Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(model, out));
    tflower::runtime::SessionOptions wanted;
    if (options != nullptr) {
      if (options->struct_size < sizeof(tflower_session_options))
        return Error(Code::kUsage, "struct_size of tflower_session_options is not set");
      if (options->threads != 0) wanted.threads = options->threads;
      if (options->signature != nullptr) wanted.signature = options->signature;
      wanted.max_bytes = options->max_bytes;
    }
    TFLOWER_TRY(auto session, Session::Create(model->model, wanted));
    *out = new tflower_session{std::move(session)};
    return tflower::Ok();
  });
}

void tflower_session_free(tflower_session* session) { delete session; }

size_t tflower_session_num_inputs(const tflower_session* session) {
  return session == nullptr ? 0 : session->session->num_inputs();
}
size_t tflower_session_num_outputs(const tflower_session* session) {
  return session == nullptr ? 0 : session->session->num_outputs();
}

int32_t tflower_session_input_info(const tflower_session* session, size_t index, tflower_tensor_info* out) {
  return Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(session, out));
    TFLOWER_CHECK(CheckIndex(index, session->session->num_inputs(), "input"));
    return Fill(session->session->InputInfo(index), out);
  });
}

int32_t tflower_session_output_info(const tflower_session* session, size_t index, tflower_tensor_info* out) {
  return Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(session, out));
    TFLOWER_CHECK(CheckIndex(index, session->session->num_outputs(), "output"));
    return Fill(session->session->OutputInfo(index), out);
  });
}

int32_t tflower_session_find_input(const tflower_session* session, const char* name, size_t* out) {
  return Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(session, out));
    TFLOWER_CHECK(CheckOut(name, out));
    return Store(session->session->FindInput(name), out);
  });
}

int32_t tflower_session_find_output(const tflower_session* session, const char* name, size_t* out) {
  return Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(session, out));
    TFLOWER_CHECK(CheckOut(name, out));
    return Store(session->session->FindOutput(name), out);
  });
}

int32_t tflower_session_resize_input(tflower_session* session, size_t index, int32_t rank, const int64_t* dims) {
  return Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(session, session));
    TFLOWER_CHECK(CheckIndex(index, session->session->num_inputs(), "input"));
    if (rank < 0 || (rank > 0 && dims == nullptr))
      return Error(Code::kUsage, "rank is " + std::to_string(rank) + ", or dims is NULL");
    return session->session->Resize(index, {dims, static_cast<size_t>(rank)});
  });
}

int32_t tflower_session_prepare(tflower_session* session) {
  return Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(session, session));
    return session->session->Prepare();
  });
}

void* tflower_session_input_data(tflower_session* session, size_t index, size_t* size) {
  void* data = nullptr;
  Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(session, size));
    TFLOWER_CHECK(CheckIndex(index, session->session->num_inputs(), "input"));
    TFLOWER_TRY(const auto bytes, session->session->InputData(index));
    *size = bytes.size();
    data = bytes.data();
    return tflower::Ok();
  });
  return data;
}

int32_t tflower_session_set_input(tflower_session* session, size_t index, const void* data, size_t size) {
  return Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(session, session));
    TFLOWER_CHECK(CheckIndex(index, session->session->num_inputs(), "input"));
    return session->session->SetInput(index, {static_cast<const std::byte*>(data), size});
  });
}

int32_t tflower_session_invoke(tflower_session* session) {
  return Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(session, session));
    return session->session->Invoke();
  });
}

const void* tflower_session_output_data(const tflower_session* session, size_t index, size_t* size) {
  const void* data = nullptr;
  Guard([&]() -> Status {
    TFLOWER_CHECK(CheckOut(session, size));
    TFLOWER_CHECK(CheckIndex(index, session->session->num_outputs(), "output"));
    const auto bytes = session->session->OutputData(index);
    *size = bytes.size();
    data = bytes.data();
    return tflower::Ok();
  });
  return data;
}

void tflower_session_reset_variables(tflower_session* session) {
  if (session != nullptr) session->session->ResetVariables();
}

void tflower_session_cancel(tflower_session* session) {
  if (session != nullptr) session->session->Cancel();
}

}  // extern "C"
